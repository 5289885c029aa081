"""Deliveries: knocks from outside, raw until they are understood."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, LargeBinary, Row, Select, Update, literal, select, update

from lifecycle.deliveries import Delivery, DeliveryState, Envelope
from lifecycle.errors import HouseError
from records import codec
from records.claims import held_by, take_by_lane
from records.inserts import insert_new
from records.tables import deliveries

_PLAIN = ("id", "store_id", "body", "received_at", "digest", "reason", "attempts", "due_at", "lane")
_WITHOUT_BODY = [column for column in deliveries.c if column.name != "body"]
_IDENTITY = ("party", "store_id", "topic", "delivery_id", "digest")


class Deliveries:
    """Implements ports.DeliveryRows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def remember(self, delivery: Delivery) -> bool:
        """Raises HouseError when another knock has its id: answering «known» would lose it."""
        values = _values(delivery)
        if insert_new(self._connection, deliveries, values):
            return True
        known = select(deliveries.c.seq).where(*(deliveries.c[name] == values[name] for name in _IDENTITY))
        if self._connection.execute(known).first() is None:
            raise HouseError("delivery_id_taken", "Two different deliveries were given one id.")
        return False

    def claim(self, now: datetime, limit: int, lease: timedelta) -> Sequence[Delivery]:
        return [_read(row) for row in take_by_lane(self._connection, deliveries, now, limit, lease)]

    def get(self, store_id: str, delivery_id: str) -> Delivery | None:
        found = self.find(delivery_id)
        return found if found is not None and found.store_id == store_id else None

    def find(self, delivery_id: str) -> Delivery | None:
        row = self._connection.execute(select(deliveries).where(deliveries.c.id == delivery_id)).first()
        return None if row is None else _read(row)

    def list(
        self,
        store_id: str | None = None,
        state: DeliveryState | None = None,
        limit: int = 100,
    ) -> Sequence[Delivery]:
        query: Select[Any] = (
            select(*_WITHOUT_BODY, literal(b"", LargeBinary).label("body")).order_by(deliveries.c.seq.desc()).limit(limit)
        )
        if store_id is not None:
            query = query.where(deliveries.c.store_id == store_id)
        if state is not None:
            query = query.where(deliveries.c.state == state)
        return [_read(row) for row in self._connection.execute(query)]

    def finish(self, delivery: Delivery, state: DeliveryState, reason: str = "", *, emptied: bool = False) -> bool:
        body = {"body": b""} if emptied else {}
        return self._done(self._held(delivery).values(state=state, reason=reason, due_at=None, **body))

    def retry(self, delivery: Delivery, due_at: datetime, reason: str) -> bool:
        return self._done(self._held(delivery).values(due_at=due_at, reason=reason))

    def replay(self, store_id: str, delivery_id: str, now: datetime) -> bool:
        """The token rises, so that a worker from before cannot settle what was replayed since."""
        row = update(deliveries).where(
            deliveries.c.store_id == store_id, deliveries.c.id == delivery_id, deliveries.c.due_at.is_(None)
        )
        again = {"state": DeliveryState.WAITING, "reason": "", "due_at": now, "attempts": deliveries.c.attempts + 1}
        return self._done(row.values(**again))

    def _held(self, delivery: Delivery) -> Update:
        return update(deliveries).where(*held_by(deliveries, delivery.store_id, delivery.id, delivery.attempts))

    def _done(self, statement: Update) -> bool:
        return self._connection.execute(statement).rowcount == 1


def _values(delivery: Delivery) -> dict[str, Any]:
    envelope = delivery.envelope
    return {
        **{name: getattr(delivery, name) for name in _PLAIN},
        "state": delivery.state,
        "party": envelope.party,
        "store_key": envelope.store_key,
        "topic": envelope.topic,
        "delivery_id": envelope.delivery_id,
        "told_at": envelope.at,
        "details": codec.pack(envelope.details),
    }


def _read(row: Row[Any]) -> Delivery:
    envelope = Envelope(
        row.party, row.store_key, row.topic, row.delivery_id, row.told_at, codec.unpack(row.details, dict[str, str])
    )
    plain = {name: getattr(row, name) for name in _PLAIN}
    return Delivery(envelope=envelope, state=DeliveryState(row.state), **plain)
