from decimal import Decimal

import pytest

from lifecycle.errors import Unreadable
from lifecycle.events import Kind
from lifecycle.money import Money
from tests.adapters.shopify.bodies import bag, fact, order, read, recorded, refund, transaction

TOPIC = "refunds/create"


def usd(text):
    return Money(Decimal(text), "USD")


def reason(body):
    with pytest.raises(Unreadable) as refused:
        read(TOPIC, body)
    return refused.value.reason


def test_a_refund_is_what_moved_with_its_lines():
    (event,) = read(TOPIC, refund())

    assert (event.kind, event.revision, event.order_id) == (Kind.REFUND_ISSUED, "", "1001")
    assert (event.fact.amount, event.fact.pending) == (usd("22.00"), False)
    assert [(part.line_id, part.title, part.quantity, part.amount) for part in event.fact.lines] == [
        ("11", "Fountain pen", 1, usd("22.00"))
    ]
    assert event.fact.method == "Shopify Payments"


def test_only_successful_refund_transactions_count():
    rows = [
        transaction(amount="10.00"),
        transaction(amount="12.00"),
        transaction(amount="99.00", status="failure"),
        transaction(amount="99.00", status="pending"),
        transaction(amount="99.00", kind="void"),
        transaction(amount="99.00", status=[]),
    ]

    seen = fact(TOPIC, refund(transactions=rows))

    assert (seen.amount, seen.pending) == (usd("22.00"), False)


def test_money_still_on_its_way_is_pending():
    seen = fact(TOPIC, refund(transactions=[transaction(status="pending"), transaction(status="error")]))

    assert (seen.amount, seen.pending) == (usd("22.00"), True)


def test_a_restock_moves_no_money():
    for rows in ([], [transaction(status="failure")]):
        seen = fact(TOPIC, refund(transactions=rows))

        assert (seen.amount, seen.pending, len(seen.lines)) == (usd("0"), False, 1)


def test_amounts_are_in_the_currency_paid_in():
    row = refund()["refund_line_items"][0]
    row |= {"subtotal_set": bag("15.20", "EUR", "20.00"), "total_tax_set": bag("1.52", "EUR", "2.00")}
    body = refund(refund_line_items=[row], transactions=[transaction(amount="16.72", currency="EUR")])

    seen = fact(TOPIC, body)

    assert str(seen.amount) == str(seen.lines[0].amount) == "16.72 EUR"


def test_where_prices_include_the_tax_the_line_is_not_taxed_again():
    assert fact(TOPIC, refund(transactions=[transaction(amount="20.00")])).lines[0].amount == usd("20.00")


def test_shipping_given_back_is_told_by_rows_or_by_old_adjustments_and_not_by_both():
    rows = [{"id": 1, "subtotal_amount_set": bag("5.00")}]
    old = [
        {"kind": "shipping_refund", "amount": "-5.00", "tax_amount": "-0.50"},
        {"kind": "refund_discrepancy", "amount": "9.00"},
    ]
    bare = {"refund_line_items": [], "transactions": [transaction(amount="5.00")]}

    assert fact(TOPIC, refund(**bare, refund_shipping_lines=rows, order_adjustments=old)).shipping == usd("5.00")
    assert fact(TOPIC, refund(**bare, order_adjustments=old)).shipping == usd("5.50")
    assert fact(TOPIC, recorded("refunds__create__7.json")).shipping == usd("5.00")
    assert fact(TOPIC, refund()).shipping is None


def test_what_the_merchant_noted_for_the_staff_is_not_a_reason_for_the_customer():
    assert fact(TOPIC, refund()).reason == ""


def test_a_recorded_refund_whose_transactions_name_no_currency_takes_it_from_its_lines():
    seen = fact(TOPIC, recorded("refunds__create__1.json"))

    assert (seen.amount, len(seen.lines)) == (usd("85.00"), 5)


def test_recorded_number_amounts_are_exact():
    seen = fact(TOPIC, recorded("refunds__create__5.json"))

    assert seen.amount == usd("209.00")
    assert [str(part.amount) for part in seen.lines] == ["199.64 USD", "199.65 USD"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"id": None}, "no_id"),
        ({"order_id": None}, "no_id"),
        ({"transactions": None}, "no_transactions"),
        ({"transactions": {}}, "no_transactions"),
        ({"refund_line_items": None}, "no_refund_line_items"),
        ({"transactions": [transaction(amount="x")]}, "no_amount"),
        ({"transactions": [transaction(amount="-1.00")]}, "no_amount"),
        ({"transactions": [transaction(), transaction(currency="EUR")]}, "two_currencies"),
        ({"transactions": [], "refund_line_items": []}, "no_currency"),
    ],
)
def test_a_refund_that_cannot_be_told_exactly_is_unreadable(changes, expected):
    assert reason(refund(**changes)) == expected


def test_an_order_is_no_refund():
    assert reason(order()) == "no_refund_line_items"
