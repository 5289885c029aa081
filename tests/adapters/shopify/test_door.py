import hashlib
import json
from datetime import UTC, datetime

import pytest

from adapters.shopify import Shopify
from lifecycle.errors import BadValue, HouseError, NotAuthentic, Unaddressed, Unreadable
from lifecycle.ports import RawRequest
from tests.adapters.shopify.bodies import FOLDER, SHOP
from tests.contract.samples_shopify import signature, signed

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
VECTORS = json.loads((FOLDER / "vectors.json").read_text())
BODY = b'{"id":1}'
shopify = Shopify(["current", "previous"])


def request(**headers):
    found = signed("orders/create", BODY, secret=b"current")
    changed = {**found.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return RawRequest({name: value for name, value in changed.items() if value is not None}, BODY)


def accepts(raw, secret):
    try:
        shopify.address(raw)
        shopify.verify(raw, (secret,), NOW)
    except HouseError:
        return False
    return True


@pytest.mark.parametrize("vector", VECTORS["webhooks"], ids=lambda vector: vector["name"])
def test_every_delivery_is_judged_as_shopifys_own_library_judges_it(vector):
    body = (FOLDER / vector["body_file"]).read_bytes()
    raw = RawRequest({name.lower(): value for name, value in vector["headers"].items()}, body)

    assert accepts(raw, vector["secret"].encode()) == vector["library"]["valid"]


@pytest.mark.parametrize(
    "vector", [one for one in VECTORS["webhooks"] if one["library"]["valid"]], ids=lambda one: one["name"]
)
def test_an_accepted_delivery_is_addressed_as_the_library_addresses_it(vector):
    body = (FOLDER / vector["body_file"]).read_bytes()
    raw = RawRequest({name.lower(): value for name, value in vector["headers"].items()}, body)

    envelope = shopify.address(raw)

    assert envelope.store_key == vector["library"]["domain"]
    assert envelope.topic.replace("/", "_").upper() == vector["library"]["topic"]
    assert envelope.delivery_id == vector["library"]["webhookId"]
    assert envelope.details["event_id"] == vector["library"]["eventId"]


def test_missing_hmac_or_topic_or_shop_is_not_accepted():
    for name in ("x_shopify_hmac_sha256", "x_shopify_topic", "x_shopify_shop_domain"):
        assert not accepts(request(**{name: None}), b"current")
        assert not accepts(request(**{name: ""}), b"current")


def test_an_empty_body_is_not_accepted_even_when_truly_signed():
    raw = RawRequest({**signed("orders/create", b"", secret=b"current").headers}, b"")

    with pytest.raises(Unreadable) as refused:
        shopify.verify(raw, (b"current",), NOW)

    assert refused.value.reason == "empty_body"


def test_an_empty_body_without_a_true_signature_is_simply_wrong():
    with pytest.raises(NotAuthentic) as refused:
        shopify.verify(RawRequest({"x-shopify-hmac-sha256": signature(b"x", b"current")}, b""), (b"current",), NOW)

    assert refused.value.reason == "wrong_signature"


def test_two_signature_headers_are_refused_whichever_comes_first():
    true, wrong = signature(BODY, b"current"), signature(b"other", b"current")
    for joined in (f"{true},{wrong}", f"{wrong}, {true}", f"{true},{true}"):
        with pytest.raises(NotAuthentic):
            shopify.verify(request(x_shopify_hmac_sha256=joined), (b"current",), NOW)


def test_secrets_are_the_apps_newest_first_for_whatever_store():
    envelope = shopify.address(request())

    assert shopify.secrets(envelope, None) == (b"current", b"previous")
    assert Shopify(["", "only"]).secrets(envelope, None) == (b"only",)


def test_no_secret_shows_in_its_text():
    assert "current" not in repr(shopify)


def test_time_of_nine_digits_is_read_in_utc():
    at = shopify.address(request(x_shopify_triggered_at="2026-03-30T14:30:00.123456789Z")).at

    assert at == datetime(2026, 3, 30, 14, 30, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "2026-11-20T10:00:00"]
)
def test_unusable_time_is_no_time(text):
    assert shopify.address(request(x_shopify_triggered_at=text)).at is None


def test_a_delivery_without_any_id_is_known_by_what_it_says():
    raw = request(x_shopify_webhook_id=None, x_shopify_event_id=None)

    expected = hashlib.sha256(f"orders/create|{SHOP}|".encode() + BODY).hexdigest()
    assert shopify.address(raw).delivery_id == expected
    assert shopify.address(RawRequest(raw.headers, b'{"id":2}')).delivery_id != expected


def test_an_id_that_no_log_can_carry_is_replaced_not_refused():
    for odd in ("x" * 129, "a b", "é", "a\nb"):
        assert len(shopify.address(request(x_shopify_webhook_id=odd)).delivery_id) == 64


@pytest.mark.parametrize("topic", ["ORDERS/CREATE", " orders/create\t"])
def test_topic_is_one_spelling(topic):
    assert shopify.address(request(x_shopify_topic=topic)).topic == "orders/create"


@pytest.mark.parametrize("topic", ["a" * 101, "orders create", "orders//create", "orders/create,orders/paid", "../x", "é"])
def test_what_is_no_topic_is_unaddressed(topic):
    with pytest.raises(Unaddressed) as refused:
        shopify.address(request(x_shopify_topic=topic))
    assert refused.value.reason == "odd_topic"


@pytest.mark.parametrize(
    "domain",
    [
        "evil.test",
        f"{SHOP}.evil.test",
        f"{SHOP}/../x",
        f"{SHOP}:443",
        f"{SHOP}.",
        "' OR 1=1--",
        "a" * 64 + ".myshopify.com",
        "-x.myshopify.com",
        f"{SHOP},{SHOP}",
        f"{SHOP}\n",
        "sub.sample-shop.myshopify.com",
        "under_score.myshopify.com",
        "ſhop.myshopify.com",
    ],
)
def test_what_is_no_shop_domain_in_full_is_unaddressed(domain):
    with pytest.raises(Unaddressed) as refused:
        shopify.address(request(x_shopify_shop_domain=domain))
    assert refused.value.reason == "odd_shop"


@pytest.mark.parametrize(
    "typed",
    [
        "sample-shop",
        "Sample-Shop",
        " sample-shop.myshopify.com ",
        "SAMPLE-SHOP.MYSHOPIFY.COM",
        "https://sample-shop.myshopify.com",
        "http://sample-shop.myshopify.com/admin?x=1",
        "https://admin.shopify.com/store/sample-shop",
        "https://admin.shopify.com/store/sample-shop/orders",
    ],
)
def test_a_typed_shop_is_one_spelling(typed):
    assert shopify.store_key(typed) == SHOP


def test_one_letter_shops_exist():
    assert shopify.store_key("a.myshopify.com") == "a.myshopify.com"
    assert shopify.address(request(x_shopify_shop_domain="a.myshopify.com")).store_key == "a.myshopify.com"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "evil.com",
        "x.evil.com",
        "sample-shop.myshopify.com.evil.com",
        "under_score",
        "[",
        "https://[x",
        "sample shop",
        "-",
    ],
)
def test_what_names_no_shop_is_refused_with_what_is_expected(typed):
    with pytest.raises(BadValue) as refused:
        shopify.store_key(typed)
    assert "myshopify.com" in str(refused.value)
