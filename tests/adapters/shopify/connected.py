"""A connected shop for tests: the platform before the fake Shopify, and access that the fake knows."""

from datetime import UTC, datetime

from adapters.shopify import Shopify
from lifecycle.ports import Access
from lifecycle.stores import Store
from tests.fakes.shopify import CLIENT_ID, SECRET

SHOP = "sample-shop.myshopify.com"
NOW = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
STORE = Store(id="s1", platform="shopify", key=SHOP, token="t", name="Blue Fern", currency="USD")


def platform_at(fake, secrets=(SECRET,)):
    return Shopify(secrets, CLIENT_ID, base=fake.url)


def access_of(fake, shop=SHOP):
    """Access as an installation would have given it."""
    with fake._lock:
        pair = fake._pair(fake.shop(shop), before="")
    keys = {"access_token": pair["access_token"], "refresh_token": pair["refresh_token"]}
    return Access("s1", keys, NOW, tuple(pair["scope"].split(",")))
