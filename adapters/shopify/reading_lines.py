"""Basket rows: what is goods, how many the customer gets, and what a row costs before discounts."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from adapters import payload
from adapters.shopify.reading import Payload, Purse, need_list
from lifecycle.errors import Unreadable
from lifecycle.money import Money, total
from lifecycle.orders import LineItem, Part

MOST_NOTES = 20
Quantity = Callable[[Payload], int]


def quantity(line: Payload, key: str = "quantity") -> int:
    """A row's quantity. Raises Unreadable(`no_quantity`) for what is no count: a row that we cannot read is never left out."""
    found = payload.count(line, key)
    if not found and str(line.get(key)) not in {"0", "0.0"}:
        raise Unreadable("no_quantity")
    return found


def is_tip(line: Payload) -> bool:
    """Whether this row is a tip and no goods: only tips have the key `tip_payment_gateway`, also when it is null (2026-11)."""
    return "tip_payment_gateway" in line


def variant(line: Payload, *keys: str) -> str:
    """The variant's words; nothing for Shopify's own placeholder of a product without variants."""
    found = payload.line(line, *(keys or ("variant_title",)))
    return "" if found == "Default Title" else found


def notes(line: Payload) -> tuple[str, ...]:
    """The options that the buyer sees, from `[{name, value}]` or `{name: value}`. A name that begins with «_» hides one."""
    given = line.get("properties")
    pairs: Sequence[Mapping[str, Any]] = (
        [{"name": name, "value": value} for name, value in given.items()]
        if isinstance(given, dict)
        else payload.mappings(line, "properties")
    )
    found = ((payload.line(pair, "name"), payload.line(pair, "value")) for pair in pairs)
    shown = [f"{name}: {value}" for name, value in found if name and value and not name.startswith("_")]
    return tuple(shown[:MOST_NOTES])


def order_lines(order: Payload, purse: Purse, quantity_of: Quantity = quantity) -> tuple[LineItem, ...]:
    """The goods of an order, tips and rows with quantity 0 left out. Raises Unreadable(`no_id`, `no_amount`, `no_quantity`)."""
    rows = [(row, quantity_of(row)) for row in need_list(order, "line_items") if not is_tip(row)]
    return tuple(_order_line(row, count, purse.need(row, "price")) for row, count in rows if count)


def _order_line(row: Payload, count: int, price: Money) -> LineItem:
    return LineItem(
        id=payload.need_identifier(row, "id"),
        title=payload.line(row, "title", "name"),
        quantity=count,
        total=price * count,
        unit_price=price,
        variant=variant(row),
        sku=payload.line(row, "sku"),
        note=notes(row),
        gift_card=payload.flag(row, "gift_card"),
        needs_shipping=row.get("requires_shipping") is not False,
    )


def part(row: Payload, count: int, amount: Money | None = None) -> Part:
    """Some of a row, in a parcel or a refund; `row` is the copy of the order's row that Shopify puts there."""
    return Part(
        line_id=payload.identifier(row, "id"),
        title=payload.line(row, "title", "name"),
        quantity=count,
        variant=variant(row),
        amount=amount,
    )


def tip(order: Payload, purse: Purse) -> Money | None:
    """The tip in the currency paid in, None when there was none: from its row, whose plain twin has the shop's currency."""
    rows = [row for row in payload.mappings(order, "line_items") if is_tip(row)]
    given = total((purse.or_zero(row, "price") * payload.count(row, "quantity") for row in rows), purse.currency)
    return given or purse.or_zero(order, "total_tip_received") or None
