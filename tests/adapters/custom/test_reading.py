import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from adapters.custom import platform
from adapters.custom.reading import TYPES
from lifecycle.carts import Checkout
from lifecycle.errors import Unreadable
from lifecycle.events import Kind
from lifecycle.money import Money
from lifecycle.orders import Passage, Payment, Refund
from lifecycle.people import ConsentState
from tests.contract.samples_custom import FOLDER, signed

HOUSE = platform(None)


def body_of(name):
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))


def read(body, topic=""):
    raw = signed(json.dumps(body).encode(), topic=topic)
    (event,) = HOUSE.read(HOUSE.address(raw), raw.body)
    return event


def refusal(body, topic=""):
    with pytest.raises(Unreadable) as unread:
        read(body, topic)
    return unread.value.reason


def euros(text):
    return Money(Decimal(text), "EUR")


def at(hour, minute, second=0):
    return datetime(2026, 11, 20, hour, minute, second, tzinfo=UTC)


FIXTURES = sorted(file.stem for file in FOLDER.glob("*.json"))


@pytest.mark.parametrize("name", FIXTURES)
def test_every_fixture_reads_as_its_name_says(name):
    event = read(body_of(name))

    assert event.kind is TYPES[name.partition("__")[0]].kind
    assert event.store_id == ""
    assert event.fact.id == body_of(name)["data"].get("id", body_of(name)["data"].get("token"))


def test_every_type_has_a_fixture():
    assert {name.partition("__")[0] for name in FIXTURES} == TYPES.keys()


def test_whole_order_is_read_to_the_last_field():
    event = read(body_of("order.placed__full"))

    order = event.fact
    assert (event.kind, event.occurred_at, event.order_id) == (Kind.ORDER_PLACED, at(14, 0), "A-1001")
    assert (order.id, order.number, order.payment) == ("A-1001", "#1001", Payment.PAID)
    assert (order.subtotal, order.discount, order.shipping) == (euros("45.00"), euros("5.00"), euros("4.90"))
    assert (order.tax, order.tax_included, order.total) == (euros("7.48"), True, euros("44.90"))
    assert order.summed == order.total
    assert [(line.id, line.title, line.quantity, line.total) for line in order.lines] == [
        ("l-1", "Coffee mug", 2, euros("25.00")),
        ("l-2", "Gift card", 1, euros("20.00")),
    ]
    assert (order.lines[0].unit_price, order.lines[0].variant, order.lines[0].sku) == (euros("12.50"), "blue", "MUG-B")
    assert (order.lines[0].note, order.lines[0].image_url) == (("Engraving: Ann",), "https://shop.example.com/mug.jpg")
    assert [(line.gift_card, line.needs_shipping) for line in order.lines] == [(False, True), (True, False)]
    assert [(one.label, one.amount) for one in order.discounts + order.taxes] == [
        ("WELCOME5", euros("5.00")),
        ("20 % VAT", euros("7.48")),
    ]
    customer = order.customer
    assert (customer.id, customer.email, customer.name, customer.locale, customer.country) == (
        "c-7",
        "ann@example.com",
        "Ann Bauer",
        "de-AT",
        "AT",
    )
    assert (customer.orders_count, customer.spent, customer.phone) == (2, euros("81.40"), "+43 1 5550100")
    assert (customer.consent.state, customer.consent.source) == (ConsentState.SUBSCRIBED, "checkout")
    assert (order.ship_to.street, order.ship_to.postcode, order.ship_to.country) == ("Beispielgasse 1", "1010", "AT")
    assert order.bill_to == order.ship_to
    assert (order.shipping_method, order.payment_method, order.source) == ("Standard", "Visa •••• 4242", "web")
    assert (order.checkout_token, order.cart_token) == ("chk-55", "cart-55")
    assert order.status_url == "https://shop.example.com/orders/A-1001"


def test_short_order_falls_back_on_zero_and_on_the_time_it_was_told():
    order = read(body_of("order.placed__minimal_yen")).fact

    assert order.placed_at == order.updated_at == at(14, 5)
    assert (order.discount, order.shipping, order.tax) == (Money(Decimal(0), "JPY"),) * 3
    assert (order.total, order.tip, order.ship_to, order.customer.consent) == (
        Money(Decimal(3600), "JPY"),
        None,
        None,
        None,
    )


def test_fees_tip_risk_and_the_shops_own_total_are_read():
    order = read(body_of("order.placed__two_currencies")).fact

    assert order.shop_total == Money(Decimal("48.12"), "USD")
    assert (order.fees[0].label, order.fees[0].amount, order.tip) == ("Gift wrap", euros("2.00"), euros("1.00"))
    assert order.is_risky
    assert order.summed == order.total


