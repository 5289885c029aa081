"""Hearing: a kept delivery becomes events, facts and planned letters, all in one transaction or not at all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lifecycle import completing, counting, forgetting, leaving, planning
from lifecycle.carts import Checkout
from lifecycle.changes import Known, derive
from lifecycle.deliveries import Delivery, DeliveryState
from lifecycle.errors import LostClaim, PlatformBusy, Unreadable
from lifecycle.events import Event, Kind
from lifecycle.gathering import whole_order
from lifecycle.intake import was_caught_up
from lifecycle.mails import NO_LETTER
from lifecycle.orders import Fulfillment, Order, Refund
from lifecycle.people import ConsentChange
from lifecycle.ports import Rooms, Transaction
from lifecycle.reasons import in_words
from lifecycle.stores import Store

_BARRED = frozenset({"erased", "store_left"})
"""Reasons for which nothing of a delivery may be kept, its body included."""

_LONGEST_PAUSE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one event: how much of it was news, and what stood against it (`reasons.REASONS`)."""

    news: int = 0
    reason: str = ""


_ACTS: dict[Kind, Callable[[Transaction, Rooms, Store, Event, datetime], str]] = {
    Kind.STORE_UNINSTALLED: leaving.left,
    **dict.fromkeys(forgetting.KINDS, forgetting.asked),
}
"""What makes no letter and is done in the very transaction that hears it."""


def hear(rooms: Rooms, delivery: Delivery) -> DeliveryState | None:
    """Read one claimed delivery and act on it; None when it is read again later, or by another worker that took it over."""
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
    try:
        events = completing.completed(rooms, delivery, events)
    except PlatformBusy as busy:
        _read_later(rooms, delivery, busy)
        return None
    now = rooms.clock.now()
    with rooms.records.transaction() as tx:
        outcomes = work_through(tx, rooms, delivery, events, now)
        reason = _reason(outcomes)
        emptied = any(each.reason in _BARRED for each in outcomes)
        if not tx.deliveries.finish(delivery, DeliveryState.DONE, reason, emptied=emptied):
            raise LostClaim("lost_claim")
    return DeliveryState.DONE


def _reason(outcomes: Sequence[Outcome]) -> str:
    """Why a delivery told nothing, or the first thing that stood against what it told."""
    against = next((each.reason for each in outcomes if each.reason), "")
    return against or ("" if any(each.news for each in outcomes) else "nothing_new" if outcomes else "says_nothing")


def _read_later(rooms: Rooms, delivery: Delivery, busy: PlatformBusy) -> None:
    """The shop cannot say more at the moment: the delivery is read again later."""
    pause = timedelta(seconds=busy.retry_after_s) if busy.retry_after_s else timedelta(minutes=2**delivery.attempts)
    with rooms.records.transaction() as tx:
        tx.deliveries.retry(delivery, rooms.clock.now() + min(pause, _LONGEST_PAUSE), busy.reason)


def _settle(rooms: Rooms, delivery: Delivery, state: DeliveryState, reason: str) -> DeliveryState | None:
    with rooms.records.transaction() as tx:
        store = tx.stores.get(delivery.store_id)
        # Of a store that left nothing is kept; what it asked for about personal data can still be looked at.
        emptied = store is not None and not store.is_active and delivery.lane > 0
        kept = tx.deliveries.finish(delivery, state, reason, emptied=emptied)
        if kept:
            tx.counters.bump(f"deliveries_{state}", delivery.store_id)
    return state if kept else None


def act(tx: Transaction, rooms: Rooms, delivery: Delivery, events: Sequence[Event], now: datetime) -> int:
    """Work through a delivery's events in their order; how much of what they told was news."""
    return sum(outcome.news for outcome in work_through(tx, rooms, delivery, events, now))


def work_through(
    tx: Transaction, rooms: Rooms, delivery: Delivery, events: Sequence[Event], now: datetime
) -> list[Outcome]:
    """What came of each event, in their order."""
    outcomes: list[Outcome] = []
    for event in events:
        # Read anew each time: an event before may have been that the store left.
        store = tx.stores.get(delivery.store_id)
        if store is not None:
            outcomes.append(_one(tx, rooms, store, replace(event, store_id=store.id), delivery, now))
    return outcomes


def _one(tx: Transaction, rooms: Rooms, store: Store, event: Event, delivery: Delivery, now: datetime) -> Outcome:
    event = _same_cart(tx, store, event)
    for subject in (_subject(event), *forgetting.persons_of(event)):
        tx.facts.lock(store.id, subject)
    barred = _barred(tx, store, event)
    if isinstance(event.fact, ConsentChange) and event.fact.email and barred != "store_left":
        # Kept as keyed hashes alone, so also of somebody who was erased: a «no» must count.
        tx.people.note_consent(store.id, event.fact.email, event.fact.consent, now)
    if barred:
        return Outcome(reason=barred)
    event = _with_its_order(tx, store, event)
    known = _known(tx, store, event)
    derived = derive(known, event)
    for fact in derived.facts:
        tx.facts.put(store.id, fact)
    outcomes = [
        _heard(tx, rooms, store, told, delivery, now) for told in (*derived.events, *_finished_carts(tx, store, event))
    ]
    news = sum(each.news for each in outcomes)
    if news or derived.facts:
        planning.look_again(tx, store, event, now)
    return Outcome(news, next((each.reason for each in outcomes if each.reason), ""))


def _heard(tx: Transaction, rooms: Rooms, store: Store, told: Event, delivery: Delivery, now: datetime) -> Outcome:
    """One thing that really happened: kept once, with what it ends, what it makes, and who brought it."""
    if not tx.events.add(told, now, delivery.id):
        counting.retold(tx, rooms, store, told, delivery)
        return Outcome()
    act_of, reason = _ACTS.get(told.kind), ""
    if act_of is not None:
        reason = act_of(tx, rooms, store, told, now)
        note = in_words(reason) if reason else NO_LETTER[told.kind]
    else:
        planning.stop_overtaken(tx, store, told, now)
        note = planning.plan(tx, rooms, store, told, now, caught_up=was_caught_up(delivery))
    counting.told(tx, store, told, delivery, note)
    return Outcome(1, reason)


def _barred(tx: Transaction, store: Store, event: Event) -> str:
    """Why nothing may come of this event, whatever it says; empty when it may be heard."""
    if event.kind in _ACTS:
        return ""
    if not store.is_active:
        return "store_left"
    return "erased" if forgetting.is_erased(tx, store, event) else ""


def _with_its_order(tx: Transaction, store: Store, event: Event) -> Event:
    """A refund or parcel that was completed brings its order along: known from now on, and no news by itself."""
    if not isinstance(event.fact, Refund | Fulfillment) or not isinstance(event.before, Order):
        return event
    if tx.facts.get_order(store.id, event.before.id) is None and event.before.id == event.fact.order_id:
        tx.facts.put(store.id, event.before)
    return replace(event, before=None)


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
