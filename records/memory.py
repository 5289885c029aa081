"""Memory as the other rooms meet it: units of work over every table."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from sqlalchemy import Connection, inspect, select, text

from lifecycle.errors import HouseError
from records.accesses import Accesses
from records.audit import Audit
from records.chores import Chores
from records.connecting import Line
from records.counters import Counters
from records.deliveries import Deliveries
from records.events import Events
from records.facts import Facts
from records.messages import Messages
from records.notices import Notices
from records.people import People
from records.privacy import Privacy
from records.secrets import Keys
from records.stores import Stores
from records.tables import SCHEMA, accesses, stores

_TITLES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


class Work:
    """Implements ports.Transaction: every table family over one connection. `writes`: what is read may be written next."""

    def __init__(self, connection: Connection, keys: Keys, *, writes: bool) -> None:
        self._connection = connection
        self._keys = keys
        self._writes = writes

    @cached_property
    def stores(self) -> Stores:
        return Stores(self._connection, self._keys)

    @cached_property
    def deliveries(self) -> Deliveries:
        return Deliveries(self._connection)

    @cached_property
    def facts(self) -> Facts:
        return Facts(self._connection, self._keys)

    @cached_property
    def events(self) -> Events:
        return Events(self._connection)

    @cached_property
    def messages(self) -> Messages:
        return Messages(self._connection, self._keys, locks=self._writes)

    @cached_property
    def people(self) -> People:
        return People(self._connection, self._keys)

    @cached_property
    def audit(self) -> Audit:
        return Audit(self._connection)

    @cached_property
    def counters(self) -> Counters:
        return Counters(self._connection)

    @cached_property
    def access(self) -> Accesses:
        return Accesses(self._connection, self._keys, locks=self._writes)

    @cached_property
    def notices(self) -> Notices:
        return Notices(self._connection)

    @cached_property
    def chores(self) -> Chores:
        return Chores(self._connection)

    @cached_property
    def privacy(self) -> Privacy:
        return Privacy(self._connection, self._keys)

    @property
    def wants_scrub(self) -> bool:
        return "privacy" in self.__dict__ and self.privacy.wants_scrub


class Memory:
    """Implements ports.Records; safe to use from many threads and from several processes at once.

    Raises MemoryUnavailable from any block whose database cannot do its work; then nothing of it was kept, except when
    the connection broke during the commit itself: who tries again finds out by the unique keys.
    """

    def __init__(self, line: Line, keys: Keys) -> None:
        self._line = line
        self._keys = keys

    @contextmanager
    def transaction(self) -> Iterator[Work]:
        with self._line.connected() as connection:
            work = Work(connection, self._keys, writes=True)
            yield work
        if work.wants_scrub:
            self._line.scrub()

    @contextmanager
    def reading(self) -> Iterator[Work]:
        with self._line.connected(reads=True) as connection:
            work = Work(connection, self._keys, writes=False)
            yield work
        if work.wants_scrub:
            self._line.scrub()

    @contextmanager
    def connected(self) -> Iterator[tuple[Connection, Keys]]:
        """A transaction below the tables' families, for this room alone."""
        with self._line.connected() as connection:
            yield connection, self._keys

    def check(self) -> str:
        with self._line.connected(undone=True) as connection:
            found = _schema(connection)
            if found != SCHEMA:
                raise HouseError("wrong_schema", _wrong_schema(found))
            Counters(connection).bump("check")
            for column in (stores.c.secrets, accesses.c.sealed):
                for sealed in connection.scalars(select(column).limit(1)):
                    self._keys.opened(sealed)
            title = _TITLES[connection.dialect.name]
            version = ".".join(str(part) for part in connection.dialect.server_version_info or ())
        return f"{title} {version}, schema {SCHEMA}, can be written"

    def close(self) -> None:
        self._line.engine.dispose()


def _schema(connection: Connection) -> str:
    """The newest migration that this database has; empty for none."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.scalar(text("SELECT version_num FROM alembic_version")) or ""


def _wrong_schema(found: str) -> str:
    if not found:
        return "The database has no tables yet; run `multimail-commerce migrate` once."
    if found < SCHEMA:
        return f"The database is at schema {found} and this program needs {SCHEMA}; run `multimail-commerce migrate`."
    return f"The database is at schema {found}, which this program does not know ({SCHEMA}); start the newer program."
