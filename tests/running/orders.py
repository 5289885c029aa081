"""Orders to be told, each of a customer of its own, so that nobody gets many letters."""

import json
from datetime import UTC, datetime

from tests.running.serving import Server, shopify_headers

SHOP = "fern.myshopify.com"
TOPIC = "orders/create"


def fields(number: int) -> dict[str, object]:
    """An order that has just been placed and adds up, as a shop tells it."""
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")
    return {
        "id": number,
        "name": f"#{number}",
        "email": f"buyer{number}@example.com",
        "created_at": at,
        "updated_at": at,
        "currency": "USD",
        "total_price": "20.00",
        "subtotal_price": "20.00",
        "financial_status": "paid",
        "test": False,
        "customer": {"id": number, "email": f"buyer{number}@example.com", "first_name": "Ada"},
        "line_items": [{"id": number, "title": "Enamel mug", "quantity": 2, "price": "10.00"}],
    }


def order(number: int, *, padding: int = 0) -> bytes:
    """The order's bytes; `padding` more of them in a field that nobody reads."""
    return json.dumps(fields(number) | {"padding": "x" * padding}).encode()


def headers(body: bytes, delivery_id: str) -> dict[str, str]:
    return shopify_headers(TOPIC, body, delivery_id, SHOP)


def head(server: Server, body: bytes, delivery_id: str, *framing: str) -> bytes:
    """The beginning of a request, to be written to the line by hand."""
    lines = ["POST /webhooks/shopify HTTP/1.1", f"Host: 127.0.0.1:{server.port}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers(body, delivery_id).items()]
    return "\r\n".join([*lines, *framing, "", ""]).encode()
