"""A store that leaves, one that comes back, and news that come late."""

from dataclasses import replace
from datetime import timedelta

import pytest

from lifecycle import leaving
from lifecycle.deliveries import DeliveryState
from lifecycle.errors import AccessLost
from lifecycle.messages import State
from tests.flows.facts import cart, order, placed, touched
from tests.flows.houses import NOW
from tests.flows.shops import chore_of, deliveries_of, knock, lasting, notices_of, with_shop


def store_of(house):
    with house.records.reading() as tx:
        return tx.stores.get("s-custom")


def access_of(house):
    with house.records.reading() as tx:
        return tx.access.get("s-custom")


def come_back(house):
    with house.records.transaction() as tx:
        return leaving.arrived(tx, house.rooms, store_of(house), lasting(house.clock.at), house.clock.at)


def test_leaving_takes_the_keys_and_stops_every_letter_at_once(house):
    _, store = with_shop(house)
    house.work()
    house.change(store, "mode.order_confirmation", "gated_send")
    house.tell(store, touched(cart()), placed(order(customer=replace(order().customer, email="o@example.com"))))
    house.desk.post_due()
    held = house.letter("order_confirmation")
    approved = house.decide(held)
    assert approved.state is State.APPROVED
    house.clock.later(minutes=1)

    knock(house, "uninstalled")
    house.desk.hear_due()

    assert access_of(house) is None
    assert store_of(house).uninstalled_at == house.clock.at
    assert {(letter.state, letter.reason) for letter in house.letters()} == {(State.STOPPED, "store_left")}
    assert len(house.letters()) == 4
    house.clock.later(days=4)
    house.work()
    assert house.posted() == []
    assert chore_of(house, "catch_up") is None


def test_a_letter_that_a_worker_holds_does_not_leave_after_the_store_left(house):
    _, store = with_shop(house)
    house.tell(store, placed(order()))
    with house.records.transaction() as tx:
        (claimed,) = tx.messages.claim(house.clock.at, 20, timedelta(minutes=2))
    knock(house, "uninstalled")
    house.desk.hear_due()

    from lifecycle import posting

    assert posting.post(house.rooms, claimed) is None
    assert house.posted() == []


@pytest.mark.parametrize("what", ["order", "cart", "refund"])
def test_what_a_store_that_left_still_sends_is_not_kept(house, what):
    _, store = with_shop(house)
    house.clock.later(minutes=1)
    knock(house, "uninstalled")
    house.work()

    knock(house, what)
    house.work()

    news = deliveries_of(house)[0]
    assert (news.state, news.reason) == (DeliveryState.DONE, "store_left")
    with house.records.reading() as tx:
        assert tx.deliveries.find(news.id).body == b""
        assert tx.facts.get_order(store.id, "1001") is None
    assert house.letters() == []


def test_of_a_store_that_left_not_even_unread_bodies_are_kept(house):
    with_shop(house)
    house.clock.later(minutes=1)
    knock(house, "uninstalled")
    house.work()

    knock(house, "of no known kind")
    house.work()

    with house.records.reading() as tx:
        news = tx.deliveries.find(deliveries_of(house)[0].id)
    assert (news.state, news.body) == (DeliveryState.UNKNOWN, b"")


def test_leaving_told_late_does_nothing_to_the_new_installation(house):
    _, store = with_shop(house)
    left_at = NOW + timedelta(hours=1)
    house.clock.later(hours=2)
    come_back(house)
    house.tell(store, touched(cart(at=house.clock.at)))

    knock(house, "uninstalled", at=left_at)
    house.work()

    assert access_of(house) is not None
    assert store_of(house).is_active
    assert all(letter.state is State.WAITING for letter in house.letters())
    assert deliveries_of(house)[0].reason == "store_came_back"
    with house.records.reading() as tx:
        (heard,) = tx.events.list(store.id, delivery_id=deliveries_of(house)[0].id)
    assert heard.note.startswith("It tells of an earlier installation")


