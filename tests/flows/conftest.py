import pytest

from tests.flows.houses import TestHouse


@pytest.fixture
def house(records) -> TestHouse:
    """The whole house, once on SQLite and once on PostgreSQL."""
    return TestHouse(records)
