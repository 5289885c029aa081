import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from lifecycle.events import Event, Kind
from lifecycle.people import Consent, ConsentChange, ConsentState
from lifecycle.ports import Heard
from lifecycle.privacy import PrivacyRequest, StoreChange
from tests.records.samples import ADA, MINUTE, NOW, checkout, fulfillment, order, refund, store


@pytest.fixture
def shop(records):
    with records.transaction() as tx:
        tx.stores.add(store("s1"))
        tx.stores.add(store("s2"))
    return records


def put(shop, *facts, store_id="s1"):
    with shop.transaction() as tx:
        for fact in facts:
            tx.facts.put(store_id, fact)


def test_facts_are_found_by_their_kind_and_id_in_their_store_alone(shop):
    put(shop, order("1"), fulfillment("1"), refund("1"), checkout("1"))

    with shop.reading() as tx:
        facts = tx.facts
        found = [find("s1", "1") for find in (facts.get_order, facts.get_fulfillment, facts.get_refund, facts.get_checkout)]
        elsewhere = [
            find("s2", "1") for find in (facts.get_order, facts.get_fulfillment, facts.get_refund, facts.get_checkout)
        ]

    assert found == [order("1"), fulfillment("1"), refund("1"), checkout("1")]
    assert elsewhere == [None] * 4


def test_newer_state_replaces_the_older_one_and_how_it_is_found(shop):
    put(shop, order(), order(email="bob@example.com", source="pos"))

    with shop.reading() as tx:
        assert tx.facts.get_order("s1", "o1").source == "pos"
        assert tx.facts.orders_of("s1", ADA) == []
        assert len(tx.facts.orders_of("s1", "Bob@Example.com")) == 1


def test_parcels_and_refunds_of_an_order_come_oldest_first(shop):
    put(
        shop,
        fulfillment("unknown", shipped_at=None),
        fulfillment("b", shipped_at=NOW + MINUTE),
        fulfillment("a"),
        fulfillment("other", order_id="o2"),
        refund("2", refunded_at=NOW + MINUTE),
        refund("1"),
    )
    put(shop, fulfillment("elsewhere"), refund("elsewhere"), store_id="s2")

    with shop.reading() as tx:
        assert [each.id for each in tx.facts.fulfillments_of("s1", "o1")] == ["a", "b", "unknown"]
        assert [each.id for each in tx.facts.refunds_of("s1", "o1")] == ["1", "2"]


def test_checkouts_are_found_by_cart_or_by_address(shop):
    put(
        shop,
        checkout("both"),
        checkout("cart", email=None),
        checkout("address", email="ADA@example.com ", cart_token=None),
        checkout("neither", email=None, cart_token=None),
    )
    put(shop, checkout("elsewhere"), store_id="s2")
    put(shop, order("an order is no checkout", cart_token="cart"))

    with shop.reading() as tx:
        find = tx.facts.checkouts_of
        assert {each.token for each in find("s1", cart_token="cart")} == {"both", "cart"}
        assert {each.token for each in find("s1", email=ADA)} == {"both", "address"}
        assert {each.token for each in find("s1", cart_token="cart", email=ADA)} == {"both", "cart", "address"}
        assert find("s1") == find("s1", cart_token="", email="") == []


def test_orders_of_a_person_come_newest_first_and_at_most_fifty(shop):
    put(shop, *(order(f"o{number}", placed_at=NOW + timedelta(days=number)) for number in range(60)))

    with shop.reading() as tx:
        found = [each.id for each in tx.facts.orders_of("s1", "ADA@EXAMPLE.COM")]

    assert found == [f"o{number}" for number in range(59, 9, -1)]


def test_order_without_address_is_nobodys(shop):
    put(shop, order(email=None), order("o2", email=""))

    with shop.reading() as tx:
        assert tx.facts.orders_of("s1", "") == []


def test_work_on_one_order_is_done_one_after_the_other(shop):
    order_of_things, ready = [], threading.Event()

    def second():
        ready.wait()
        with shop.transaction() as tx:
            tx.facts.lock("s1", "o1")
            order_of_things.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with shop.transaction() as tx:
        tx.facts.lock("s1", "o1")
        ready.set()
        thread.join(0.3)
        order_of_things.append("first")
    thread.join()

    assert order_of_things == ["first", "second"]


FACTS = [
    order(), fulfillment(), refund(), checkout(), PrivacyRequest("p", "c", ADA, ("o1",)), StoreChange("s"),
    ConsentChange("c", ADA, Consent(ConsentState.PENDING, NOW)),
]  # fmt: skip


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: type(fact).__name__)
def test_event_comes_back_whatever_its_fact(shop, fact):
    event = Event(Kind.ORDER_CHANGED, fact, NOW, "r2", "s1", before=order(source="before"))

    with shop.transaction() as tx:
        assert tx.events.add(event, NOW + MINUTE, "d1", "why not")
        assert tx.events.has("s1", event.id)
        assert not tx.events.has("s2", event.id)
        [heard] = tx.events.list("s1")

    assert heard == Heard(event, NOW + MINUTE, "d1", "why not")
    assert heard.event.id == event.id


def test_event_is_heard_once_in_its_store(shop):
    event = Event(Kind.ORDER_PLACED, order(), NOW, store_id="s1")

    with shop.transaction() as tx:
        assert tx.events.add(event, NOW, "d1")
        assert not tx.events.add(replace(event, occurred_at=NOW + MINUTE), NOW, "d2")
        assert tx.events.add(replace(event, store_id="s2"), NOW, "d1")
        tx.events.note("s1", event.id, "noted")
        tx.events.note("s2", event.id, "not this store's id")

        assert [heard.note for heard in tx.events.list("s1")] == ["noted"]
        assert [heard.note for heard in tx.events.list("s2")] == [""]


def test_events_are_listed_as_heard_by_delivery_and_by_order(shop):
    with shop.transaction() as tx:
        for number in range(4):
            fact = order(f"o{number % 2}")
            tx.events.add(Event(Kind.ORDER_CHANGED, fact, NOW, str(number), "s1"), NOW, f"d{number // 2}")

    with shop.reading() as tx:
        revisions = lambda **which: [heard.event.revision for heard in tx.events.list("s1", **which)]  # noqa: E731 - said four times
        assert revisions() == ["0", "1", "2", "3"]
        assert revisions(limit=3) == ["1", "2", "3"]
        assert revisions(delivery_id="d1") == ["2", "3"]
        assert revisions(order_id="o0") == ["0", "2"]
        assert tx.events.list("s2") == []
