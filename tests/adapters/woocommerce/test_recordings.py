"""Every recording through the door, and what a person reading it would expect, by number."""

from datetime import UTC, datetime

import pytest

from lifecycle.errors import NotAuthentic, Unreadable
from lifecycle.events import Kind
from lifecycle.orders import Payment
from tests.adapters.woocommerce.recordings import PLATFORM, fact, read, recordings

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
SIGNED = [recording for recording in recordings().values() if recording.verifies is not None]
PINGS = [recording for recording in recordings().values() if recording.verifies is None]

PLACED, SEEN, TOUCHED = Kind.ORDER_PLACED, Kind.ORDER_SEEN, Kind.CHECKOUT_TOUCHED
FAILED, CLOSED = Kind.CHECKOUT_PAYMENT_FAILED, Kind.CHECKOUT_CLOSED

# Every delivery of a handled order topic, each looked up in its payload: number -> (order or token, kinds).
EXPECTED = {
    **dict.fromkeys((34, 35), ("26", [TOUCHED])),  # simple, pending
    **dict.fromkeys((36, 43), ("26", [PLACED])),  # paid, completed
    **dict.fromkeys((53, 405), ("26", [SEEN])),  # fully refunded; touched again while the store had no decimals
    **dict.fromkeys((59, 60), ("28", [PLACED])),  # guest, completed at once
    **dict.fromkeys((70, 71), ("29", [TOUCHED])),  # big basket, pending
    **dict.fromkeys((171, 184, 187, 190), ("29", [PLACED])),  # paid, then three partial refunds
    193: ("29", [SEEN]),  # rest refunded
    **dict.fromkeys((72, 73), ("30", [PLACED])),  # two taxes
    **dict.fromkeys((80, 81), ("31", [PLACED])),  # EUR
    200: ("31", [SEEN]),  # status set to refunded
    **dict.fromkeys((89, 90), ("32", [PLACED])),  # JPY on a store of two decimals
    **dict.fromkeys((98, 99), ("33", [TOUCHED])),  # KWD
    **dict.fromkeys((100, 101), ("34", [PLACED])),
    **dict.fromkeys((111, 112), ("35", [TOUCHED])),  # free
    **dict.fromkeys((113, 114), ("36", [TOUCHED])),  # nothing in it, nobody
    **dict.fromkeys((115, 116), ("37", [PLACED])),  # on hold
    123: ("37", [SEEN, CLOSED]),  # cancelled
    **dict.fromkeys((130, 131), ("38", [TOUCHED])),
    132: ("38", [FAILED]),
    136: ("38", [PLACED]),  # paid after all
    **dict.fromkeys((144, 145), ("39", [PLACED])),
    **dict.fromkeys((154, 155), ("40", [PLACED])),
    **dict.fromkeys((163, 164), ("41", [PLACED])),  # created and three changes in one: completed already
    **dict.fromkeys((208, 209, 217, 218, 223), ("49", [PLACED])),
    **dict.fromkeys((224, 225, 233, 234, 237, 240), ("50", [PLACED])),
    **dict.fromkeys((242, 243), ("51", [TOUCHED])),  # block checkout
    **dict.fromkeys((244, 247), ("51", [PLACED])),  # bought: updated came before created
    258: ("52", [TOUCHED]),
    **dict.fromkeys((259, 264), ("52", [PLACED])),
    276: ("53", [TOUCHED]),
    **dict.fromkeys((278, 279, 280, 281), ("54", [TOUCHED])),
    283: ("55", [TOUCHED]),
    **dict.fromkeys((284, 285, 293), ("56", [PLACED])),  # the last one restored from the trash
    **dict.fromkeys((292, 297), ("56", [CLOSED])),
    **dict.fromkeys((298, 299), ("57", [TOUCHED])),
    **dict.fromkeys((302, 303, 304), ("59", [CLOSED])),  # trashed before the queue ran
    **dict.fromkeys((318, 319), ("62", [TOUCHED])),
    **dict.fromkeys((320, 321), ("63", [TOUCHED])),
    **dict.fromkeys((322, 323), ("64", [TOUCHED])),
    **dict.fromkeys((325, 328), ("66", [PLACED])),  # classic checkout, transfer
    **dict.fromkeys((338, 342), ("67", [SEEN])),  # made and refunded in wp-admin
    **dict.fromkeys((347, 354, 355, 360, 361), ("69", [PLACED])),
    **dict.fromkeys((366, 367, 378), ("71", [PLACED])),
    **dict.fromkeys((381, 382, 390), ("73", [PLACED])),
    **dict.fromkeys((394, 397), ("75", [PLACED])),
    **dict.fromkeys(range(407, 420, 2), ("76", [TOUCHED])),
}
GONE = (300, 301)  # signed error objects: the order was deleted before delivery
SILENT = {32, 33, 44, 58, 186, 189, 192, 195, 202, 261, 316, 344, 363, 380, 392}  # read, and no event comes of them


def test_there_are_420_recordings():
    assert (len(SIGNED), len(PINGS)) == (382, 38)