def test_later_states_of_an_order_are_snapshots():
    changed = read(body_of("order.updated__one_mug_less"))
    paid = read(body_of("order.paid__later"))
    cancelled = read(body_of("order.cancelled__by_customer"))

    assert {changed.kind, paid.kind, cancelled.kind} == {Kind.ORDER_SEEN}
    assert changed.fact.lines[0].quantity == 1
    assert paid.fact.payment is Payment.PAID
    assert cancelled.fact.cancelled_at == cancelled.occurred_at
    assert changed.fact.cancelled_at is None


def test_order_placed_is_one_event_and_each_snapshot_its_own():
    body = body_of("order.placed__full")
    later = {**body, "occurred_at": "2026-11-20T14:09:00Z"}

    assert read(body).id == read(later).id
    assert read({**body, "type": "order.updated"}).id != read({**later, "type": "order.updated"}).id


@pytest.mark.parametrize(
    ("name", "passage", "shipped", "delivered"),
    [
        ("fulfillment.shipped__one_parcel", Passage.SHIPPED, at(14, 15), None),
        ("fulfillment.updated__new_number", Passage.SHIPPED, at(14, 15), None),
        ("fulfillment.updated__ready_for_pickup", Passage.READY_FOR_PICKUP, None, None),
        ("fulfillment.out_for_delivery__bare", Passage.OUT_FOR_DELIVERY, None, None),
        ("fulfillment.delivered__at_the_door", Passage.DELIVERED, None, at(14, 21, 30)),
        ("fulfillment.failed__nobody_home", Passage.FAILED, None, None),
    ],
)
def test_parcel_is_where_its_type_says(name, passage, shipped, delivered):
    event = read(body_of(name))

    parcel = event.fact
    assert event.kind is Kind.FULFILLMENT_SEEN
    assert (parcel.passage, parcel.shipped_at, parcel.delivered_at) == (passage, shipped, delivered)
    assert parcel.happened_at == event.occurred_at


def test_type_wins_over_a_passage_that_says_otherwise():
    body = body_of("fulfillment.delivered__at_the_door")
    body["data"]["passage"] = "preparing"

    assert read(body).fact.passage is Passage.DELIVERED


def test_parcel_names_its_items_and_numbers():
    parcel = read(body_of("fulfillment.shipped__one_parcel")).fact

    assert [(part.line_id, part.title, part.quantity, part.variant, part.amount) for part in parcel.lines] == [
        ("l-1", "Coffee mug", 2, "blue", None)
    ]
    (tracking,) = parcel.trackings
    assert (tracking.number, tracking.carrier) == ("JJD000390007882823", "DHL")
    assert tracking.url.startswith("https://www.dhl.com/")
    assert parcel.estimated_delivery == datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_refund_says_what_moved_and_for_which_lines():
    event = read(body_of("refund.issued__one_mug"))

    refund = event.fact
    assert isinstance(refund, Refund)
    assert (event.kind, refund.order_id, refund.amount, refund.pending) == (
        Kind.REFUND_ISSUED,
        "A-1001",
        euros("12.50"),
        False,
    )
    assert [(part.line_id, part.quantity, part.amount) for part in refund.lines] == [("l-1", 1, euros("12.50"))]
    assert (refund.method, refund.reason, refund.refunded_at) == ("Visa •••• 4242", "broken", event.occurred_at)


def test_pending_refund_of_shipping_has_no_lines():
    refund = read(body_of("refund.issued__amount_only_pending")).fact

    assert (refund.lines, refund.pending, refund.shipping) == ((), True, Money(Decimal(600), "JPY"))


def test_checkout_is_touched_and_then_bought():
    touched, bought = read(body_of("checkout.touched__with_consent")), read(body_of("checkout.completed__bought"))

    assert isinstance(touched.fact, Checkout)
    assert (touched.kind, touched.fact.touched_at, touched.fact.is_open) == (Kind.CHECKOUT_TOUCHED, at(13, 45), True)
    assert touched.fact.recovery_url == "https://shop.example.com/checkout/chk-55"
    assert touched.fact.customer.consent.state is ConsentState.SUBSCRIBED
    assert (bought.kind, bought.fact.completed_at, bought.fact.order_id) == (Kind.CHECKOUT_COMPLETED, at(14, 0), "A-1001")


def test_touched_checkout_is_open_whatever_it_says_of_being_bought():
    body = body_of("checkout.touched__with_consent")
    body["data"]["completed_at"] = "2026-11-20T13:45:00Z"

    assert read(body).fact.completed_at is None


