"""What was not bought: drafts, pending and failed orders, and how they end."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from lifecycle.events import Kind
from lifecycle.money import Money
from lifecycle.people import Customer
from tests.adapters.woocommerce.recordings import PLATFORM, changed, fact, read, read_as, recordings


def at(hour, minute, second):
    return datetime(2026, 11, 20, hour, minute, second, tzinfo=UTC)


def test_242_a_draft_carries_the_basket_the_coupon_and_a_way_back():
    checkout = fact(242)

    assert (checkout.token, checkout.order_id, checkout.number) == ("51", "51", "#51")
    assert (checkout.created_at, checkout.touched_at) == (at(14, 49, 39), at(14, 49, 39))
    assert (checkout.customer.email, checkout.customer.name) == ("sam@buyer.test", "Sam Shopper")
    assert [(line.title, line.quantity, str(line.total.amount)) for line in checkout.lines] == [("Aurora Tee", 2, "48.00")]
    assert [str(amount.amount) for amount in (checkout.subtotal, checkout.discount, checkout.total)] == [
        "48.00",
        "4.80",
        "55.20",
    ]
    assert checkout.recovery_url == (
        "http://127.0.0.1:8090/checkout/order-pay/51/?pay_for_order=true&key=wc_order_fGAcq16lnzEVX"
    )
    assert checkout.is_open
    assert not checkout.payment_failed


@pytest.mark.parametrize(
    ("number", "email", "name", "quantity", "total", "touched_at"),
    [
        (278, None, "", 1, "34.30", at(14, 51, 3)),  # the page was opened
        (279, "typed@buyer.test", "", 1, "34.30", at(14, 51, 4)),
        (280, "typed@buyer.test", "Ty Ped", 1, "34.30", at(14, 51, 5)),
        (281, "typed@buyer.test", "Ty Ped", 3, "86.56", at(14, 51, 6)),
        (283, None, "", 1, "34.30", at(14, 51, 8)),  # a plain browser
        (276, "gone@buyer.test", "Gone Draft", 1, "34.30", at(14, 50, 20)),
        (113, None, "", 0, "0.00", at(14, 47, 13)),  # an empty order made by hand
    ],
)
def test_a_draft_fills_up_as_the_shopper_types(number, email, name, quantity, total, touched_at):
    checkout = fact(number)

    assert (checkout.customer.email, checkout.customer.name) == (email, name)
    assert sum(line.quantity for line in checkout.lines) == quantity
    assert (str(checkout.total.amount), checkout.touched_at) == (total, touched_at)


def test_258_and_264_the_draft_and_the_order_it_became_share_their_id():
    assert fact(258).token == fact(264).checkout_token == fact(264).id == "52"


@pytest.mark.parametrize(
    ("number", "total", "currency"), [(98, "7.35", "KWD"), (34, "34.30", "USD"), (70, "235.65", "USD")]
)
def test_a_pending_order_is_a_checkout_with_a_way_to_pay(number, total, currency):
    checkout = fact(number)

    assert checkout.total == Money(Decimal(total), currency)
    assert "/order-pay/" in checkout.recovery_url


def test_132_a_declined_payment_is_told_as_one():
    (event,) = read(132)

    assert event.kind is Kind.CHECKOUT_PAYMENT_FAILED
    assert event.fact.payment_failed
    assert event.occurred_at == event.fact.touched_at == at(14, 47, 16)
    assert event.fact.customer.email == "fail@buyer.test"


def test_302_an_order_trashed_before_it_was_told_of_is_closed():
    checkout = fact(302)

    assert checkout.closed_at == at(14, 51, 43)
    assert not checkout.is_open


def test_292_a_deleted_order_is_nothing_but_its_id():
    checkout = fact(292)

    assert (checkout.token, checkout.order_id) == ("56", "56")
    assert (checkout.customer, checkout.lines, checkout.total.amount) == (Customer(), (), 0)
    assert not checkout.is_open


def test_a_deletion_is_of_when_the_envelope_says():
    recording = recordings()[292]
    envelope = PLATFORM.address(recording.raw)
    heard_at = at(15, 0, 0)

    (event,) = PLATFORM.read(type(envelope)(**{**_fields(envelope), "at": heard_at}), recording.raw.body)

    assert event.occurred_at == event.fact.touched_at == event.fact.closed_at == heard_at


def _fields(envelope):
    return {name: getattr(envelope, name) for name in envelope.__dataclass_fields__}


@pytest.mark.parametrize("status", ["auto-draft", "wc-awaiting-shipment", "shipped", "PROCESSING", "processing "])
def test_a_status_that_says_nothing_to_us_is_no_event(status):
    expected = [Kind.ORDER_PLACED] if status.strip() == "processing" else []

    assert [event.kind for event in read_as("order.updated", changed(36, status=status))] == expected


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://shop.test/pay?key=1", "https://shop.test/pay?key=1"),
        ("http://shop.test/pay", "http://shop.test/pay"),
        ("javascript:alert(1)", None),
        ("//shop.test/pay", None),
        ("", None),
        (["https://shop.test/pay"], None),
    ],
)
def test_a_way_back_is_a_web_address(url, kept):
    (event,) = read_as("order.updated", changed(34, payment_url=url))

    assert event.fact.recovery_url == kept


def test_a_touch_without_a_change_is_the_same_event_and_a_later_one_is_not():
    once, again = read_as("order.updated", changed(34)), read_as("order.created", changed(34, meta_data=[{"key": "noise"}]))
    later = read_as("order.updated", changed(34, date_modified_gmt="2026-11-20T14:46:57"))

    assert once[0].id == again[0].id != later[0].id
    assert later[0].occurred_at - once[0].occurred_at == timedelta(minutes=1)
