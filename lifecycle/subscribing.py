"""Subscriptions: whether a store's webhooks exist and are active, mended where they are not, and the merchant told.

WooCommerce disables a webhook after seven failures in a row and tells nobody (measured on 10.5.0, 2026-11-20).
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from lifecycle.opening import webhook_path
from lifecycle.ports import Access, AuditLine, Chore, Health, Notice, Rooms, Subscribes, Transaction
from lifecycle.stores import Store

MENDED = "webhooks_mended"
_TOLD_FOR = timedelta(days=1)


def look_after(rooms: Rooms, store: Store, chore: Chore, access: Access | None) -> Iterator[Chore]:
    """Have the platform check and mend; the mark names the problems that still stand. Raises AccessLost or PlatformBusy."""
    platform = rooms.platforms[store.platform]
    assert isinstance(platform, Subscribes)
    assert access is not None
    health = platform.check_subscriptions(store, access, rooms.public_url.rstrip("/") + webhook_path(store))
    now = rooms.clock.now()
    with rooms.records.transaction() as tx:
        _tell(tx, store, chore, health, now)
    yield replace(chore, mark=",".join(sorted({code for code, _ in health.problems})))


def _tell(tx: Transaction, store: Store, chore: Chore, health: Health, now: datetime) -> None:
    standing = {code for code, _ in health.problems}
    for code in set(filter(None, chore.mark.split(","))) - standing:
        tx.notices.clear(store.id, code)
    for code, detail in health.problems:
        tx.notices.put(Notice(store.id, code, now, detail))
    mended = (*health.created, *health.revived)
    for name, topics in (("subscriptions_created", health.created), ("subscriptions_revived", health.revived)):
        if topics:
            tx.counters.bump(name, store.id, len(topics))
            tx.audit.add(AuditLine(store.id, "", now, "house", name, ", ".join(topics)))
    # The first time they are simply made; later it means that news were lost meanwhile.
    if mended and chore.done_at is not None:
        tx.notices.put(Notice(store.id, MENDED, now, ", ".join(mended)))
        tx.chores.plan(store.id, "catch_up", now)
    elif not mended:
        for notice in tx.notices.of(store.id):
            if notice.code == MENDED and notice.at < now - _TOLD_FOR:
                tx.notices.clear(store.id, MENDED)
