"""What every postman promises, put to each that is found (`posted.py` says how one joins)."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lifecycle.errors import PostmanBusy, PostmanClosed, PostmanRefused, PostmanUnsure
from lifecycle.mails import Purpose
from lifecycle.ports import Receipt
from tests.adapters.postings import PLAIN, TO, posting
from tests.contract.posted import parties

PARTIES = parties()
DECLARED = (PostmanBusy, PostmanClosed, PostmanRefused, PostmanUnsure)
INJECTION = "=?utf-8?q?ok=0d=0aBcc:_x=40y.z?="


@pytest.fixture(scope="module", params=sorted(PARTIES))
def party(request):
    return PARTIES[request.param]


@pytest.fixture
def house(party, tmp_path):
    postman, posted = party.open(tmp_path)
    yield postman, posted
    close(party)


def close(party):
    getattr(party, "close", lambda: None)()


def recipients(letter):
    """Everybody who gets it; a service that takes one address and no headers says only whom."""
    return tuple(getattr(letter, "recipients", (letter.to,)))


def words(text):
    return text.replace("\r\n", "\n").strip()


def test_both_known_postmen_take_part():
    assert {"outbox", "smtp"} <= PARTIES.keys()


def test_posted_letter_arrives_once_with_its_words(house):
    postman, posted = house

    receipt = postman.post(PLAIN)

    assert isinstance(receipt, Receipt)
    assert receipt.reference
    (letter,) = posted()
    assert (letter.to, letter.subject) == (TO, PLAIN.letter.subject)
    assert words(letter.text) == words(PLAIN.letter.text)
    assert recipients(letter) == (TO,)


def test_letters_arrive_apart(house):
    postman, posted = house

    for number in range(3):
        postman.post(posting(key=f"k{number}", message_id=f"<k{number}@shop.example.com>", subject=f"Order {number}"))

    assert sorted(letter.subject for letter in posted()) == ["Order 0", "Order 1", "Order 2"]


def test_same_key_twice_is_one_letter_where_keys_are_remembered(house):
    postman, posted = house
    if postman.remembers is None:
        assert postman.post(PLAIN)
        return

    first = postman.post(PLAIN)
    second = postman.post(PLAIN)

    assert first.reference == second.reference
    assert len(posted()) == 1


@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize("text", ["東京都 — ご注文", "مرحبا", "a" * 30_000, "line\n" * 500, ".\n..\n.\r\n.", "From me\n"])
def test_any_script_and_shape_of_text_arrives(house, text, purpose):
    postman, posted = house

    postman.post(posting(text=text, purpose=purpose))

    assert words(posted()[0].text) == words(text)


@pytest.mark.parametrize(
    "hostile",
    [
        INJECTION,
        "x\r\nBcc: x@y.z",
        "x\nCc: x@y.z",
        "x\x00y",
        "a\u2028Bcc: x@y.z",
        '" <x@y.z>, "',
        "\u202egnp.exe",
        "x" * 5000,
    ],
)
@pytest.mark.parametrize("field", ["subject", "from_name", "customer_name"])
def test_hostile_words_add_no_header_and_no_recipient(party, house, field, hostile, tmp_path):
    postman, posted = house
    (tmp_path / "plain").mkdir()
    other, other_posted = party.open(tmp_path / "plain")
    other.post(PLAIN)
    usual = getattr(other_posted()[0], "headers", None)

    try:
        postman.post(posting(**{field: hostile}))
    except PostmanRefused:
        assert posted() == []
        return

    (letter,) = posted()
    assert recipients(letter) == (TO,)
    assert getattr(letter, "headers", None) == usual
    assert not set("\r\n\x00\u2028\u202e") & set(letter.subject)


@pytest.mark.parametrize(
    "to", ["", "a@x.net,b@y.net", "a@x.net b@y.net", '"x" <a@x.net>', "a@x.net\r\nBcc: b@y.net", "a", "@x.net"]
)
def test_what_is_not_one_address_is_refused_and_nothing_arrives(house, to):
    postman, posted = house

    with pytest.raises(PostmanRefused):
        postman.post(posting(to=to))

    assert posted() == []


def test_reserved_addresses_are_refused_by_all_that_reach_the_world(house):
    postman, _posted = house
    reserved = ("ann@example.com", "ann@SHOP.test", "ann@mail.example.org", "ann@x.invalid", "ann@localhost")

    answers = {postman.refuses(address) for address in reserved}

    assert answers == ({None} if postman.name == "outbox" else {"reserved_domain"})
    assert postman.refuses(TO) is None


def test_check_is_one_line(house):
    postman, _posted = house

    said = postman.check()

    assert said
    assert "\n" not in said


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.fixed_dictionaries(
        {},
        optional={
            "subject": st.text(max_size=80),
            "text": st.text(max_size=200),
            "html": st.text(max_size=200),
            "to": st.text(max_size=40) | st.just(TO),
            "from_name": st.text(max_size=80),
            "from_address": st.text(max_size=40),
            "reply_to": st.text(max_size=40),
            "message_id": st.text(max_size=40),
            "references": st.text(max_size=40),
            "customer_name": st.text(max_size=80),
            "mail": st.text(max_size=40),
            "tags": st.dictionaries(st.text(max_size=20), st.text(max_size=40), max_size=3),
            "headers": st.dictionaries(st.text(max_size=20), st.text(max_size=40), max_size=3),
        },
    ),
    number=st.integers(0, 10**9),
)
def test_only_declared_errors_come_out(party, changes, number):
    # One postman for all examples: what one example leaves behind must not disturb the next.
    postman = shared(party)

    try:
        said = postman.post(posting(key=f"fuzz-{number}", **changes)).reference
    except DECLARED as error:
        said = "" if TO in str(error) else error.reason

    assert said


_SHARED = {}


def shared(party):
    if party not in _SHARED:
        folder = tempfile.TemporaryDirectory()
        _SHARED[party] = (party.open(Path(folder.name))[0], folder)
    return _SHARED[party][0]


@pytest.fixture(scope="module", autouse=True)
def _close_shared():
    yield
    for party, (_postman, folder) in _SHARED.items():
        close(party)
        folder.cleanup()
    _SHARED.clear()
