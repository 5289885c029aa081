from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

import records as memory_room
from lifecycle.errors import BadSetting, BadValue, NotFound
from records.secrets import Keys
from tests.conftest import SECRET
from tests.records.samples import store


def test_store_comes_back_with_its_settings_and_secrets(records):
    with records.transaction() as tx:
        tx.stores.add(store())
        tx.stores.add(store("bare", created_at=None, token="", secrets=()))

    with records.reading() as tx:
        assert (
            tx.stores.get("s1")
            == tx.stores.by_key("shopify", store().key)
            == tx.stores.by_token("shopify", "token-s1")
            == store()
        )
        assert tx.stores.get("bare") == store("bare", created_at=None, token="", secrets=())
        assert {each.id for each in tx.stores.all()} == {"s1", "bare"}


def test_store_of_another_platform_is_another_store(records):
    with records.transaction() as tx:
        tx.stores.add(store())

        assert tx.stores.by_key("woocommerce", store().key) is None
        assert tx.stores.by_token("woocommerce", "token-s1") is None
        tx.stores.add(replace(store(), id="s2", platform="woocommerce"))


def test_nobody_is_found_by_an_empty_token(records):
    with records.transaction() as tx:
        tx.stores.add(store("s1", token=""))
        tx.stores.add(store("s2", token=""))

        assert tx.stores.by_token("shopify", "") is None


@pytest.mark.parametrize("shared", ["id", "key", "token"])
def test_store_is_added_once(records, shared):
    with records.transaction() as tx:
        tx.stores.add(store())

    with pytest.raises(BadValue) as caught, records.transaction() as tx:
        tx.stores.add(replace(store("s2"), **{shared: getattr(store(), shared)}))

    assert caught.value.reason == "store_exists"


def test_saved_store_is_changed_and_an_unknown_one_is_an_error(records):
    with records.transaction() as tx:
        tx.stores.add(store())
        tx.stores.save(store(name="New", secrets=("fresh",), uninstalled_at=None))

        assert tx.stores.get("s1") == store(name="New", secrets=("fresh",), uninstalled_at=None)
        with pytest.raises(NotFound):
            tx.stores.save(store("s9"))


def test_secrets_stand_in_no_byte_of_the_database(records, migrated_url):
    with records.transaction() as tx:
        tx.stores.add(store())

    if migrated_url.startswith("sqlite"):
        folder = Path(migrated_url.removeprefix("sqlite:///")).parent
        kept = b"".join(each.read_bytes() for each in folder.iterdir())
    else:
        with records._line.connected() as connection:
            kept = str(connection.execute(text("SELECT s::text FROM stores s")).all()).encode()

    assert b"s1.myshopify.com" in kept
    for secret in store().secrets:
        assert secret.encode() not in kept
        assert secret.encode().hex().encode() not in kept


def test_secrets_do_not_open_with_another_key(records, migrated_url):
    with records.transaction() as tx:
        tx.stores.add(store())
    other = memory_room.open(migrated_url, secret=SECRET[::-1])

    with pytest.raises(BadSetting) as reading, other.reading() as tx:
        tx.stores.get("s1")
    with pytest.raises(BadSetting, match="SECRET_KEY") as checking:
        other.check()

    other.close()
    assert reading.value.reason == checking.value.reason == "wrong_secret_key"


def test_older_secret_still_opens_what_it_sealed():
    sealed = Keys(SECRET).seal(["a", "b"])

    assert Keys(SECRET[::-1], [SECRET]).opened(sealed) == ("a", "b")


def test_short_secret_is_refused():
    with pytest.raises(BadSetting):
        memory_room.open("sqlite://", secret=b"short")


def test_address_hash_is_one_for_every_spelling_and_another_in_every_store_and_key():
    keys = Keys(SECRET)

    spellings = {keys.address_hash("s1", each) for each in ("ada@example.com", " ADA@Example.com", "Ada@EXAMPLE.COM\n")}
    others = {keys.address_hash("s2", "ada@example.com"), Keys(SECRET[::-1]).address_hash("s1", "ada@example.com")}

    assert len(spellings) == 1
    assert len(spellings | others) == 3
    assert keys.address_hash("s1", None) is keys.address_hash("s1", " ") is None
