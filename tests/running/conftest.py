"""A running installation with one Shopify store, one for each file of tests."""

from collections.abc import Iterator

import pytest

from tests.running.orders import SHOP
from tests.running.serving import Server


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Server:
    """The store is added, and nothing runs yet."""
    server = Server(tmp_path_factory.mktemp("installed"))
    server.command("migrate")
    server.command("stores", "add", "--platform", "shopify", "--key", SHOP, "--currency", "USD", "--country", "US")
    return server


@pytest.fixture(scope="module")
def server(installed: Server) -> Iterator[Server]:
    installed.start()
    yield installed
    assert installed.stop() == 0
