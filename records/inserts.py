"""INSERT with ON CONFLICT: the one way to say «keep it unless it is here», in each database's dialect."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

Insert = postgresql.Insert | sqlite.Insert
INSERTS: dict[str, Callable[[Table], Insert]] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def insert(connection: Connection, table: Table) -> Insert:
    """An insert that knows ON CONFLICT in this connection's database."""
    return INSERTS[connection.dialect.name](table)


def insert_new(connection: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Whether the row is new: one statement, so that two at once cannot both be told so.

    No unique key is named: two writers of one row meet at any of its keys first, and naming one would make PostgreSQL
    raise for the others.
    """
    key = next(iter(table.primary_key.columns))
    statement = insert(connection, table).values(**values).on_conflict_do_nothing().returning(key)
    return connection.execute(statement).first() is not None
