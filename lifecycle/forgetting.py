"""Privacy requests: kept and acknowledged when they are heard, done by the worker at once, with a receipt of what was done.

An erasure begins with the person's letters, so that nothing leaves while it runs, and ends with a tombstone, so that a late
copy of an order brings nothing back. The opt-out stays, as a keyed hash (GDPR Art. 17(3)(b)).
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from lifecycle import leaving
from lifecycle.access import fresh
from lifecycle.carts import Checkout
from lifecycle.errors import AccessLost, MemoryUnavailable, PlatformBusy
from lifecycle.events import Event, Kind
from lifecycle.messages import OPEN, Message, State
from lifecycle.orders import Fulfillment, Order, Refund
from lifecycle.people import ConsentChange
from lifecycle.planning import stop
from lifecycle.ports import Access, AuditLine, CatchesUp, Chore, Notice, Request, Rooms, Transaction
from lifecycle.privacy import PrivacyRequest
from lifecycle.stores import Store

PRIVACY = "privacy"
DATA_ASKED_FOR = "data_asked_for"
_WITHIN = timedelta(days=30)
_AFTER_LEAVING = timedelta(hours=48)
_HANDING_OVER = timedelta(minutes=20)

KINDS: dict[Kind, str] = {
    Kind.PRIVACY_EXPORT_REQUESTED: "export",
    Kind.PRIVACY_ERASE_REQUESTED: "erase",
    Kind.PRIVACY_STORE_ERASE_REQUESTED: "erase_store",
}
_KEPT = {
    "opt_out": "a keyed hash of the address, so that nobody writes to it again",
    "tombstone": "keyed hashes of address, customer and orders, so that late news bring nothing back",
}


# ---- hearing ---------------------------------------------------------------------------------------------------------


def asked(tx: Transaction, _rooms: Rooms, store: Store, event: Event, now: datetime) -> str:
    """Keep the request and have it done next; the answer is always empty: every request counts."""
    fact = event.fact
    assert isinstance(fact, PrivacyRequest)
    keep(tx, request_of(store, KINDS[event.kind], fact, event.id, now))
    return ""


def request_of(store: Store, kind: str, fact: PrivacyRequest, request_id: str, now: datetime) -> Request:
    """A request as it is kept: to be done within thirty days."""
    return Request(
        id=request_id,
        store_id=store.id,
        kind=kind,
        customer_id=fact.customer_id or "",
        address=fact.email or "",
        order_ids=fact.order_ids,
        received_at=now,
        due_at=now + _WITHIN,
    )


def keep(tx: Transaction, request: Request) -> None:
    """Remember it, and make the worker's next look find it."""
    if tx.privacy.add(request):
        tx.chores.plan(request.store_id, PRIVACY, request.received_at)


def persons_of(event: Event) -> tuple[str, ...]:
    """What an erasure and this event take turns at."""
    _, address, customer_id, _ = _names(event)
    return persons(address, customer_id)


def is_erased(tx: Transaction, store: Store, event: Event) -> bool:
    """Whether it is late news of somebody who was erased. Who buys anew afterwards is a customer again."""
    carried = event.before if isinstance(event.fact, Refund | Fulfillment) else None
    # Completed with an order that was never heard of: whose it is, only that order says.
    if isinstance(carried, Order) and is_erased(tx, store, replace(event, fact=carried, before=None)):
        return True
    order_id, address, customer_id, at = _names(event)
    if order_id and tx.privacy.is_erased(store.id, order_id=order_id):
        return True
    if not address and not customer_id:
        return False
    return tx.privacy.is_erased(store.id, address=address, customer_id=customer_id, at=at)


