from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lifecycle.carts import Checkout
from lifecycle.deliveries import Envelope
from lifecycle.errors import AccessLost
from lifecycle.events import Event, Kind
from lifecycle.money import Money
from lifecycle.orders import Fulfillment, LineItem, Passage
from lifecycle.people import Consent, ConsentChange, ConsentState, Customer
from tests.adapters.shopify import bodies
from tests.adapters.shopify.connected import NOW, SHOP, STORE, access_of, platform_at
from tests.fakes import shopify_orders
from tests.fakes.shopify import not_approved

ZOE = "zoe@example.com"


def profile(state="SUBSCRIBED", at="2026-11-01T10:00:00Z", address=ZOE, orders="4", spent="149.00"):
    return shopify_orders.customer(
        {"id": 7, "first_name": "Zoe", "last_name": "Quill"},
        locale="de",
        numberOfOrders=orders,
        amountSpent={"amount": spent, "currencyCode": "USD"},
        defaultEmailAddress={
            "emailAddress": address, "marketingState": state, "marketingOptInLevel": "CONFIRMED_OPT_IN", "marketingUpdatedAt": at,
        },
    )  # fmt: skip


def put_order(fake, known=None, **changes):
    node = shopify_orders.order(bodies.order(customer={"id": 7, "first_name": "Zoe", "last_name": "Quill"}, **changes))
    fake.shop(SHOP).orders.append(node | {"customer": known or profile()})


def read(fake, topic, body):
    return platform_at(fake).read(Envelope("shopify", SHOP, topic, "1", NOW), shop_bytes(body))[0]


def shop_bytes(body):
    from adapters.shopify.looking import as_body

    return as_body(body)


def completed(fake, event):
    return platform_at(fake).complete(event, STORE, access_of(fake))


def cart(**changes):
    line = LineItem("k1", "Fountain pen", 1, Money.of("20.00", "USD"), variant_id="55")
    whole = Checkout("tok", NOW, Customer(id="7", email=ZOE), (line,), Money.of("20.00", "USD"), created_at=NOW)
    return Event(Kind.CHECKOUT_TOUCHED, replace(whole, **changes), NOW)


# ---- thin events -----------------------------------------------------------------------------------------------------


def test_refund_brings_its_order_with_customer_lines_and_sums(shopify):
    put_order(shopify)

    order = completed(shopify, read(shopify, "refunds/create", bodies.refund())).before

    assert (order.id, order.number, order.customer.email, order.customer.name) == ("1001", "#1001", ZOE, "Zoe Quill")
    assert (order.total, order.lines[0].title) == (Money.of("49.00", "USD"), "Fountain pen")
    assert order.lines[0].image_url == "https://cdn.shopify.com/s/files/11.png"


def test_parcel_brings_its_order(shopify):
    put_order(shopify)
    parcel = Event(Kind.FULFILLMENT_SEEN, Fulfillment("9", "1001", Passage.SHIPPED), NOW)

    assert completed(shopify, parcel).before.customer.email == ZOE


def test_event_about_an_order_that_is_gone_stays_as_it_is(shopify):
    thin = Event(Kind.FULFILLMENT_SEEN, Fulfillment("9", "404", Passage.SHIPPED), NOW)

    assert completed(shopify, thin) == thin


def test_order_with_kept_back_fields_comes_without_them(shopify):
    put_order(shopify)
    shopify.shop(SHOP).orders[0] |= {"email": not_approved("email"), "shippingAddress": not_approved("shippingAddress")}
    thin = Event(Kind.FULFILLMENT_SEEN, Fulfillment("9", "1001", Passage.SHIPPED), NOW)

    order = completed(shopify, thin).before

    assert (order.customer.email, order.ship_to, order.number) == (None, None, "#1001")


# ---- orders ----------------------------------------------------------------------------------------------------------


def test_order_gets_pictures_and_the_history_before_it(shopify):
    put_order(shopify)

    order = completed(shopify, read(shopify, "orders/create", bodies.order())).fact

    assert order.lines[0].image_url == "https://cdn.shopify.com/s/files/11.png"
    assert (order.customer.orders_count, order.customer.spent) == (3, Money.of("100.00", "USD"))


