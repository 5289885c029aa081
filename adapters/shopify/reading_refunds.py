"""Refunds: the money that really moved, and what it was for."""

from collections.abc import Sequence

from adapters import payload
from adapters.shopify.reading import Payload, added, bag, code, happened, need_list
from adapters.shopify.reading_lines import part
from lifecycle.deliveries import Envelope
from lifecycle.errors import Unreadable
from lifecycle.events import Event, Kind
from lifecycle.money import Money, total
from lifecycle.orders import Part, Refund


def gateways(names: list[str]) -> str:
    """Ways to pay in words: «shopify_payments» becomes «Shopify Payments»; names with capitals stay as they are."""
    worded = (name.replace("_", " ").strip() for name in names if name)
    return ", ".join(dict.fromkeys(name.title() if name.islower() else name for name in worded))


def refund(source: Payload, order_id: str = "", currency: str = "") -> Refund:
    """A refund in the currency paid in; `order_id` and `currency` are the order's for the copy inside one.

    `amount` is the sum of successful transactions of kind «refund», none for a mere restock. When money is still on its way
    and none has arrived, it is that sum and `pending`. Shopify shows `note` to staff only, so no `reason` is read.
    Raises Unreadable: `no_id`, `no_amount`, `no_currency`, `two_currencies`.
    """
    rows = [row for row in payload.mappings(source, "transactions") if row.get("kind") == "refund"]
    arrived = [row for row in rows if row.get("status") == "success"]
    moving = [row for row in rows if row.get("status") == "pending"]
    counted = arrived or moving
    currency = _currency(source, counted, currency)
    amount = added(Money.zero(currency), *(_paid(row, currency) for row in counted))
    shipping = _shipping(source, currency)
    return Refund(
        id=payload.need_identifier(source, "id"),
        order_id=order_id or payload.need_identifier(source, "order_id"),
        amount=amount,
        lines=_lines(source, currency, amount, shipping),
        shipping=shipping,
        method=gateways([payload.line(row, "gateway") for row in counted]),
        pending=bool(moving) and not arrived,
        refunded_at=payload.moment(source, "processed_at") or payload.moment(source, "created_at"),
    )


def _paid(row: Payload, currency: str) -> Money:
    found = payload.need_money(row, "amount", code(row, "currency") or currency)
    if found.amount < 0:
        raise Unreadable("no_amount")
    return found


def _currency(source: Payload, transactions: Sequence[Payload], known: str) -> str:
    """The transactions' currency is the customer's (shopify.dev REST refund, 2026-11-20); it may be null in old samples."""
    told = next((found for row in transactions if (found := code(row, "currency"))), known)
    places = (
        *((row, "subtotal_set") for row in payload.mappings(source, "refund_line_items")),
        *((row, "amount_set") for row in payload.mappings(source, "order_adjustments")),
        (source, "total_duties_set"),
    )
    told = told or next((one.currency for place, key in places if (one := bag(place, key)) is not None), "")
    if not told:
        raise Unreadable("no_currency")
    return told


def _money(row: Payload, key: str, currency: str) -> Money | None:
    """In the refund's currency: from the bag, or the plain number of bodies from before there were two currencies."""
    if f"{key}_set" not in row:
        return payload.money(row, key, currency)
    found = bag(row, f"{key}_set")
    return found if found and found.currency == currency else None


def _shipping(source: Payload, currency: str) -> Money | None:
    """What was given back for shipping, told by its rows or, before 2023, by adjustments of kind «shipping_refund»."""
    rows = payload.mappings(source, "refund_shipping_lines")
    told = [one for row in rows if (one := _money(row, "subtotal_amount", currency)) is not None]
    if not any(told):
        kind = "shipping_refund"
        rows = [row for row in payload.mappings(source, "order_adjustments") if row.get("kind") == kind]
        told = [-one for row in rows for key in ("amount", "tax_amount") if (one := _money(row, key, currency)) is not None]
    found = total(told, currency)
    return found if found.amount > 0 else None


def _lines(source: Payload, currency: str, amount: Money, shipping: Money | None) -> tuple[Part, ...]:
    """The goods given back, each with its amount: subtotal and tax, or subtotal alone where only that comes to the money."""
    rows = [(row, payload.count(row, "quantity")) for row in payload.mappings(source, "refund_line_items")]
    rows = [(row, count) for row, count in rows if count]
    plain = [_money(row, "subtotal", currency) for row, _ in rows]
    taxes = [_money(row, "total_tax", currency) for row, _ in rows]
    whole = [None if one is None else added(one, tax) for one, tax in zip(plain, taxes, strict=True)]
    fits = None not in plain and added(shipping or Money.zero(currency), *plain) == amount  # prices that include their tax
    return tuple(
        part({**payload.mapping(row, "line_item"), "id": row.get("line_item_id")}, count, one)
        for (row, count), one in zip(rows, plain if fits else whole, strict=True)
    )


def issued(source: Payload, envelope: Envelope) -> tuple[Event, ...]:
    """refunds/create. Raises Unreadable when the body is no refund."""
    need_list(source, "refund_line_items")
    need_list(source, "transactions")
    fact = refund(source)
    at = happened(envelope, fact.refunded_at)
    return (Event(Kind.REFUND_ISSUED, fact, at),)
