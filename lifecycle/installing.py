"""Installing: a visit from a platform's admin, or a merchant's yes, becomes a connected store.

Keys are exchanged inside the transaction that keeps them: each exchange retires the refresh token before it, so of two visits
at once, and of a visit and a worker that renews, one must see what the other kept.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lifecycle import leaving
from lifecycle.access import is_ending
from lifecycle.choices import store_changed
from lifecycle.errors import AccessLost, BadSetting, NotAuthentic, PlatformBusy
from lifecycle.opening import opened
from lifecycle.ports import Access, Installs, Notice, Platform, Rooms, Transaction
from lifecycle.stores import Store

RECENT = timedelta(minutes=10)
"""For how long a granted key is taken to be alive unseen. A store may leave and come back before we hear that it left."""

TOO_FEW = "too_few_rights"
DEAD = frozenset({"open_the_app", "access_refused", "access_forbidden", "shop_frozen", "shop_gone", "shop_locked"})
CURED = DEAD | {TOO_FEW}
"""Notices that fresh access takes away; while one of DEAD stands, the kept key is taken for dead."""

Exchange = Callable[[Store, datetime], Access]


@dataclass(frozen=True, slots=True)
class Connection:
    """A store as its merchant sees it connected. `anew`: this very visit installed it, or installed it again."""

    store: Store
    access: Access
    notices: tuple[Notice, ...] = ()
    anew: bool = False


def visited(rooms: Rooms, platform: Platform, key: str, id_token: str) -> Connection:
    """The store that a proven visitor came from, connected. Raises NotAuthentic(`stale_token`), AccessLost or PlatformBusy."""
    assert isinstance(platform, Installs)
    found = _connect(rooms, platform, key, lambda store, now: platform.connect(store, id_token, now), forced=False)
    return _described(rooms, platform, found)


def consented(rooms: Rooms, platform: Platform, key: str, code: str) -> Connection:
    """The store whose merchant said yes, connected. Raises NotAuthentic (also `too_few_rights`), AccessLost or PlatformBusy."""
    assert isinstance(platform, Installs)

    def exchange(store: Store, now: datetime) -> Access:
        access = platform.redeem(store, code, now)
        if not platform.covers(access):
            raise NotAuthentic("too_few_rights", "The shop did not grant every right that this app asks for.")
        return access

    return _described(rooms, platform, _connect(rooms, platform, key, exchange, forced=True))


def connection(rooms: Rooms, platform: Platform, key: str) -> Connection | None:
    """The store as it is connected now; None when it is not."""
    with rooms.records.reading() as tx:
        store = tx.stores.by_key(platform.name, key)
        access = tx.access.get(store.id) if store and store.is_active else None
        return Connection(store, access, tuple(tx.notices.of(store.id))) if store and access else None


def _connect(rooms: Rooms, platform: Platform, key: str, exchange: Exchange, *, forced: bool) -> Connection:
    with rooms.records.transaction() as tx:
        tx.facts.lock("", f"install:{platform.name}:{key}")
        now = rooms.clock.now()
        known = tx.stores.by_key(platform.name, key)
        store = known or opened(platform, key, {}, now)
        access = tx.access.get(store.id) if known else None
        if known and access and not forced and _is_sound(tx, platform, known, access, now):
            return Connection(known, access, tuple(tx.notices.of(store.id)))
        fresh = exchange(store, now)
        anew = access is None or not store.is_active
        if known is None:
            tx.stores.add(store)
        if anew:
            store = leaving.arrived(tx, rooms, store, fresh, now)
        else:
            tx.access.put(fresh)
        _tell(tx, platform, store, fresh, now)
        return Connection(store, fresh, tuple(tx.notices.of(store.id)), anew)


def _is_sound(tx: Transaction, platform: Platform, store: Store, access: Access, now: datetime) -> bool:
    """Whether the kept key needs no exchange: recent, whole, and nobody was refused with it."""
    assert isinstance(platform, Installs)
    refused = any(notice.code in DEAD for notice in tx.notices.of(store.id))
    recent = now - access.granted_at <= RECENT and not is_ending(access, now)
    return store.is_active and recent and not refused and platform.covers(access)


def _tell(tx: Transaction, platform: Platform, store: Store, access: Access, now: datetime) -> None:
    """The notices that are over with fresh access, and the one that its rights are too few."""
    for notice in tx.notices.of(store.id):
        if notice.code in CURED:
            tx.notices.clear(store.id, notice.code)
    if isinstance(platform, Installs) and not platform.covers(access):
        tx.notices.put(Notice(store.id, TOO_FEW, now, "Open the app once more and accept what it asks for."))


def _described(rooms: Rooms, platform: Platform, found: Connection) -> Connection:
    """The store under the name, currency and places that its platform knows, as long as nobody has named it here."""
    assert isinstance(platform, Installs)
    if found.store.name != found.store.host:
        return found
    try:
        told = platform.describe(found.store, found.access)
    except (AccessLost, PlatformBusy):
        return found  # the next visit asks again; letters read well without
    with rooms.records.transaction() as tx:
        store = tx.stores.get(found.store.id) or found.store
        for name, value in told.items():
            try:
                store = store_changed(store, name, value)
            except BadSetting:
                continue  # a language or zone that we do not know keeps its default
        tx.stores.save(store)
    return replace(found, store=store)
