"""The one way to take due work. The lease is `due_at`, `attempts` is the token.

A claim pushes `due_at` on by the lease and adds one to `attempts`. A dead worker's row is due again by itself, and a late
worker's write matches no row, because its token is an older one.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, Update, func, select, update


def due(table: Table, now: datetime, limit: int, *conditions: ColumnElement[bool]) -> Select[Any]:
    """The rows to take, the longest due first; rows that another worker is taking just now are passed over.

    SQLite knows no such lock: there the claim runs in a transaction that began as a writer.
    """
    columns = table.c
    return (
        select(columns.seq)
        .where(columns.due_at <= now, *conditions)
        .order_by(columns.due_at, columns.seq)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )


def taking(table: Table, picked: Select[Any], until: datetime) -> Update:
    """The claim itself. The pick is a CTE: PostgreSQL may run a plain sub-query with LIMIT more than once, locking too much."""
    chosen = picked.cte("picked")
    return (
        update(table)
        .where(table.c.seq.in_(select(chosen.c.seq)))
        .values(attempts=table.c.attempts + 1, due_at=until)
        .returning(*table.c)
    )


def take(
    connection: Connection,
    table: Table,
    now: datetime,
    limit: int,
    lease: timedelta,
    *conditions: ColumnElement[bool],
) -> list[Row[Any]]:
    """Up to `limit` rows that are due, taken until now + `lease`, in the order in which they were written."""
    statement = taking(table, due(table, now, limit, *conditions), now + lease)
    return sorted(connection.execute(statement), key=lambda row: row.seq)


def take_by_lane(connection: Connection, table: Table, now: datetime, limit: int, lease: timedelta) -> Sequence[Row[Any]]:
    """As `take`, lane by lane: a lane is an equality, so the index is entered at its due rows and no future row is walked."""
    taken: list[Row[Any]] = []
    lane = next_lane(connection, table, -1)
    while lane is not None and len(taken) < limit:
        taken += take(connection, table, now, limit - len(taken), lease, table.c.lane == lane)
        lane = next_lane(connection, table, lane)
    return taken


def next_lane(connection: Connection, table: Table, after: int) -> int | None:
    """The lowest lane above `after` in which anything waits."""
    lane: int | None = connection.scalar(
        select(func.min(table.c.lane)).where(table.c.lane > after, table.c.due_at.is_not(None))
    )
    return lane


def held_by(table: Table, store_id: str, row_id: str, token: int) -> tuple[ColumnElement[bool], ...]:
    """The row, while this token is its newest."""
    return (table.c.store_id == store_id, table.c.id == row_id, table.c.attempts == token)
