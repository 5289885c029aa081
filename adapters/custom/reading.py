"""What a body says: `type` chooses the row of TYPES, the row reads `data`. Field by field: `docs/custom-webhooks.md`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from adapters import payload
from adapters.custom.nouns import (
    Payload,
    currency,
    customer,
    items,
    labelled,
    money,
    money_or_zero,
    need_id,
    need_money,
    optional_id,
    parts,
    postal,
    trackings,
)
from lifecycle.carts import Checkout
from lifecycle.deliveries import Envelope
from lifecycle.errors import Unreadable
from lifecycle.events import Event, Kind
from lifecycle.money import Money
from lifecycle.orders import Fulfillment, Order, Passage, Payment, Refund

_PAYMENTS = {state.value: state for state in Payment}
_PASSAGES = {passage.value: passage for passage in Passage}


@dataclass(frozen=True, slots=True)
class Type:
    """How one `type` is read, and what the reader says then. `passage`: how far the parcel is; None, `data` may say it."""

    read: Callable[["Type", Payload, datetime], Order | Fulfillment | Refund | Checkout]
    kind: Kind
    name: str
    passage: Passage | None = None


def event(body: Payload, envelope: Envelope) -> Event:
    """The one event in a body.

    Raises Unreadable: `unknown_type`, `other_topic` (the header names another type than the signed body), `no_time`,
    `no_data`, and what the nouns raise.
    """
    name = body.get("type")
    row = TYPES.get(name) if isinstance(name, str) else None
    if row is None:
        raise Unreadable("unknown_type", "The body's type is none of those that docs/custom-webhooks.md lists.")
    if envelope.topic not in ("event", name):
        raise Unreadable("other_topic", "The header webhook-topic and the body's type are not the same.")
    at, data = payload.moment(body, "occurred_at"), body.get("data")
    if at is None:
        raise Unreadable("no_time", "The body has no occurred_at that is a time with an offset.")
    if not isinstance(data, dict):
        raise Unreadable("no_data", "The body's data is no object.")
    fact = row.read(row, data, at)
    often = row.kind in (Kind.ORDER_SEEN, Kind.FULFILLMENT_SEEN, Kind.CHECKOUT_TOUCHED)
    return Event(row.kind, fact, at, revision=at.isoformat() if often else "")


def _order(row: Type, data: Payload, at: datetime) -> Order:
    """Amounts as the shop says them, never recomputed. `updated_at` and `placed_at` fall back on the event's own time."""
    code = currency(data)
    order_id = need_id(data, "id")
    cancelled_at = payload.moment(data, "cancelled_at")
    return Order(
        id=order_id,
        number=payload.line(data, "number") or order_id,
        placed_at=payload.moment(data, "placed_at") or at,
        updated_at=payload.moment(data, "updated_at") or at,
        payment=_PAYMENTS.get(payload.line(data, "payment"), Payment.UNKNOWN),
        customer=customer(data, code),
        lines=items(data, code),
        subtotal=need_money(data, "subtotal", code),
        discount=money_or_zero(data, "discount", code),
        shipping=money_or_zero(data, "shipping", code),
        tax=money_or_zero(data, "tax", code),
        total=need_money(data, "total", code),
        shop_total=_shop_total(data),
        tax_included=payload.flag(data, "tax_included"),
        discounts=labelled(data, "discounts", code),
        fees=labelled(data, "fees", code),
        taxes=labelled(data, "taxes", code),
        tip=money(data, "tip", code),
        shipping_method=payload.line(data, "shipping_method"),
        payment_method=payload.line(data, "payment_method"),
        ship_to=postal(data, "ship_to"),
        bill_to=postal(data, "bill_to"),
        status_url=payload.https_url(data.get("status_url")),
        pay_url=payload.https_url(data.get("pay_url")),
        checkout_token=optional_id(data, "checkout_token"),
        cart_token=optional_id(data, "cart_token"),
        cancelled_at=(cancelled_at or at) if row.name == "order.cancelled" else cancelled_at,
        cancel_reason=payload.line(data, "cancel_reason"),
        is_test=payload.flag(data, "is_test"),
        is_risky=payload.flag(data, "is_risky"),
        source=payload.line(data, "source"),
    )


