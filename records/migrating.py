"""Migrations, run from inside the program: forward only, one transaction, one process at a time."""

import os
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine, text

from lifecycle.errors import HouseError, MemoryUnavailable
from records.connecting import Line

MIGRATIONS = Path(__file__).parent / "migrations"

# Any number that nothing else locks: whoever comes second waits, then finds the work done.
_TURN = 4_773_140_002

_PATIENCE = {
    "sqlite": (),
    "postgresql": (
        "SET LOCAL lock_timeout = '60s'",
        "SET LOCAL statement_timeout = 0",
        "SET LOCAL idle_in_transaction_session_timeout = 0",
        f"SELECT pg_advisory_xact_lock({_TURN})",
    ),
}


def make_room(url: URL) -> None:
    """The folder and the empty file of a SQLite database, readable by nobody else: SQLite's other files take its rights."""
    path = Path(url.database or "")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise MemoryUnavailable(
            message=f"The database file cannot be made or written ({error.strerror}): check DATABASE_URL."
        ) from error


def bring_up(engine: Engine, *, shared: bool = False) -> None:
    """Every migration that this database does not have yet: all of them, or none."""
    with Line(engine, shared=shared).connected() as connection:
        for statement in _PATIENCE[connection.dialect.name]:
            connection.execute(text(statement))
        _upgrade(connection)


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise HouseError(
            "wrong_schema", "The database has migrations that this program does not know; start the newer one."
        ) from error
