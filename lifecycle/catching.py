"""Catching up: what the platform shows and no webhook brought, through the same intake, so that nothing is lost or doubled.

WooCommerce never sends a delivery twice and Shopify gives up after four hours; what their APIs show is the truth about both.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from lifecycle.deliveries import Envelope
from lifecycle.errors import AccessLost, LostClaim, PlatformBusy
from lifecycle.intake import CATCH_UP, begun
from lifecycle.opening import APP_SIGNED
from lifecycle.ports import Access, CatchesUp, Chore, Found, Platform, Rooms
from lifecycle.stores import Store

OVERLAP = timedelta(minutes=30)
"""How far behind its mark a look begins: clocks differ, and a change may show late in a platform's index."""

_BATCH = 50
_LEASE = timedelta(minutes=10)


def catch_up(rooms: Rooms, store: Store, chore: Chore, access: Access | None) -> Iterator[Chore]:
    """Keep everything that changed since the mark; gives the chore after every batch that is safely kept.

    The mark reaches `until` only when the platform showed everything; broken off half way, it stays at the last one kept.
    Raises AccessLost or PlatformBusy after keeping what came before, and LostClaim when another worker goes on with it.
    """
    platform = rooms.platforms[store.platform]
    assert isinstance(platform, CatchesUp)
    assert access is not None
    until = rooms.clock.now()
    found = iter(platform.catch_up(store, access, _since(chore, access, until), until))
    while True:
        batch, trouble = _next(found)
        if batch:
            chore = _kept(rooms, store, platform, chore, batch, until)
            yield chore
        if trouble is not None:
            raise trouble
        if len(batch) < _BATCH:
            break
    yield replace(chore, mark=until.isoformat())


def _since(chore: Chore, access: Access, until: datetime) -> datetime:
    """Never before the shop was connected: what happened before that is the shop's own history."""
    begin = _marked(chore) or access.granted_at
    return min(begin, until) - OVERLAP


def _marked(chore: Chore) -> datetime | None:
    return datetime.fromisoformat(chore.mark) if chore.mark else None


def _next(found: Iterator[Found]) -> tuple[list[Found], AccessLost | PlatformBusy | None]:
    """The next batch, and what broke the look off: what came before that is kept."""
    batch: list[Found] = []
    try:
        for one in found:
            batch.append(one)
            if len(batch) == _BATCH:
                break
    except (AccessLost, PlatformBusy) as trouble:
        return batch, trouble
    return batch, None


def _kept(rooms: Rooms, store: Store, platform: Platform, chore: Chore, batch: list[Found], until: datetime) -> Chore:
    """One transaction: the deliveries, the mark, and a longer lease for what follows."""
    now = rooms.clock.now()
    reached = max(filter(None, (_marked(chore), min(batch[-1].at, until))))
    chore = replace(chore, mark=reached.isoformat(), due_at=now + _LEASE)
    with rooms.records.transaction() as tx:
        for one in batch:
            envelope = _envelope(platform, store, one)
            tx.deliveries.remember(begun(platform, store, envelope, one.body, now))
        if not tx.chores.finish(chore):
            raise LostClaim("lost_claim")
    return chore


def _envelope(platform: Platform, store: Store, found: Found) -> Envelope:
    key = store.key if platform.name in APP_SIGNED else store.token
    return Envelope(platform.name, key, found.topic, found.delivery_id, found.at, {"source": CATCH_UP})
