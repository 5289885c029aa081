"""Orders: one body to one snapshot, every amount exactly as sent."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from adapters import payload
from adapters.woocommerce.reading_lines import amount, lines_of, subtotal_of, web, words
from adapters.woocommerce.reading_parcels import has_unsaid, parcels_of
from adapters.woocommerce.reading_people import address_of, customer_of
from lifecycle.errors import Unreadable
from lifecycle.money import Money, total
from lifecycle.orders import Labelled, Order, Payment, Refund

DRAFT_LIVES = timedelta(days=2)  # drafts are deleted a day after their last change, by a daily job
CONFIRMED_LATER = frozenset({"bacs", "cheque", "cod"})  # core's own: the merchant dates the payment, days after the order
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


def order_of(body: Mapping[str, Any], fallback: datetime) -> Order:
    """The order as it stands. `fallback` dates a body whose own dates cannot be read. Raises Unreadable.

    `placed_at` is `date_created_gmt`, which is what the shop shows its customer as the order's date; for the block checkout
    that is when the draft began. `checkout_token` is the id under which it was a checkout before.
    """
    currency, order_id, status = currency_of(body), payload.need_identifier(body, "id"), payload.text(body, "status")
    placed_at = dated(body, "date_created_gmt", "date_paid_gmt", "date_modified_gmt") or fallback
    updated_at = dated(body, "date_modified_gmt") or placed_at
    lines, grand_total = lines_of(body, currency), payload.need_money(body, "total", currency)
    refunds = refunds_of(body, order_id, currency)
    return Order(
        id=order_id,
        number=number_of(body),
        placed_at=placed_at,
        updated_at=updated_at,
        payment=payment_of(body, grand_total, refunds),
        customer=customer_of(body),
        lines=lines,
        subtotal=subtotal_of_all(body, currency),
        discount=amount(body, "discount_total", currency),
        shipping=amount(body, "shipping_total", currency),
        tax=amount(body, "total_tax", currency),
        total=grand_total,
        discounts=_labelled(body, "coupon_lines", "code", ("discount",), currency),
        fees=_labelled(body, "fee_lines", "name", ("total",), currency),
        taxes=_labelled(body, "tax_lines", "label", ("tax_total", "shipping_tax_total"), currency),
        shipping_method=", ".join(words(line, "method_title") for line in payload.mappings(body, "shipping_lines")),
        payment_method=words(body, "payment_method_title"),
        ship_to=address_of(body, "shipping"),
        bill_to=address_of(body, "billing"),
        pay_url=web(body, "payment_url") if payload.flag(body, "needs_payment") else None,
        checkout_token=order_id,
        fulfillments=parcels_of(body, order_id, lines, updated_at),
        refunds=refunds,
        cancelled_at=updated_at if status == "cancelled" else None,
        unproven=status == "cancelled" and not refunds and dated(body, "date_paid_gmt") is None,
        source=payload.text(body, "created_via"),
        parcels_unsaid=has_unsaid(body),
    )


def ordered_at(body: Mapping[str, Any], order: Order) -> datetime:
    """When it became an order: paid at once, else made, or (out of a block checkout's draft) last saved.

    The last save counts only as long as a draft may live: an order of last year that somebody saves today is of last year.
    """
    paid_at = dated(body, "date_paid_gmt")
    if paid_at is not None and payload.text(body, "payment_method") not in CONFIRMED_LATER:
        return paid_at
    was_draft = order.source == "store-api" and order.updated_at - order.placed_at <= DRAFT_LIVES
    return max(order.placed_at, order.updated_at) if was_draft else order.placed_at


def payment_of(body: Mapping[str, Any], grand_total: Money, refunds: tuple[Refund, ...]) -> Payment:
    """Where the money is, from the refunds, `date_paid` and the status, in this order.

    WooCommerce dates the payment when an order turns processing or completed, except cash on delivery, which it dates when
    completed. So processing without that date is unpaid, and completed without it was set by a plugin: unknown. 2026-11
    """
    status = payload.text(body, "status")
    given_back = total((refund.amount for refund in refunds), grand_total.currency)
    if status == "refunded" or (given_back and given_back >= grand_total):
        return Payment.REFUNDED
    if given_back:
        return Payment.PARTIALLY_REFUNDED
    if dated(body, "date_paid_gmt") is not None:
        return Payment.PAID
    if not grand_total and status in ("processing", "completed"):
        return Payment.PAID
    return {"cancelled": Payment.VOIDED, "completed": Payment.UNKNOWN}.get(status, Payment.PENDING)


def refunds_of(body: Mapping[str, Any], order_id: str, currency: str) -> tuple[Refund, ...]:
    """Every refund of the order, oldest id first; only id, reason and a negative total are sent, «-0.00» among them."""
    found = [_refund(refund, order_id, currency) for refund in payload.mappings(body, "refunds")]
    return tuple(sorted(found, key=lambda refund: int(refund.id)))


def _refund(refund: Mapping[str, Any], order_id: str, currency: str) -> Refund:
    back = -payload.need_money(refund, "total", currency)
    if back < Money.zero(currency):
        raise Unreadable("no_amount")
    return Refund(payload.need_identifier(refund, "id"), order_id, back, reason=words(refund, "reason"))


def _labelled(
    body: Mapping[str, Any], key: str, label: str, amounts: tuple[str, ...], currency: str
) -> tuple[Labelled, ...]:
    return tuple(
        Labelled(words(line, label), total((amount(line, name, currency) for name in amounts), currency))
        for line in payload.mappings(body, key)
    )


def currency_of(body: Mapping[str, Any]) -> str:
    """The order's own currency. Raises Unreadable(`no_currency`)."""
    code = payload.text(body, "currency").upper()
    if not _CURRENCY.fullmatch(code):
        raise Unreadable("no_currency")
    return code


def number_of(body: Mapping[str, Any]) -> str:
    """The number that the customer sees, with «#»: a plugin may count otherwise than the ids."""
    return "#" + (payload.text(body, "number").lstrip("#") or payload.need_identifier(body, "id"))


def subtotal_of_all(body: Mapping[str, Any], currency: str) -> Money:
    """All lines before coupons and tax."""
    return total((subtotal_of(item, currency) for item in payload.mappings(body, "line_items")), currency)


def dated(body: Mapping[str, Any], *keys: str) -> datetime | None:
    """The first of `keys` that holds a time. `*_gmt` are UTC and say so nowhere; the others are the shop's local time."""
    return next((at for key in keys if (at := payload.moment(body, key, assume_utc=True)) is not None), None)