def _shop_total(data: Payload) -> Money | None:
    if data.get("shop_total") is None:
        return None
    return need_money(data, "shop_total", currency(data, "shop_currency"))


def _fulfillment(row: Type, data: Payload, at: datetime) -> Fulfillment:
    """Only `shipped` says when it was sent: a carrier's word about a parcel nobody described does not make it one."""
    passage = row.passage or _PASSAGES.get(payload.line(data, "passage"), Passage.SHIPPED)
    shipped_at, delivered_at = payload.moment(data, "shipped_at"), payload.moment(data, "delivered_at")
    return Fulfillment(
        id=need_id(data, "id"),
        order_id=need_id(data, "order_id"),
        passage=passage,
        lines=parts(data),
        trackings=trackings(data),
        shipped_at=(shipped_at or at) if row.name == "fulfillment.shipped" else shipped_at,
        happened_at=payload.moment(data, "happened_at") or at,
        estimated_delivery=payload.moment(data, "estimated_delivery"),
        delivered_at=(delivered_at or at) if passage is Passage.DELIVERED else delivered_at,
        updated_at=payload.moment(data, "updated_at") or at,
        place=payload.line(data, "place"),
        no_parcel=payload.flag(data, "no_parcel"),
    )


def _refund(_row: Type, data: Payload, at: datetime) -> Refund:
    code = currency(data)
    return Refund(
        id=need_id(data, "id"),
        order_id=need_id(data, "order_id"),
        amount=need_money(data, "amount", code),
        lines=parts(data, code),
        shipping=money(data, "shipping", code),
        reason=payload.line(data, "reason"),
        method=payload.line(data, "method"),
        pending=payload.flag(data, "pending"),
        refunded_at=payload.moment(data, "refunded_at") or at,
    )


def _checkout(row: Type, data: Payload, at: datetime) -> Checkout:
    code = currency(data)
    completed_at = payload.moment(data, "completed_at")
    return Checkout(
        token=need_id(data, "token"),
        touched_at=payload.moment(data, "touched_at") or at,
        customer=customer(data, code),
        lines=items(data, code),
        total=need_money(data, "total", code),
        subtotal=money(data, "subtotal", code),
        discount=money(data, "discount", code),
        created_at=payload.moment(data, "created_at"),
        completed_at=(completed_at or at) if row.name == "checkout.completed" else None,
        cart_token=optional_id(data, "cart_token"),
        order_id=optional_id(data, "order_id"),
        number=payload.line(data, "number"),
        recovery_url=payload.https_url(data.get("recovery_url")),
    )


TYPES: dict[str, Type] = {
    row.name: row
    for row in (
        Type(_order, Kind.ORDER_PLACED, "order.placed"),
        Type(_order, Kind.ORDER_SEEN, "order.updated"),
        Type(_order, Kind.ORDER_SEEN, "order.paid"),
        Type(_order, Kind.ORDER_SEEN, "order.cancelled"),
        Type(_fulfillment, Kind.FULFILLMENT_SEEN, "fulfillment.shipped", Passage.SHIPPED),
        Type(_fulfillment, Kind.FULFILLMENT_SEEN, "fulfillment.updated"),
        Type(_fulfillment, Kind.FULFILLMENT_SEEN, "fulfillment.out_for_delivery", Passage.OUT_FOR_DELIVERY),
        Type(_fulfillment, Kind.FULFILLMENT_SEEN, "fulfillment.delivered", Passage.DELIVERED),
        Type(_fulfillment, Kind.FULFILLMENT_SEEN, "fulfillment.failed", Passage.FAILED),
        Type(_refund, Kind.REFUND_ISSUED, "refund.issued"),
        Type(_checkout, Kind.CHECKOUT_TOUCHED, "checkout.touched"),
        Type(_checkout, Kind.CHECKOUT_COMPLETED, "checkout.completed"),
    )
}
