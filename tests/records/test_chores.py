from dataclasses import replace
from datetime import timedelta

import pytest

from lifecycle.ports import Chore
from tests.records.samples import MINUTE, NOW, store

LEASE = timedelta(minutes=2)


@pytest.fixture
def shop(records):
    with records.transaction() as tx:
        tx.stores.add(store())
        tx.stores.add(store("s2"))
    return records


def claim(records, now=NOW, limit=10):
    with records.transaction() as tx:
        return tx.chores.claim(now, limit, LEASE)


def plan(records, *plans):
    with records.transaction() as tx:
        for each in plans:
            tx.chores.plan(*each)


def only(records, store_id="s1"):
    with records.reading() as tx:
        [chore] = tx.chores.of(store_id)
    return chore


def test_planning_brings_forward_and_never_back(shop):
    plan(shop, ("s1", "catch_up", NOW + MINUTE, "m1"), ("s1", "catch_up", NOW + 5 * MINUTE, "m2"))
    assert (only(shop).due_at, only(shop).mark) == (NOW + MINUTE, "m1")

    plan(shop, ("s1", "catch_up", NOW, "m3"))

    assert (only(shop).due_at, only(shop).mark) == (NOW, "m1")


def test_claim_takes_what_is_due_for_its_lease_and_a_dead_workers_chore_comes_back(shop):
    plan(shop, ("s1", "catch_up", NOW), ("s2", "catch_up", NOW + MINUTE), ("s1", "privacy", NOW - MINUTE))

    taken = claim(shop)

    assert {(each.name, each.attempts, each.due_at) for each in taken} == {
        ("catch_up", 1, NOW + LEASE),
        ("privacy", 1, NOW + LEASE),
    }
    assert claim(shop) == []
    again = claim(shop, NOW + LEASE)
    assert {(each.store_id, each.name, each.attempts) for each in again} == {
        ("s1", "catch_up", 2), ("s1", "privacy", 2), ("s2", "catch_up", 1),
    }  # fmt: skip


def test_only_the_newest_token_finishes(shop):
    plan(shop, ("s1", "catch_up", NOW, "m1"))
    [late] = claim(shop)
    [now] = claim(shop, NOW + LEASE)
    done = replace(now, mark="m2", note="3 found", done_at=NOW, due_at=NOW + 10 * MINUTE)

    with shop.transaction() as tx:
        assert not tx.chores.finish(replace(late, mark="wrong"))
        assert tx.chores.finish(done)

    assert only(shop) == done


def test_chore_that_is_done_for_good_is_claimed_no_more_until_it_is_planned_anew(shop):
    plan(shop, ("s1", "privacy", NOW))
    [taken] = claim(shop)
    with shop.transaction() as tx:
        tx.chores.finish(replace(taken, due_at=None, done_at=NOW))
    assert claim(shop, NOW + 1000 * MINUTE) == []

    plan(shop, ("s1", "privacy", NOW + MINUTE))

    assert [each.name for each in claim(shop, NOW + MINUTE)] == ["privacy"]


def test_plan_while_a_worker_is_at_it_is_not_lost_when_the_worker_finishes(shop):
    plan(shop, ("s1", "privacy", NOW))
    [taken] = claim(shop)

    plan(shop, ("s1", "privacy", NOW))

    with shop.transaction() as tx:
        assert not tx.chores.finish(replace(taken, due_at=None))
    assert [each.name for each in claim(shop)] == ["privacy"]


def test_dropped_chores_are_one_stores_only(shop):
    plan(shop, ("s1", "catch_up", NOW), ("s2", "catch_up", NOW))

    with shop.transaction() as tx:
        tx.chores.drop("s1")

        assert tx.chores.of("s1") == []
    assert only(shop, "s2") == Chore("s2", "catch_up", NOW)
