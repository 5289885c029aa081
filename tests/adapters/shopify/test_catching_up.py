import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.shopify import reading_orders
from adapters.shopify.topics import TOPICS
from lifecycle.deliveries import Envelope
from lifecycle.errors import AccessLost, PlatformBusy, Unreadable
from lifecycle.events import Kind
from tests.adapters.shopify import bodies
from tests.adapters.shopify.connected import NOW, SHOP, STORE, access_of, platform_at
from tests.fakes import shopify_orders

FOLDER = Path(__file__).parents[2] / "fixtures" / "shopify"
ENVELOPE = Envelope("shopify", SHOP, "orders/updated", "1", NOW)
SINCE = NOW - timedelta(days=8000)


def readable():
    """The recorded orders that the reader reads; what no reader reads says nothing about a mapping."""
    for file in sorted(FOLDER.glob("orders__*.json")):
        if TOPICS[file.name.split(".json")[0].rsplit("__", 1)[0].replace("__", "/")].reader is None:
            continue
        body = json.loads(file.read_text("utf-8"))
        body["order_status_url"] = "https://shop.example/orders/1"  # the samples' own name other shops
        if not body.get("current_total_price") and body.get("refunds"):
            continue  # from before 2020: what is left after its refund stands nowhere, and GraphQL would say it
        try:
            reading_orders.order(body, ENVELOPE)
        except Unreadable:
            continue
        yield pytest.param(body, id=file.name)


RECORDED = list(readable())


def found(fake, since=SINCE, until=NOW, **more):
    return list(platform_at(fake).catch_up(STORE, more.get("access") or access_of(fake), since, until))


def put(fake, *orders):
    fake.shop(SHOP).orders.extend(shopify_orders.order(one) for one in orders)


def alike(order):
    """The order without what GraphQL does not say, or says in other words."""
    customer = replace(order.customer, phone="", country=None, orders_count=None, spent=None)
    parcels = tuple(replace(one, happened_at=None) for one in order.fulfillments)
    return replace(order, customer=customer, fulfillments=parcels, status_url=None, updated_at=None)


@pytest.mark.parametrize("body", RECORDED)
def test_order_reads_the_same_from_its_webhook_and_from_the_api(shopify, body):
    put(shopify, body)

    (updated,) = [one for one in found(shopify) if one.topic == "orders/updated"]

    from_webhook = reading_orders.order(body, ENVELOPE)
    (event,) = platform_at(shopify).read(replace(ENVELOPE, topic=updated.topic), updated.body)
    assert alike(event.fact) == alike(from_webhook)


def test_recorded_orders_are_enough_to_say_something():
    assert len(RECORDED) >= 8


def order(number, minute, **changes):
    at = f"2026-11-20T15:{minute:02d}:00Z"
    return bodies.order(
        **({"id": number, "name": f"#{number}", "created_at": at, "processed_at": at, "updated_at": at} | changes)
    )


def test_oldest_change_comes_first_and_new_orders_are_created_before_they_are_updated(shopify):
    put(shopify, order(2, 40), order(1, 30), order(3, 50, created_at="2026-11-01T00:00:00Z"))

    told = [(one.topic, json.loads(one.body)["id"]) for one in found(shopify, since=NOW - timedelta(hours=1))]

    assert told == [
        ("orders/create", 1), ("orders/updated", 1), ("orders/create", 2), ("orders/updated", 2), ("orders/updated", 3),
    ]  # fmt: skip


def test_new_order_is_placed_and_seen(shopify):
    put(shopify, order(1, 30))
    platform = platform_at(shopify)

    kinds = [platform.read(replace(ENVELOPE, topic=one.topic, at=one.at), one.body)[0].kind for one in found(shopify)]

    assert kinds == [Kind.ORDER_PLACED, Kind.ORDER_SEEN]


def test_what_changed_before_or_after_the_window_is_left_out(shopify):
    put(shopify, order(1, 10), order(2, 30), order(3, 50))

    told = found(shopify, since=NOW - timedelta(minutes=40), until=NOW - timedelta(minutes=20))

    assert {json.loads(one.body)["id"] for one in told} == {2}


def test_windows_that_overlap_give_the_same_deliveries(shopify):
    put(shopify, order(1, 30))

    first, second = found(shopify), found(shopify)

    assert first == second
    assert len({(one.topic, one.delivery_id) for one in first}) == 2


def test_changed_order_is_another_delivery(shopify):
    put(shopify, order(1, 30))
    before = {one.delivery_id for one in found(shopify)}
    shopify.shop(SHOP).orders[0]["updatedAt"] = "2026-11-20T15:45:00Z"

    assert before.isdisjoint(one.delivery_id for one in found(shopify))


def test_every_page_of_orders_and_of_rows_is_read(shopify):
    rows = [bodies.line(id=100 + number, price_set=bodies.bag("1.00"), price="1.00") for number in range(60)]
    put(shopify, order(1, 1, line_items=rows), *(order(number, number % 60) for number in range(2, 122)))

    told = [json.loads(one.body) for one in found(shopify) if one.topic == "orders/updated"]

    assert len(told) == 121
    assert [row["id"] for body in told if body["id"] == 1 for row in body["line_items"]] == [row["id"] for row in rows]


def test_access_lost_half_way_keeps_what_came_before(shopify):
    put(shopify, order(1, 30), order(2, 40))
    coming = platform_at(shopify).catch_up(STORE, access_of(shopify), SINCE, NOW)

    first = next(coming)
    shopify.uninstall(SHOP)

    assert json.loads(first.body)["id"] == 1
    with pytest.raises(AccessLost):
        list(coming)


def test_busy_platform_is_said(shopify):
    put(shopify, order(1, 30))
    shopify.shop(SHOP).status = 503

    with pytest.raises(PlatformBusy):
        found(shopify)


def test_tip_is_no_goods(shopify):
    tip = bodies.line(id=12, title="Tip", variant_title=None, sku=None, quantity=1, current_quantity=1, price="3.00",
                      price_set=bodies.bag("3.00"), requires_shipping=False)  # fmt: skip
    put(
        shopify,
        order(
            1,
            30,
            line_items=[bodies.line(), tip],
            total_tip_received="3.00",
            total_price="52.00",
            current_total_price="52.00",
        ),
    )

    (event,) = platform_at(shopify).read(ENVELOPE, found(shopify)[-1].body)

    assert [line.title for line in event.fact.lines] == ["Fountain pen"]
    assert event.fact.tip.amount == 3


def test_order_that_shopify_advises_to_cancel_is_risky(shopify):
    put(shopify, order(1, 30))
    shopify.shop(SHOP).orders[0]["risk"] = {"recommendation": "CANCEL"}

    (event,) = platform_at(shopify).read(ENVELOPE, found(shopify)[-1].body)

    assert event.fact.is_risky
