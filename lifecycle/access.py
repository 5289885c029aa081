"""Access: the keys to a store's API, fresh when they are used, and what the merchant reads when they are lost."""

from dataclasses import replace
from datetime import datetime, timedelta

from lifecycle.errors import AccessLost, MemoryUnavailable, PlatformBusy
from lifecycle.ports import Access, Notice, Renews, Rooms, Transaction
from lifecycle.stores import Store

LEAST = timedelta(minutes=5)
"""What must be left of a short-lived key before it is used (shopify.md §5, as read on 2026-11-20)."""

IDLE = timedelta(days=7)
_RENEWED_ELSEWHERE_S = 10


def fresh(rooms: Rooms, store: Store) -> Access | None:
    """The store's keys with at least five minutes left; None when it is not connected.

    Renewing is the one network call inside a transaction: the row stays locked until the new keys are kept, so that however
    many workers need them, one asks. Each renewal retires the refresh token before it, so two at once would kill the chain.
    Raises AccessLost (`open_the_app`: only the merchant can grant it anew) or PlatformBusy.
    """
    with rooms.records.reading() as tx:
        access = tx.access.get(store.id)
    platform = rooms.platforms.get(store.platform)
    if access is None or not isinstance(platform, Renews) or not is_ending(access, rooms.clock.now()):
        return access
    try:
        with rooms.records.transaction() as tx:
            return _renewed(tx, rooms, platform, store)
    except MemoryUnavailable:
        # Whoever holds the row is asking just now, or the database is away, which the next step finds out by itself.
        raise PlatformBusy("access_being_renewed", retry_after_s=_RENEWED_ELSEWHERE_S) from None


def _renewed(tx: Transaction, rooms: Rooms, platform: Renews, store: Store) -> Access | None:
    access, now = tx.access.get(store.id), rooms.clock.now()
    if access is None or not is_ending(access, now):
        return access
    if access.renewable_until is not None and access.renewable_until <= now:
        raise AccessLost("open_the_app", "The access to the shop has ended; its merchant must open the app once.")
    try:
        renewed = platform.renew(store, access, now)
    except AccessLost:
        raise AccessLost("open_the_app", "The shop refuses to renew our access; its merchant must open the app.") from None
    # When the merchant let us in is not when a key was last renewed: what is late after a new installation is told by it.
    renewed = replace(renewed, store_id=store.id, granted_at=access.granted_at)
    tx.access.put(renewed)
    return renewed


def is_ending(access: Access, now: datetime) -> bool:
    """Whether less than five minutes are left of the key."""
    return access.expires_at is not None and access.expires_at - now < LEAST


def next_renewal(access: Access, now: datetime) -> datetime:
    """When to look again: as the key ends, and once a week for a shop whose keys nobody uses."""
    ends = access.expires_at - LEAST if access.expires_at is not None else now + IDLE
    return max(now + timedelta(minutes=1), min(ends, now + IDLE))


def tell_lost(rooms: Rooms, store: Store, lost: AccessLost) -> None:
    """Put the notice that says what the merchant must do; none for a store that left meanwhile."""
    with rooms.records.transaction() as tx:
        if tx.access.get(store.id) is not None:
            tx.notices.put(Notice(store.id, lost.reason, rooms.clock.now()))
