"""The way to one database: transactions and readings, and one clear error when it cannot do its work."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    NotSupportedError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from lifecycle.errors import HouseError, MemoryUnavailable
from records.engines import READS

# These say that a statement of ours is wrong. All else means that the database cannot do its work now: locked beyond its
# timeout, disk full, away, in the middle of a fail-over, file damaged.
_OUR_MISTAKES = (IntegrityError, DataError, ProgrammingError, NotSupportedError)


_WRITE_REFUSED = ("SQLITE_READONLY", "25006")
"""What a database says to a write inside `reading()`."""


@contextmanager
def told(engine: Engine, *, reads: bool) -> Iterator[None]:
    """Raises MemoryUnavailable in place of a database's own «cannot now». Values never stand in it."""
    try:
        yield
    except DBAPIError as error:
        if _has_no_tables(error.orig):
            raise HouseError(
                "wrong_schema", "The database has no tables yet. Run `multimail-commerce migrate` once."
            ) from error
        if isinstance(error, _OUR_MISTAKES):
            raise
        if reads and _word(error.orig) in _WRITE_REFUSED:
            raise HouseError(
                "reading_cannot_write", "Something was written inside reading(); use transaction()."
            ) from error
        raise MemoryUnavailable(message=_sentence(error.orig)) from error
    except NoConnectionFree as error:
        raise MemoryUnavailable(message=_sentence(None)) from error
    except Exception as error:
        # Raised while a connection is being set up, before SQLAlchemy wraps what the driver says.
        driver = engine.dialect.loaded_dbapi
        if isinstance(error, driver.Error):
            raise MemoryUnavailable(message=_sentence(error)) from error
        raise


def _has_no_tables(error: BaseException | None) -> bool:
    return _word(error) == "42P01" or (_word(error) == "SQLITE_ERROR" and "no such table" in str(error))


def _word(error: BaseException | None) -> str:
    return getattr(error, "sqlite_errorname", None) or getattr(error, "sqlstate", None) or type(error).__name__


def _sentence(error: BaseException | None) -> str:
    detail = "every connection is in use" if error is None else _word(error)
    return f"The database cannot be read or written at the moment ({detail}). Nothing was kept."


class Line:
    """Connections to one database. `shared`: there is a single one (SQLite in memory), so threads take turns at it."""

    def __init__(self, engine: Engine, *, shared: bool = False) -> None:
        self.engine = engine
        self._turns = threading.RLock() if shared else None
        self._open: Connection | None = None

    @contextmanager
    def connected(self, *, reads: bool = False, undone: bool = False) -> Iterator[Connection]:
        """A connection inside a transaction: kept at its end, unless it only reads, is to be `undone`, or an error ends it."""
        with told(self.engine, reads=reads):
            if self._turns is None:
                with self._begun(reads, undone) as connection:
                    yield connection
            else:
                with self._turns, self._in_turn(reads, undone) as connection:
                    yield connection

    def scrub(self) -> None:
        """Moves what was overwritten out of SQLite's log into the file, and empties the log. Nothing to do on PostgreSQL.

        Raises MemoryUnavailable when somebody reads an old state for so long that it could not be done: try again.
        """
        if self.engine.name != "sqlite" or self._turns is not None:
            return
        with told(self.engine, reads=False):
            connection = self.engine.raw_connection()
            try:
                busy = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            finally:
                connection.close()
        if busy:
            raise MemoryUnavailable(message="What was erased is still in the database's log, because somebody reads it.")

    @contextmanager
    def _in_turn(self, reads: bool, undone: bool) -> Iterator[Connection]:
        """The single connection. What is open now was opened by this very thread: it may look through it, not begin again."""
        if self._open is not None:
            if not reads:
                raise HouseError("transaction_in_transaction", "A transaction was begun while this thread has one open.")
            yield self._open
            return
        with self._begun(reads, undone) as connection:
            self._open = connection
            try:
                yield connection
            finally:
                self._open = None

    @contextmanager
    def _begun(self, reads: bool, undone: bool) -> Iterator[Connection]:
        options = {READS: reads, "postgresql_readonly": reads} if self.engine.name == "postgresql" else {READS: reads}
        with self.engine.connect().execution_options(**options) as connection, connection.begin() as begun:
            yield connection
            if (reads or undone) and begun.is_active:
                begun.rollback()