def changed(name, **fields):
    body = body_of(name)
    for path, value in fields.items():
        *way, last = path.split("__")
        place = body
        for key in way:
            place = place[int(key)] if key.isdigit() else place[key]
        if value is ...:
            del place[last]
        else:
            place[last] = value
    return body


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"type": "order.exploded"}, "unknown_type"),
        ({"type": ["order.placed"]}, "unknown_type"),
        ({"type": ...}, "unknown_type"),
        ({"occurred_at": ...}, "no_time"),
        ({"occurred_at": "2026-11-20T14:00:00"}, "no_time"),
        ({"occurred_at": "0001-01-01T00:00:00Z"}, "no_time"),
        ({"data": ...}, "no_data"),
        ({"data": [1, 2]}, "no_data"),
        ({"data__id": ...}, "no_id"),
        ({"data__id": 1001}, "no_id"),
        ({"data__id": "a b"}, "no_id"),
        ({"data__id": "x" * 101}, "no_id"),
        ({"data__currency": ...}, "no_currency"),
        ({"data__currency": "EURO"}, "no_currency"),
        ({"data__total": ...}, "no_amount"),
        ({"data__total": "1e9"}, "no_amount"),
        ({"data__total": "-1.00"}, "no_amount"),
        ({"data__total": "1.2.3"}, "no_amount"),
        ({"data__shipping": "free"}, "no_amount"),
        ({"data__shop_total": "1.00"}, "no_currency"),
        ({"data__lines": ...}, "no_lines"),
        ({"data__lines": {}}, "no_lines"),
        ({"data__lines": [1]}, "no_lines"),
        ({"data__fees": {"label": "x"}}, "no_lines"),
        ({"data__lines__0__quantity": 0}, "no_quantity"),
        ({"data__lines__0__quantity": "many"}, "no_quantity"),
        ({"data__lines__0__total": ...}, "no_amount"),
        ({"data__lines__0__id": ...}, "no_id"),
    ],
)  # fmt: skip
def test_what_an_order_cannot_do_without_makes_it_unreadable(fields, reason):
    assert refusal(changed("order.placed__full", **fields)) == reason


@pytest.mark.parametrize(
    ("fields", "field", "value"),
    [
        ({"data__customer": ...}, "customer.email", None),
        ({"data__customer__email": "a@x.net,b@y.net"}, "customer.email", None),
        ({"data__customer__email": "a@x.net\r\nBcc: b@y.net"}, "customer.email", None),
        ({"data__customer__first_name": "Ann\r\nBcc: x"}, "customer.first_name", "Ann Bcc: x"),
        ({"data__customer__country": "Austria"}, "customer.country", None),
        ({"data__customer__locale": "../../etc"}, "customer.locale", None),
        ({"data__customer__marketing__state": "yes"}, "customer.consent.state", ConsentState.UNKNOWN),
        ({"data__status_url": "javascript:alert(1)"}, "status_url", None),
        ({"data__status_url": "http://shop.example.com"}, "status_url", None),
        ({"data__payment": "barter"}, "payment", Payment.UNKNOWN),
        ({"data__placed_at": "9999-12-31T23:59:59Z"}, "placed_at", at(14, 0)),
        ({"data__is_test": "false"}, "is_test", False),
        ({"data__cart_token": 7}, "cart_token", None),
        ({"data__number": ...}, "number", "A-1001"),
    ],
)  # fmt: skip
def test_odd_things_that_a_letter_can_do_without_are_left_out(fields, field, value):
    found = read(changed("order.placed__full", **fields)).fact

    for name in field.split("."):
        found = getattr(found, name)
    assert found == value


def test_header_topic_may_only_repeat_the_signed_type():
    body = body_of("order.placed__full")

    assert read(body, "order.placed").kind is Kind.ORDER_PLACED
    assert refusal(body, "order.cancelled") == "other_topic"
    assert refusal(body, "order.exploded") == "unknown_topic"


def test_carts_wait_behind_orders():
    lanes = {name: topic.lane for name, topic in HOUSE.topics.items()}

    assert lanes["order.placed"] == lanes["refund.issued"] == lanes["event"] == 1
    assert lanes["checkout.touched"] == lanes["checkout.completed"] == 2
    assert lanes.keys() == {"event", *TYPES}


def test_scrubbing_leaves_nobody_and_tells_the_same():
    body = body_of("order.placed__full")
    body["data"]["their_own"] = {"note": "call Ann Bauer", "pin": 4242, "score": 1.5, "ok": True}
    raw = json.dumps(body).encode()

    scrubbed = HOUSE.scrub(raw)

    for word in (
        "Ann",
        "Bauer",
        "ann@",
        "Beispielgasse",
        "Top 4",
        "1010",
        "Wien",
        "5550100 ",
        "4242",
        "chk-55",
        "cart-55",
        "WELCOME5",
        "c-7",
    ):
        assert word not in scrubbed.decode(), word
    was, now = read(body), read(json.loads(scrubbed))
    assert (now.id, now.fact.total, now.fact.lines[0].total, now.fact.customer.country) == (
        was.id,
        was.fact.total,
        was.fact.lines[0].total,
        "AT",
    )
    assert now.fact.customer.email == "scrubbed@example.com"
    assert now.fact.customer.consent.state is ConsentState.SUBSCRIBED


def test_scrubbed_body_is_json_even_where_a_number_was_too_large_for_it():
    body = b'{"type":"refund.issued","occurred_at":"x","data":{"amount":1e350,"other":1e350}}'

    assert json.loads(HOUSE.scrub(body), parse_constant=pytest.fail)["data"] == {"amount": 0.0, "other": 0}
