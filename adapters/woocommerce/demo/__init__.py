"""How WooCommerce sends the deliveries in this folder (headers as recorded, in their order)."""

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime

from adapters.signing import digest
from lifecycle.stores import Store


def headers(
    store: Store, topic: str, body: bytes, secret: bytes, _at: datetime, number: str
) -> tuple[str, Mapping[str, str]]:
    """The path and the headers of one delivery; `number` names it, the same for a retry."""
    resource, _, happened = topic.partition(".")
    return f"/webhooks/woocommerce/{store.token}", {
        "User-Agent": "WooCommerce/10.5.0 Hookshot (WordPress/6.9)",
        "Accept": "*/*",
        "Content-Type": "application/json",
        "X-WC-Webhook-Source": f"{store.key}/",
        "X-WC-Webhook-Topic": topic,
        "X-WC-Webhook-Resource": resource,
        "X-WC-Webhook-Event": happened,
        "X-WC-Webhook-Signature": base64.b64encode(digest(secret, body)).decode(),
        "X-WC-Webhook-ID": "1",
        "X-WC-Webhook-Delivery-ID": hashlib.md5(f"{store.id}.{number}".encode(), usedforsecurity=False).hexdigest(),
    }
