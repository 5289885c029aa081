"""CHORES: work that comes back for every connected store, by whom it can be asked for, and how often.

A chore is claimed like a letter: with a lease and a token. Nothing here calls out inside a transaction, except the renewal
of keys (`access.fresh`).
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lifecycle import access as keys
from lifecycle import catching, forgetting, subscribing
from lifecycle.errors import AccessLost, HouseError, LostClaim, MemoryUnavailable, PlatformBusy
from lifecycle.ports import Access, CatchesUp, Chore, Notice, Platform, Renews, Rooms, Subscribes, Transaction
from lifecycle.stores import Store

_log = logging.getLogger("multimail_commerce.chores")
LEASE = timedelta(minutes=10)
_BUSY = tuple(timedelta(minutes=each) for each in (1, 2, 5, 10))
_LOST = tuple(timedelta(minutes=each) for each in (10, 30, 60))
_LEAST_PAUSE = timedelta(seconds=5)
_GOES_ON = 5
"""Failures in a row, about half an hour, after which a busy shop is no passing trouble."""

Run = Callable[[Rooms, Store, Chore, Access | None], Iterator[Chore]]


@dataclass(frozen=True, slots=True)
class Routine:
    """One row of CHORES. `needs`: what its platform must be able to do; None: every store has it, connected or not.

    `run` gives the chore as it stands after every step that is safely kept. `every` None: the last one says when it is due.
    """

    name: str
    run: Run
    every: timedelta | None
    needs: type | None
    why: str


def _renew(rooms: Rooms, _store: Store, chore: Chore, access: Access | None) -> Iterator[Chore]:
    """`access` was made fresh on the way here; what is left is when to look again."""
    assert access is not None
    yield replace(chore, due_at=keys.next_renewal(access, rooms.clock.now()))


CHORES: dict[str, Routine] = {
    row.name: row
    for row in (
        Routine("catch_up", catching.catch_up, timedelta(minutes=10), CatchesUp,
                "a lost webhook is a letter that nobody got; also at start and after every failure"),
        Routine("subscriptions", subscribing.look_after, timedelta(hours=1), Subscribes,
                "a platform deletes or disables a webhook and tells nobody (F111)"),
        Routine("renew", _renew, None, Renews,
                "keys that end are renewed five minutes before, and weekly where nobody uses them"),
        Routine("privacy", forgetting.do_requests, None, None,
                "what the law gives thirty days for is done at once (SH1)"),
    )
}  # fmt: skip


# ---- planning --------------------------------------------------------------------------------------------------------


def routines_for(platform: Platform | None) -> list[Routine]:
    """What this platform's connected stores need again and again."""
    return [row for row in CHORES.values() if row.needs is not None and isinstance(platform, row.needs)]


def plan_for(tx: Transaction, rooms: Rooms, store: Store, now: datetime, *, anew: frozenset[str] = frozenset()) -> None:
    """Plan what is missing for a connected store; chores named in `anew` become due now."""
    missing = _missing(tx, rooms, store)
    for row in routines_for(rooms.platforms.get(store.platform)):
        if row.name in missing or row.name in anew:
            tx.chores.plan(store.id, row.name, now)


def _missing(tx: Transaction, rooms: Rooms, store: Store) -> frozenset[str]:
    """Chores that this store ought to have, and has not or has put to rest."""
    known = {chore.name for chore in tx.chores.of(store.id) if chore.due_at is not None}
    return frozenset(row.name for row in routines_for(rooms.platforms.get(store.platform))) - known


def plan_missing(rooms: Rooms, *, starting: bool) -> None:
    """Plan for every connected store what it lacks. `starting`: nobody knows what was missed, so everybody catches up now."""
    now = rooms.clock.now()
    with rooms.records.reading() as tx:
        connected = [
            store.id
            for store in tx.stores.all()
            if store.is_active and (starting or _missing(tx, rooms, store)) and _is_connected(tx, store)
        ]
        asked = {request.store_id for request in tx.privacy.list() if request.done_at is None} if starting else set()
    if not connected and not asked:
        return
    with rooms.records.transaction() as tx:
        for store_id in connected:
            store = tx.stores.get(store_id)
            if store is not None:
                plan_for(tx, rooms, store, now, anew=frozenset({"catch_up"}) if starting else frozenset())
        for store_id in asked:
            tx.chores.plan(store_id, "privacy", now)


