"""Hearing: a kept delivery becomes events, facts and planned letters, all in one transaction or not at all."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from lifecycle import planning
from lifecycle.carts import Checkout
from lifecycle.changes import Known, derive
from lifecycle.deliveries import Delivery, DeliveryState
from lifecycle.errors import LostClaim, Unreadable
from lifecycle.events import Event, Kind
from lifecycle.gathering import whole_order
from lifecycle.orders import Order
from lifecycle.people import ConsentChange
from lifecycle.ports import Rooms, Transaction
from lifecycle.stores import Store


def hear(rooms: Rooms, delivery: Delivery) -> DeliveryState | None:
    """Read one claimed delivery and act on it; None when another worker took it over meanwhile."""
    platform = rooms.platforms.get(delivery.envelope.party)
    topic = platform.topics.get(delivery.envelope.topic) if platform else None
    if platform is None or topic is None:
        return _settle(rooms, delivery, DeliveryState.UNKNOWN, "unknown_topic")
    if topic.ignored:
        return _settle(rooms, delivery, DeliveryState.IGNORED, topic.ignored)
    # WooCommerce sends no time with what it deletes: then it happened when it was heard.
    envelope = replace(delivery.envelope, at=delivery.envelope.at or delivery.received_at)
    try:
        events = platform.read(envelope, delivery.body)
    except Unreadable as refusal:
        return _settle(rooms, delivery, DeliveryState.QUARANTINED, refusal.reason)
    now = rooms.clock.now()
    with rooms.records.transaction() as tx:
        told = act(tx, rooms, delivery, events, now)
        reason = "" if told else "nothing_new" if events else "says_nothing"
        if not tx.deliveries.finish(delivery, DeliveryState.DONE, reason):
            raise LostClaim("lost_claim")
    return DeliveryState.DONE


def _settle(rooms: Rooms, delivery: Delivery, state: DeliveryState, reason: str) -> DeliveryState | None:
    with rooms.records.transaction() as tx:
        kept = tx.deliveries.finish(delivery, state, reason)
        if kept:
            tx.counters.bump(f"deliveries_{state}", delivery.store_id)
    return state if kept else None


def act(tx: Transaction, rooms: Rooms, delivery: Delivery, events: Sequence[Event], now: datetime) -> int:
    """Work through a delivery's events in their order; how many of what they told was news."""
    store = tx.stores.get(delivery.store_id)
    if store is None:
        return 0
    return sum(_one(tx, rooms, store, replace(event, store_id=store.id), delivery.id, now) for event in events)


def _one(tx: Transaction, rooms: Rooms, store: Store, event: Event, delivery_id: str, now: datetime) -> int:
    event = _same_cart(tx, store, event)
    tx.facts.lock(store.id, _subject(event))
    known = _known(tx, store, event)
    derived = derive(known, event)
    for fact in derived.facts:
        tx.facts.put(store.id, fact)
    if isinstance(event.fact, ConsentChange) and event.fact.email:
        tx.people.note_consent(store.id, event.fact.email, event.fact.consent, now)
    news = 0
    for told in (*derived.events, *_finished_carts(tx, store, event)):
        if tx.events.add(told, now, delivery_id):
            news += 1
            planning.stop_overtaken(tx, store, told, now)
            note = planning.plan(tx, rooms, store, told, now)
            if note:
                tx.events.note(store.id, told.id, note)
    if news or derived.facts:
        planning.look_again(tx, store, event, now)
    return news


def _subject(event: Event) -> str:
    """What work on this event must not happen twice at once: its order, its cart, or the fact itself."""
    order_id = event.order_id
    return f"order:{order_id}" if order_id else f"{event.fact_kind}:{event.fact_id}"


def _same_cart(tx: Transaction, store: Store, event: Event) -> Event:
    """A checkout told only by its cart (Shopify's checkouts/delete) gets the token under which it is known."""
    fact = event.fact
    if not isinstance(fact, Checkout) or not fact.cart_token or tx.facts.get_checkout(store.id, fact.token) is not None:
        return event
    known = tx.facts.checkouts_of(store.id, cart_token=fact.cart_token)
    return replace(event, fact=replace(fact, token=known[0].token)) if known else event


def _known(tx: Transaction, store: Store, event: Event) -> Known:
    fact, order_id = event.fact, event.order_id
    checkout = tx.facts.get_checkout(store.id, fact.token) if isinstance(fact, Checkout) else None
    if order_id is None:
        return Known(checkout=checkout)
    kept = tx.facts.get_order(store.id, order_id)
    order = whole_order(tx, store.id, order_id)
    # An event's identity does not depend on its time, so any time asks for it.
    placed = Event(Kind.ORDER_PLACED, order, event.occurred_at, store_id=store.id).id if order else ""
    return Known(
        order=order,
        placed=bool(placed) and tx.events.has(store.id, placed),
        fulfillments=tuple(tx.facts.fulfillments_of(store.id, order_id)),
        refunds=tuple(tx.facts.refunds_of(store.id, order_id)),
        listed=frozenset(refund.id for refund in kept.refunds) if kept else frozenset(),
        checkout=checkout,
    )


def _finished_carts(tx: Transaction, store: Store, event: Event) -> list[Event]:
    """The checkouts that a placed order ends: its own by token or id, the same cart's elsewhere."""
    order = event.fact
    if event.kind is not Kind.ORDER_PLACED or not isinstance(order, Order):
        return []
    found = {order.checkout_token or order.id: None} | {order.id: None}
    carts = [tx.facts.get_checkout(store.id, token) for token in found]
    if order.cart_token:
        carts += tx.facts.checkouts_of(store.id, cart_token=order.cart_token)
    ended: dict[str, Event] = {}
    for cart in carts:
        if cart is not None and cart.is_open:
            bought = replace(cart, completed_at=order.placed_at)
            tx.facts.put(store.id, bought)
            ended[cart.token] = Event(Kind.CHECKOUT_COMPLETED, bought, order.placed_at, store_id=store.id)
    if order.checkout_token and tx.facts.get_checkout(store.id, order.checkout_token) is None:
        tx.facts.put(store.id, _tombstone(order, order.checkout_token))
    return list(ended.values())


def _tombstone(order: Order, token: str) -> Checkout:
    """A bought checkout that was never heard of: a late touch of it must not start reminders."""
    return Checkout(
        token=token,
        touched_at=order.placed_at,
        customer=order.customer,
        lines=order.lines,
        total=order.total,
        completed_at=order.placed_at,
        cart_token=order.cart_token,
        order_id=order.id,
    )
