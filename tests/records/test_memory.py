import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import text

import records as memory_room
from lifecycle.errors import BadSetting, HouseError, MemoryUnavailable
from lifecycle.events import Event, Kind
from lifecycle.ports import Records
from records import engines
from tests.conftest import SECRET
from tests.records.samples import NOW, message, order, store


class OwnError(Exception):
    pass


def counts(records):
    with records.reading() as tx:
        return dict(tx.counters.all())


def test_transaction_keeps_everything_at_its_end(records):
    with records.transaction() as tx:
        tx.counters.bump("a")
        tx.counters.bump("b")

    assert counts(records) == {("a", ""): 1, ("b", ""): 1}


def test_block_that_raises_leaves_nothing(records):
    def fail():
        with records.transaction() as tx:
            tx.stores.add(store())
            tx.facts.put("s1", order())
            tx.messages.add(message())
            tx.counters.bump("a")
            raise OwnError

    with pytest.raises(OwnError):
        fail()

    with records.reading() as tx:
        assert (tx.stores.all(), tx.messages.list(), tx.counters.all()) == ([], [], {})


def test_reading_cannot_write(records):
    with pytest.raises(HouseError) as caught, records.reading() as tx:
        tx.counters.bump("a")

    assert caught.value.reason == "reading_cannot_write"

    assert counts(records) == {}
    with records.transaction() as tx:
        tx.counters.bump("writing works again on the same connection")


def test_reading_does_not_wait_for_a_writer_and_sees_what_was_kept_before(records):
    with records.transaction() as tx:
        tx.counters.bump("a")
        assert counts(records) == {}

    assert counts(records) == {("a", ""): 1}


