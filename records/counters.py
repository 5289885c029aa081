"""Counters: how often something happened that is deliberately not kept."""

from collections.abc import Mapping

from sqlalchemy import Connection, select

from records.inserts import insert
from records.tables import counters


class Counters:
    """Implements ports.Counters."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def bump(self, name: str, scope: str = "", by: int = 1) -> None:
        row = insert(self._connection, counters).values(name=name, scope=scope, count=by)
        more = row.on_conflict_do_update(index_elements=("name", "scope"), set_={"count": counters.c.count + by})
        self._connection.execute(more)

    def all(self) -> Mapping[tuple[str, str], int]:
        rows = self._connection.execute(select(counters).order_by(counters.c.name, counters.c.scope))
        return {(name, scope): count for name, scope, count in rows}
