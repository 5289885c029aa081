"""Chores: work that comes back, claimed like a letter."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, or_, select, update

from lifecycle.ports import Chore
from records import claims
from records.inserts import insert
from records.tables import chores

_FIELDS = ("store_id", "name", "due_at", "mark", "note", "attempts", "done_at")
_FINISHED = ("due_at", "mark", "note", "done_at")


class Chores:
    """Implements ports.ChoreRows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def plan(self, store_id: str, name: str, due_at: datetime, mark: str = "") -> None:
        """Bringing a chore forward takes it from a worker that is at it: else its `finish` would undo the plan.

        One that is done for good comes back.
        """
        row = insert(self._connection, chores).values(
            store_id=store_id, name=name, due_at=due_at, mark=mark, note="", attempts=0
        )
        forward = row.on_conflict_do_update(
            index_elements=["store_id", "name"],
            set_={"due_at": row.excluded.due_at, "attempts": chores.c.attempts + 1},
            where=or_(chores.c.due_at.is_(None), chores.c.due_at > row.excluded.due_at),
        )
        self._connection.execute(forward)

    def claim(self, now: datetime, limit: int, lease: timedelta) -> Sequence[Chore]:
        return [_read(row) for row in claims.take(self._connection, chores, now, limit, lease)]

    def finish(self, chore: Chore) -> bool:
        held = update(chores).where(
            chores.c.store_id == chore.store_id, chores.c.name == chore.name, chores.c.attempts == chore.attempts
        )
        written = {name: getattr(chore, name) for name in _FINISHED}
        return self._connection.execute(held.values(**written)).rowcount == 1

    def of(self, store_id: str) -> Sequence[Chore]:
        """In the order in which they were first planned."""
        query = select(chores).where(chores.c.store_id == store_id).order_by(chores.c.seq)
        return [_read(row) for row in self._connection.execute(query)]

    def drop(self, store_id: str) -> None:
        self._connection.execute(delete(chores).where(chores.c.store_id == store_id))


def _read(row: Row[Any]) -> Chore:
    return Chore(**{name: getattr(row, name) for name in _FIELDS})
