from datetime import UTC, datetime
from decimal import Decimal

import pytest

from lifecycle.errors import Unreadable
from lifecycle.events import Kind
from lifecycle.money import Money
from lifecycle.people import ConsentState
from tests.adapters.shopify.bodies import SENT, checkout, fact, order, read, recorded

TOPIC = "checkouts/update"


def reason(topic, body, **more):
    with pytest.raises(Unreadable) as refused:
        read(topic, body, **more)
    return refused.value.reason


def test_a_touched_checkout_leads_back_to_itself():
    (event,) = read("checkouts/create", checkout())

    assert (event.kind, event.fact_id, event.revision) == (Kind.CHECKOUT_TOUCHED, "c0ffee", "")
    assert event.occurred_at == event.fact.touched_at == datetime(2026, 11, 20, 15, 5, tzinfo=UTC)
    assert event.fact.recovery_url == "https://sample-shop.example/1/checkouts/ac/c0ffee/recover?key=abc"
    assert (event.fact.cart_token, event.fact.customer.email) == ("ca27", "zoe@example.com")
    assert [(item.title, item.quantity, str(item.total)) for item in event.fact.lines] == [("Pen", 2, "40.00 USD")]


def test_a_bought_checkout_is_completed_and_a_closed_one_closed():
    bought = read(TOPIC, checkout(completed_at="2026-11-20T10:06:00-05:00", closed_at="2026-11-20T10:07:00-05:00"))
    closed = read(TOPIC, checkout(closed_at="2026-11-20T10:07:00-05:00"))

    assert [(event.kind, event.occurred_at.minute) for event in (*bought, *closed)] == [
        (Kind.CHECKOUT_COMPLETED, 6),
        (Kind.CHECKOUT_CLOSED, 7),
    ]


def test_a_deleted_checkout_is_found_by_its_cart():
    (event,) = read("checkouts/delete", recorded("checkouts__delete__1.json"))

    assert (event.kind, event.occurred_at) == (Kind.CHECKOUT_CLOSED, SENT)
    assert event.fact.cart_token == "eeafa272cebfd4b22385bc4b645e762c"
    assert event.fact_id == f"cart:{event.fact.cart_token}"
    assert not event.fact.is_open


def test_a_deleted_checkout_without_a_cart_is_nobody_we_know():
    assert read("checkouts/delete", {"id": 1, "cart_token": None}) == ()


def test_a_ticked_box_is_consent_from_when_the_checkout_began():
    consent = fact(TOPIC, checkout(buyer_accepts_marketing=True)).customer.consent

    assert (consent.state, consent.source) == (ConsentState.SUBSCRIBED, "checkout")
    assert consent.at == datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize("value", [False, None, "true", 1])
def test_a_box_not_ticked_says_nothing(value):
    assert fact(TOPIC, checkout(buyer_accepts_marketing=value)).customer.consent is None


def test_totals_are_in_the_currency_shown_to_the_shopper():
    seen = fact(TOPIC, checkout(currency="USD", presentment_currency="EUR"))

    assert (seen.total, seen.subtotal) == (Money(Decimal("44.00"), "EUR"), Money(Decimal("40.00"), "EUR"))


def test_rows_that_may_be_in_another_currency_than_the_total_are_unreadable():
    assert reason(TOPIC, checkout(presentment_currency="EUR", total_line_items_price="36.80")) == "two_currencies"


def test_a_checkout_is_written_to_at_its_own_address_only():
    assert fact(TOPIC, checkout(email=None, customer={"id": 5, "email": "profile@example.com"})).customer.email is None


def test_recorded_checkouts_are_read():
    real = fact(TOPIC, recorded("checkouts__update__3.json"))
    sample = fact("checkouts/create", recorded("vectors/body3_checkouts_update.json"))

    assert (str(real.total), str(real.discount), real.customer.locale) == ("379.69 USD", "39.80 USD", "en")
    assert (sample.token, str(sample.total), len(sample.lines)) == ("123123123", "421.88 USD", 2)


@pytest.mark.parametrize(
    ("topic", "body", "expected"),
    [
        (TOPIC, checkout(token=None), "no_token"),
        (TOPIC, checkout(currency=None, presentment_currency=""), "no_currency"),
        (TOPIC, checkout(total_price=None), "no_amount"),
        (TOPIC, checkout(line_items=None), "no_line_items"),
        (TOPIC, checkout(line_items=[{"quantity": 1}]), "no_amount"),
        (TOPIC, order(), "not_a_checkout"),
        (TOPIC, recorded("carts__create__1.json"), "not_a_checkout"),
        (TOPIC, recorded("checkouts__update__4.json"), "no_currency"),
        ("checkouts/delete", checkout() | {"id": 1}, "not_a_deleted_checkout"),
        ("checkouts/delete", order(cart_token="x"), "not_a_deleted_checkout"),
        ("checkouts/delete", {"cart_token": "x"}, "no_id"),
    ],
)
def test_a_body_of_another_shape_is_no_checkout(topic, body, expected):
    assert reason(topic, body) == expected


def test_a_deleted_checkout_that_nobody_dates_is_unreadable():
    assert reason("checkouts/delete", {"id": 1, "cart_token": "x"}, at=None) == "no_time"
