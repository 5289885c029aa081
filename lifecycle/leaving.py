"""Leaving and coming back: what ends at once when a store disconnects, and what a new installation sets right."""

from dataclasses import replace
from datetime import datetime

from lifecycle.events import Event
from lifecycle.messages import OPEN
from lifecycle.planning import stop
from lifecycle.ports import Access, AuditLine, Rooms, Transaction
from lifecycle.stores import Store

CONNECTED = "connected"
"""The audit line of a store whose connection begins, also again."""

_AT_ONCE = 500


def left(tx: Transaction, _rooms: Rooms, store: Store, event: Event, now: datetime) -> str:
    """Keys gone, letters stopped, store marked, in this transaction; a reason when it did nothing.

    Platforms deliver late and again: what happened before the store was last installed is told of an earlier installation.
    """
    if not store.is_active:
        return "left_already"
    access = tx.access.get(store.id)
    installed = max(filter(None, (store.created_at, access.granted_at if access else None)), default=None)
    if installed is not None and event.occurred_at < installed:
        tx.audit.add(AuditLine(store.id, "", now, "house", "uninstall_ignored", "store_came_back"))
        return "store_came_back"
    leave(tx, store, event.occurred_at)
    return ""


def leave(tx: Transaction, store: Store, at: datetime) -> int:
    """End the connection of this store; how many letters were stopped. Harmless to repeat."""
    tx.access.drop(store.id)
    tx.chores.drop(store.id)
    # What the law asks for is done for a shop that left too.
    if any(request.done_at is None for request in tx.privacy.list(store.id)):
        tx.chores.plan(store.id, "privacy", at)
    for notice in tx.notices.of(store.id):
        tx.notices.clear(store.id, notice.code)
    if store.is_active:
        tx.stores.save(replace(store, uninstalled_at=at))
    stopped = _stop_letters(tx, store, at)
    tx.audit.add(AuditLine(store.id, "", at, "house", "store_left", f"{stopped} letters stopped"))
    return stopped


def _stop_letters(tx: Transaction, store: Store, at: datetime) -> int:
    """Every letter that has not left. One that is being handed over right now cannot be called back."""
    stopped = 0
    for state in sorted(OPEN):
        while listed := tx.messages.list(store.id, state=state, limit=_AT_ONCE):
            current = [tx.messages.get(message.store_id, message.id) for message in listed]
            done = sum(
                message is not None and message.is_open and stop(tx, message, "store_left", at) for message in current
            )
            stopped += done
            if not done:
                break
    return stopped


def arrived(tx: Transaction, rooms: Rooms, store: Store, access: Access, now: datetime) -> Store:
    """The store, connected by these keys: whatever ended when it left begins again. Called by whoever connected it."""
    from lifecycle.chores import plan_for

    active = replace(store, uninstalled_at=None)
    tx.access.put(access)
    tx.stores.save(active)
    for notice in tx.notices.of(store.id):
        tx.notices.clear(store.id, notice.code)
    tx.audit.add(AuditLine(store.id, "", now, "house", CONNECTED))
    plan_for(tx, rooms, active, now, anew=frozenset({"catch_up", "subscriptions", "renew"}))
    return active
