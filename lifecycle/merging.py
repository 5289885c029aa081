"""Merging: two snapshots of one thing, heard in any order, become the best that is known of it."""

from dataclasses import fields, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from lifecycle.carts import Checkout
from lifecycle.money import Money
from lifecycle.orders import Fulfillment, Order, Passage, Refund

_Part = TypeVar("_Part", bound=Refund | Fulfillment)

# How far along a parcel is; a later word never takes it back (trackers repeat themselves and overtake each other).
_RANK = {passage: rank for rank, passage in enumerate((
    Passage.PREPARING, Passage.SHIPPED, Passage.IN_TRANSIT, Passage.READY_FOR_PICKUP, Passage.FAILED,
    Passage.OUT_FOR_DELIVERY, Passage.DELIVERED, Passage.CANCELLED,
))}  # fmt: skip


def orders(known: Order | None, incoming: Order) -> Order:
    """The newer of the two by the platform's own clock; of equals the incoming one. What only one of them knows is kept."""
    if known is None:
        return incoming
    newer, older = (known, incoming) if known.updated_at > incoming.updated_at else (incoming, known)
    if is_coarser(newer, older):
        newer = replace(newer, **_amounts(older))
    return replace(
        newer,
        fulfillments=_union(older.fulfillments, newer.fulfillments),
        customer=newer.customer if newer.customer.email or not older.customer.email else older.customer,
        cancelled_at=newer.cancelled_at or older.cancelled_at,
        cancel_reason=newer.cancel_reason or older.cancel_reason,
        unproven=newer.unproven and older.unproven,
    )


def _union(older: tuple[_Part, ...], newer: tuple[_Part, ...]) -> tuple[_Part, ...]:
    kept = {item.id for item in newer}
    return (*(item for item in older if item.id not in kept), *newer)


def _amounts(order: Order) -> dict[str, Any]:
    names = ("lines", "subtotal", "discount", "shipping", "tax", "total", "discounts", "fees", "taxes")
    return {name: getattr(order, name) for name in names}


def is_coarser(newer: Order, older: Order) -> bool:
    """Whether `newer` is `older` with its amounts rounded: WooCommerce re-sends orders in the store's *current* decimals. 2026-11."""
    if newer.currency != older.currency or _places(newer.total) >= _places(older.total):
        return False
    same_lines = [(line.id, line.quantity) for line in newer.lines] == [(line.id, line.quantity) for line in older.lines]
    unit = Decimal(1).scaleb(-_places(newer.total))
    return same_lines and abs(newer.total.amount - older.total.amount) < unit


def _places(money: Money) -> int:
    return max(0, -int(money.amount.as_tuple().exponent))


def fulfillments(known: Fulfillment | None, incoming: Fulfillment) -> Fulfillment:
    """The parcel with everything either snapshot knows; its passage never goes back."""
    if known is None:
        return incoming
    newer, older = (known, incoming) if _is_older(incoming, known) else (incoming, known)
    filled = {
        item.name: getattr(older, item.name)
        for item in fields(Fulfillment)
        if getattr(newer, item.name) in (None, (), "") and getattr(older, item.name) not in (None, (), "")
    }
    furthest = max(known.passage, incoming.passage, key=_RANK.__getitem__)
    return replace(newer, **filled, passage=furthest, implied=known.implied and incoming.implied)


def _is_older(one: Fulfillment, other: Fulfillment) -> bool:
    first, second = one.updated_at or one.happened_at, other.updated_at or other.happened_at
    return first is not None and second is not None and first < second


def checkouts(known: Checkout | None, incoming: Checkout) -> Checkout:
    """The latest touch; once bought or gone it stays so, and consent once given in it is kept."""
    if known is None:
        return incoming
    newer, older = (known, incoming) if known.touched_at > incoming.touched_at else (incoming, known)
    customer = newer.customer if newer.customer.email or not older.customer.email else older.customer
    return replace(
        newer,
        customer=customer
        if customer.consent or not older.customer.consent
        else replace(customer, consent=older.customer.consent),
        lines=newer.lines or older.lines,
        recovery_url=newer.recovery_url or older.recovery_url,
        cart_token=newer.cart_token or older.cart_token,
        completed_at=_earliest(newer.completed_at, older.completed_at),
        closed_at=_earliest(newer.closed_at, older.closed_at),
    )


def _earliest(one: datetime | None, other: datetime | None) -> datetime | None:
    found = [moment for moment in (one, other) if moment is not None]
    return min(found) if found else None
