"""What the settings must hold for a postman to be made, and how a wrong one is told."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.multimail import postman
from lifecycle.errors import BadSetting
from tests.adapters.postings import PLAIN

GOOD = {
    "multimail_api_url": "https://api.multimail.dev",
    "multimail_api_key": "mm_live_0123456789",
    "multimail_mailbox_id": "01JMXK5T9ABCDEFGH",
    "multimail_dialect": "mailbox",
}


def made(**changes):
    return postman(SimpleNamespace(**{**GOOD, **changes}))


def refused(**changes):
    with pytest.raises(BadSetting) as caught:
        made(**changes)
    return caught.value


def test_good_settings_make_a_postman_that_has_called_nobody():
    assert made().name == "multimail"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        (
            "multimail_api_key",
            ["", None, "   ", "short", "mm live 0123456789", "mm_live_0123\n456789", "mm_live_ü123456789", "x" * 513],
        ),
        ("multimail_mailbox_id", ["orders@shop.multimail.dev", "a/b", "x" * 65, "a b", "..", "."]),
        ("multimail_dialect", ["rest", "mailbox,simple", "1"]),
        (
            "multimail_api_url",
            [
                *(
                    "api.multimail.dev",
                    "http://api.multimail.dev",
                    "ftp://api.multimail.dev",
                    "https://",
                    "https://a:b@api.multimail.dev",
                ),
                *(
                    "https://api.multimail.dev?x=1",
                    "https://api.multimail.dev#x",
                    "https://api.multimail.dev:x",
                    "https://[::1",
                    "https://a b.dev",
                ),
                *("http://10.0.0.1:8000", "http://localhost.evil.dev", "https://api.multimail.dev\\@x", "https://ä.dev"),
            ],
        ),
    ],
)
def test_wrong_value_is_one_line_that_names_the_variable_and_not_the_value(name, values):
    for value in values:
        error = refused(**{name: value})

        assert name.upper() in str(error)
        assert error.reason == name
        assert "\n" not in str(error)
        assert not value or len(value) < 5 or value not in str(error).replace("https://api.multimail.dev", "")


def test_settings_without_the_names_are_missing_settings():
    with pytest.raises(BadSetting):
        postman(SimpleNamespace())


def test_simple_dialect_needs_no_mailbox():
    assert made(multimail_dialect="SIMPLE", multimail_mailbox_id="").remembers is None


def test_mailbox_may_be_each_stores_own():
    assert made(multimail_mailbox_id="").mailbox == ""


def test_mailbox_dialect_is_the_usual_one():
    assert made(multimail_dialect="").remembers is not None


@pytest.mark.parametrize("tail", ["", "/", "/v1", "/v1/"])
def test_address_may_end_as_the_vendors_pages_write_it(fake, tail):
    party = made(multimail_api_url=fake.url + tail, multimail_api_key=fake.key, multimail_mailbox_id=fake.mailbox_id)

    party.post(PLAIN)
    party.close()

    assert fake.asks[0].path == f"/v1/mailboxes/{fake.mailbox_id}/send"


def test_missing_address_is_the_services_own():
    assert made(multimail_api_url="")._base == "https://api.multimail.dev"


@given(st.text(max_size=60))
def test_any_address_makes_a_postman_or_one_clear_refusal(text):
    try:
        made(multimail_api_url=text)
    except BadSetting as error:
        assert error.reason == "multimail_api_url"  # noqa: PT017 (it may as well be taken)
