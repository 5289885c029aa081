"""How Shopify sends the deliveries in this folder (headers as in shopify.md, read on 2026-11-20)."""

import base64
from collections.abc import Mapping
from datetime import datetime

from adapters.signing import digest
from lifecycle.stores import Store


def headers(
    store: Store, topic: str, body: bytes, secret: bytes, at: datetime, number: str
) -> tuple[str, Mapping[str, str]]:
    """The path and the headers of one delivery; `number` names it, the same for a retry."""
    return "/webhooks/shopify", {
        "Content-Type": "application/json",
        "User-Agent": "Shopify-Captain-Hook",
        "X-Shopify-Topic": topic,
        "X-Shopify-Hmac-Sha256": base64.b64encode(digest(secret, body)).decode(),
        "X-Shopify-Shop-Domain": store.key,
        "X-Shopify-API-Version": "2026-10",
        "X-Shopify-Webhook-Id": f"demo-{store.id}-{number}",
        "X-Shopify-Event-Id": f"demo-event-{store.id}-{number}",
        "X-Shopify-Triggered-At": at.strftime("%Y-%m-%dT%H:%M:%S.000000000Z"),
    }
