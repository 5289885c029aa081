"""Opening a store: its first row, with the token of its webhook path and a secret where the platform signs with one."""

import secrets
import string
from collections.abc import Mapping
from datetime import datetime

from lifecycle.choices import store_changed
from lifecycle.errors import BadSetting
from lifecycle.ports import ChecksSecrets, MakesSecrets, Platform
from lifecycle.stores import Store

APP_SIGNED = frozenset({"shopify"})
"""Platforms that sign with the app's own secret and name the store in a header, so that the path needs no token."""

# WooCommerce's admin form strips tags and %xx from a secret and decodes entities: letters and digits survive. 2026-11
_LETTERS = string.ascii_letters + string.digits
_SECRET_LENGTH = 40


def opened(platform: Platform, key: str, chosen: Mapping[str, str], now: datetime, secret: str = "") -> Store:
    """A new store, not kept yet; `chosen` holds setting names and texts, as `store_changed` takes them.

    A secret is made where the platform needs one and none is given. Raises BadSetting or BadValue.
    """
    if secret and (not secret.isprintable() or secret != secret.strip() or len(secret) > 200):
        raise BadSetting("bad_setting", "The secret must be one line of at most 200 printable characters.")
    if secret and isinstance(platform, ChecksSecrets):
        platform.check_secret(secret)
    made = secret or _new_secret(platform)
    store = Store(
        id=secrets.token_hex(8),
        platform=platform.name,
        key=platform.store_key(key),
        token=secrets.token_urlsafe(24),
        name="",
        created_at=now,
        secrets=(made,) if made else (),
    )
    for name, value in {"name": store.host, **chosen}.items():
        store = store_changed(store, name, value)
    return store


def webhook_path(store: Store) -> str:
    """Where this store's platform sends its webhooks."""
    return f"/webhooks/{store.platform}" if store.platform in APP_SIGNED else f"/webhooks/{store.platform}/{store.token}"


def _new_secret(platform: Platform) -> str:
    if isinstance(platform, MakesSecrets):
        return platform.new_secret()
    if platform.name in APP_SIGNED:
        return ""
    return "".join(secrets.choice(_LETTERS) for _ in range(_SECRET_LENGTH))
