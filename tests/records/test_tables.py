import subprocess
import sys
import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

import records
from lifecycle.errors import HouseError
from records.engines import engine_for, url_of
from records.migrating import MIGRATIONS
from records.tables import SCHEMA, metadata
from tests.conftest import SECRET

SHAPE = {
    "sqlite": "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'alembic%' AND tbl_name NOT LIKE 'alembic%'",
    "postgresql": """
        SELECT 'column', table_name, column_name, data_type || is_nullable || is_identity || coalesce(column_default, '')
        FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE 'alembic%'
        UNION ALL SELECT 'index', tablename, indexname, indexdef FROM pg_indexes
        WHERE schemaname = 'public' AND tablename NOT LIKE 'alembic%'
        UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text NOT LIKE 'alembic%'
    """,
}


def shape(url):
    engine = engine_for(url_of(url))
    with engine.connect() as connection:
        rows = connection.execute(text(SHAPE[engine.name])).all()
    engine.dispose()
    return sorted((kind, table, name, words(definition)) for kind, table, name, definition in rows)


def words(definition):
    """A definition as a set of its parts: the order in which constraints are written is no difference."""
    return None if definition is None else sorted(part.strip(" \n\t()") for part in definition.split(","))


def test_migrations_make_exactly_the_tables_of_the_code(any_url):
    records.migrate(any_url)

    migrated = shape(any_url)
    engine = engine_for(url_of(any_url))
    with engine.begin() as connection:
        # SQLite has no IDENTITY: there its row ids count up by themselves, and Alembic would report a difference.
        compared = {"compare_type": True, "compare_server_default": engine.name == "postgresql"}
        context = MigrationContext.configure(connection, opts=compared)
        differences = compare_metadata(context, metadata)
        metadata.drop_all(connection)
        metadata.create_all(connection)
    engine.dispose()

    assert differences == []
    assert migrated == shape(any_url)
    assert len(migrated) > 30


def test_newest_migration_is_the_schema_that_the_code_needs():
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")

    assert ScriptDirectory.from_config(config).get_heads() == [SCHEMA]


def test_migrating_twice_changes_nothing(any_url):
    records.migrate(any_url)
    first = shape(any_url)

    records.migrate(any_url)

    assert shape(any_url) == first


def test_processes_that_migrate_at_once_do_it_once(any_url):
    command = [sys.executable, "-W", "error", "-c", "import records, sys; records.migrate(sys.argv[1])", any_url]

    started = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(4)]
    errors = [process.communicate(timeout=90)[1].decode() for process in started]

    assert errors == [""] * 4
    memory = records.open(any_url, secret=SECRET)
    assert SCHEMA in memory.check()
    memory.close()


def test_failed_migration_leaves_no_table(any_url, monkeypatch, tmp_path):
    broken = tmp_path / "migrations"
    (broken / "versions").mkdir(parents=True)
    for name in ("env.py", "versions/first_tables_0001.py"):
        source = (MIGRATIONS / name).read_text()
        (broken / name).write_text(source.replace("    _counts()\n", "    raise RuntimeError\n"))
    monkeypatch.setattr("records.migrating.MIGRATIONS", broken)

    with pytest.raises(RuntimeError):
        records.migrate(any_url)

    assert shape(any_url) == []


def test_database_from_the_future_is_refused(any_url):
    records.migrate(any_url)
    engine = engine_for(url_of(any_url))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    memory = records.open(any_url, secret=SECRET)

    with pytest.raises(HouseError, match="newer") as migrating:
        records.migrate(any_url)
    with pytest.raises(HouseError, match="newer") as checking:
        memory.check()

    memory.close()
    assert migrating.value.reason == checking.value.reason == "wrong_schema"


def test_new_sqlite_file_is_for_its_owner_alone_and_its_folder_is_made(tmp_path):
    path = tmp_path / "instance" / "memory.db"

    records.migrate(f"sqlite:///{path}")

    assert path.stat().st_mode & 0o777 == 0o600


def test_migrating_in_another_thread_works(sqlite_url):
    thread = threading.Thread(target=records.migrate, args=(sqlite_url,))

    thread.start()
    thread.join()

    assert shape(sqlite_url)
