from datetime import UTC, datetime

import pytest

from lifecycle.errors import Unreadable
from lifecycle.events import Kind
from lifecycle.orders import Passage, Tracking
from tests.adapters.shopify.bodies import fact, fulfillment, line, order, read, recorded, refund

TOPIC = "fulfillments/update"


def reason(topic, body):
    with pytest.raises(Unreadable) as refused:
        read(topic, body)
    return refused.value.reason


def test_a_parcel_is_seen_with_what_is_in_it():
    (event,) = read("fulfillments/create", fulfillment())

    assert (event.kind, event.revision, event.order_id) == (Kind.FULFILLMENT_SEEN, "", "1001")
    assert [(part.line_id, part.title, part.variant, part.quantity) for part in event.fact.lines] == [
        ("11", "Fountain pen", "Fine", 1)
    ]
    assert event.fact.shipped_at == event.occurred_at == datetime(2026, 11, 20, 15, 20, tzinfo=UTC)
    assert not event.fact.no_parcel


@pytest.mark.parametrize(
    ("status", "shipment", "passage"),
    [
        ("success", None, Passage.SHIPPED),
        ("success", "label_printed", Passage.SHIPPED),
        ("success", "confirmed", Passage.SHIPPED),
        ("success", "carrier_picked_up", Passage.IN_TRANSIT),
        ("success", "delayed", Passage.IN_TRANSIT),
        ("success", "out_for_delivery", Passage.OUT_FOR_DELIVERY),
        ("success", "attempted_delivery", Passage.FAILED),
        ("success", "delivered", Passage.DELIVERED),
        ("success", "teleported", Passage.SHIPPED),
        ("cancelled", "delivered", Passage.CANCELLED),
        ("pending", None, Passage.PREPARING),
        ("failure", None, Passage.PREPARING),
        ("brand new", None, Passage.PREPARING),
    ],
)
def test_where_a_parcel_is_in_our_words(status, shipment, passage):
    assert fact(TOPIC, fulfillment(status=status, shipment_status=shipment)).passage is passage


def test_what_was_not_sent_has_no_day_of_sending():
    assert fact(TOPIC, fulfillment(status="pending")).shipped_at is None
    assert fact(TOPIC, fulfillment(status="cancelled")).shipped_at is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [("1Z1", "https://ups.example/1Z1")]),
        (
            {"tracking_numbers": ["A", "B"], "tracking_urls": ["https://x.example/A"]},
            [("A", "https://x.example/A"), ("B", None)],
        ),
        ({"tracking_numbers": ["A", "A", ""], "tracking_urls": []}, [("A", "https://ups.example/1Z1")]),
        ({"tracking_numbers": [], "tracking_urls": []}, [("1Z1", "https://ups.example/1Z1")]),
        ({"tracking_urls": ["http://x.example/"], "tracking_url": None}, [("1Z1", None)]),
        ({"tracking_urls": ["javascript:alert(1)"]}, [("1Z1", None)]),
        ({"tracking_urls": None, "tracking_url": None}, [("1Z1", None)]),
        ({"tracking_numbers": [None, ""], "tracking_number": None}, [("", "https://ups.example/1Z1")]),
        ({"tracking_numbers": None, "tracking_number": None, "tracking_urls": [""], "tracking_url": ""}, []),
    ],
)
def test_every_number_stands_once_with_the_link_that_was_given_for_it(changes, expected):
    found = fact(TOPIC, fulfillment(**changes)).trackings

    assert found == tuple(Tracking(number, "UPS", url) for number, url in expected)


def test_gift_cards_and_downloads_have_no_parcel():
    assert fact(TOPIC, fulfillment(service="gift_card")).no_parcel
    assert fact(TOPIC, fulfillment(line_items=[line(requires_shipping=False)])).no_parcel
    assert not fact(TOPIC, fulfillment(line_items=[])).no_parcel


def event(**changes):
    return {
        "id": 1234567,
        "fulfillment_id": 51,
        "order_id": 1001,
        "status": "delivered",
        "happened_at": "2026-11-20T10:25:00-05:00",
        "estimated_delivery_at": "2026-11-21T00:00:00Z",
        "city": "Vienna",
        "updated_at": "2026-11-20T10:25:01-05:00",
    } | changes


def test_a_carriers_event_knows_where_and_when_and_not_what():
    (seen,) = read("fulfillment_events/create", event())

    assert (seen.kind, seen.fact.id, seen.fact.order_id, seen.fact.passage) == (
        Kind.FULFILLMENT_SEEN,
        "51",
        "1001",
        Passage.DELIVERED,
    )
    assert (seen.fact.lines, seen.fact.trackings, seen.fact.place) == ((), (), "Vienna")
    assert seen.occurred_at == seen.fact.happened_at == seen.fact.delivered_at == datetime(2026, 11, 20, 15, 25, tzinfo=UTC)
    assert seen.fact.estimated_delivery == datetime(2026, 11, 21, tzinfo=UTC)


def test_only_a_delivered_parcel_has_a_time_of_delivery():
    assert fact("fulfillment_events/create", event(status="in_transit")).delivered_at is None


def test_a_carriers_word_of_the_future_says_nothing_and_breaks_nothing():
    assert read("fulfillment_events/create", event(status="teleported")) == ()


def test_the_recorded_event_is_in_transit():
    assert fact("fulfillment_events/create", recorded("fulfillment_events__create__1.json")).passage is Passage.IN_TRANSIT


@pytest.mark.parametrize(
    ("topic", "body", "expected"),
    [
        (TOPIC, fulfillment(id="x"), "no_id"),
        (TOPIC, fulfillment(order_id=None), "no_id"),
        (TOPIC, fulfillment(line_items=None), "no_line_items"),
        (TOPIC, fulfillment(status=None), "no_status"),
        (TOPIC, order(), "no_status"),
        (TOPIC, refund(), "no_line_items"),
        (TOPIC, event(), "no_line_items"),
        ("fulfillment_events/create", fulfillment(), "no_id"),
        ("fulfillment_events/create", event(status=None), "no_status"),
        ("fulfillment_events/create", event(status=5), None),
    ],
)
def test_a_body_of_another_shape_is_no_parcel(topic, body, expected):
    if expected is None:
        assert read(topic, body) == ()
    else:
        assert reason(topic, body) == expected
