"""What really happened: a snapshot compared with what was known.

`derive()` is pure and assumes no order of arrival: every event has an identity of its own, so whatever a snapshot repeats is
dropped by the unique key of the event, and whatever arrives early waits in the facts for the rest.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from lifecycle import merging
from lifecycle.carts import Checkout
from lifecycle.composing import Change
from lifecycle.events import Event, Kind
from lifecycle.orders import Fulfillment, Order, Passage, Refund


@dataclass(frozen=True, slots=True)
class Known:
    """What was known before: the order and its parts, whether it counted as placed, or the checkout.

    `listed`: the refunds that the order itself last listed; one that a newer state does not list was taken back.
    """

    order: Order | None = None
    placed: bool = False
    fulfillments: tuple[Fulfillment, ...] = ()
    refunds: tuple[Refund, ...] = ()
    checkout: Checkout | None = None
    listed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Derived:
    """The facts as they are now known, and the events that this told, oldest cause first."""

    facts: tuple[Order | Fulfillment | Refund | Checkout, ...] = ()
    events: tuple[Event, ...] = ()


def derive(known: Known, event: Event) -> Derived:
    """What this event tells beyond what was known. Events without a snapshot behind them pass as they are."""
    rule = _RULES.get(event.kind)
    return rule(known, event) if rule else Derived(events=(event,))


# ---- orders ----------------------------------------------------------------------------------------------------------


def _order(known: Known, event: Event) -> Derived:
    incoming = event.fact
    assert isinstance(incoming, Order)
    before = known.order
    now = merging.orders(before, incoming)
    counts = known.placed or event.kind is Kind.ORDER_PLACED or not now.unproven
    events = list(_order_events(before, incoming, now, event, counts=counts))
    facts: list[Order | Fulfillment | Refund | Checkout] = [now]
    for told, refund in _order_refunds(known, incoming, event):
        facts.append(refund)
        events.append(told)
    parcels = known.fulfillments
    for parcel in incoming.fulfillments:
        derived = _parcel(parcels, parcel, event, incoming.updated_at)
        facts.extend(derived.facts)
        events.extend(derived.events)
        parcels = (*parcels, *(fact for fact in derived.facts if isinstance(fact, Fulfillment)))
    return Derived(tuple(facts), tuple(events))


def _order_refunds(known: Known, incoming: Order, event: Event) -> Iterator[tuple[Event, Refund]]:
    """The refunds that this state lists, and those that it no longer does (WooCommerce deletes refunds in silence. 2026-11)."""
    is_news = known.order is None or incoming.updated_at > known.order.updated_at
    before = {refund.id: refund for refund in known.refunds}
    for refund in incoming.refunds:
        old = before.get(refund.id)
        if old is None or is_news or not old.withdrawn:
            best = _fuller(old, refund)
            yield _said(event, Kind.REFUND_ISSUED, best, best.refunded_at or incoming.updated_at), best
    gone = known.listed - {refund.id for refund in incoming.refunds} if is_news else frozenset()
    for refund in (before[key] for key in sorted(gone) if key in before and not before[key].withdrawn):
        back = replace(refund, withdrawn=True)
        yield _said(event, Kind.REFUND_WITHDRAWN, back, incoming.updated_at), back


def _fuller(old: Refund | None, new: Refund) -> Refund:
    """An order's own list names a refund with less than the refund's topic does: whichever says more is kept."""
    return old if old is not None and len(old.lines) > len(new.lines) and old.has_moved else new


def _order_events(before: Order | None, incoming: Order, now: Order, event: Event, *, counts: bool) -> Iterator[Event]:
    if event.kind is Kind.ORDER_PLACED:
        yield replace(event, fact=now)
    if before is not None and incoming.payment.is_settled and not before.payment.is_settled:
        yield _said(event, Kind.ORDER_PAID, now, incoming.updated_at)
    if before is not None and counts and incoming.updated_at >= before.updated_at and differences(before, now):
        yield replace(_said(event, Kind.ORDER_CHANGED, now, incoming.updated_at), revision=_visible(now), before=before)
    if counts and incoming.cancelled_at is not None:
        yield _said(event, Kind.ORDER_CANCELLED, now, incoming.cancelled_at)


def differences(before: Order, after: Order) -> tuple[Change, ...]:
    """What a customer would see as changed: lines, total, where it goes. Statuses, notes and tags are not among them."""
    if merging.is_coarser(after, before):
        return ()
    old, new = {line.id: line for line in before.lines}, {line.id: line for line in after.lines}
    found = [Change("removed", _named(line), old=line.quantity) for key, line in old.items() if key not in new]
    found += [Change("added", _named(line), new=line.quantity) for key, line in new.items() if key not in old]
    found += [
        Change("quantity", _named(line), old=old[key].quantity, new=line.quantity)
        for key, line in new.items()
        if key in old and old[key].quantity != line.quantity
    ]
    if before.total != after.total:
        found.append(Change("total", old=before.total, new=after.total))
    if before.ship_to and after.ship_to and before.ship_to != after.ship_to:
        found.append(Change("address", old=_one_line(before), new=_one_line(after)))
    return tuple(found)


def _named(line: object) -> str:
    title, variant = getattr(line, "title", ""), getattr(line, "variant", "")
    return f"{title} – {variant}" if variant else str(title)


def _one_line(order: Order) -> str:
    to = order.ship_to
    assert to is not None
    parts = (to.name, to.company, to.street, to.street2, f"{to.postcode} {to.city}".strip(), to.region, to.country)
    return ", ".join(part for part in parts if part)


def _visible(order: Order) -> str:
    parts = [f"{line.id}×{line.quantity}" for line in order.lines]
    shown = "|".join((*parts, str(order.total), _one_line(order) if order.ship_to else ""))
    return hashlib.sha256(f"{shown}|{order.updated_at.isoformat()}".encode("utf-8", "replace")).hexdigest()[:12]


def _said(
    event: Event, kind: Kind, fact: Order | Fulfillment | Refund | Checkout, at: datetime, revision: str = ""
) -> Event:
    return Event(kind, fact, at, revision=revision, store_id=event.store_id)


# ---- refunds ---------------------------------------------------------------------------------------------------------


def _refund(known: Known, event: Event) -> Derived:
    incoming = event.fact
    assert isinstance(incoming, Refund)
    old = next((refund for refund in known.refunds if refund.id == incoming.id), None)
    best = _fuller(old, incoming)
    return Derived((best,), (replace(event, fact=best),))


# ---- parcels ---------------------------------------------------------------------------------------------------------

_PASSAGES: dict[Passage, Kind] = {
    Passage.OUT_FOR_DELIVERY: Kind.FULFILLMENT_OUT_FOR_DELIVERY,
    Passage.DELIVERED: Kind.FULFILLMENT_DELIVERED,
    Passage.FAILED: Kind.FULFILLMENT_FAILED,
    Passage.CANCELLED: Kind.FULFILLMENT_CANCELLED,
}
_NOT_ON_ITS_WAY = frozenset({Passage.PREPARING, Passage.CANCELLED})


def _fulfillment(known: Known, event: Event) -> Derived:
    assert isinstance(event.fact, Fulfillment)
    return _parcel(known.fulfillments, event.fact, event, event.occurred_at)


def _parcel(parcels: tuple[Fulfillment, ...], incoming: Fulfillment, event: Event, at: datetime) -> Derived:
    others = [parcel for parcel in parcels if parcel.id != incoming.id and parcel.passage is not Passage.CANCELLED]
    if incoming.implied and others:
        return Derived()
    implied = next((parcel for parcel in others if parcel.implied), None)
    if implied is not None and incoming.trackings:
        trackings = tuple({tracking.number: tracking for tracking in (*implied.trackings, *incoming.trackings)}.values())
        incoming = replace(implied, trackings=trackings, updated_at=incoming.updated_at or at)
    before = next((parcel for parcel in reversed(parcels) if parcel.id == incoming.id), None)
    now = merging.fulfillments(before, incoming)
    return Derived((now,), tuple(_parcel_events(before, incoming, now, event, at)))


def _parcel_events(
    before: Fulfillment | None, incoming: Fulfillment, now: Fulfillment, event: Event, at: datetime
) -> Iterator[Event]:
    # A carrier's event names neither lines nor numbers: it says where a parcel is, not that one was sent.
    describes = bool(incoming.lines or incoming.trackings or incoming.shipped_at)
    if describes and incoming.passage not in _NOT_ON_ITS_WAY:
        yield _said(event, Kind.FULFILLMENT_SHIPPED, now, now.shipped_at or at)
    if before is not None and before.shipped_at is not None and _numbers(now) - _numbers(before):
        revision = hashlib.sha256("|".join(sorted(_numbers(now))).encode("utf-8", "replace")).hexdigest()[:12]
        yield replace(_said(event, Kind.FULFILLMENT_UPDATED, now, at), revision=revision, before=before)
    kind = _PASSAGES.get(incoming.passage)
    if kind is not None:
        moment = (incoming.delivered_at if kind is Kind.FULFILLMENT_DELIVERED else None) or incoming.happened_at or at
        revision = moment.date().isoformat() if kind is Kind.FULFILLMENT_FAILED else ""
        yield _said(event, kind, now, moment, revision)


def _numbers(parcel: Fulfillment) -> set[str]:
    return {tracking.number for tracking in parcel.trackings if tracking.number}


# ---- checkouts -------------------------------------------------------------------------------------------------------


def _checkout(known: Known, event: Event) -> Derived:
    incoming = event.fact
    assert isinstance(incoming, Checkout)
    before = known.checkout
    if known.order is not None and known.placed and event.kind is not Kind.CHECKOUT_CLOSED:
        incoming = replace(incoming, completed_at=incoming.completed_at or known.order.placed_at)
    now = merging.checkouts(before, incoming)
    if before is not None and not before.is_open:
        return Derived((now,))
    if not now.is_open:
        kind = Kind.CHECKOUT_COMPLETED if now.completed_at else Kind.CHECKOUT_CLOSED
        return Derived((now,), (_said(event, kind, now, now.completed_at or now.closed_at or event.occurred_at),))
    if before is not None and before.touched_at >= incoming.touched_at and before.payment_failed == incoming.payment_failed:
        return Derived((now,))
    touched = _said(event, Kind.CHECKOUT_TOUCHED, now, now.touched_at, now.touched_at.isoformat())
    if not incoming.payment_failed:
        return Derived((now,), (touched,))
    failed = _said(event, Kind.CHECKOUT_PAYMENT_FAILED, now, now.touched_at, now.touched_at.isoformat())
    return Derived((now,), (touched, failed))


_RULES: dict[Kind, Callable[[Known, Event], Derived]] = {
    Kind.ORDER_PLACED: _order,
    Kind.ORDER_SEEN: _order,
    Kind.FULFILLMENT_SEEN: _fulfillment,
    Kind.REFUND_ISSUED: _refund,
    Kind.CHECKOUT_TOUCHED: _checkout,
    Kind.CHECKOUT_PAYMENT_FAILED: _checkout,
    Kind.CHECKOUT_COMPLETED: _checkout,
    Kind.CHECKOUT_CLOSED: _checkout,
}
