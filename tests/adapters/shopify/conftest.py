import pytest

from tests.adapters.shopify.connected import SHOP
from tests.fakes.shopify import FakeShopify


@pytest.fixture
def shopify():
    with FakeShopify() as fake:
        fake.shop(SHOP)
        yield fake
