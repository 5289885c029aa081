"""Nobody is left in a scrubbed body, and it still reads the same."""

import json

import pytest

from lifecycle.errors import Unreadable
from lifecycle.orders import Order
from tests.adapters.woocommerce.recordings import PLATFORM, changed, read, read_as, recordings

BODIES = [recording for recording in recordings().values() if recording.verifies is not None]
KEPT_PARTS = {"country"}  # a country alone is nobody
CANARY = "canary-7f3a"
PERSONAL = ("order_key", "customer_ip_address", "customer_user_agent", "transaction_id", "customer_note", "cart_hash")


def scrubbed(recording):
    return PLATFORM.scrub(recording.raw.body)


def shape(value):
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    if isinstance(value, str):
        return "text" if value else "empty"
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else value


def people(body):
    for key in ("billing", "shipping"):
        yield from (value for part, value in body.get(key, {}).items() if part not in KEPT_PARTS)
    yield from (body.get(key) for key in PERSONAL)


@pytest.mark.parametrize("recording", BODIES, ids=str)
def test_the_shape_stays(recording):
    assert shape(json.loads(scrubbed(recording))) == shape(recording.json)


@pytest.mark.parametrize("recording", BODIES, ids=str)
def test_scrubbing_twice_changes_nothing_more(recording):
    assert PLATFORM.scrub(scrubbed(recording)) == scrubbed(recording)


@pytest.mark.parametrize("recording", BODIES, ids=str)
def test_nobody_is_left(recording):
    left = json.dumps(json.loads(scrubbed(recording)), ensure_ascii=False)

    for value in people(recording.json):
        # Two letters («NY») stand in other words too; a person's line does not.
        assert not value or len(value) < 3 or value not in left
    for trace in ("buyer.test", "Example.TEST", "gravatar", "ring twice", "klingeln", "To A", "9400110"):
        assert trace not in left


@pytest.mark.parametrize("recording", BODIES, ids=str)
def test_it_is_spelled_as_woocommerce_spells(recording):
    body = scrubbed(recording)

    assert body.isascii()
    assert b"/" not in body.replace(b"\\/", b"")
    assert b'": ' not in body


@pytest.mark.parametrize("number", [36, 43, 59, 123, 171, 193, 218, 223, 237, 242, 259, 281, 292, 361, 366, 381, 405])
def test_it_still_reads_to_the_same_facts(number):
    recording = recordings()[number]
    topic = PLATFORM.address(recording.raw).topic

    for before, after in zip(read(number), read_as(topic, scrubbed(recording)), strict=True):
        assert (before.kind, before.fact_id, after.occurred_at) == (after.kind, after.fact_id, before.occurred_at or None)
        assert after.fact.total == before.fact.total
        assert [(line.title, line.quantity, line.total) for line in after.fact.lines] == [
            (line.title, line.quantity, line.total) for line in before.fact.lines
        ]
        if isinstance(before.fact, Order):
            assert after.fact.summed == before.fact.summed
            assert after.fact.payment is before.fact.payment
            assert [refund.amount for refund in after.fact.refunds] == [refund.amount for refund in before.fact.refunds]
            assert [len(parcel.trackings) for parcel in after.fact.fulfillments] == [
                len(parcel.trackings) for parcel in before.fact.fulfillments
            ]


def test_what_a_plugin_hid_in_odd_places_goes_too():
    address = recordings()[36].json["billing"] | {
        "name": CANARY,
        "label": [CANARY],
        "number": {"sku": CANARY},
        "id": 5551234,
    }
    item = recordings()[36].json["line_items"][0]
    item["meta_data"] = [{"key": "Engraving", "value": CANARY, "display_key": "Engraving", "display_value": CANARY}]
    meta = [
        {"key": "delivery_note", "value": CANARY},
        {"key": "_nested", "value": {"name": CANARY, "status": [CANARY], "total": 5551234}},
        {"key": "_tracking_number", "value": CANARY},
        {"key": "_wc_shipment_tracking_items", "value": [{"tracking_number": CANARY, "note": CANARY}]},
    ]
    refund = {"id": 1, "total": "-1.00", "reason": CANARY}
    coupon = {"id": 1, "code": CANARY, "discount": "1.00", "email_restrictions": [CANARY], "used_by": [CANARY]}
    body = changed(
        36,
        billing=address,
        shipping=address,
        line_items=[item],
        meta_data=meta,
        refunds=[refund],
        coupon_lines=[coupon],
        new_field=CANARY,
        nested={"deeper": [CANARY]},
        code=CANARY,
    )

    left = PLATFORM.scrub(json.dumps(body).encode())

    assert CANARY.encode() not in left
    assert b"5551234" not in left


def test_two_parcels_stay_two_and_one_stays_one():
    value = [{"tracking_number": number} for number in ("N1", "N2", "N1")]
    body = changed(208, meta_data=[{"key": "_wc_shipment_tracking_items", "value": value}])

    (row,) = json.loads(PLATFORM.scrub(json.dumps(body).encode()))["meta_data"]

    numbers = [item["tracking_number"] for item in row["value"]]
    assert numbers == ["scrubbed-1", "scrubbed-2", "scrubbed-1"]


def test_a_ping_has_nobody_in_it():
    assert PLATFORM.scrub(b"webhook_id=12") == b"webhook_id=12"


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"a":1,"a":2}', b"webhook_id=12&email=a@x.test"])
def test_what_cannot_be_read_cannot_be_scrubbed(body):
    with pytest.raises(Unreadable):
        PLATFORM.scrub(body)


def test_a_scrubbed_error_is_still_the_same_error():
    left = json.loads(PLATFORM.scrub(recordings()[300].raw.body))

    assert (left["code"], left["data"]) == ("woocommerce_rest_shop_order_invalid_id", {"status": 404})
