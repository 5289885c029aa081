import re
import threading
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, select, text, update

import records as memory_room
from lifecycle.deliveries import DeliveryState
from lifecycle.messages import State
from records import tables
from tests.conftest import SECRET
from tests.records.samples import MINUTE, NOW, delivery, message, store

SETTLED = 5000


@pytest.fixture
def shop(records):
    with records.transaction() as tx:
        tx.stores.add(store())
    return records


def remember(records, *deliveries):
    with records.transaction() as tx:
        assert all([tx.deliveries.remember(each) for each in deliveries])


def plan(records, *messages):
    with records.transaction() as tx:
        assert all([tx.messages.add(each) for each in messages])


def claim_deliveries(records, now=NOW, limit=10):
    with records.transaction() as tx:
        return tx.deliveries.claim(now, limit, MINUTE)


def claim_messages(records, now=NOW, limit=10):
    with records.transaction() as tx:
        return tx.messages.claim(now, limit, MINUTE)


def test_claim_takes_what_is_due_for_the_lease(records):
    remember(records, delivery("due"), delivery("later", due_at=NOW + MINUTE), delivery("settled", due_at=None))

    taken = claim_deliveries(records)

    assert [(each.id, each.attempts, each.due_at) for each in taken] == [("due", 1, NOW + MINUTE)]
    assert taken[0].body == delivery().body
    assert claim_deliveries(records) == []


def test_first_lane_is_served_first_and_each_in_the_order_received(records):
    remember(records, delivery("b", lane=1), delivery("c", lane=7), delivery("a", lane=0), delivery("b2", lane=1))

    assert [each.id for each in claim_deliveries(records, limit=3)] == ["a", "b", "b2"]
    assert [each.id for each in claim_deliveries(records, limit=3)] == ["c"]


def test_longest_due_is_taken_first(records):
    remember(records, delivery("new", due_at=NOW), delivery("old", due_at=NOW - MINUTE))

    assert [each.id for each in claim_deliveries(records, limit=1)] == ["old"]


def test_lease_that_ran_out_gives_the_row_back_and_the_late_worker_loses(records):
    remember(records, delivery())
    [late] = claim_deliveries(records)

    assert claim_deliveries(records, NOW + MINUTE - timedelta(microseconds=1)) == []
    [again] = claim_deliveries(records, NOW + MINUTE)

    assert again.attempts == 2
    with records.transaction() as tx:
        assert not tx.deliveries.finish(late, DeliveryState.DONE)
        assert not tx.deliveries.retry(late, NOW, "busy")
        assert tx.deliveries.find("d1").state is DeliveryState.WAITING
        assert tx.deliveries.finish(again, DeliveryState.DONE, "read")
        assert tx.deliveries.find("d1") == replace(again, state=DeliveryState.DONE, reason="read", due_at=None)


def test_retried_delivery_comes_back_when_it_is_due(records):
    remember(records, delivery())
    [taken] = claim_deliveries(records)

    with records.transaction() as tx:
        assert tx.deliveries.retry(taken, NOW + 5 * MINUTE, "busy")

    assert claim_deliveries(records, NOW + 4 * MINUTE) == []
    assert [(each.attempts, each.reason) for each in claim_deliveries(records, NOW + 5 * MINUTE)] == [(2, "busy")]


def test_replayed_delivery_is_due_again_and_no_longer_its_old_workers(records):
    remember(records, delivery())
    [taken] = claim_deliveries(records)

    with records.transaction() as tx:
        assert not tx.deliveries.replay("s1", "d1", NOW), "it is not settled"
        tx.deliveries.finish(taken, DeliveryState.QUARANTINED, "bad")
        assert not tx.deliveries.replay("s2", "d1", NOW), "another store's"
        assert tx.deliveries.replay("s1", "d1", NOW)
        assert not tx.deliveries.finish(taken, DeliveryState.DONE)

    [again] = claim_deliveries(records)
    assert (again.state, again.reason) == (DeliveryState.WAITING, "")


def test_worker_that_lost_its_message_cannot_write_it(shop):
    plan(shop, message())
    [late] = claim_messages(shop)
    [again] = claim_messages(shop, NOW + MINUTE)

    with shop.transaction() as tx:
        assert not tx.messages.save(late.moved(State.SENDING))
        assert tx.messages.save(again.moved(State.SENDING, reason="mine"))
        assert tx.messages.get("s1", again.id).reason == "mine"


