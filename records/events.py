"""Events: what was heard, once each, and what came of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from lifecycle.events import Event, Kind
from lifecycle.ports import Heard
from records import codec
from records.inserts import insert_new
from records.tables import events


class Events:
    """Implements ports.EventRows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, event: Event, heard_at: datetime, delivery_id: str, note: str = "") -> bool:
        values = {
            "store_id": event.store_id,
            "event_id": event.id,
            "kind": event.kind,
            "fact_kind": event.fact_kind,
            "fact_id": event.fact_id,
            "order_id": event.order_id,
            "revision": event.revision,
            "occurred_at": event.occurred_at,
            "heard_at": heard_at,
            "delivery_id": delivery_id,
            "note": note,
            "body": codec.pack(event.fact),
            "before": codec.pack_before(event.before),
        }
        return insert_new(self._connection, events, values)

    def has(self, store_id: str, event_id: str) -> bool:
        query = select(events.c.seq).where(events.c.store_id == store_id, events.c.event_id == event_id)
        return self._connection.execute(query).first() is not None

    def note(self, store_id: str, event_id: str, note: str) -> None:
        row = update(events).where(events.c.store_id == store_id, events.c.event_id == event_id)
        self._connection.execute(row.values(note=note))

    def list(
        self,
        store_id: str,
        *,
        delivery_id: str | None = None,
        order_id: str | None = None,
        limit: int = 100,
    ) -> Sequence[Heard]:
        """The newest `limit`, in the order in which they were heard."""
        query = select(events).where(events.c.store_id == store_id).order_by(events.c.seq.desc()).limit(limit)
        if delivery_id is not None:
            query = query.where(events.c.delivery_id == delivery_id)
        if order_id is not None:
            query = query.where(events.c.order_id == order_id)
        return [_read(row) for row in reversed(self._connection.execute(query).all())]


def _read(row: Row[Any]) -> Heard:
    event = Event(
        kind=Kind(row.kind),
        fact=codec.unpack_fact(row.body, row.fact_kind),
        occurred_at=row.occurred_at,
        revision=row.revision,
        store_id=row.store_id,
        before=codec.unpack_before(row.before),
    )
    return Heard(event, row.heard_at, row.delivery_id, row.note)
