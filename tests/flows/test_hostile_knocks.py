"""Knocks that mean harm or nothing, through the whole house."""

from dataclasses import replace
from datetime import timedelta

from lifecycle.deliveries import DeliveryState
from lifecycle.messages import State
from tests.contract.samples_shopify import signed
from tests.flows.facts import line, order, placed
from tests.flows.houses import SECRET


def test_a_truly_signed_nothing_is_kept_and_quarantined(house):
    store = house.store("shopify")
    raw = signed("orders/create", b"", secret=SECRET.encode())
    headers = {**raw.headers, "x-shopify-shop-domain": store.key}

    answer = house.client.post("/webhooks/shopify", data=b"", headers=headers)
    house.work()

    assert answer.status_code == 200
    with house.records.reading() as tx:
        (kept,) = tx.deliveries.list(store.id)
    assert (kept.state, kept.reason) == (DeliveryState.QUARANTINED, "empty_body")


def test_a_nothing_without_a_true_signature_is_refused(house):
    store = house.store("shopify")
    raw = signed("orders/create", b"", secret=b"another secret")
    headers = {**raw.headers, "x-shopify-shop-domain": store.key}

    answer = house.client.post("/webhooks/shopify", data=b"", headers=headers)

    assert answer.status_code == 401
    with house.records.reading() as tx:
        assert list(tx.deliveries.list(store.id)) == []


def test_a_card_number_in_a_title_is_neither_sent_nor_shown(house):
    store = house.store()
    bought = order(lines=(line(title="Gift 4111 1111 1111 1111"),))

    house.tell(store, placed(bought))
    house.work()

    letter = house.letter("order_confirmation")
    assert house.posted() == []
    assert (letter.state, letter.reason) == (State.STOPPED, "card_number")
    assert "4111 1111" not in letter.letter.subject + letter.letter.html + letter.letter.text
    assert "**** 1111" in letter.letter.text


def test_the_next_order_of_the_same_customer_is_confirmed_all_the_same(house):
    store = house.store()
    hostile = order(lines=(line(title="Gift 4111 1111 1111 1111"),))

    house.tell(store, placed(hostile))
    house.tell(store, placed(replace(order(1002), placed_at=hostile.placed_at + timedelta(minutes=1))))
    house.work()

    assert house.posted() == [("order_confirmation", "nora@example.com")]
