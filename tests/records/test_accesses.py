import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

import records as memory_room
from lifecycle.errors import BadSetting, HouseError
from lifecycle.mails import Purpose
from lifecycle.ports import Access, Notice
from tests.conftest import SECRET
from tests.records.kept import everything_kept
from tests.records.samples import MINUTE, NOW, store

NEW, OLD = b"a newest key of the ring, 32 and more", b"the key before it, just as long as 32"


def access(store_id="s1", **changes):
    keys = {"token": "canary-access-token", "refresh": "canary-refresh-token"}
    base = Access(store_id, keys, NOW, ("read_orders", "write_pixels"), NOW + MINUTE, NOW + 90 * MINUTE)
    return replace(base, **changes)


@pytest.fixture
def shop(records):
    with records.transaction() as tx:
        tx.stores.add(store())
        tx.stores.add(store("s2"))
    return records


def test_access_comes_back_whole_and_the_next_one_replaces_it(shop):
    with shop.transaction() as tx:
        tx.access.put(access())
        tx.access.put(access("s2", scopes=(), expires_at=None, renewable_until=None))
        assert tx.access.get("s1") == access()
        tx.access.put(access(keys={"token": "fresh"}, granted_at=NOW + MINUTE))

    with shop.reading() as tx:
        assert tx.access.get("s1") == access(keys={"token": "fresh"}, granted_at=NOW + MINUTE)
        assert [each.store_id for each in tx.access.list()] == ["s1", "s2"]
        assert tx.access.get("s9") is None


def test_dropped_access_is_gone_and_no_other(shop):
    with shop.transaction() as tx:
        tx.access.put(access())
        tx.access.put(access("s2"))
        tx.access.drop("s1")

        assert (tx.access.get("s1"), tx.access.get("s2")) == (None, access("s2"))


def test_keys_of_an_access_stand_in_no_byte_of_the_database(shop, migrated_url):
    with shop.transaction() as tx:
        tx.access.put(access())

    kept = everything_kept(shop, migrated_url)

    assert "read_orders" in kept
    assert "canary" not in kept


def test_access_moved_to_another_stores_row_is_refused(shop):
    with shop.transaction() as tx:
        tx.access.put(access())
        tx.access.put(access("s2", keys={"token": "other"}))
    with shop._line.connected() as connection:
        connection.execute(text("UPDATE accesses SET sealed = (SELECT sealed FROM accesses WHERE store_id = 's1')"))

    with shop.reading() as tx:
        assert tx.access.get("s1") == access()
        with pytest.raises(HouseError) as caught:
            tx.access.get("s2")

    assert caught.value.reason == "unreadable_memory"


def test_access_read_in_a_transaction_is_nobody_elses_until_its_end(shop):
    with shop.transaction() as tx:
        tx.access.put(access())
    seen = []
    reading = threading.Event()

    def renew(mark):
        with shop.transaction() as tx:
            before = tx.access.get("s1")
            reading.set()
            time.sleep(0.3)
            seen.append(before.keys["token"])
            tx.access.put(replace(before, keys={"token": mark}))

    first = threading.Thread(target=renew, args=("first",))
    first.start()
    reading.wait()
    second = threading.Thread(target=renew, args=("second",))
    second.start()
    with shop.reading() as tx:
        assert tx.access.get("s1").keys["token"] == "canary-access-token", "looking never waits"
    first.join()
    second.join()

    assert seen == ["canary-access-token", "first"]


# ---- the key ring ----------------------------------------------------------------------------------------------------


def opened(url, *keys):
    return memory_room.open(url, secret=SECRET, keys=keys)


def test_rotating_seals_everything_with_the_first_key_and_the_old_ones_may_go(shop, migrated_url):
    with shop.transaction() as tx:
        tx.access.put(access())
        tx.people.suppress("s1", "ada@example.com", "unsubscribed", NOW)
    middle, newest, without = opened(migrated_url, OLD), opened(migrated_url, NEW, OLD), opened(migrated_url, NEW)

    assert memory_room.rotate(middle) == {"stores": 2, "accesses": 1}
    with pytest.raises(BadSetting, match="ENCRYPTION_KEYS"):
        without.check()
    lines = []
    assert memory_room.rotate(newest, lines.append) == {"stores": 2, "accesses": 1}
    assert len(lines) == 2
    assert memory_room.rotate(newest) == {"stores": 0, "accesses": 0}

    with without.reading() as tx:
        assert (tx.stores.get("s1"), tx.access.get("s1")) == (store(), access())
        assert tx.people.suppressed("s1", "ada@example.com", Purpose.MARKETING) == "unsubscribed"
    with pytest.raises(BadSetting), middle.reading() as tx:
        tx.stores.get("s1")
    for each in (middle, newest, without):
        each.close()


def test_what_the_secret_key_sealed_opens_beside_any_ring(shop, migrated_url):
    ring = opened(migrated_url, NEW)

    with ring.reading() as tx:
        assert tx.stores.get("s1") == store()

    ring.close()


def test_rotating_takes_every_row_however_many_batches(shop, migrated_url, monkeypatch):
    monkeypatch.setattr("records.rotating.BATCH", 2)
    with shop.transaction() as tx:
        for number in range(3, 8):
            tx.stores.add(store(f"s{number}"))
    ring, alone = opened(migrated_url, NEW), opened(migrated_url, NEW[::-1], NEW)

    assert memory_room.rotate(ring) == {"stores": 7, "accesses": 0}
    assert memory_room.rotate(alone) == {"stores": 7, "accesses": 0}

    ring.close()
    alone.close()


def test_short_key_in_the_ring_is_refused():
    with pytest.raises(BadSetting):
        memory_room.open("sqlite://", secret=SECRET, keys=[b"short"])


# ---- notices ---------------------------------------------------------------------------------------------------------


def test_notice_is_renewed_by_the_next_of_its_code_and_cleared(shop):
    with shop.transaction() as tx:
        tx.notices.put(Notice("s1", "access_lost", NOW, "first"))
        tx.notices.put(Notice("s1", "caught_up", NOW + MINUTE, "3"))
        tx.notices.put(Notice("s2", "access_lost", NOW))
        tx.notices.put(Notice("s1", "access_lost", NOW + 2 * MINUTE, "second"))

        assert tx.notices.of("s1") == [
            Notice("s1", "access_lost", NOW + 2 * MINUTE, "second"),
            Notice("s1", "caught_up", NOW + timedelta(minutes=1), "3"),
        ]
        tx.notices.clear("s1", "access_lost")
        assert [each.code for each in tx.notices.of("s1")] == ["caught_up"]
        assert [each.code for each in tx.notices.of("s2")] == ["access_lost"]
