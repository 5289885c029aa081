"""What was sent: by tracking, by fulfillment status, by completion, in this order."""

from datetime import UTC, datetime

import pytest

from lifecycle.orders import Part, Passage, Tracking
from tests.adapters.woocommerce.recordings import changed, fact, read_as

FIRST, SECOND = "1f8f8d2e5c1b4a7d9e0f112233445566", "aa8f8d2e5c1b4a7d9e0f112233445577"
USPS = Tracking("9400110000000000000000", "usps")
COURIER = Tracking("ABC123", "Local Courier", "https://courier.test/t/ABC123")


def parcels(number, **parts):
    (event,) = read_as("order.updated", changed(number, **parts))
    return event.fact.fulfillments


def tracked(*items, number=208):
    return parcels(number, meta_data=[{"id": 1, "key": "_wc_shipment_tracking_items", "value": list(items)}])


@pytest.mark.parametrize("number", [36, 53, 72, 115, 136, 208, 224, 233, 244, 259, 325, 366, 394])
def test_nothing_is_sent_before_somebody_says_so(number):
    assert fact(number).fulfillments == ()


def test_217_one_parcel():
    (parcel,) = fact(217).fulfillments

    assert (parcel.id, parcel.order_id, parcel.passage) == (f"49:{FIRST}", "49", Passage.SHIPPED)
    assert parcel.trackings == (USPS,)
    assert parcel.lines == ()  # the plugin did not say which
    assert not parcel.implied
    assert parcel.shipped_at == datetime(2026, 11, 20, 12, tzinfo=UTC)  # the day, as its noon
    assert parcel.updated_at == datetime(2026, 11, 20, 14, 48, 45, tzinfo=UTC)


def test_218_a_second_parcel_and_completed_with_tracking_makes_no_third():
    one, two = fact(218).fulfillments

    assert one.id == f"49:{FIRST}"
    assert (two.id, two.trackings) == (f"49:{SECOND}", (COURIER,))
    assert two.shipped_at == datetime(2026, 11, 21, 12, tzinfo=UTC)  # announced for tomorrow


def test_223_other_vendors_keys_are_parcels_too():
    found = fact(223).fulfillments

    assert [parcel.id for parcel in found] == [f"49:{FIRST}", f"49:{SECOND}", "49:AF123", "49:GEN-1"]
    assert [parcel.trackings for parcel in found] == [
        (USPS,),
        (COURIER,),
        (Tracking("AF123", "dhl"),),
        (Tracking("GEN-1", "FedEx"),),
    ]


@pytest.mark.parametrize(
    ("number", "ids"),
    [
        (233, []),  # a fulfillment was drafted
        (234, []),  # partly: which items is not said
        (237, ["50:completed"]),
        (240, []),  # one was deleted again
        (171, []),  # partly: WooCommerce itself fulfilled the download
    ],
)
def test_the_fulfillment_status_is_told_when_it_is_of_the_whole_order(number, ids):
    found = fact(number).fulfillments

    assert [parcel.id for parcel in found] == ids
    assert all(parcel.passage is Passage.SHIPPED and parcel.trackings == () and parcel.implied for parcel in found)


def test_237_all_items_are_named_and_the_day_is_not_known():
    (parcel,) = fact(237).fulfillments

    assert parcel.lines == (Part("51", "Aurora Tee", 2), Part("52", "Sticker", 3))
    assert parcel.shipped_at is None


def test_043_completed_is_sent():
    (parcel,) = fact(43).fulfillments

    assert (parcel.id, parcel.passage, parcel.trackings) == ("26:completed", Passage.SHIPPED, ())
    assert parcel.lines == (Part("1", "Aurora Tee", 1),)
    assert parcel.shipped_at == datetime(2026, 11, 20, 14, 45, 59, tzinfo=UTC)


@pytest.mark.parametrize("number", [163, 355, 361])
def test_completed_with_nowhere_to_send_it_is_not_sent(number):
    assert fact(number).fulfillments == ()


def test_completed_downloads_and_pick_ups_are_not_sent():
    pick_up = [{"id": 1, "method_id": "local_pickup", "method_title": "Local pickup", "total": "0.00"}]

    assert parcels(43, needs_processing=False) == ()
    assert parcels(43, shipping_lines=pick_up) == ()
    assert len(parcels(43, shipping_lines=[*pick_up, {"id": 2, "method_id": "flat_rate"}])) == 1


