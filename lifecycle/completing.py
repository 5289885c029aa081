"""Completing: what a thin payload left out is asked for before anything is decided, outside every transaction."""

from collections.abc import Sequence
from dataclasses import replace
from enum import IntEnum

from lifecycle.access import fresh, tell_lost
from lifecycle.carts import Checkout
from lifecycle.deliveries import Delivery
from lifecycle.errors import AccessLost, PlatformBusy
from lifecycle.events import Event, Kind
from lifecycle.orders import Fulfillment, Order, Refund
from lifecycle.ports import Completes, Rooms, Transaction
from lifecycle.stores import Store

_TOUCHES = frozenset({Kind.CHECKOUT_TOUCHED, Kind.CHECKOUT_PAYMENT_FAILED})
_PATIENCE = 5
"""Tries of a delivery after which it is acted on as it is: a letter that waits for its order is better than none."""


class Lack(IntEnum):
    """`wished`: a letter is nicer with it (pictures), and not worth waiting for. `needed`: without it letters wait or err."""

    NOTHING = 0
    WISHED = 1
    NEEDED = 2


def completed(rooms: Rooms, delivery: Delivery, events: Sequence[Event]) -> list[Event]:
    """The events with what the store's API knows more. Raises PlatformBusy: the delivery is read again later.

    A refund or parcel whose order was never heard of comes back with that order as `before` (`hearing` keeps it).
    """
    platform = rooms.platforms.get(delivery.envelope.party)
    with rooms.records.reading() as tx:
        store = tx.stores.get(delivery.store_id)
        if store is None or not store.is_active or not isinstance(platform, Completes):
            return list(events)
        if tx.access.get(store.id) is None:
            return list(events)
        known = [_remembered(tx, store, event) for event in events]
        lacks = [_lack(tx, store, event) for event in known]
    if not any(lacks):
        return known
    try:
        access = fresh(rooms, store)
        if access is None:
            return known
        return [
            platform.complete(event, store, access) if lack else event for event, lack in zip(known, lacks, strict=True)
        ]
    except AccessLost as lost:
        tell_lost(rooms, store, lost)
    except PlatformBusy:
        if max(lacks) is Lack.NEEDED and delivery.attempts < _PATIENCE:
            raise
    return known


def _lack(tx: Transaction, store: Store, event: Event) -> Lack:
    fact = event.fact
    if isinstance(fact, Refund | Fulfillment):
        unknown = tx.facts.get_order(store.id, fact.order_id) is None
        return Lack.NEEDED if unknown and not tx.privacy.is_erased(store.id, order_id=fact.order_id) else Lack.NOTHING
    if isinstance(fact, Checkout):
        nobody = not fact.customer.id and not fact.customer.email
        told = nobody or fact.customer.orders_count is not None or event.kind not in _TOUCHES
        return Lack.NOTHING if told else Lack.NEEDED
    return _lack_of_order(tx, store, event, fact) if isinstance(fact, Order) else Lack.NOTHING


def _lack_of_order(tx: Transaction, store: Store, event: Event, order: Order) -> Lack:
    """Refunds told without their lines, parcels told without saying so; a new order's pictures."""
    if tx.privacy.is_erased(store.id, order_id=order.id):
        return Lack.NOTHING
    bare = [refund for refund in order.refunds if not refund.lines and tx.facts.get_refund(store.id, refund.id) is None]
    if bare or order.parcels_unsaid:
        return Lack.NEEDED
    pictured = all(line.image_url for line in order.lines)
    return Lack.WISHED if event.kind is Kind.ORDER_PLACED and not pictured else Lack.NOTHING


def _remembered(tx: Transaction, store: Store, event: Event) -> Event:
    """The cart with the history that was asked for at an earlier touch: one question a cart is enough."""
    cart = event.fact
    if not isinstance(cart, Checkout) or cart.customer.orders_count is not None:
        return event
    before = tx.facts.get_checkout(store.id, cart.token)
    if before is None or before.customer.orders_count is None or _who(before) != _who(cart):
        return event
    told = replace(cart.customer, orders_count=before.customer.orders_count, spent=before.customer.spent)
    return replace(event, fact=replace(cart, customer=told))


def _who(cart: Checkout) -> tuple[str | None, str | None]:
    return cart.customer.id, cart.customer.email
