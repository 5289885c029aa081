"""Shopify's samples: every body of tests/fixtures/shopify under its topic, signed as an app's deliveries are."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from pathlib import Path

from lifecycle.ports import RawRequest
from tests.contract.samples import SETTINGS, Sample

FOLDER = Path(__file__).parents[1] / "fixtures" / "shopify"
SECRETS = tuple(secret.encode() for secret in SETTINGS.shopify_secrets)
VECTORS = {
    "body1_orders_create_multicurrency": "orders/create",
    "body2_orders_create_zh": "orders/create",
    "body3_checkouts_update": "checkouts/update",
    "body4_refunds_create_pretty": "refunds/create",
    "body5_customers_redact": "customers/redact",
    "body6_fulfillments_update": "fulfillments/update",
    "body7_returns_process_empty_object": "returns/process",
    "body_event": "order",
}


def shop_of(body: bytes) -> str:
    """The shop that this body says it belongs to: documentation and captures have different ones."""
    return "jsmith.myshopify.com" if b"jsmith.myshopify.com" in body else "sample-shop.myshopify.com"


def signature(body: bytes, secret: bytes) -> str:
    return base64.b64encode(hmac.new(secret, body, hashlib.sha256).digest()).decode()


def signed(topic: str, body: bytes, number: int = 1, secret: bytes = SECRETS[0]) -> RawRequest:
    headers = {
        "content-type": "application/json",
        "x-shopify-topic": topic,
        "x-shopify-hmac-sha256": signature(body, secret),
        "x-shopify-shop-domain": shop_of(body),
        "x-shopify-api-version": "2026-10",
        "x-shopify-webhook-id": f"b54557e4-bdd9-4b37-8a5f-{number:012d}",
        "x-shopify-event-id": f"98880550-7158-44d4-b7cd-{number:012d}",
        "x-shopify-triggered-at": "2026-11-20T14:30:00.123456789Z",
    }
    return RawRequest(headers, body)


def _bodies() -> Iterator[tuple[str, str, bytes]]:
    for file in sorted(FOLDER.glob("*__*.json")):
        yield file.stem, file.stem.rsplit("__", 1)[0].replace("__", "/"), file.read_bytes()
    for stem, topic in VECTORS.items():
        yield stem, topic, (FOLDER / "vectors" / f"{stem}.json").read_bytes()


def samples() -> Iterator[Sample]:
    for number, (name, topic, body) in enumerate(_bodies(), start=1):
        yield Sample("shopify", name, topic, signed(topic, body, number), SECRETS, "x-shopify-hmac-sha256")
