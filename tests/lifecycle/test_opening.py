from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from lifecycle.errors import BadSetting
from lifecycle.opening import opened, webhook_path

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def platform(name, **more):
    return SimpleNamespace(name=name, title=name, topics={}, store_key=lambda text: text.lower(), **more)


def test_made_secret_survives_an_admin_form_that_strips_tags_and_entities():
    store = opened(platform("woocommerce"), "https://Fern.test", {}, NOW)

    (secret,) = store.secrets
    assert len(secret) == 40
    assert secret.isascii()
    assert secret.isalnum()


def test_platform_that_prescribes_its_secrets_makes_them():
    store = opened(platform("custom", new_secret=lambda: "whsec_x"), "https://fern.test", {}, NOW)

    assert store.secrets == ("whsec_x",)


def test_app_signed_platform_gets_no_secret_and_a_path_without_token():
    store = opened(platform("shopify"), "fern.myshopify.com", {}, NOW)

    assert store.secrets == ()
    assert webhook_path(store) == "/webhooks/shopify"


def test_store_begins_with_its_hosts_name_and_the_chosen_settings():
    bare = opened(platform("custom"), "https://fern.test/shop", {}, NOW)
    told = opened(
        platform("custom"), "https://fern.test", {"name": "Fern", "currency": "eur", "paused": "yes"}, NOW, "given"
    )

    assert (bare.name, bare.created_at) == ("fern.test", NOW)
    assert (told.name, told.currency, told.settings.paused, told.secrets) == ("Fern", "EUR", True, ("given",))
    assert webhook_path(told) == f"/webhooks/custom/{told.token}"


def test_no_two_stores_share_an_id_a_token_or_a_secret():
    stores = [opened(platform("custom"), "https://fern.test", {}, NOW) for _ in range(50)]

    for what in ("id", "token", "secrets"):
        assert len({getattr(store, what) for store in stores}) == 50
    assert all(len(store.token) >= 32 for store in stores)


@pytest.mark.parametrize("secret", ["a\nb", " padded ", "x" * 201, "\x00"])
def test_secret_that_no_form_could_hold_is_refused(secret):
    with pytest.raises(BadSetting):
        opened(platform("custom"), "https://fern.test", {}, NOW, secret)