def test_a_store_that_leaves_while_it_is_asked_is_told_nothing(house):
    shop, _ = with_shop(house)
    house.clock.later(minutes=1)
    knock(house, "uninstalled")

    def leaves():
        shop.watch = lambda: 0
        house.desk.hear_due()
        return 0

    shop.watch = leaves
    shop.troubles.append(AccessLost("key_revoked"))
    house.desk.tick()

    assert not store_of(house).is_active
    assert notices_of(house) == []
    assert chore_of(house, "catch_up") is None


def test_leaving_told_twice_leaves_once(house):
    with_shop(house)
    house.clock.later(minutes=1)
    first = house.clock.at
    knock(house, "uninstalled")
    house.work()
    house.clock.later(minutes=1)

    knock(house, "uninstalled")
    house.work()

    assert store_of(house).uninstalled_at == first
    assert deliveries_of(house)[0].reason == "left_already"


def test_coming_back_begins_everything_anew(house):
    shop, _ = with_shop(house)
    house.clock.later(minutes=1)
    knock(house, "uninstalled")
    house.work()
    house.clock.later(days=1)
    looks = len(shop.asked)

    come_back(house)
    house.work()

    assert store_of(house).is_active
    assert len(shop.asked) == looks + 1
    assert shop.asked[-1][0] >= house.clock.at - timedelta(minutes=30)
    knock(house, "order")
    house.work()
    assert len(house.posted()) == 1


def test_a_request_that_waits_outlives_leaving(house):
    _, store = with_shop(house)
    knock(house, "order")
    house.work()
    house.clock.later(minutes=1)
    knock(house, "erase", email="nora@example.com", customer_id="7")
    knock(house, "uninstalled")

    house.work()

    with house.records.reading() as tx:
        (request,) = tx.privacy.list(store.id)
        assert request.done_at is not None
        assert tx.facts.get_order(store.id, "1001") is None


# ---- a shop that asks to be forgotten --------------------------------------------------------------------------------


def test_a_shop_that_left_is_forgotten(house):
    _, store = with_shop(house)
    knock(house, "order")
    house.work()
    house.clock.later(minutes=1)
    knock(house, "uninstalled")
    house.work()
    house.clock.later(hours=48)

    knock(house, "erase_store")
    house.work()

    with house.records.reading() as tx:
        assert tx.facts.get_order(store.id, "1001") is None
        assert tx.messages.list(store.id) == []
        (request,) = tx.privacy.list(store.id)
    assert request.kind == "erase_store"
    assert request.done_at == house.clock.at
    assert '"erased"' in request.receipt


def test_a_shop_that_came_back_keeps_its_new_data_and_its_keys(house):
    _, store = with_shop(house)
    knock(house, "order", 1001)
    house.work()
    house.clock.later(hours=1)
    knock(house, "uninstalled")
    house.work()
    house.clock.later(hours=1)
    come_back(house)
    knock(house, "order", 1002)
    house.work()
    house.clock.later(hours=50)

    knock(house, "erase_store")
    house.work()

    with house.records.reading() as tx:
        assert tx.facts.get_order(store.id, "1001") is None
        assert tx.facts.get_order(store.id, "1002") is not None
        assert tx.access.get(store.id) is not None
        (request,) = tx.privacy.list(store.id)
    assert store_of(house).is_active
    assert "came back" in request.receipt


def test_visits_after_the_installation_do_not_move_what_is_forgotten(house):
    _, store = with_shop(house)
    come_back(house)
    house.clock.later(hours=1)
    knock(house, "order", 1002)
    house.work()
    house.clock.later(hours=60)
    with house.records.transaction() as tx:
        tx.access.put(lasting(house.clock.at))

    knock(house, "erase_store")
    house.work()

    with house.records.reading() as tx:
        assert tx.facts.get_order(store.id, "1002") is not None


def test_a_shop_whose_leaving_was_never_told_is_forgotten_all_the_same(house):
    shop, store = with_shop(house)
    knock(house, "order")
    house.work()
    house.clock.later(hours=50)
    shop.troubles.extend(AccessLost("key_revoked") for _ in range(9))

    knock(house, "erase_store")
    house.work()

    assert access_of(house) is None
    assert not store_of(house).is_active
    assert notices_of(house) == []
    with house.records.reading() as tx:
        assert tx.facts.get_order(store.id, "1001") is None
