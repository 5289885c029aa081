"""Work that comes back: catching up, looking after subscriptions, renewing keys."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from lifecycle import access as keys
from lifecycle.catching import OVERLAP
from lifecycle.counting import caught_up, caught_up_words
from lifecycle.deliveries import DeliveryState
from lifecycle.errors import AccessLost, MemoryUnavailable, PlatformBusy
from lifecycle.messages import State
from lifecycle.ports import Health
from tests.flows.houses import NOW
from tests.flows.shops import chore_of, counted, deliveries_of, hourly, knock, lasting, notices_of, unlucky, with_shop


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


# ---- catching up -----------------------------------------------------------------------------------------------------


def test_500_missed_orders_are_caught_up_once(house):
    shop, store = with_shop(house)
    house.change(store, "off.order_confirmation", "yes")  # planned and not written: 500 letters take their time to print
    for number in range(500):
        shop.changed("order", 2000 + number, NOW + timedelta(seconds=number))
    house.clock.later(minutes=9)

    for _ in range(4):
        house.work()
        house.clock.later(minutes=10)

    assert len(shop.asked) == 4
    assert len(deliveries_of(house)) == 500
    assert len(house.letters("order_confirmation")) == 500
    assert counted(house, "caught_up_orders") == 500


def test_what_a_webhook_brought_is_not_doubled_by_catching_up_and_not_counted(house):
    shop, _ = with_shop(house)
    knock(house, "order")
    house.work()
    shop.changed("order", 1001, NOW)

    house.clock.later(minutes=10)
    house.work()

    assert [each.reason for each in deliveries_of(house)] == ["nothing_new", ""]
    assert len(house.posted()) == 1
    assert counted(house, "caught_up") == 0


def test_a_webhook_that_was_only_late_is_taken_off_the_count(house):
    shop, store = with_shop(house)
    shop.changed("order", 1001, NOW)
    shop.changed("order", 1002, NOW)
    house.work()
    assert counted(house, "caught_up_orders") == 2

    knock(house, "order", 1001, at=NOW)
    knock(house, "order", 1001, at=NOW, ident="once more")
    house.work()

    assert (counted(house, "caught_up_orders"), counted(house, "caught_up")) == (1, 1)
    with house.records.reading() as tx:
        assert caught_up_words(*caught_up(tx.counters.all(), store.id)) == "1 order arrived only by catch-up"
        notes = {each.event.fact_id: each.note for each in tx.events.list(store.id)}
    assert notes == {"1001": "", "1002": "no webhook brought it; our own look at the shop found it"}


def test_broken_off_half_way_nothing_is_lost_and_nothing_doubled(house):
    shop, _ = with_shop(house)
    for number in range(120):
        shop.changed("order", 2000 + number, NOW + timedelta(seconds=number))
    shop.breaks_after, shop.trouble = 70, PlatformBusy("throttled", retry_after_s=30)
    house.clock.later(minutes=5)

    house.work()
    assert len(deliveries_of(house)) == 70
    assert chore_of(house, "catch_up").mark == (NOW + timedelta(seconds=69)).isoformat()
    assert chore_of(house, "catch_up").note == "throttled: 1"

    house.clock.later(seconds=30)
    house.work()
    assert shop.asked[1][0] == NOW + timedelta(seconds=69) - OVERLAP
    assert len(deliveries_of(house)) == 120
    assert len(house.letters("order_confirmation")) == 120
    assert chore_of(house, "catch_up").mark == house.clock.at.isoformat()
    assert chore_of(house, "catch_up").note == ""


def test_a_look_that_fails_at_once_leaves_its_mark_where_it_was(house):
    shop, _ = with_shop(house)
    house.work()
    before = chore_of(house, "catch_up").mark
    assert before == NOW.isoformat()

    house.clock.later(minutes=10)
    shop.troubles.append(PlatformBusy("shop_busy"))
    house.work()

    assert chore_of(house, "catch_up").mark == before
    assert chore_of(house, "catch_up").due_at == house.clock.at + minutes(1)


def test_failures_in_a_row_wait_longer_each_time(house):
    shop, _ = with_shop(house)
    shop.troubles.extend(PlatformBusy("shop_busy") for _ in range(40))
    waits = []
    for _ in range(6):
        house.work()
        chore = chore_of(house, "catch_up")
        waits.append((chore.due_at - house.clock.at) // minutes(1))
        house.clock.at = chore.due_at

    assert waits == [1, 2, 5, 10, 10, 10]


def test_a_shop_that_stays_busy_is_told_until_it_answers(house):
    shop, _ = with_shop(house)
    for reason in ("shop_busy", *["firewall"] * 4):
        shop.troubles.extend(PlatformBusy(reason) for _ in range(2))
        assert notices_of(house) == []
        house.work()
        house.clock.at = chore_of(house, "catch_up").due_at
    assert notices_of(house) == ["firewall"]

    house.work()

    assert notices_of(house) == []


def test_orders_from_before_the_shop_was_connected_are_its_own_history(house):
    shop, _ = with_shop(house)
    shop.changed("order", 900, NOW - OVERLAP - minutes(1))

    house.work()

    assert shop.asked == [(NOW - OVERLAP, NOW)]
    assert deliveries_of(house) == []


def test_an_order_older_than_a_day_that_no_webhook_brought_waits_for_a_person(house):
    shop, _ = with_shop(house, access=lasting(NOW - timedelta(days=5)))
    shop.changed("order", 900, NOW - timedelta(hours=25))
    shop.changed("order", 901, NOW - timedelta(hours=23))

    house.work()
    house.clock.later(hours=1)
    house.work()

    old, young = house.letters("order_confirmation")
    assert (old.state, old.reason) == (State.HELD, "possible_import")
    assert old.reasons[0] == "possible_import: 25 h"
    assert not any(reason.startswith("late") for reason in old.reasons)
    assert young.state is State.HANDED_OVER
    assert len(house.posted()) == 1


def test_an_order_that_a_webhook_brought_late_is_late_and_no_import(house):
    with_shop(house)

    knock(house, "order", at=NOW - timedelta(hours=25))
    house.work()

    assert house.letter("order_confirmation").reason == "late"


def test_a_possible_import_that_a_person_approves_leaves(house):
    shop, _ = with_shop(house, access=lasting(NOW - timedelta(days=5)))
    shop.changed("order", 900, NOW - timedelta(hours=25))
    house.work()

    house.decide(house.letter("order_confirmation"))
    house.work()

    assert len(house.posted()) == 1


def test_every_ten_minutes_and_not_in_between(house):
    shop, _ = with_shop(house)

    for _ in range(60):
        house.work()
        house.clock.later(seconds=30)

    assert [until for _, until in shop.asked] == [NOW, NOW + minutes(10), NOW + minutes(20)]


def test_a_worker_that_starts_catches_up_at_once(house):
    from lifecycle.desk import Desk

    shop, _ = with_shop(house)
    house.work()
    house.clock.later(minutes=2)

    Desk(house.rooms).work()

    assert len(shop.asked) == 2


def test_a_door_that_had_to_turn_deliveries_away_fetches_them_when_it_works_again(house):
    shop, _ = with_shop(house)
    house.work()
    house.clock.later(minutes=3)
    broken = _Away(house.records)
    object.__setattr__(house.rooms, "records", broken)
    assert knock(house, "order", 1001) == 503
    broken.is_away = False
    shop.changed("order", 1001, house.clock.at)

    assert knock(house, "order", 1002) == 200
    house.work()

    assert sorted(letter.order_number for letter in house.letters("order_confirmation")) == ["#1001", "#1002"]


class _Away:
    def __init__(self, records):
        self._records, self.is_away = records, True

    def transaction(self):
        if self.is_away:
            raise MemoryUnavailable
        return self._records.transaction()

    def reading(self):
        return self._records.reading()


def test_lost_access_is_told_and_its_healing_clears_it_and_catches_up(house):
    shop, _ = with_shop(house)
    shop.troubles.append(AccessLost("key_revoked"))
    house.work()
    assert notices_of(house) == ["key_revoked"]
    assert chore_of(house, "catch_up").due_at == NOW + minutes(10)
    shop.changed("order", 1001, NOW)

    house.clock.later(minutes=10)
    house.work()

    assert notices_of(house) == []
    assert len(house.posted()) == 1


def test_two_workers_catch_up_one_after_the_other(house):
    from lifecycle.desk import Desk

    shop, _ = with_shop(house)
    for number in range(100):
        shop.changed("order", 2000 + number, NOW + timedelta(seconds=number))
    house.clock.later(minutes=3)
    desks = [Desk(house.rooms) for _ in range(2)]

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda desk: desk.tick(), desks))
    house.work()

    assert len(deliveries_of(house)) == 100
    assert len(house.letters("order_confirmation")) == 100


def test_a_store_that_is_not_connected_has_no_chores(house):
    shop, store = with_shop(house)
    with house.records.transaction() as tx:
        tx.access.drop(store.id)

    house.work()

    assert shop.asked == []


class _Watched:
    """Memory that knows how many of its transactions are open."""

    def __init__(self, records):
        self._records, self.open = records, 0

    @contextmanager
    def transaction(self):
        with self._records.transaction() as tx:
            self.open += 1
            try:
                yield tx
            finally:
                self.open -= 1

    def reading(self):
        return self._records.reading()


def test_nothing_is_asked_of_a_shop_inside_a_transaction_but_the_renewal(house):
    shop, _ = with_shop(house, access=unlucky(hourly(NOW), NOW))
    watched = _Watched(house.records)
    object.__setattr__(house.rooms, "records", watched)
    shop.watch = lambda: watched.open
    knock(house, "refund", 1001)

    house.work()

    assert dict(shop.inside) == {"complete": 0, "catch_up": 0, "check_subscriptions": 0, "renew": 1}


# ---- subscriptions ---------------------------------------------------------------------------------------------------


def test_subscriptions_are_checked_hourly_at_our_full_address(house):
    shop, _ = with_shop(house)

    for _ in range(12):
        house.work()
        house.clock.later(minutes=10)

    assert shop.checked == ["https://mail.example.com/webhooks/custom/token-custom"] * 2


def test_webhooks_made_for_the_first_time_are_no_news(house):
    shop, _ = with_shop(house)
    shop.health.append(Health(created=("order.created",)))

    house.work()

    assert notices_of(house) == []
    assert counted(house, "subscriptions_created") == 1


def test_a_webhook_that_was_disabled_is_told_and_its_gap_is_fetched(house):
    shop, _ = with_shop(house)
    house.work()
    house.clock.later(minutes=60)
    house.work()
    looks = len(shop.asked)
    shop.health.append(Health(revived=("order.updated",)))
    house.clock.later(minutes=60)

    house.work()

    assert notices_of(house) == ["webhooks_mended"]
    assert counted(house, "subscriptions_revived") == 1
    assert len(shop.asked) >= looks + 1
    assert chore_of(house, "catch_up").done_at == house.clock.at

    house.clock.later(hours=25)
    house.work()
    assert notices_of(house) == []


def test_a_problem_is_noticed_and_goes_when_it_is_solved(house):
    shop, _ = with_shop(house)
    shop.health.append(Health(problems=(("no_permalinks", "switch them on"),)))
    house.work()
    assert notices_of(house) == ["no_permalinks"]

    house.clock.later(minutes=60)
    house.work()

    assert notices_of(house) == []


# ---- renewing --------------------------------------------------------------------------------------------------------


def test_20_threads_that_need_the_key_renew_it_once(house):
    shop, store = with_shop(house, access=unlucky(hourly(NOW), NOW))
    shop.renewing_s = 0.05

    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda _: keys.fresh(house.rooms, store), range(20)))

    assert shop.renewed == ["r0"]
    assert {access.keys["access_token"] for access in found} == {"for-r1"}


def test_a_key_with_more_than_five_minutes_left_is_used_as_it_is(house):
    _, store = with_shop(house, access=hourly(NOW))
    house.clock.later(minutes=55)
    assert keys.fresh(house.rooms, store).keys["refresh_token"] == "r0"

    house.clock.later(seconds=1)
    assert keys.fresh(house.rooms, store).keys["refresh_token"] == "r1"
    assert keys.fresh(house.rooms, store).granted_at == NOW


def test_a_lost_reply_is_asked_for_again_with_the_same_refresh_token(house):
    shop, store = with_shop(house, access=unlucky(hourly(NOW), NOW))
    shop.troubles.append(PlatformBusy("no_answer"))
    with pytest.raises(PlatformBusy):
        keys.fresh(house.rooms, store)

    keys.fresh(house.rooms, store)

    assert shop.renewed == ["r0"]


def test_the_renewal_comes_five_minutes_before_the_end(house):
    with_shop(house, access=hourly(NOW))

    house.work()

    assert chore_of(house, "renew").due_at == NOW + minutes(55)


def test_an_idle_shop_is_looked_at_weekly(house):
    month = replace(hourly(NOW), expires_at=NOW + timedelta(days=30))
    with_shop(house, access=month)

    house.work()

    assert chore_of(house, "renew").due_at == NOW + timedelta(days=7)


@pytest.mark.parametrize("how", ["refused", "too_late"])
def test_a_dead_chain_asks_the_merchant_to_open_the_app(house, how):
    ended = unlucky(hourly(NOW), NOW)
    shop, _ = with_shop(house, access=replace(ended, renewable_until=NOW) if how == "too_late" else ended)
    shop.troubles.extend(AccessLost("access_refused") for _ in range(9 * (how == "refused")))

    house.work()

    assert notices_of(house) == ["open_the_app"]
    assert shop.renewed == []


# ---- completing ------------------------------------------------------------------------------------------------------


def test_a_refund_of_an_unknown_order_is_completed_and_told_to_its_customer(house):
    shop, _ = with_shop(house)
    house.work()

    knock(house, "refund", 1001)
    house.work()

    assert [event.fact_kind for event in shop.completed] == ["refund"]
    assert house.posted() == [("refund_notice", "nora@example.com")]
    assert house.letters("order_confirmation") == []


def test_a_refund_of_a_known_order_asks_nobody(house):
    shop, _ = with_shop(house)
    knock(house, "order")
    house.work()
    shop.completed.clear()

    knock(house, "refund")
    house.work()

    assert shop.completed == []
    assert ("refund_notice", "nora@example.com") in house.posted()


def test_a_busy_shop_delays_the_delivery_and_loses_nothing(house):
    shop, _ = with_shop(house)
    house.work()
    shop.troubles.append(PlatformBusy("throttled", retry_after_s=20))
    knock(house, "refund", 1001)

    house.work()
    (waiting,) = deliveries_of(house)
    assert (waiting.state, waiting.reason) == (DeliveryState.WAITING, "throttled")
    assert waiting.due_at == NOW + timedelta(seconds=20)

    house.clock.later(seconds=20)
    house.work()
    assert house.posted() == [("refund_notice", "nora@example.com")]


def test_a_shop_that_stays_busy_is_not_waited_for_for_ever(house):
    shop, _ = with_shop(house)
    house.work()
    knock(house, "refund", 1001)
    for _ in range(5):
        shop.troubles.extend(PlatformBusy("throttled") for _ in range(4))
        house.desk.hear_due()
        house.clock.later(hours=1)

    assert house.letter("refund_notice").reason == "order_unknown"


def test_lost_access_is_told_and_the_event_is_acted_on_as_it_is(house):
    shop, _ = with_shop(house)
    house.work()
    shop.troubles.append(AccessLost("key_revoked"))

    knock(house, "refund", 1001)
    house.desk.hear_due()

    assert notices_of(house) == ["key_revoked"]
    assert house.letter("refund_notice").reason == "order_unknown"


def test_a_carts_history_is_asked_for_once(house):
    shop, store = with_shop(house)
    house.work()

    for _ in range(3):
        knock(house, "cart")
        house.work()
        house.clock.later(minutes=1)

    assert len(shop.completed) == 1
    with house.records.reading() as tx:
        assert tx.facts.get_checkout(store.id, "c1001").customer.orders_count == 3


def test_a_busy_shop_does_not_delay_a_confirmation_for_its_pictures(house):
    shop, _ = with_shop(house)
    house.work()
    shop.troubles.append(PlatformBusy("throttled"))

    knock(house, "order")
    house.desk.hear_due()
    house.desk.post_due()

    assert len(house.posted()) == 1
