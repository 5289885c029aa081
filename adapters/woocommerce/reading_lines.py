"""The basket: line items and their options, amounts as sent."""

import html
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from adapters import payload
from lifecycle.money import Money
from lifecycle.orders import LineItem

_TAG = re.compile(r"<[^<>]{0,1000}>")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")


def amount(source: Mapping[str, Any], key: str, currency: str) -> Money:
    """The amount under `key`, zero when it is missing or empty. Raises Unreadable(`no_amount`) when it is no amount."""
    if source.get(key) in (None, ""):
        return Money.zero(currency)
    return payload.need_money(source, key, currency)


def words(source: Mapping[str, Any], key: str) -> str:
    """Text in which WordPress may have left HTML entities («Fish &amp; Chips»), as a person reads it."""
    return payload.clean(_ENTITY.sub(lambda entity: html.unescape(entity[0]), payload.text(source, key)))


def web(source: Mapping[str, Any], key: str) -> str | None:
    """The http or https address under `key`, as sent; whether it may stand in a letter is decided where letters are made."""
    url = payload.text(source, key)
    return url if url.startswith(("https://", "http://")) else None


def lines_of(body: Mapping[str, Any], currency: str) -> tuple[LineItem, ...]:
    """The line items with their totals before coupons and without tax, which is how WooCommerce always sends them.

    Whether a single line is sent is not said. `needs_processing` is false when all of them are downloads.
    """
    shipped = body.get("needs_processing") is not False
    return tuple(_line(item, currency, needs_shipping=shipped) for item in payload.mappings(body, "line_items"))


def subtotal_of(item: Mapping[str, Any], currency: str) -> Money:
    """The line before coupons; after them where a plugin left the other out."""
    return amount(item, "total" if item.get("subtotal") in (None, "") else "subtotal", currency)


def _line(item: Mapping[str, Any], currency: str, *, needs_shipping: bool) -> LineItem:
    title, variant = _named(item)
    quantity = payload.count(item, "quantity")
    subtotal = subtotal_of(item, currency)
    return LineItem(
        id=payload.need_identifier(item, "id"),
        title=title,
        quantity=quantity,
        total=subtotal,
        unit_price=_unit_price(subtotal, quantity),
        variant=variant,
        sku=payload.text(item, "sku"),
        note=_options(item, variant),
        image_url=_image(item),
        needs_shipping=needs_shipping,
    )


def _named(item: Mapping[str, Any]) -> tuple[str, str]:
    """A variation's name is «Hoodie - Red, S» under the parent «Hoodie»: title and variant."""
    name, parent = words(item, "name"), words(item, "parent_name")
    if parent and name.startswith(f"{parent} - "):
        return parent, name.removeprefix(f"{parent} - ").strip()
    return name, ""


def _unit_price(subtotal: Money, quantity: int) -> Money | None:
    """The price of one, only where it comes out even: `price` is after coupons and a float (0.601, 21.494042333333336)."""
    if quantity < 1:
        return None
    exponent = subtotal.amount.as_tuple().exponent
    unit = (subtotal.amount / quantity).quantize(Decimal((0, (1,), int(exponent))))
    return Money(unit, subtotal.currency) if unit * quantity == subtotal.amount else None


def _options(item: Mapping[str, Any], variant: str) -> tuple[str, ...]:
    """The options that the buyer sees, less those that the variant says already. «_» begins what the shop keeps to itself."""
    said = variant.split(", ")
    found = []
    for entry in payload.mappings(item, "meta_data"):
        label, value = _plain(entry, "display_key", "key"), _plain(entry, "display_value", "value")
        hidden = payload.text(entry, "key").startswith("_") or label.startswith("_")
        if label and value and not hidden and value not in said:
            found.append(f"{label}: {value}")
    return tuple(found)


def _plain(entry: Mapping[str, Any], shown: str, raw: str) -> str:
    """A label or value without markup; empty for an object, which is a plugin's own business."""
    key = shown if shown in entry else raw
    return " ".join(words({"text": _TAG.sub(" ", payload.text(entry, key))}, "text").split())


def _image(item: Mapping[str, Any]) -> str | None:
    source = payload.text(payload.mapping(item, "image"), "src")
    return source if source.startswith("https://") else None