def _is_connected(tx: Transaction, store: Store) -> bool:
    """Whether it has keys; keys that cannot be read leave the other stores' chores alone."""
    try:
        return tx.access.get(store.id) is not None
    except MemoryUnavailable:
        raise
    except HouseError as trouble:
        _log.error("the keys of store %s cannot be read: %s", store.id, trouble.reason)
        return False


def plan_catch_up(tx: Transaction, platform: str, now: datetime) -> None:
    """A door of this platform failed: each of its connected stores catches up at once."""
    for store in tx.stores.all():
        if store.platform == platform and store.is_active and _is_connected(tx, store):
            tx.chores.plan(store.id, "catch_up", now)


# ---- doing -----------------------------------------------------------------------------------------------------------


def do(rooms: Rooms, chore: Chore) -> None:
    """Do one claimed chore and write down when it comes back. Raises LostClaim when another worker does it now."""
    routine = CHORES.get(chore.name)
    with rooms.records.reading() as tx:
        store = tx.stores.get(chore.store_id)
    platform = rooms.platforms.get(store.platform) if store else None
    if routine is None or store is None or (routine.needs is not None and not isinstance(platform, routine.needs)):
        return _finish(rooms, replace(chore, due_at=None, note="not_needed"))
    access, current = None, chore
    try:
        access = keys.fresh(rooms, store) if routine.needs is not None else None
        if routine.needs is not None and (access is None or not store.is_active):
            return _finish(rooms, replace(chore, due_at=None, note="not_connected"))
        for step in routine.run(rooms, store, chore, access):
            current = step
    except AccessLost as lost:
        return _lost(rooms, current, access, lost)
    except PlatformBusy as busy:
        return _later(rooms, current, busy.reason, _BUSY, busy.retry_after_s)
    return _done(rooms, routine, store, current)


def _done(rooms: Rooms, routine: Routine, store: Store, chore: Chore) -> None:
    now, trouble = rooms.clock.now(), _trouble(chore)
    due = now + routine.every if routine.every is not None else chore.due_at
    with rooms.records.transaction() as tx:
        if not tx.chores.finish(replace(chore, due_at=due, note="", done_at=now)):
            raise LostClaim("lost_claim")
        if trouble:
            tx.notices.clear(store.id, trouble)
            anew = frozenset[str]() if routine.name == "catch_up" else frozenset({"catch_up"})
            plan_for(tx, rooms, store, now, anew=anew)


def _lost(rooms: Rooms, chore: Chore, access: Access | None, lost: AccessLost) -> None:
    """The merchant is told; unless the key only ended while it was used, which renewing mends."""
    now = rooms.clock.now()
    if access is not None and access.expires_at is not None and access.expires_at <= now:
        return _later(rooms, chore, "access_ended", _BUSY, 0)
    return _later(rooms, chore, lost.reason, _LOST, telling=True)


def failed(rooms: Rooms, chore: Chore, reason: str) -> None:
    """Something nobody foresaw: later again, from where the chore got to."""
    with rooms.records.reading() as tx:
        kept = next((each for each in tx.chores.of(chore.store_id) if each.name == chore.name), chore)
    _later(rooms, replace(chore, mark=kept.mark), reason, _BUSY)


def _later(
    rooms: Rooms,
    chore: Chore,
    reason: str,
    pauses: Sequence[timedelta],
    retry_after_s: int | None = None,
    *,
    telling: bool = False,
) -> None:
    """Its note counts the failures in a row: «throttled: 3». `telling`, or when it goes on for long: the merchant must know."""
    before, now = _trouble(chore), rooms.clock.now()
    count = int(chore.note.rpartition(": ")[2]) + 1 if before else 1
    pause = pauses[min(count, len(pauses)) - 1]
    if retry_after_s is not None:
        pause = min(max(timedelta(seconds=retry_after_s), _LEAST_PAUSE), _LOST[-1])
    with rooms.records.transaction() as tx:
        # First, because a store that left meanwhile has no chores, and must not be told anything.
        if not tx.chores.finish(replace(chore, due_at=now + pause, note=f"{reason}: {count}")):
            raise LostClaim("lost_claim")
        if before and before != reason:
            tx.notices.clear(chore.store_id, before)
        if telling or count >= _GOES_ON:
            tx.notices.put(Notice(chore.store_id, reason, now))


def _trouble(chore: Chore) -> str:
    """The reason of the failure before this; empty when it went well."""
    reason, counted, count = chore.note.rpartition(": ")
    return reason if counted and count.isdecimal() else ""


def _finish(rooms: Rooms, chore: Chore) -> None:
    with rooms.records.transaction() as tx:
        if not tx.chores.finish(chore):
            raise LostClaim("lost_claim")
