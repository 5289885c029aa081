"""Engines: how each database is opened so that what was answered is kept, and nobody waits for ever."""

import sqlite3
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from lifecycle.errors import BadSetting

SQLITE_WAIT_MS = 5000
READS = "reads_only"
"""The execution option of a connection that only looks."""

# busy_timeout first, so that the others wait too. secure_delete: its default differs by build, and an erasure must erase.
_SQLITE_CONNECT = (
    f"PRAGMA busy_timeout={SQLITE_WAIT_MS}",
    "PRAGMA page_size=8192",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA journal_size_limit=67108864",
)

_POSTGRES_CONNECT = {
    "synchronous_commit": "on",
    "statement_timeout": "5s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "10s",
    "timezone": "UTC",
}


def url_of(text: str) -> URL:
    """The address of a database, with the driver that is used for it. Raises BadSetting without repeating the address."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise _bad_url() from None
    if url.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return url.set(drivername="postgresql+psycopg")
    if url.drivername in ("sqlite", "sqlite+pysqlite"):
        return url.set(drivername="sqlite+pysqlite")
    raise _bad_url()


def in_memory(url: URL) -> bool:
    """Whether this is SQLite without a file: one connection, gone when it closes."""
    return url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:")


def engine_for(url: URL) -> Engine:
    """The engine with our settings; nothing is opened yet. Raises BadSetting when the driver is not installed."""
    try:
        engine = _SETTINGS[url.get_backend_name()](url)
    except ModuleNotFoundError:
        raise BadSetting(
            "no_database_driver", "PostgreSQL needs its driver: install the extra «postgres» (psycopg)."
        ) from None
    except (SQLAlchemyError, TypeError, ValueError):
        raise _bad_url() from None
    return engine


def _sqlite(url: URL) -> Engine:
    pool: dict[str, Any] = (
        {"poolclass": StaticPool} if in_memory(url) else {"pool_size": 20, "max_overflow": 20, "pool_timeout": 5}
    )
    connect = {"check_same_thread": False, "timeout": SQLITE_WAIT_MS / 1000}
    engine = create_engine(url, hide_parameters=True, connect_args=connect, **pool)
    event.listen(engine, "connect", _sqlite_connected)
    event.listen(engine, "begin", _sqlite_begins)
    return engine


def _sqlite_connected(connection: sqlite3.Connection, _record: object) -> None:
    # The module's own transactions begin late and never for a read; ours begin by the word, in _sqlite_begins.
    connection.isolation_level = None
    for setting in _SQLITE_CONNECT:
        connection.execute(setting)
    # Switching to WAL needs the file for itself, so it is done once and only looked at afterwards.
    if connection.execute("PRAGMA journal_mode").fetchone()[0] not in ("wal", "memory"):
        connection.execute("PRAGMA journal_mode=WAL")


def _sqlite_begins(connection: Connection) -> None:
    """Writers queue up at the start: a read that turns into a write fails at once instead of waiting. SQLite 3.40, 2026-11."""
    reads = connection.get_execution_options().get(READS, False)
    connection.exec_driver_sql(f"PRAGMA query_only={int(reads)}")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _postgres(url: URL) -> Engine:
    connect = {} if "connect_timeout" in url.query else {"connect_timeout": 5}
    engine = create_engine(
        url, hide_parameters=True, connect_args=connect, pool_pre_ping=True, pool_size=5, max_overflow=15, pool_timeout=5,
        pool_recycle=1800,
    )  # fmt: skip
    event.listen(engine, "connect", _postgres_connected)
    return engine


def _postgres_connected(connection: Any, _record: object) -> None:
    """Set by statement, not by start-up option: connection poolers refuse options that they do not know."""
    with connection.cursor() as cursor:
        for name, value in _POSTGRES_CONNECT.items():
            cursor.execute("SELECT set_config(%s, %s, false)", (name, value))
    connection.commit()


_SETTINGS = {"sqlite": _sqlite, "postgresql": _postgres}


def _bad_url() -> BadSetting:
    return BadSetting(
        "bad_database_url",
        "DATABASE_URL must look like sqlite:///relative/file.db, sqlite:////absolute/file.db or postgresql://user@host/name.",
    )
