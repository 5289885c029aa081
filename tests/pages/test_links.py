import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.errors import BadSetting, NotFound
from pages.links import Leaving, Links
from tests.pages.world import ADA, Clock

OLD, NEW = "the old key of these tests, long enough", "the new key of these tests, long enough"
CLOCK = Clock()


def links(*secrets, clock=CLOCK):
    return Links(secrets or (NEW,), "https://mail.example.com/", clock.now)


def token_of(url):
    return url.removeprefix("https://mail.example.com/unsubscribe/")


def key_of(url):
    return url.removeprefix("https://mail.example.com/letters/").removesuffix("/")


@given(st.text(alphabet="abc0123", min_size=1), st.emails(), st.sampled_from(["marketing", "news"]))
def test_unsubscribe_link_gives_back_who_leaves_what(store_id, address, mailing):
    url = links().unsubscribe(store_id, address, mailing)

    assert links().leaving(token_of(url)) == Leaving(store_id, address, mailing)


def test_unsubscribe_link_is_the_same_each_time_so_that_a_letter_keeps_its_digest():
    assert links().unsubscribe("s1", ADA) == links().unsubscribe("s1", ADA)


def test_address_cannot_be_read_in_an_unsubscribe_link():
    token = token_of(links().unsubscribe("s1", ADA))

    raw = base64.urlsafe_b64decode(token + "==")

    assert b"ada" not in raw
    assert b"example" not in raw


def test_unsubscribe_link_never_expires_and_outlives_a_change_of_keys():
    token = token_of(links(OLD).unsubscribe("s1", ADA))

    assert links(NEW, OLD).leaving(token).address == ADA
    with pytest.raises(NotFound):
        links(NEW).leaving(token)


def test_unsubscribe_link_with_one_letter_changed_is_wrong():
    token = token_of(links().unsubscribe("s1", ADA))

    for place in range(0, len(token) - 1, 7):
        other = "A" if token[place] != "A" else "B"
        with pytest.raises(NotFound):
            links().leaving(token[:place] + other + token[place + 1 :])


@given(st.text(max_size=200))
def test_any_other_text_is_a_wrong_link(text):
    with pytest.raises(NotFound):
        links().leaving(text)
    with pytest.raises(NotFound):
        links().stores_of(text)


def test_letters_link_opens_its_stores_for_seven_days():
    clock = Clock()
    key = key_of(links(clock=clock).letters(["s1", "s2"]))

    clock.passes(days=7)
    assert links(clock=clock).stores_of(key) == ("s1", "s2")

    clock.passes(seconds=2)
    with pytest.raises(NotFound, match="seven days"):
        links(clock=clock).stores_of(key)


def test_letters_link_outlives_a_change_of_keys():
    key = key_of(links(OLD).letters(["s1"]))

    assert links(NEW, OLD).stores_of(key) == ("s1",)
    with pytest.raises(NotFound):
        links(NEW).stores_of(key)


def test_unsubscribe_link_opens_no_letters():
    with pytest.raises(NotFound):
        links().stores_of(token_of(links().unsubscribe("s1", ADA)))


@pytest.mark.parametrize("secrets", [(), ("",), (NEW, "")])
def test_empty_key_signs_nothing(secrets):
    with pytest.raises(BadSetting):
        Links(secrets, "https://mail.example.com", CLOCK.now)
