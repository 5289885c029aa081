"""Keys of a connected Shopify store through its life: renewed once, lost, rotated, and a shop that leaves and comes back."""

import base64
import hashlib
import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from lifecycle import access
from lifecycle.errors import AccessLost, PlatformBusy
from tests.adapters.shopify import bodies
from tests.fakes.shopify import OLD_SECRET, SECRET, FakeShopify, not_approved
from tests.fakes.shopify_orders import order
from tests.flows.shopify_house import SHOP, ShopifyHouse

FIXTURES = Path(__file__).parents[1] / "fixtures" / "shopify"


@pytest.fixture
def shopify():
    with FakeShopify() as fake:
        fake.shop(SHOP)
        yield fake


@pytest.fixture
def house(records, shopify):
    made = ShopifyHouse(records, shopify)
    made.visit()
    return made


def fresh(house):
    return access.fresh(house.house.desk.rooms, house.store())


def knock(house, topic, body, secret=SECRET, number="w1", at=None):
    raw = json.dumps(body).encode()
    headers = {
        "X-Shopify-Topic": topic, "X-Shopify-Shop-Domain": SHOP, "X-Shopify-Webhook-Id": number,
        "X-Shopify-Triggered-At": (at or house.clock.at).isoformat(), "Content-Type": "application/json",
        "X-Shopify-Hmac-Sha256": base64.b64encode(hmac.new(secret.encode(), raw, hashlib.sha256).digest()).decode(),
    }  # fmt: skip
    return house.browser.post("/webhooks/shopify", data=raw, headers=headers).status_code


def test_twenty_workers_renew_an_ending_key_once(house, shopify):
    house.clock.later(minutes=56)

    def one(_):
        try:
            return fresh(house).keys["access_token"]
        except PlatformBusy:
            return None  # the lock was held for too long: it tries again later

    with ThreadPoolExecutor(20) as pool:
        got = set(pool.map(one, range(20))) - {None}

    assert [body.get("grant_type") for body in shopify.asked[1:]] == ["refresh_token"]
    assert got == {house.access().keys["access_token"]}
    assert got <= shopify.shop(SHOP).tokens


def test_key_with_time_left_is_not_renewed(house, shopify):
    house.clock.later(minutes=54)
    fresh(house)

    assert len(shopify.asked) == 1


def test_lost_replies_cost_nothing(house, shopify):
    house.clock.later(minutes=56)
    shopify.lost_replies = 3
    with pytest.raises(PlatformBusy):
        fresh(house)

    renewed = fresh(house)

    assert renewed.keys["refresh_token"] == shopify.shop(SHOP).chain[0]


def test_ninety_days_asleep_needs_the_merchant_once(house, shopify):
    house.clock.later(days=91)
    with pytest.raises(AccessLost) as lost:
        fresh(house)
    assert lost.value.reason == "open_the_app"

    house.visit()

    assert fresh(house).keys["access_token"] in shopify.shop(SHOP).tokens


def test_rotated_app_secret_keeps_doors_pages_and_renewal_open(house, shopify, records):
    rotated = ShopifyHouse(records, shopify, secrets=("shpss_" + "6" * 32, SECRET))
    rotated.clock.at = house.clock.at + timedelta(minutes=56)
    body = {"id": 1}

    assert knock(rotated, "products/update", body) == 200
    assert knock(rotated, "products/update", body, OLD_SECRET) == 401
    assert rotated.visit().status_code == 200
    assert fresh(rotated).keys["access_token"] in shopify.shop(SHOP).tokens


def test_kept_back_field_becomes_a_notice_and_goes_with_the_approval(house, shopify):
    shopify.shop(SHOP).orders.append(order(bodies.order()) | {"email": not_approved("email")})
    house.house.desk.work()
    assert "field_not_approved:email" in house.notices()
    assert "Shopify keeps customers" in house.visit().text

    shopify.shop(SHOP).orders[0]["email"] = "zoe@example.com"
    house.clock.later(hours=2)
    house.house.desk.work()

    assert "field_not_approved:email" not in house.notices()


def test_uninstall_ends_keys_at_once_and_a_visit_begins_anew(house, shopify):
    shopify.uninstall(SHOP)
    house.clock.later(minutes=1)
    recorded = json.loads((FIXTURES / "app__uninstalled__1.json").read_text("utf-8"))
    assert knock(house, "app/uninstalled", recorded | {"domain": SHOP, "myshopify_domain": SHOP}) == 200
    house.house.desk.work()
    assert (house.access(), house.store().is_active) == (None, False)

    house.clock.later(minutes=1)
    house.visit()

    assert house.store().is_active
    assert fresh(house).keys["access_token"] in shopify.shop(SHOP).tokens


def test_orders_that_no_webhook_brought_are_caught_up(house, shopify):
    at = (house.clock.at + timedelta(minutes=1)).isoformat()
    for number in range(1, 31):
        shopify.shop(SHOP).orders.append(
            order(
                bodies.order(
                    id=number,
                    name=f"#{number}",
                    created_at=at,
                    processed_at=at,
                    updated_at=at,
                    order_status_url=f"https://{SHOP}/1",
                )
            )
        )
    house.clock.later(minutes=12)

    house.house.desk.work()

    with house.records.reading() as tx:
        assert all(tx.facts.get_order(house.store().id, str(number)) for number in range(1, 31))


def test_late_news_of_leaving_does_not_hurt_the_new_installation(house, shopify):
    left_at = house.clock.at + timedelta(minutes=1)
    shopify.uninstall(SHOP)
    house.clock.later(minutes=15)
    house.visit()
    recorded = json.loads((FIXTURES / "app__uninstalled__1.json").read_text("utf-8"))
    house.clock.later(minutes=5)

    knock(house, "app/uninstalled", recorded | {"domain": SHOP, "myshopify_domain": SHOP}, at=left_at)
    house.house.desk.work()

    assert house.store().is_active
    assert fresh(house).keys["access_token"] in shopify.shop(SHOP).tokens


def test_refund_of_an_order_nobody_told_of_reaches_its_customer(house, shopify):
    """Given only a refund's webhook, when its order is asked for, then the letter has an address."""
    at = house.clock.at.isoformat()
    body = bodies.order(created_at=at, processed_at=at, updated_at=at)
    shopify.shop(SHOP).orders.append(order(body))

    knock(house, "refunds/create", bodies.refund(created_at=at, processed_at=at))
    house.house.desk.work()

    with house.records.reading() as tx:
        (letter,) = tx.messages.list(house.store().id, mail="refund_notice")
    assert letter.to == "zoe@example.com"
    assert letter.order_number == "#1001"
