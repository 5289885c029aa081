"""At the door: pings, claims, secrets."""

import base64
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from adapters import signing
from adapters.woocommerce import WooCommerce, platform
from lifecycle.errors import NotAuthentic, Unaddressed
from lifecycle.ports import RawRequest
from lifecycle.stores import Store
from tests.adapters.woocommerce.recordings import PLATFORM, recordings

NOW = datetime(2026, 11, 20, tzinfo=UTC)
FORM = {"content-type": "application/x-www-form-urlencoded"}


def knock(**headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return RawRequest(
        {"x-wc-webhook-topic": "order.created", "x-wc-webhook-delivery-id": "a" * 32} | named, b"{}", token="t"
    )


def store(*secrets):
    return Store("s1", "woocommerce", "https://shop.test", "t", "Shop", secrets=secrets)


def test_the_factory_needs_nothing_from_the_settings():
    made = platform(SimpleNamespace())

    assert isinstance(made, WooCommerce)
    assert (made.name, made.title) == ("woocommerce", "WooCommerce")


@pytest.mark.parametrize(
    ("headers", "body", "is_probe"),
    [
        (FORM, b"webhook_id=1", True),
        ({"content-type": "application/x-www-form-urlencoded; charset=UTF-8"}, b"webhook_id=123", True),
        (FORM | {"x-wc-webhook-topic": "order.created"}, b"webhook_id=1", True),
        (FORM | {"x-wc-webhook-signature": "AAAA"}, b"webhook_id=1", False),
        ({"content-type": "application/json"}, b"webhook_id=1", False),
        ({}, b"webhook_id=1", False),
        (FORM, b"", False),
        (FORM, b"webhook_id=", False),
        (FORM, b"webhook_id=1&x=2", False),
        (FORM, b"webhook_id=1\n", False),
        (FORM, b" webhook_id=1", False),
        (FORM, b"webhook_id=-1", False),
        (FORM, "webhook_id=١".encode(), False),
        (FORM, b"webhook_id=" + b"1" * 10_000, False),
        (FORM, b'{"id":1}', False),
    ],
)
def test_a_probe_is_an_unsigned_form_with_one_number(headers, body, is_probe):
    assert PLATFORM.is_probe(RawRequest(headers, body, token="t")) is is_probe


def test_the_store_is_named_by_the_path_and_nothing_else():
    envelope = PLATFORM.address(knock(x_wc_webhook_source="https://other.test/", x_wc_webhook_id="17"))

    assert (envelope.party, envelope.store_key, envelope.topic) == ("woocommerce", "t", "order.created")
    assert envelope.delivery_id == "a" * 32
    assert envelope.details == {"webhook_id": "17"}
    assert envelope.at is None


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (RawRequest({}, b"", token="t"), "no_topic"),
        (RawRequest({"x-wc-webhook-topic": "order.created"}, b"", token=""), "no_token"),
        (RawRequest({"x-wc-webhook-topic": "order.created"}, b"", token="a b"), "no_token"),
        (knock(x_wc_webhook_topic="order.created,order.updated"), "odd_topic"),
        (knock(x_wc_webhook_topic="order.created\n"), "odd_topic"),
        (knock(x_wc_webhook_topic="örder.created"), "odd_topic"),
        (knock(x_wc_webhook_topic="x" * 201), "odd_topic"),
        (knock(x_wc_webhook_delivery_id="a,b"), "odd_delivery_id"),
        (knock(x_wc_webhook_delivery_id="\udc80"), "odd_delivery_id"),
    ],
)
def test_a_knock_that_does_not_say_whose_it_is_has_no_address(raw, reason):
    with pytest.raises(Unaddressed) as caught:
        PLATFORM.address(raw)

    assert caught.value.reason == reason


@pytest.mark.parametrize("header", ["", "0", "-1", "x", "1,2", "٣", "1" * 30])
def test_an_odd_webhook_id_is_left_out(header):
    assert PLATFORM.address(knock(x_wc_webhook_id=header)).details == {}


def test_secrets_are_the_stores_own_newest_first_and_never_empty():
    envelope = PLATFORM.address(knock())

    assert PLATFORM.secrets(envelope, store("neu-🔑", "", "old")) == ("neu-🔑".encode(), b"old")
    assert PLATFORM.secrets(envelope, store()) == ()
    assert PLATFORM.secrets(envelope, None) == ()


@pytest.mark.parametrize(
    "secret", ["a&b", "q\"x'y", "a<b>c", "  lead and trail  ", "sécrèt-日本-🔑", "a\\b\\\\c", "a\nb", "100%25+x=1"]
)
def test_a_secret_signs_exactly_as_it_was_given(secret):
    body = b'{"id":1}'
    escaped = secret.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;").replace(" ", "&nbsp;") + "&amp;"
    envelope = PLATFORM.address(knock())
    secrets = PLATFORM.secrets(envelope, store(secret))

    PLATFORM.verify(_signed(body, secret), secrets, NOW)
    with pytest.raises(NotAuthentic, match="wrong signature"):
        PLATFORM.verify(_signed(body, escaped), secrets, NOW)


def test_a_secret_that_looks_escaped_is_not_read_as_anything_else():
    secrets = PLATFORM.secrets(PLATFORM.address(knock()), store("a&amp;b"))

    PLATFORM.verify(_signed(b"{}", "a&amp;b"), secrets, NOW)
    with pytest.raises(NotAuthentic):
        PLATFORM.verify(_signed(b"{}", "a&b"), secrets, NOW)


def _signed(body, secret):
    signature = base64.b64encode(signing.digest(secret.encode(), body)).decode()
    return RawRequest({"x-wc-webhook-signature": signature}, body, token="t")


def test_the_old_secret_is_good_as_long_as_the_store_keeps_it():
    raw = _signed(b"{}", "old")

    PLATFORM.verify(raw, PLATFORM.secrets(PLATFORM.address(knock()), store("new", "old")), NOW)
    with pytest.raises(NotAuthentic):
        PLATFORM.verify(raw, PLATFORM.secrets(PLATFORM.address(knock()), store("new")), NOW)


@pytest.mark.parametrize("spelling", [b"/", b"\\/"])
def test_a_body_that_somebody_wrote_anew_is_refused(spelling):
    recording = recordings()[36]
    anew = recording.raw.body.replace(b"\\/", spelling).replace(b'":"', b'": "')

    with pytest.raises(NotAuthentic, match="wrong signature"):
        PLATFORM.verify(RawRequest(recording.raw.headers, anew, token="t"), [recording.secret], NOW)