@pytest.mark.parametrize("state", list(State))
def test_only_states_with_something_to_do_are_claimed(shop, state):
    plan(shop, message(state=state))

    taken = claim_messages(shop)

    live = {State.WAITING, State.HELD, State.APPROVED, State.SENDING, State.IN_DOUBT}
    assert bool(taken) == (state in live)


def test_next_due_is_the_earliest_message_that_somebody_waits_for(shop):
    with shop.reading() as tx:
        assert tx.messages.next_due() is None
    plan(shop, message("a", due_at=NOW + MINUTE), message("b", due_at=None), message("c", state=State.STOPPED, due_at=NOW))

    with shop.reading() as tx:
        assert tx.messages.next_due() == NOW + MINUTE


@pytest.mark.parametrize("family", ["deliveries", "messages"])
def test_workers_that_claim_at_once_never_get_one_row_twice(shop, migrated_url, family):
    count, workers = 200, 4
    claim = {"deliveries": claim_deliveries, "messages": claim_messages}[family]
    if family == "deliveries":
        remember(shop, *(delivery(f"d{number}", lane=number % 2) for number in range(count)))
    else:
        plan(shop, *(message(f"k{number}") for number in range(count)))
    start, taken, failures = threading.Barrier(workers), [], []

    def work():
        own = memory_room.open(migrated_url, secret=SECRET)
        try:
            start.wait()
            while rows := claim(own, limit=7):
                taken.extend((row.id, row.attempts) for row in rows)
        except Exception as error:  # noqa: BLE001 - told to the test below
            failures.append(error)
        finally:
            own.close()

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert len(taken) == count
    assert Counter(taken).most_common(1)[0][1] == 1
    assert {attempts for _, attempts in taken} == {1}


# SQLite has one writer at a time: there the second worker waits instead.
@pytest.mark.parametrize("migrated_url", ["postgresql"], indirect=True)
def test_rows_that_another_worker_is_taking_are_passed_over_on_postgresql(records):
    remember(records, *(delivery(f"d{number}") for number in range(4)))

    with records.transaction() as first:
        mine = first.deliveries.claim(NOW, 2, MINUTE)
        with records.transaction() as second:
            theirs = second.deliveries.claim(NOW, 4, MINUTE)

    assert [each.id for each in mine] == ["d0", "d1"]
    assert [each.id for each in theirs] == ["d2", "d3"]


@pytest.mark.parametrize("family", ["deliveries", "messages"])
def test_claim_among_many_settled_rows_goes_by_the_index_of_live_ones(shop, family):
    claim = {"deliveries": claim_deliveries, "messages": claim_messages}[family]
    if family == "deliveries":
        remember(shop, *(delivery(f"d{number}") for number in range(SETTLED)))
    else:
        plan(shop, *(message(f"k{number}") for number in range(SETTLED)))
    settle_all_but(shop, tables.metadata.tables[family], 20)

    plans = [explained(shop, *statement) for statement in said_by(shop, lambda: claim(shop))]

    assert len(plans) == {"deliveries": 3, "messages": 1}[family]
    for lines in plans:
        assert f"{family}_due" in lines, lines
        assert not re.search(rf"SCAN {family}$|Seq Scan on {family}", lines, re.MULTILINE), lines


def settle_all_but(shop, table, live):
    engine = shop._line.engine
    with engine.begin() as connection:
        newest = select(table.c.seq).order_by(table.c.seq.desc()).limit(live).scalar_subquery()
        connection.execute(update(table).where(table.c.seq.not_in(newest)).values(due_at=None))
    with engine.begin() as connection:
        connection.execute(text("ANALYZE"))


def said_by(shop, act):
    """The statements that reach the driver, with their parameters."""
    said = []

    def listen(_connection, _cursor, statement, parameters, _context, _many):
        if statement.startswith(("WITH", "SELECT", "UPDATE")):
            said.append((statement, parameters))

    event.listen(shop._line.engine, "before_cursor_execute", listen)
    assert act()
    event.remove(shop._line.engine, "before_cursor_execute", listen)
    return said


def explained(shop, statement, parameters):
    engine = shop._line.engine
    word = {"sqlite": "EXPLAIN QUERY PLAN ", "postgresql": "EXPLAIN "}[engine.name]
    with engine.begin() as connection:
        return "\n".join(str(row[-1]) for row in connection.exec_driver_sql(word + statement, parameters))