def _names(event: Event) -> tuple[str, str, str, datetime]:
    """By what the event names a person: order, address, customer; and when that person did what it tells of."""
    fact = event.fact
    if isinstance(fact, ConsentChange):
        return "", fact.email or "", fact.id, event.occurred_at
    if isinstance(fact, Order):
        return fact.id, fact.customer.email or "", fact.customer.id or "", fact.placed_at
    if isinstance(fact, Checkout):
        return fact.order_id or "", fact.customer.email or "", fact.customer.id or "", fact.touched_at
    return event.order_id or "", "", "", event.occurred_at


# ---- doing -----------------------------------------------------------------------------------------------------------


def do_requests(rooms: Rooms, store: Store, chore: Chore, _access: Access | None) -> Iterator[Chore]:
    """Do what is asked for, oldest first. Raises PlatformBusy when a shop cannot say whether it left."""
    with rooms.records.reading() as tx:
        waiting = [request for request in tx.privacy.list(store.id) if request.done_at is None]
    for request in sorted(waiting, key=lambda each: each.received_at):
        perform(rooms, store, request)
    yield replace(chore, due_at=None)


def perform(rooms: Rooms, store: Store, request: Request) -> Request:
    """Do one request now; the request with its receipt."""
    return _ACTS[request.kind](rooms, store, request)


def exported(tx: Transaction, request: Request) -> Mapping[str, Any]:
    """Everything that is kept about the request's person, as it is now."""
    return tx.privacy.export(
        request.store_id, address=request.address, customer_id=request.customer_id, order_ids=request.order_ids
    )


def _export(rooms: Rooms, store: Store, request: Request) -> Request:
    """The data itself is given on demand (`privacy export`): nothing is copied, so nothing has to be erased twice."""
    now = rooms.clock.now()
    with rooms.records.transaction() as tx:
        found = {name: len(rows) for name, rows in exported(tx, request).items()}
        tx.notices.put(Notice(store.id, DATA_ASKED_FOR, now, request.id))
        return _written(tx, _receipted(request, {"found": found}), now)


def _erase(rooms: Rooms, store: Store, request: Request) -> Request:
    if not request.receipt:
        with rooms.records.transaction() as tx:
            request = _erased(tx, store, request, rooms.clock.now())
    return _off_the_disk(rooms, request)


def _erased(tx: Transaction, store: Store, request: Request, now: datetime) -> Request:
    """The person's letters stopped and their data gone; the request with its receipt, not done before the disk is clean."""
    known = tx.facts.orders_of(store.id, request.address) if request.address else ()
    order_ids = tuple(sorted({*request.order_ids, *(order.id for order in known)}))
    for subject in (*(f"order:{each}" for each in order_ids), *persons(request.address, request.customer_id)):
        tx.facts.lock(store.id, subject)
    stopped, leaving_now = _stop_letters(tx, replace(request, order_ids=order_ids), now)
    counts = tx.privacy.erase(
        store.id, address=request.address, customer_id=request.customer_id, order_ids=order_ids, at=now
    )
    # Whoever is handing one over writes down what came of it; if nobody does, it is given up then (`posting`).
    for message_id in leaving_now:
        message = tx.messages.get(store.id, message_id)
        if message is not None:
            tx.messages.save(replace(message, reason="erased", due_at=now + _HANDING_OVER))
    told = {"letters_stopped": stopped, "erased": dict(counts), "kept": _KEPT}
    return _written(tx, _receipted(replace(request, address="", customer_id="", order_ids=()), told), None)


def _erase_store(rooms: Rooms, store: Store, request: Request) -> Request:
    """A shop that came back keeps what is newer than its installation, and its keys; one that left keeps nothing."""
    if request.receipt:
        return _off_the_disk(rooms, request)
    live = _live_access(rooms, store)
    now = rooms.clock.now()
    with rooms.records.transaction() as tx:
        stopped = 0 if live else leaving.leave(tx, tx.stores.get(store.id) or store, now)
        counts = tx.privacy.erase_store(store.id, now, older_than=_installed_at(tx, request, live) if live else None)
        told: dict[str, Any] = {"letters_stopped": stopped, "erased": dict(counts)}
        if live:
            told["kept"] = {"newer": "the shop came back: what is newer than its installation is the new one's"}
        request = _written(tx, _receipted(request, told), None)
    return _off_the_disk(rooms, request)