def test_money_that_has_not_come_is_not_taken_off_what_was_spent(shopify):
    put_order(shopify, financial_status="pending")

    order = completed(shopify, read(shopify, "orders/create", bodies.order(financial_status="pending"))).fact

    assert order.customer.spent == Money.of("149.00", "USD")


def test_order_of_a_guest_gets_pictures_only(shopify):
    put_order(shopify)
    shopify.shop(SHOP).orders[0]["customer"] = None

    order = completed(shopify, read(shopify, "orders/create", bodies.order())).fact

    assert (order.customer.orders_count, order.customer.consent) == (None, None)
    assert order.lines[0].image_url


# ---- checkouts -------------------------------------------------------------------------------------------------------


def test_checkout_gets_history_consent_language_and_pictures(shopify):
    image = {"image": {"url": "https://cdn.shopify.com/pen.png"}}
    shopify.shop(SHOP).nodes |= {
        "gid://shopify/Customer/7": profile(),
        "gid://shopify/ProductVariant/55": {
            "__typename": "ProductVariant", "id": "gid://shopify/ProductVariant/55",
            "media": {"nodes": []}, "product": {"featuredMedia": {"__typename": "MediaImage", "preview": image}},
        },
    }  # fmt: skip

    found = completed(shopify, cart()).fact

    assert (found.customer.orders_count, found.customer.spent, found.customer.locale) == (
        4,
        Money.of("149.00", "USD"),
        "de",
    )
    assert found.customer.consent == Consent(
        ConsentState.SUBSCRIBED, datetime(2026, 11, 1, 10, tzinfo=UTC), "shopify", evidence="confirmed_opt_in"
    )
    assert found.lines[0].image_url == "https://cdn.shopify.com/pen.png"


def consent_of(fake, event, **changes):
    fake.shop(SHOP).nodes["gid://shopify/Customer/7"] = profile(**changes)
    return completed(fake, event).fact.customer.consent


TICKED = Consent(ConsentState.SUBSCRIBED, NOW - timedelta(hours=1), "checkout")


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"state": "UNSUBSCRIBED"}, ConsentState.UNSUBSCRIBED),
        ({"state": "UNSUBSCRIBED", "at": None}, ConsentState.UNSUBSCRIBED),
        ({"state": "NOT_SUBSCRIBED"}, ConsentState.NOT_SUBSCRIBED),
        ({"state": "PENDING"}, ConsentState.PENDING),
    ],
)
def test_profile_says_no_as_it_says_yes(shopify, changes, state):
    assert consent_of(shopify, cart(), **changes).state is state


@pytest.mark.parametrize(
    "changes",
    [{"at": None}, {"state": "INVALID"}, {"state": "NOT_SUBSCRIBED", "at": None}, {"address": "other@example.com"}],
)
def test_profile_that_proves_nothing_changes_nothing(shopify, changes):
    assert consent_of(shopify, cart(), **changes) is None
    assert consent_of(shopify, cart(customer=Customer(id="7", email=ZOE, consent=TICKED)), **changes) == TICKED


def test_newer_answer_counts(shopify):
    ticked = cart(customer=Customer(id="7", email=ZOE, consent=TICKED))
    later = (NOW - timedelta(minutes=5)).isoformat()

    assert consent_of(shopify, ticked, state="UNSUBSCRIBED").state is ConsentState.SUBSCRIBED
    assert consent_of(shopify, ticked, state="UNSUBSCRIBED", at=later).state is ConsentState.UNSUBSCRIBED


def test_opt_out_without_a_time_beats_the_box(shopify):
    ticked = cart(customer=Customer(id="7", email=ZOE, consent=TICKED))

    assert consent_of(shopify, ticked, state="UNSUBSCRIBED", at=None).state is ConsentState.UNSUBSCRIBED


def test_bought_or_nameless_checkout_asks_nothing(shopify):
    completed(shopify, cart(completed_at=NOW))
    completed(shopify, cart(customer=Customer(email=ZOE), lines=()))

    assert shopify.questions == []


def test_other_events_ask_nothing(shopify):
    event = Event(Kind.CONSENT_CHANGED, ConsentChange("7", ZOE, TICKED), NOW)

    assert completed(shopify, event) == event
    assert shopify.questions == []


def test_lost_access_is_said(shopify):
    put_order(shopify)
    shopify.shop(SHOP).status = 401

    with pytest.raises(AccessLost):
        completed(shopify, read(shopify, "orders/create", bodies.order()))