def test_without_a_shipping_line_an_address_counts_only_off_the_checkouts():
    assert len(parcels(43, shipping_lines=[])) == 1  # by REST, with a shipping address
    assert parcels(43, shipping_lines=[], created_via="store-api") == ()  # copied from the billing address
    assert parcels(43, shipping_lines=[], shipping=[]) == ()


def test_the_same_number_under_two_keys_is_one_parcel():
    value = [{"tracking_number": "N1", "tracking_provider": "ups", "tracking_id": "t1"}]
    rows = [{"key": "_tracking_number", "value": "N1"}, {"key": "_wc_shipment_tracking_items", "value": value}]

    found = parcels(208, meta_data=rows)

    assert [(parcel.id, parcel.trackings) for parcel in found] == [("49:t1", (Tracking("N1", "ups"),))]


def test_a_parcel_without_an_id_goes_by_its_number():
    assert [parcel.id for parcel in tracked({"tracking_number": "N1"}, {"tracking_id": "t2"}, "noise")] == ["49:N1"]


def test_a_text_of_php_is_left_alone():
    value = 'a:1:{i:0;a:1:{s:15:"tracking_number";s:2:"N1";}}'

    assert parcels(208, meta_data=[{"key": "_wc_shipment_tracking_items", "value": value}]) == ()


@pytest.mark.parametrize(
    ("listed", "lines"),
    [
        ([{"product": "11", "item_id": "47", "qty": "1"}], (Part("47", "Aurora Tee", 1),)),
        ([{"item_id": 47, "qty": 2}, {"item_id": 48, "qty": 3}], (Part("47", "Aurora Tee", 2), Part("48", "Sticker", 3))),
        ([{"item_id": 47, "qty": 1}, {"item_id": 999, "qty": 1}], ()),  # naming some would deny the rest
        ([{"item_id": 47}], ()),
        ("", ()),
        ("a:0:{}", ()),
    ],
)
def test_items_are_named_only_when_all_are_known(listed, lines):
    (parcel,) = tracked({"tracking_number": "N1", "products_list": listed})

    assert parcel.lines == lines


@pytest.mark.parametrize(
    ("link", "url"),
    [("https://c.test/1", "https://c.test/1"), ("http://c.test/1", None), ("javascript:x", None), (7, None)],
)
def test_a_tracking_link_is_taken_only_by_https(link, url):
    (parcel,) = tracked({"tracking_number": "N1", "custom_tracking_link": link})

    assert parcel.trackings[0].url == url


@pytest.mark.parametrize("seconds", ["", "0", "-5", "99999999999", "9999999999", "tomorrow", "١٧٩٥١٣٢٨٠٠", None, [], 1.5])
def test_a_day_of_sending_that_is_none_is_left_out(seconds):
    (parcel,) = tracked({"tracking_number": "N1", "date_shipped": seconds})

    assert parcel.shipped_at is None


@pytest.mark.parametrize(
    ("sent", "saved", "told"),
    [
        ("2026-11-20T00:00:00", "2026-11-20T14:48:44", "2026-11-20T12:00:00"),
        ("2026-11-20T00:00:00", "2026-11-20T01:30:00", "2026-11-20T01:30:00"),  # not after it was said
        ("2026-11-18T00:00:00", "2026-11-20T14:48:44", "2026-11-18T12:00:00"),
        ("2026-11-22T00:00:00", "2026-11-20T14:48:44", "2026-11-22T12:00:00"),
        ("2026-11-20T09:15:30", "2026-11-20T14:48:44", "2026-11-20T09:15:30"),  # a plugin that keeps the time
    ],
)
def test_a_day_without_a_time_is_the_same_day_in_every_shop(sent, saved, told):
    seconds = int(datetime.fromisoformat(f"{sent}+00:00").timestamp())
    rows = [{"key": "_wc_shipment_tracking_items", "value": [{"tracking_number": "N1", "date_shipped": seconds}]}]

    (parcel,) = parcels(208, meta_data=rows, date_modified_gmt=saved)

    assert parcel.shipped_at == datetime.fromisoformat(f"{told}+00:00")