@pytest.mark.parametrize("recording", SIGNED, ids=str)
def test_every_signature_agrees_with_what_was_recorded(recording):
    agrees = True
    try:
        PLATFORM.verify(recording.raw, [recording.secret], NOW)
    except NotAuthentic:
        agrees = False

    assert agrees is recording.verifies
    assert not PLATFORM.is_probe(recording.raw)


@pytest.mark.parametrize("recording", SIGNED, ids=str)
def test_no_signature_fits_another_secret(recording):
    with pytest.raises(NotAuthentic):
        PLATFORM.verify(recording.raw, [recording.secret + b"x"], NOW)


@pytest.mark.parametrize("recording", PINGS, ids=str)
def test_every_ping_is_a_probe_and_would_not_pass_as_a_delivery(recording):
    assert PLATFORM.is_probe(recording.raw)
    with pytest.raises(NotAuthentic, match="no signature"):
        PLATFORM.verify(recording.raw, [b"s"], NOW)


@pytest.mark.parametrize("recording", SIGNED, ids=str)
def test_every_recorded_topic_is_known(recording):
    envelope = PLATFORM.address(recording.raw)

    assert envelope.topic in PLATFORM.topics
    assert envelope.details["webhook_id"] == recording.raw.header("X-WC-Webhook-ID")
    assert envelope.store_key == "path-token"


@pytest.mark.parametrize("number", EXPECTED)
def test_an_order_body_tells_what_its_status_means(number):
    token, kinds = EXPECTED[number]

    events = read(number)

    assert [event.kind for event in events] == kinds
    assert {event.order_id for event in events} == {event.fact_id for event in events} == {token}
    assert all(event.store_id == "" for event in events)


def test_no_recording_was_left_out():
    handled = {recording.number for recording in SIGNED if PLATFORM.topics[PLATFORM.address(recording.raw).topic].reader}

    assert handled == set(EXPECTED) | set(GONE) | SILENT


@pytest.mark.parametrize("recording", SIGNED, ids=str)
def test_everything_else_tells_nothing(recording):
    if recording.number in GONE:
        with pytest.raises(Unreadable, match="gone before delivery"):
            read(recording.number)
    elif recording.number not in EXPECTED:
        assert list(read(recording.number)) == []


@pytest.mark.parametrize("number", [number for number, (_, kinds) in EXPECTED.items() if kinds[0] in (PLACED, SEEN)])
def test_the_parts_of_an_order_come_to_its_total(number):
    order = read(number)[0].fact

    if number == 405:  # every amount lost its cents by itself: 24 + 8 + 3, and 34 in all
        assert (str(order.summed.amount), str(order.total.amount)) == ("35", "34")
    else:
        assert order.summed == order.total


@pytest.mark.parametrize(
    ("first", "second"),
    [(34, 35), (59, 60), (70, 71), (98, 99), (115, 116), (163, 164), (244, 247), (259, 264), (347, 354), (302, 303)],
)
def test_created_and_updated_of_one_state_are_one_event(first, second):
    assert [event.id for event in read(first)] == [event.id for event in read(second)]


@pytest.mark.parametrize(
    ("first", "second"),
    [(89, 98), (318, 320), (320, 322), (318, 322), (131, 132), (242, 243), (278, 279), (280, 281), (292, 297), (407, 409)],
)
def test_two_states_are_two_events_even_under_one_delivery_id(first, second):
    assert {event.id for event in read(first)}.isdisjoint(event.id for event in read(second))


@pytest.mark.parametrize(("first", "second"), [(36, 43), (163, 164), (284, 293), (171, 190), (208, 223), (347, 361)])
def test_an_order_is_placed_once_however_often_it_is_seen(first, second):
    assert read(first)[0].id == read(second)[0].id


@pytest.mark.parametrize(
    ("number", "payment"),
    [
        (36, Payment.PAID),
        (43, Payment.PAID),
        (53, Payment.REFUNDED),
        (59, Payment.PAID),  # cash on delivery, completed
        (115, Payment.PENDING),  # on hold
        (136, Payment.PAID),
        (184, Payment.PARTIALLY_REFUNDED),
        (193, Payment.REFUNDED),
        (200, Payment.REFUNDED),
        (244, Payment.PENDING),  # transfer
        (259, Payment.PENDING),  # cash on delivery, not delivered yet
        (338, Payment.REFUNDED),  # never dated as paid
        (361, Payment.PARTIALLY_REFUNDED),
        (394, Payment.PENDING),
    ],
)
def test_payment_is_where_the_money_is(number, payment):
    assert fact(number).payment is payment


def test_a_cancelled_order_says_when_and_was_never_paid():
    order, checkout = (event.fact for event in read(123))

    assert order.cancelled_at == checkout.closed_at == datetime(2026, 11, 20, 14, 47, 14, tzinfo=UTC)
    assert order.payment is Payment.VOIDED
    assert order.unproven  # alone it does not show that it was on hold before
    assert not checkout.is_open


def test_only_a_cancelled_order_without_money_leaves_open_whether_it_was_one():
    unproven = {
        number for number, (_, kinds) in EXPECTED.items() if kinds[0] in (PLACED, SEEN) and read(number)[0].fact.unproven
    }

    assert unproven == {123}
