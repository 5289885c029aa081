"""The hostile and odd bodies of `tests/fixtures/woocommerce/attack/`, each with what is expected of it."""

import base64
import time
from datetime import UTC, datetime

import pytest

from adapters import signing
from lifecycle.errors import NotAuthentic, Unreadable
from lifecycle.events import Kind
from lifecycle.ports import RawRequest
from tests.adapters.woocommerce.recordings import FOLDER, PLATFORM, read_as

SECRET = b"woo&secret"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
BODIES = {file.stem: file.read_bytes() for file in sorted((FOLDER / "attack").iterdir())}

READS = {  # body: (topic, kinds)
    "wob-005": ("order.updated", [Kind.CHECKOUT_TOUCHED]),  # a draft is no order
    "wob-006": ("order.updated", []),  # a plugin's status
    "wob-007": ("order.created", [Kind.ORDER_PLACED]),  # escaped slashes and characters
    "wob-009": ("order.created", [Kind.ORDER_PLACED]),
    "wob-012": ("order.created", [Kind.ORDER_PLACED]),
    "wob-013": ("order.created", [Kind.ORDER_PLACED]),
    "wob-015": ("order.created", [Kind.ORDER_PLACED]),  # a guest without an address
    "wob-016": ("order.created", [Kind.ORDER_PLACED]),  # deep meta, PHP's serialised texts
    "wob-020": ("order.created", [Kind.ORDER_PLACED]),
    "wob-021": ("order.updated", [Kind.ORDER_PLACED]),
}


def signed(body, message=None, secret=SECRET):
    signature = base64.b64encode(signing.digest(secret, body if message is None else message)).decode()
    return RawRequest({"x-wc-webhook-signature": signature}, body, token="t")


def test_every_attack_body_is_used():
    assert set(BODIES) == set(READS) | {"wob-001", "wob-003", "wob-019"}


def test_001_the_ping_of_a_saved_webhook():
    headers = {"content-type": "application/x-www-form-urlencoded", "x-wc-webhook-topic": "order.created"}

    assert PLATFORM.is_probe(RawRequest(headers, BODIES["wob-001"], token="t"))


def test_003_the_owner_lost_access():
    with pytest.raises(Unreadable) as caught:
        read_as("order.created", BODIES["wob-003"])

    assert caught.value.reason == "owner_lost_access"


@pytest.mark.parametrize("name", READS)
def test_an_authentic_body_verifies_and_reads(name):
    topic, kinds = READS[name]

    PLATFORM.verify(signed(BODIES[name]), [SECRET], NOW)

    assert [event.kind for event in read_as(topic, BODIES[name])] == kinds


def test_005_what_a_thin_draft_leaves_out_is_empty_and_not_invented():
    (event,) = read_as("order.updated", BODIES["wob-005"])
    checkout = event.fact

    assert (checkout.id, checkout.number, checkout.recovery_url) == ("1000000145", "#727", None)
    assert checkout.touched_at == datetime(2026, 11, 20, 15, tzinfo=UTC)
    assert (str(checkout.total.amount), str(checkout.lines[0].total.amount)) == ("29.35", "6.00")


def test_007_the_line_is_read_and_the_difference_to_the_total_stays_visible():
    (event,) = read_as("order.created", BODIES["wob-007"])

    assert event.fact.lines[0].title == "Café a/b"
    assert event.fact.summed != event.fact.total


def test_009_the_escaped_form_of_a_secret_signs_nothing():
    body = BODIES["wob-009"]

    with pytest.raises(NotAuthentic):
        PLATFORM.verify(signed(body, secret=SECRET.replace(b"&", b"&amp;")), [SECRET], NOW)


def test_012_and_013_two_orders_under_one_delivery_id_are_two():
    (one,), (two,) = read_as("order.created", BODIES["wob-012"]), read_as("order.created", BODIES["wob-013"])

    assert (one.fact_id, two.fact_id) == ("990001", "990002")
    assert one.id != two.id


def test_015_a_guest_without_an_address_has_none():
    (event,) = read_as("order.created", BODIES["wob-015"])

    assert event.fact.customer.email is None


def test_019_noise_of_php_before_the_body_is_part_of_what_is_signed():
    body = BODIES["wob-019"]

    with pytest.raises(NotAuthentic):
        PLATFORM.verify(signed(body, message=body[body.index(b"{") :]), [SECRET], NOW)
    with pytest.raises(Unreadable, match="not json"):
        read_as("order.created", body)


def test_020_and_021_created_and_updated_of_equal_content_are_one_event():
    assert read_as("order.created", BODIES["wob-020"])[0].id == read_as("order.updated", BODIES["wob-021"])[0].id


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"id":1,"a":' + b"[" * 5000 + b"]" * 5000 + b"}", "too_deep"),
        (b'{"id":1,"id":2}', "repeated_key"),
        (b'{"id":NaN}', "not_a_number"),
        (b'{"id":1e999999999}', "not_a_number"),
        (b'{"id":' + b"1" * 5000 + b"}", "not_json"),
        (b'{"id":"\xff"}', "not_utf8"),
        ('{"id":1}'.encode("utf-16"), "not_utf8"),
        (b'{"id":1', "not_json"),
        (b"", "empty_body"),
        (b"[]", "not_an_object"),
        (b"null", "not_an_object"),
        (b'"x"', "not_an_object"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_body_that_is_no_clean_json_is_not_understood(body, reason):
    with pytest.raises(Unreadable) as caught:
        read_as("order.created", body)

    assert caught.value.reason == reason


def test_a_very_long_order_is_read_in_time():
    line = b'{"id":1,"name":"%s","quantity":1,"subtotal":"1.00","meta_data":[{"key":"a","value":"%s"}]}' % (
        b"x" * 90,
        b"<" * 90,
    )
    body = BODIES["wob-012"].replace(b'"line_items":[', b'"line_items":[' + b",".join([line] * 20_000) + b",")

    began = time.perf_counter()
    (event,) = read_as("order.created", body)

    assert len(event.fact.lines) == 20_001
    assert time.perf_counter() - began < 10
