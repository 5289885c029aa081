"""A connected WooCommerce shop looked after: webhooks revived, missed orders found once, thin orders completed."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from adapters.woocommerce import WooCommerce
from adapters.woocommerce.api import Shop, rows_of
from lifecycle.deliveries import Envelope
from lifecycle.errors import AccessLost, PlatformBusy
from lifecycle.events import Event, Kind
from lifecycle.orders import Passage
from tests.fakes.woocommerce import FakeShop
from tests.fakes.woocommerce_data import BEGIN, written
from tests.flows.houses import NOW
from tests.flows.woo_house import ADDRESS, WooHouse


@pytest.fixture
def shop():
    with FakeShop() as opened:
        yield opened


@pytest.fixture
def house(records, shop):
    opened = WooHouse(records, shop)
    opened.connect()
    opened.desk.work()
    return opened


class Wire:
    """The platform alone, with keys that the shop knows."""

    def __init__(self, shop):
        from lifecycle.ports import Access
        from lifecycle.stores import Store

        self.platform = WooCommerce(shop.url)
        keys = {name: value for name, value in shop.new_keys().items() if name.startswith("consumer_")}
        self.store = Store("s1", "woocommerce", shop.url, "token", "Fern", secrets=("a" * 40,))
        self.access = Access("s1", keys, NOW)

    def found(self, since=BEGIN, until=NOW):
        return list(self.platform.catch_up(self.store, self.access, since, until))

    def health(self, address=f"{ADDRESS}/webhooks/woocommerce/token"):
        return self.platform.check_subscriptions(self.store, self.access, address)

    def read(self, body, topic="order.updated"):
        return self.platform.read(Envelope("woocommerce", "token", topic, "d1", NOW), written(body))

    def completed(self, body):
        return [self.platform.complete(event, self.store, self.access) for event in self.read(body)]


@pytest.fixture
def wire(shop):
    return Wire(shop)


# ---- subscriptions ---------------------------------------------------------------------------------------------------


def test_a_webhook_that_failed_seven_times_is_revived_and_the_merchant_told(house, shop):
    for number in range(7):
        shop.deliver("order.created", shop.order(80 + number, house.clock.at), lambda *_: 500)
    assert [one["topic"] for one in shop.webhooks if one["status"] == "disabled"] == ["order.created"]

    house.clock.later(hours=1, minutes=1)
    house.desk.work()

    assert {one["status"] for one in shop.webhooks} == {"active"}
    assert len(shop.webhooks) == 6
    with house.records.reading() as tx:
        assert [(one.code, one.detail) for one in tx.notices.of(house.store().id)] == [("webhooks_mended", "order.created")]
    assert {one.envelope.topic for one in house.deliveries()} == {"order.updated"}
    assert len(house.deliveries()) == 7


def test_foreign_webhooks_stay_and_a_paused_one_is_told_of(wire, shop):
    first = wire.health()
    shop.webhooks[0] |= {"status": "paused"}
    shop.webhooks.append(
        {"id": 99, "topic": "order.created", "delivery_url": "https://else.example/", "status": "disabled"}
    )

    second = wire.health()

    assert len(first.created) == 6
    assert (second.created, second.revived) == ((), ())
    assert second.problems == (("webhook_paused", "order.created"),)
    assert shop.webhooks[-1]["status"] == "disabled"
    assert shop.webhooks[0]["status"] == "paused"


def test_a_revived_webhook_signs_with_our_secret_again(wire, shop):
    wire.health()
    shop.webhooks[2] |= {"status": "disabled", "secret": "somebody else's"}

    health = wire.health()

    assert health.revived == ("order.deleted",)
    assert shop.webhooks[2]["secret"] == "a" * 40


# ---- catching up -----------------------------------------------------------------------------------------------------


def test_500_missed_orders_are_found_once_and_with_the_identities_that_webhooks_would_have_had(house, shop):
    house.clock.later(minutes=30)
    for number in range(500):
        at = house.clock.at - timedelta(minutes=20) + timedelta(seconds=number // 3)
        shop.order(1000 + number, at, billing={"email": f"buyer-{number}@example.com"})
    known = list(range(1000, 1020))
    for number in known:
        assert shop.deliver("order.updated", shop.orders[number], house.post) == [200]

    for _ in range(3):
        while house.desk.tick() + house.desk.hear_due():
            pass
        house.clock.later(minutes=11)

    with house.records.reading() as tx:
        placed = [one.event for one in tx.events.list(house.store().id, limit=5000) if one.event.kind is Kind.ORDER_PLACED]
    assert sorted(int(event.fact_id) for event in placed) == list(range(1000, 1500))


def ids(found):
    return [int(one.delivery_id.split("-")[2]) for one in found]


@pytest.mark.parametrize("size", [1, 99, 100, 101, 250])
def test_a_crowded_second_is_read_to_its_end(wire, shop, size):
    for number in range(size):
        shop.order(500 + number, BEGIN + timedelta(seconds=5))
    shop.order(5000, BEGIN + timedelta(seconds=6))

    assert sorted(ids(wire.found())) == [*range(500, 500 + size), 5000]


@pytest.mark.parametrize("seconds", [0, 1])
def test_nothing_is_skipped_when_orders_move_while_pages_are_read(wire, shop, seconds):
    for number in range(350):
        shop.order(500 + number, BEGIN + timedelta(seconds=number * seconds))
    late = NOW - timedelta(minutes=1)
    shop.on_page = [lambda: [shop.touch(number, late) for number in range(500, 550)], lambda: shop.touch(600, late)]

    assert set(ids(wire.found())) == set(range(500, 850))


def test_trash_is_found_in_time_order_and_what_is_older_is_not(wire, shop):
    shop.order(1, BEGIN - timedelta(minutes=1))
    shop.order(2, BEGIN + timedelta(seconds=1))
    shop.order(3, BEGIN + timedelta(seconds=2), status="trash")
    shop.order(4, BEGIN + timedelta(seconds=3), status="checkout-draft")

    found = wire.found()

    assert ids(found) == [2, 3, 4]
    assert [one.at for one in found] == sorted(one.at for one in found)
    assert {one.topic for one in found} == {"order.updated"}
    assert found[0].body == written(shop.orders[2])


def test_orders_too_long_for_one_answer_come_in_smaller_pages(wire, shop):
    for number in range(130):
        shop.order(500 + number, BEGIN + timedelta(seconds=number // 30))
    shop.switches.largest_page = 20

    assert sorted(ids(wire.found())) == list(range(500, 630))


def test_a_shop_that_ignores_the_filter_is_not_read_for_ever(wire, shop):
    shop.order(1, BEGIN - timedelta(days=400))
    real = shop.listed
    shop.listed = lambda asked: real({name: value for name, value in asked.items() if name != "modified_after"})

    with pytest.raises(PlatformBusy) as caught:
        wire.found()

    assert caught.value.reason == "filter_ignored"


# ---- what the API says no with ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("switches", "error", "reason"),
    [
        ({"drops_authorization": True}, AccessLost, "key_revoked"),
        ({"rest_closed": True}, AccessLost, "rest_closed"),
        ({"firewall": True}, PlatformBusy, "firewall"),
        ({"permalinks": False}, PlatformBusy, "no_permalinks"),
        ({"status": 429}, PlatformBusy, "shop_busy"),
        ({"status": 503}, PlatformBusy, "shop_busy"),
        ({"redirect_to": "https://else.example"}, PlatformBusy, "redirects"),
        ({"bomb": True}, PlatformBusy, "too_big"),
    ],
)
def test_every_refusal_has_its_reason(wire, shop, switches, error, reason):
    for name, value in switches.items():
        setattr(shop.switches, name, value)

    with pytest.raises(error) as caught:
        wire.found()

    assert caught.value.reason == reason
    assert getattr(caught.value, "retry_after_s", None) == (7 if reason == "shop_busy" else None)


def test_a_key_that_only_reads_is_told_from_a_wrong_one(shop):
    shop.switches.read_only = True
    wire = Wire(shop)

    with pytest.raises(AccessLost, match="only reads"):
        wire.health()


def test_keys_travel_in_the_header_and_never_in_the_address():
    class Recording:
        def call(self, method, url, **more):
            from adapters.http import Answer

            self.asked = (method, url, more)
            return Answer(200, {"content-type": "application/json"}, b"[]")

    line = Recording()

    Shop(line, "https://shop.example/de", {"consumer_key": "ck_1", "consumer_secret": "cs_2"}).rows("orders", page="1")

    method, url, more = line.asked
    assert (method, url, more["params"]) == ("GET", "https://shop.example/de/wp-json/wc/v3/orders", {"page": "1"})
    assert more["headers"] == {"Authorization": "Basic Y2tfMTpjc18y"}


@pytest.mark.parametrize("body", [b"", b"{}", b"[{}", b"[1 2]", b"[{},]x", b"\xff", b"[" * 100_000, b"<html>", b"null"])
def test_what_is_no_list_is_one_declared_error(body):
    with pytest.raises(PlatformBusy):
        rows_of(body)


def test_rows_keep_their_bytes():
    rows = rows_of('\ufeff [ {"a":1.50, "b":"\\/"} , 7, {"c":"é"}]\n'.encode())

    assert [row.body for row in rows] == [b'{"a":1.50, "b":"\\/"}', '{"c":"é"}'.encode()]


# ---- completing ------------------------------------------------------------------------------------------------------


def test_a_refund_gets_its_lines_and_keeps_its_identity(wire, shop):
    body = shop.order(70, refunds=[{"id": 9, "reason": "Torn", "total": "-11.90"}])
    line = body["line_items"][0]
    shop.refunds[70] = [
        {"id": 9, "amount": "11.90", "date_created_gmt": "2026-11-20T14:30:00", "shipping_lines": [], "line_items": [
            {"id": 3, "name": "x", "quantity": -1, "total": "-10.00", "total_tax": "-1.90",
             "meta_data": [{"key": "_refunded_item_id", "value": str(line["id"])}]},
        ]},
    ]  # fmt: skip
    (plain,) = wire.read(body)

    (event,) = wire.completed(body)

    (refund,) = event.fact.refunds
    (part,) = refund.lines
    assert (part.line_id, part.title, part.quantity) == (str(line["id"]), plain.fact.lines[0].title, 1)
    assert part.amount.amount == refund.amount.amount == Decimal("11.90")
    assert refund.refunded_at.isoformat() == "2026-11-20T14:30:00+00:00"
    assert event.id == plain.id


@pytest.mark.parametrize("asks", [True, False])
def test_fulfillments_are_asked_for_only_when_the_order_hints_at_them(wire, shop, asks):
    shop.switches.fulfillments = True
    meta = [{"id": 1, "key": "_fulfillment_status", "value": "partially_fulfilled"}] if asks else []
    body = shop.order(71, meta_data=meta)
    item = body["line_items"][0]["id"]
    shop.fulfillments[71] = [
        {"id": 5, "is_fulfilled": True, "meta_data": [
            {"key": "_items", "value": [{"item_id": item, "qty": 1}]}, {"key": "_tracking_number", "value": "T1"},
            {"key": "_tracking_url", "value": "https://carrier.example/T1"}, {"key": "_shipment_provider", "value": "dhl"},
        ]},
        {"id": 6, "is_fulfilled": True, "meta_data": [{"key": "_items", "value": []}]},
        {"id": 7, "is_fulfilled": False, "meta_data": [{"key": "_tracking_number", "value": "T2"}]},
    ]  # fmt: skip

    (event,) = wire.completed(body)

    told = [(one.id, one.passage, one.trackings[0].number, len(one.lines)) for one in event.fact.fulfillments]
    assert told == ([("71:fulfillment-5", Passage.SHIPPED, "T1", 1)] if asks else [])
    assert any("/fulfillments" in path for _, path in shop.asked) == asks


def test_a_shop_without_fulfillments_leaves_the_order_as_told(wire, shop):
    body = shop.order(72, meta_data=[{"id": 1, "key": "_fulfillment_status", "value": "fulfilled"}])

    assert wire.completed(body) == list(wire.read(body))


def test_a_carts_history_counts_this_address_only(wire, shop):
    email = "ada@example.com"
    earlier = BEGIN - timedelta(days=3)
    shop.order(1, earlier, customer_id=4, billing={"email": "ADA@example.com"}, total="10.00")
    shop.order(2, earlier, customer_id=0, billing={"email": email}, total="20.00", refunds=[{"id": 1, "total": "-5.00"}])
    shop.order(3, earlier, customer_id=0, billing={"email": f"x{email}"}, total="40.00")
    shop.order(4, earlier, customer_id=0, billing={"email": email}, status="cancelled")
    shop.customers = [{"id": 4, "email": email}]
    body = shop.order(9, status="checkout-draft", billing={"email": email}, customer_id=0)

    (event,) = wire.completed(body)

    assert event.fact.customer.orders_count == 2
    assert event.fact.customer.spent.amount == Decimal("25.00")
    assert event.id == wire.read(body)[0].id


def test_what_needs_nothing_is_not_asked_about(wire, shop):
    body = shop.order(73)
    (event,) = wire.read(body)
    asked = len(shop.asked)

    assert wire.platform.complete(event, wire.store, wire.access) == event
    assert wire.platform.complete(replace(event, kind=Kind.ORDER_SEEN), wire.store, wire.access) is not None
    assert len(shop.asked) == asked
    assert isinstance(event, Event)
