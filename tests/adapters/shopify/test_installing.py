import pytest

from lifecycle.errors import AccessLost, BadValue
from lifecycle.ports import CatchesUp, Completes, Installs, Launch, Renews, Subscribes
from tests.adapters.shopify import bodies
from tests.adapters.shopify.connected import SHOP, STORE, access_of, platform_at
from tests.fakes.shopify import CLIENT_ID, SCOPES, not_approved
from tests.fakes.shopify_orders import order

ADDRESS = "https://mail.example.com/webhooks/shopify"


def problems(fake):
    health = platform_at(fake).check_subscriptions(STORE, access_of(fake), ADDRESS)
    assert (health.created, health.revived) == ((), ())
    return [code for code, _ in health.problems]


def test_platform_offers_everything_that_a_connected_shop_needs(shopify):
    platform = platform_at(shopify)

    for extra in (Installs, Renews, Subscribes, Completes, CatchesUp):
        assert isinstance(platform, extra)


def test_sound_connection_has_no_problems(shopify):
    shopify.shop(SHOP).orders.append(order(bodies.order()))

    assert problems(shopify) == []


def test_missing_scopes_are_named_and_writing_implies_reading(shopify):
    shopify.shop(SHOP).scopes = SCOPES.replace("read_products", "write_products").replace("read_locales,", "")

    assert problems(shopify) == ["scope_missing:read_locales"]


def test_fields_that_are_not_approved_are_named(shopify):
    node = order(bodies.order()) | {"email": not_approved("email"), "shippingAddress": not_approved("address1")}
    shopify.shop(SHOP).orders.append(node)

    assert problems(shopify) == ["field_not_approved:email", "field_not_approved:address1"]


def test_webhook_of_the_shop_that_brings_everything_twice_is_named(shopify):
    shopify.shop(SHOP).webhooks = [
        {"topic": "ORDERS_CREATE", "uri": ADDRESS},
        {"topic": "ORDERS_CREATE", "uri": "https://other.example.com/hook"},
        {"topic": "CUSTOMERS_EMAIL_MARKETING_CONSENT_UPDATE", "uri": ADDRESS},
    ]

    assert problems(shopify) == [
        "subscribed_twice:orders/create",
        "subscribed_twice:customers_email_marketing_consent/update",
    ]


def test_ended_api_version_is_said(shopify):
    root = shopify._root
    shopify._root = lambda shop: root(shop) | {"publicApiVersions": [{"handle": "2027-10", "supported": True}]}

    assert problems(shopify) == ["api_version_ended"]


def test_dead_key_is_lost_access(shopify):
    shopify.shop(SHOP).status = 401

    with pytest.raises(AccessLost):
        problems(shopify)


def test_question_goes_to_the_shop_itself(shopify):
    url = platform_at(shopify).consent_url(SHOP, "5" * 32, "https://mail.example.com/shopify/callback")

    assert url.startswith(f"https://{SHOP}/admin/oauth/authorize?client_id={CLIENT_ID}&scope=read_customers%2C")
    with pytest.raises(BadValue):
        platform_at(shopify).consent_url("evil.test", "5" * 32, "https://mail.example.com/")


def test_launch_without_a_place_leads_nowhere(shopify):
    with pytest.raises(BadValue):
        platform_at(shopify).admin_url(Launch())


def test_only_a_shop_frames_its_pages(shopify):
    assert platform_at(shopify).framers(SHOP) == (f"https://{SHOP}", "https://admin.shopify.com")
    with pytest.raises(BadValue):
        platform_at(shopify).framers("*.myshopify.com")
