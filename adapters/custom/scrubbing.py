"""A body of the same shape with nobody's data in it: what a merchant's delivery goes through before it becomes a fixture.

Only what stands in `_KEPT` stays: an unlisted key is somebody's own, so its texts and numbers go.
"""

import json
from decimal import Decimal
from typing import Any

from adapters.payload import load

WORD = "scrubbed"
_LARGEST = Decimal("1e300")  # above, a float becomes Infinity, which is no JSON
_KEPT = frozenset(
    (
        *("type", "occurred_at", "placed_at", "updated_at", "cancelled_at", "shipped_at", "happened_at", "delivered_at"),
        *("estimated_delivery", "refunded_at", "touched_at", "created_at", "completed_at", "at"),
        *(
            "id",
            "order_id",
            "line_id",
            "number",
            "sku",
            "title",
            "variant",
            "quantity",
            "source",
            "state",
            "passage",
            "payment",
        ),
        *(
            "currency",
            "shop_currency",
            "subtotal",
            "discount",
            "shipping",
            "tax",
            "total",
            "shop_total",
            "unit_price",
            "amount",
        ),
        *("tip", "spent", "orders_count", "carrier", "country", "locale", "shipping_method"),
    )
)
_PEOPLE = frozenset({"customer", "ship_to", "bill_to"})
_KEPT_OF_PEOPLE = frozenset({"country", "locale", "orders_count", "spent", "marketing", "state", "at"})


def scrub(body: bytes) -> bytes:
    """The body, compact, same keys and types, without anybody's data. Raises Unreadable."""
    clean = _value("", load(body), of_person=False)
    return json.dumps(clean, ensure_ascii=False, separators=(",", ":"), default=_number).encode("utf-8", "replace")


def _number(value: Decimal) -> float:
    return float(value) if abs(value) < _LARGEST else 0.0


def _value(key: str, value: Any, *, of_person: bool) -> Any:
    if isinstance(value, dict):
        inside = of_person or key in _PEOPLE
        return {inner: _value(inner, item, of_person=inside) for inner, item in value.items()}
    if isinstance(value, list):
        return [_value(key, item, of_person=of_person) for item in value]
    if key in (_KEPT_OF_PEOPLE if of_person else _KEPT):
        return value
    return _blank(key, value)


def _blank(key: str, value: Any) -> Any:
    if isinstance(value, str):
        known = {"email": f"{WORD}@example.com", "phone": "+15550100"}
        return (known.get(key) or (f"https://example.com/{WORD}" if key.endswith("url") else WORD)) if value else value
    return 0 if isinstance(value, int | Decimal) and not isinstance(value, bool) else value
