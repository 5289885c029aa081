import contextlib
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.shopify import Shopify, looking, shaping
from lifecycle.deliveries import Envelope
from lifecycle.errors import Unreadable
from tests.adapters.shopify import bodies
from tests.adapters.shopify.connected import NOW, SHOP
from tests.fakes import shopify_orders

PLAIN = json.loads(json.dumps(shopify_orders.order(bodies.order()), default=lambda resolver: resolver(None)))
LINES = PLAIN["lineItems"]["nodes"]
RUBBISH = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
ENVELOPE = Envelope("shopify", SHOP, "orders/updated", "1", NOW)


def read(body):
    return Shopify(()).read(ENVELOPE, looking.as_body(body))


def test_plain_order_is_readable():
    (event,) = read(shaping.order(PLAIN, LINES, [], []))

    assert (event.fact.number, event.fact.total.amount) == ("#1001", 49)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(PLAIN)), RUBBISH)
def test_odd_field_makes_an_order_unreadable_and_nothing_worse(key, value):
    with contextlib.suppress(Unreadable):
        read(shaping.order(PLAIN | {key: value}, LINES, [], []))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(
        st.sampled_from(
            [
                "id",
                "status",
                "displayStatus",
                "service",
                "trackingInfo",
                "fulfillmentLineItems",
                "transactions",
                "refundLineItems",
                "refundShippingLines",
            ]
        ),
        RUBBISH,
    )
)
def test_odd_parcel_or_refund_makes_an_order_unreadable_and_nothing_worse(node):
    with contextlib.suppress(Unreadable):
        read(shaping.order(PLAIN, LINES, [node], [node]))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(LINES[0])), RUBBISH)
def test_odd_row_makes_an_order_unreadable_and_nothing_worse(key, value):
    with contextlib.suppress(Unreadable):
        read(shaping.order(PLAIN, [LINES[0] | {key: value}], [], []))


@pytest.mark.parametrize(
    ("gid", "number"),
    [("gid://shopify/Order/12", 12), ("gid://shopify/LineItem/9007199254740993", 9007199254740993),
     ("gid://shopify/Order/12?x=1", 12), ("gid://shopify/Order/", None), ("12", None), (12, None), (None, None)],
)  # fmt: skip
def test_number_is_the_end_of_a_global_id(gid, number):
    assert shaping.number(gid) == number


@pytest.mark.parametrize(
    ("status", "displayed", "told"),
    [("SUCCESS", "OUT_FOR_DELIVERY", "out_for_delivery"), ("SUCCESS", "NOT_DELIVERED", "failure"), ("SUCCESS", "PICKED_UP", "delivered"),
     ("SUCCESS", "FULFILLED", None), ("SUCCESS", "BRAND_NEW", None), ("CANCELLED", "DELIVERED", None), ("FAILURE", "FAILURE", None)],
)  # fmt: skip
def test_parcel_is_where_the_carrier_says(status, displayed, told):
    assert (
        shaping.fulfillment({"id": "gid://shopify/Fulfillment/1", "status": status, "displayStatus": displayed}, 1)[
            "shipment_status"
        ]
        == told
    )


def test_shipping_keeps_its_price_before_and_after_discounts():
    post = {"id": 5, "title": "Standard", "price": "5.00", "discounted_price": "2.00"}
    told = shopify_orders.order(bodies.order(shipping_lines=[post]))

    (row,) = shaping.order(told | {"shippingLines": told["shippingLines"](None)}, LINES, [], [])["shipping_lines"]

    assert (row["price_set"]["shop_money"]["amount"], row["discounted_price_set"]["shop_money"]["amount"]) == (
        "5.00",
        "2.00",
    )