def _live_access(rooms: Rooms, store: Store) -> Access | None:
    """The keys of a shop that is still there, proven by one call where the platform can be asked. Raises PlatformBusy."""
    if not store.is_active:
        return None
    platform = rooms.platforms.get(store.platform)
    try:
        access = fresh(rooms, store)
        if access is not None and isinstance(platform, CatchesUp):
            now = rooms.clock.now()
            next(iter(platform.catch_up(store, access, now, now)), None)
    except AccessLost:
        return None
    return access


def _installed_at(tx: Transaction, request: Request, access: Access) -> datetime:
    """When this installation began; where nobody wrote that down, never later than two days before the request: Shopify sends
    it 48 hours after the app left (shopify.md §2, as read on 2026-11-20). Never later than the keys were granted.
    """
    begun = [line.at for line in tx.audit.of(request.store_id, "") if line.act == leaving.CONNECTED]
    return min(access.granted_at, max(begun, default=request.received_at - _AFTER_LEAVING))


def _receipted(request: Request, told: Mapping[str, Any]) -> Request:
    return replace(request, receipt=json.dumps(told, sort_keys=True))


def _written(tx: Transaction, request: Request, done_at: datetime | None) -> Request:
    request = replace(request, done_at=done_at)
    tx.privacy.finish(request)
    if done_at is not None:
        tx.audit.add(AuditLine(request.store_id, request.id, done_at, "house", f"privacy_{request.kind}", request.receipt))
    return request


def _off_the_disk(rooms: Rooms, request: Request) -> Request:
    """Done only when the erased bytes have left the file too. Raises PlatformBusy while somebody reads an old state."""
    try:
        with rooms.records.transaction() as tx:
            tx.privacy.scrub_disk()
    except MemoryUnavailable:
        raise PlatformBusy("disk_not_scrubbed", "It is erased; its last traces leave the disk within minutes.") from None
    with rooms.records.transaction() as tx:
        return _written(tx, request, rooms.clock.now())


_ACTS = {"export": _export, "erase": _erase, "erase_store": _erase_store}


# ---- the person's letters --------------------------------------------------------------------------------------------


def persons(address: str | None, customer_id: str | None) -> tuple[str, ...]:
    """What an erasure and news of the same person take turns at."""
    named = (("person", (address or "").strip().casefold()), ("customer", customer_id or ""))
    return tuple(f"{kind}:{name}" for kind, name in named if name)


def _stop_letters(tx: Transaction, request: Request, now: datetime) -> tuple[int, list[str]]:
    """End every letter of this person that has not left: how many, and which ones are being handed over just now."""
    stopped, leaving_now = 0, []
    for state in sorted(OPEN | {State.SENDING, State.IN_DOUBT}):
        for listed in tx.messages.list(request.store_id, state=state, limit=1_000_000):
            message = tx.messages.get(listed.store_id, listed.id) if _is_theirs(tx, listed, request) else None
            if message is not None and message.is_open:
                stopped += stop(tx, message, "erased", now)
            elif message is not None and message.state is State.IN_DOUBT:
                leaving_now.append(message.id)
    return stopped, leaving_now


def _is_theirs(tx: Transaction, message: Message, request: Request) -> bool:
    address = request.address.strip().casefold()
    if (address and message.to.casefold() == address) or message.order_id in request.order_ids:
        return True
    cart = tx.facts.get_checkout(message.store_id, message.fact_id) if message.fact_kind == "checkout" else None
    order = tx.facts.get_order(message.store_id, message.order_id) if message.order_id else None
    people = [fact.customer for fact in (cart, order) if fact is not None]
    return any(
        (address and (each.email or "").casefold() == address) or (request.customer_id and each.id == request.customer_id)
        for each in people
    )
