import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.smtp.relay import Cover, Relay, parse_url
from lifecycle.errors import BadSetting


@pytest.mark.parametrize(
    ("text", "relay"),
    [
        ("smtp://relay.net", Relay("relay.net", 587, Cover.STARTTLS)),
        ("smtp://relay.net/", Relay("relay.net", 587, Cover.STARTTLS)),
        ("smtp://RELAY.net:2525", Relay("relay.net", 2525, Cover.STARTTLS)),
        ("smtps://relay.net", Relay("relay.net", 465, Cover.TLS)),
        ("smtp://localhost:25?starttls=never", Relay("localhost", 25, Cover.NONE)),
        ("smtp://[::1]:25?starttls=never", Relay("::1", 25, Cover.NONE)),
        ("smtp://user:pass@relay.net:587", Relay("relay.net", 587, Cover.STARTTLS, "user", "pass")),
        ("smtp://u%40shop.net:p%3A%2F%3F%23%25@relay.net", Relay("relay.net", 587, Cover.STARTTLS, "u@shop.net", "p:/?#%")),
    ],
)
def test_url_names_a_relay(text, relay):
    assert parse_url(text) == relay


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "is empty"),
        ("relay.net:587", "scheme"),
        ("http://relay.net", "scheme"),
        ("smtp://", "names no host"),
        ("smtp://user:hunter2@", "names no host"),
        ("smtp://user:hunter2@:587", "names no host"),
        ("smtp://relay.net:0", "port"),
        ("smtp://relay.net:", "port"),
        ("smtp://relay.net:99999", "port"),
        ("smtp://relay.net:hunter2", "port"),
        ("smtp://re_lay!.net", "host"),
        ("smtp://1.2.3", "host"),
        ("smtp://[::1", "host"),
        ("smtp://relay.net?starttls=maybe", "starttls=never"),
        ("smtp://relay.net?tls=1", "starttls=never"),
        ("smtp://relay.net?starttls=never&starttls=never", "starttls=never"),
        ("smtp://relay.net?hunter2", "starttls=never"),
        ("smtps://relay.net?starttls=never", "at once"),
        ("smtp://user@relay.net", "only one of"),
        ("smtp://:hunter2@relay.net", "only one of"),
        ("smtp://user:@relay.net", "only one of"),
        ("smtp://user:hunter2%zz@relay.net", "unreadable"),
        ("smtp://user:hunter2@b@relay.net", "unreadable"),
        ("smtp://user:hunter2:b@relay.net", "unreadable"),
        ("smtp://user:hunter2#x@relay.net", "%23"),
        ("smtp://user:hunter2%0d%0aQUIT@relay.net", "control"),
        ("smtp://user:hunter2%C3%A9@relay.net", "non-ASCII"),
        ("smtp://user:hunter2é@relay.net", "non-ASCII"),
        ("smtp://relay.net\n", "control"),
        ("smtp://relay.net/hunter2", "path"),
    ],
)
def test_wrong_url_is_one_clear_line_without_the_password(text, part):
    with pytest.raises(BadSetting) as bad:
        parse_url(text)

    said = str(bad.value)
    assert part in said
    assert said.startswith("SMTP_URL ")
    assert "\n" not in said
    assert "hunter2" not in said
    assert bad.value.__suppress_context__ or bad.value.__context__ is None


def test_password_is_in_no_repr():
    assert "hunter2" not in repr(parse_url("smtp://user:hunter2@relay.net"))


@given(st.text(max_size=60).map("smtp://".__add__) | st.from_regex(r"smtps?://[a-z@:%/?#\[\]0-9]{0,30}", fullmatch=True))
def test_any_text_is_a_relay_or_a_bad_setting(text):
    try:
        relay = parse_url(text)
    except BadSetting:
        return
    assert relay.host
    assert 1 <= relay.port <= 65535
