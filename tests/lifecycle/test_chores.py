from datetime import UTC, datetime, timedelta

import pytest

from lifecycle.access import is_ending, next_renewal
from lifecycle.chores import CHORES, routines_for
from lifecycle.ports import Access, CatchesUp, Renews, Subscribes

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def access(ends: datetime | None) -> Access:
    return Access("s1", {}, NOW, expires_at=ends)


def test_chores_say_how_often_and_of_whom_they_ask():
    asked = {row.name: (row.every, row.needs) for row in CHORES.values()}

    assert asked == {
        "catch_up": (timedelta(minutes=10), CatchesUp),
        "subscriptions": (timedelta(hours=1), Subscribes),
        "renew": (None, Renews),
        "privacy": (None, None),
    }
    assert all(row.why for row in CHORES.values())


def test_a_platform_gets_the_chores_that_it_can_do():
    class Looks:
        def catch_up(self, store, access, since, until):
            return iter(())

    assert [row.name for row in routines_for(Looks())] == ["catch_up"]
    assert routines_for(None) == []


@pytest.mark.parametrize(
    ("left", "ending"),
    [(timedelta(minutes=5), False), (timedelta(minutes=4, seconds=59), True), (timedelta(hours=-3), True)],
)
def test_a_key_is_renewed_when_less_than_five_minutes_are_left(left, ending):
    assert is_ending(access(NOW + left), NOW) is ending


def test_a_key_without_end_is_never_renewed():
    assert not is_ending(access(None), NOW)


@pytest.mark.parametrize(
    ("ends", "wait"),
    [
        (timedelta(hours=1), timedelta(minutes=55)),
        (timedelta(days=30), timedelta(days=7)),
        (timedelta(minutes=-5), timedelta(minutes=1)),
    ],
)
def test_renewal_is_looked_at_before_the_end_and_at_least_weekly(ends, wait):
    assert next_renewal(access(NOW + ends), NOW) == NOW + wait


def test_a_key_without_end_is_looked_at_weekly():
    assert next_renewal(access(None), NOW) == NOW + timedelta(days=7)