def test_two_writers_both_count(records):
    def bump():
        for _ in range(20):
            with records.transaction() as tx:
                tx.counters.bump("a")

    threads = [threading.Thread(target=bump) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert counts(records) == {("a", ""): 160}


def test_check_says_what_it_is_and_leaves_nothing(records):
    line = records.check()

    assert "schema 0002" in line
    assert line.split()[0] in ("SQLite", "PostgreSQL")
    assert counts(records) == {}


def test_check_of_an_empty_database_says_what_to_do(any_url):
    memory = memory_room.open(any_url, secret=SECRET)

    with pytest.raises(HouseError, match="multimail-commerce migrate") as caught:
        memory.check()

    memory.close()
    assert caught.value.reason == "wrong_schema"


def test_fact_of_a_store_that_is_not_there_is_refused(records):
    with pytest.raises(Exception, match=r"(?i)foreign"), records.transaction() as tx:
        tx.facts.put("nobody", order())


# ---- memory alone ----------------------------------------------------------------------------------------------------


@pytest.fixture
def alone():
    memory = memory_room.open("sqlite://", secret=SECRET)
    yield memory
    memory.close()


def test_database_in_memory_begins_complete_and_ends_with_its_closing(alone):
    checked: Records = alone
    assert "SQLite" in checked.check()
    with alone.transaction() as tx:
        tx.counters.bump("a")
    assert counts(alone) == {("a", ""): 1}

    other = memory_room.open("sqlite://", secret=SECRET)

    assert counts(other) == {}
    other.close()


def test_threads_take_turns_at_the_one_connection_in_memory(alone):
    test_two_writers_both_count(alone)


def test_look_inside_a_transaction_in_memory_breaks_nothing(alone):
    with alone.transaction() as tx:
        tx.counters.bump("a")
        with alone.reading() as inside:
            assert inside.counters.all() == {("a", ""): 1}
        tx.counters.bump("a")

    assert counts(alone) == {("a", ""): 2}


def test_transaction_inside_a_transaction_in_memory_is_a_clear_error_and_keeps_nothing(alone):
    def nest():
        with alone.transaction() as tx:
            tx.counters.bump("a")
            with alone.transaction():
                pass

    with pytest.raises(HouseError, match="while this thread"):
        nest()

    assert counts(alone) == {}
    test_transaction_keeps_everything_at_its_end(alone)


# ---- settings and failures -------------------------------------------------------------------------------------------

SQLITE = {
    "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000, "secure_delete": 1, "page_size": 8192,
}  # fmt: skip
POSTGRES = {
    "synchronous_commit": "on", "statement_timeout": "5s", "lock_timeout": "2s", "idle_in_transaction_session_timeout": "10s",
    "TimeZone": "UTC", "transaction_isolation": "read committed",
}  # fmt: skip


@pytest.mark.parametrize("reads", [True, False])
def test_every_connection_has_the_settings_that_keep_what_was_answered(records, reads):
    with records._line.connected(reads=reads) as connection:
        sqlite = connection.engine.name == "sqlite"
        ask = "PRAGMA {}" if sqlite else "SHOW {}"
        wanted = SQLITE if sqlite else POSTGRES
        found = {name: connection.exec_driver_sql(ask.format(name)).scalar() for name in wanted}

    assert found == wanted


def test_locked_sqlite_is_unavailable_after_its_time_and_well_again_afterwards(migrated_file, tmp_path, monkeypatch):
    path = tmp_path / "memory.db"
    path.write_bytes(migrated_file.read_bytes())
    monkeypatch.setattr(engines, "_SQLITE_CONNECT", ("PRAGMA busy_timeout=50", *engines._SQLITE_CONNECT[1:]))
    memory = memory_room.open(f"sqlite:///{path}", secret=SECRET)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(MemoryUnavailable, match="SQLITE_BUSY") as caught, memory.transaction():
        pytest.fail("a second writer began")
    assert counts(memory) == {}
    other.execute("ROLLBACK")
    other.close()

    assert caught.value.reason == "memory_unavailable"
    with memory.transaction() as tx:
        tx.counters.bump("a")
    memory.close()


def test_full_disk_is_unavailable_and_keeps_nothing(migrated_file, tmp_path):
    path = tmp_path / "memory.db"
    path.write_bytes(migrated_file.read_bytes())
    memory = memory_room.open(f"sqlite:///{path}", secret=SECRET)

    with pytest.raises(MemoryUnavailable, match="SQLITE_FULL"), memory._line.connected() as connection:  # noqa: PT012
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        connection.exec_driver_sql("INSERT INTO counters VALUES ('a', ?, 1)", ("x" * 100_000,))

    assert counts(memory) == {}
    memory.close()


@pytest.mark.parametrize("content", [b"no database at all, but long enough to be looked at" * 20, None])
def test_file_that_is_no_database_or_has_no_folder_is_unavailable(tmp_path, content):
    path = tmp_path / ("memory.db" if content else "missing/memory.db")
    if content:
        path.write_bytes(content)
    memory = memory_room.open(f"sqlite:///{path}", secret=SECRET)

    for attempt in (memory.check, memory.reading().__enter__, memory.transaction().__enter__):
        with pytest.raises(MemoryUnavailable):
            attempt()
    memory.close()


def test_place_where_no_file_can_be_made_is_unavailable(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(MemoryUnavailable):
        memory_room.migrate(f"sqlite:///{tmp_path}/file/memory.db")


def test_postgresql_that_is_away_is_unavailable(tmp_path):
    pytest.importorskip("psycopg", reason="PostgreSQL tests need the package psycopg[binary]")
    memory = memory_room.open(f"postgresql://user:hidden-word@/name?host={tmp_path}", secret=SECRET)

    with pytest.raises(MemoryUnavailable) as caught:
        memory.check()

    assert "hidden-word" not in str(caught.value)
    memory.close()


def test_postgresql_that_ends_our_connection_is_unavailable_once(postgres_url):
    memory_room.migrate(postgres_url)
    memory = memory_room.open(postgres_url, secret=SECRET)

    with pytest.raises(MemoryUnavailable), memory._line.connected() as connection:  # noqa: PT012
        pid = connection.scalar(text("SELECT pg_backend_pid()"))
        with memory._line.connected() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        connection.execute(text("SELECT 1"))

    assert "PostgreSQL" in memory.check()
    memory.close()


def test_waiting_too_long_for_an_order_is_unavailable_on_postgresql(postgres_url):
    memory_room.migrate(postgres_url)
    memory = memory_room.open(postgres_url, secret=SECRET)

    with memory.transaction() as tx:
        tx.facts.lock("s1", "o1")
        with pytest.raises(MemoryUnavailable, match="55P03"), memory.transaction() as other:
            other.facts.lock("s1", "o1")

    memory.close()


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://user:hidden-word@host/db", "sqlite:/hidden-word", "postgresql://a:b@c:port/d"]
)
def test_address_that_names_no_database_of_ours_is_refused_without_being_repeated(url):
    with pytest.raises(BadSetting) as caught:
        memory_room.open(url, secret=SECRET)

    assert caught.value.reason == "bad_database_url"
    assert "hidden-word" not in str(caught.value)


def test_values_never_stand_in_an_error(records):
    with pytest.raises(Exception, match=r"(?i)foreign") as caught, records.transaction() as tx:
        tx.events.add(Event(Kind.ORDER_PLACED, order(), NOW, store_id="nobody"), NOW, "d1", note="private@example.com")

    assert "private@example.com" not in str(caught.value)


def test_erased_row_is_gone_from_the_file(migrated_file, tmp_path):
    path = tmp_path / "memory.db"
    path.write_bytes(migrated_file.read_bytes())
    memory = memory_room.open(f"sqlite:///{path}", secret=SECRET)
    with memory.transaction() as tx:
        tx.counters.bump("canary-in-the-file")
    with memory._line.connected() as connection:
        connection.exec_driver_sql("DELETE FROM counters")

    memory.close()

    assert [each.name for each in Path(tmp_path).iterdir()] == ["memory.db"]
    assert b"canary-in-the-file" not in path.read_bytes()
