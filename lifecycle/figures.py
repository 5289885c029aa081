"""Every amount, quantity, date, code and number in a letter equals a fact of its event, or the letter is held.

`figures_of()` walks the facts; the words room prints each fact in every form it may take; `trace()` looks at the finished
subject, HTML and text alone, so it also holds for words that a person edited.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from lifecycle.carts import Checkout
from lifecycle.composing import Change, Link, Story
from lifecycle.links import links_in, unknown_links
from lifecycle.money import Money
from lifecycle.orders import Fulfillment, Labelled, LineItem, Order, Part, Refund
from lifecycle.people import Address, Customer
from lifecycle.seen import fold, visible
from lifecycle.stores import Incentive, Reward, Store
from lifecycle.tracing import has_figures, marks, trace


class FigureKind(StrEnum):
    """`phrase` is a count that only stands inside a fixed phrase («2 of 3»): its value is the tuple of its numbers."""

    AMOUNT = "amount"
    QUANTITY = "quantity"
    DATE = "date"
    CODE = "code"
    TEXT = "text"
    PERCENT = "percent"
    PHRASE = "phrase"


@dataclass(frozen=True, slots=True)
class Figure:
    """One fact that a letter may print. `path` says where it comes from, in words for the merchant («order.total»).

    `declared` names the parts of a sum that no platform stated («refunded so far»).
    """

    kind: FigureKind
    path: str
    value: Money | int | date | datetime | str | tuple[int, ...]
    declared: tuple[str, ...] = ()


def figures_of(story: Story) -> tuple[Figure, ...]:
    """Every fact of the story that a letter may print, each once, with a path that a merchant can read.

    Texts and codes count when a digit stands in them: words cannot be wrong by a figure. Lines that the letter leaves out
    («and N more») are left out here too.
    """
    found: list[Figure] = []
    if story.order is not None:
        found.extend(_order(story.order, story.more_lines))
    if story.checkout is not None:
        found.extend(_checkout(story.checkout, story.more_lines if story.order is None else 0))
    if story.fulfillment is not None:
        found.extend(_fulfillment(story.fulfillment, story.order))
    if story.refund is not None:
        found.extend(_refund(story.refund, story.order))
    found.extend(_parcels(story.parcels, "parcel"))
    found.extend(_parcels(story.old_parcels, "earlier parcel"))
    for number, change in enumerate(story.changes, 1):
        found.extend(_change(change, f"change {number}"))
    if story.incentive is not None:
        found.extend(_incentive(story.incentive, story))
    if story.refunded_so_far is not None:
        refunds = story.order.refunds if story.order else ()
        parts = tuple(f"refund {number} amount" for number in range(1, len(refunds) + 1))
        found.append(Figure(FigureKind.AMOUNT, "refunded so far", story.refunded_so_far, parts or ("refund amount",)))
    if story.more_lines:
        found.append(Figure(FigureKind.PHRASE, "number of further items", (story.more_lines,)))
    found.extend(_store(story.store))
    found.extend(_texts((("recipient", story.to),)))
    return tuple(dict.fromkeys(found))


def _texts(pairs: Iterable[tuple[str, str]], kind: FigureKind = FigureKind.TEXT) -> Iterator[Figure]:
    for path, text in pairs:
        if any(char.isdigit() for char in fold(text)):
            yield Figure(kind, path, text)


def _amounts(pairs: Iterable[tuple[str, Money | None]]) -> Iterator[Figure]:
    return (Figure(FigureKind.AMOUNT, path, amount) for path, amount in pairs if amount is not None)


def _dates(pairs: Iterable[tuple[str, datetime | None]]) -> Iterator[Figure]:
    return (Figure(FigureKind.DATE, path, moment) for path, moment in pairs if moment is not None)


def _customer(customer: Customer) -> Iterator[Figure]:
    return _texts(
        (
            ("customer's name", customer.name),
            ("customer's first name", customer.first_name),
            ("customer's last name", customer.last_name),
            ("customer's address", customer.email or ""),
            ("customer's telephone", customer.phone),
        )
    )


def _address(address: Address | None, path: str) -> Iterator[Figure]:
    if address is not None:
        for part in ("name", "company", "street", "street2", "postcode", "city", "region"):
            yield from _texts(((f"{path}: {part}", getattr(address, part)),))


def _labelled(items: Iterable[Labelled], path: str) -> Iterator[Figure]:
    for number, item in enumerate(items, 1):
        yield from _texts(((f"{path} {number} name", item.label),))
        yield Figure(FigureKind.AMOUNT, f"{path} {number}", item.amount)


def _lines(lines: tuple[LineItem, ...], more: int) -> Iterator[Figure]:
    for number, line in enumerate(lines[: len(lines) - more], 1):
        path = f"line {number}"
        yield Figure(FigureKind.QUANTITY, f"{path} quantity", line.quantity)
        yield from _amounts(((f"{path} total", line.total), (f"{path} unit price", line.unit_price)))
        texts = [(f"{path} title", line.title), (f"{path} variant", line.variant), (f"{path} SKU", line.sku)]
        yield from _texts((*texts, *((f"{path} option", note) for note in line.note)))
    if lines:
        yield Figure(FigureKind.PHRASE, "number of items", (sum(line.quantity for line in lines),))


def _order(order: Order, more: int) -> Iterator[Figure]:
    yield Figure(FigureKind.CODE, "order number", order.number)
    yield from _dates((("order date", order.placed_at), ("cancelled on", order.cancelled_at)))
    yield from _amounts(
        (("order total", order.total), ("order subtotal", order.subtotal), ("order discount", order.discount))
    )
    yield from _amounts((("shipping cost", order.shipping), ("tax", order.tax), ("tip", order.tip)))
    yield from _lines(order.lines, more)
    for items, path in ((order.discounts, "discount"), (order.fees, "fee"), (order.taxes, "tax")):
        yield from _labelled(items, path)
    yield from _texts((("shipping method", order.shipping_method), ("payment method", order.payment_method)))
    yield from _address(order.ship_to, "delivery address")
    yield from _address(order.bill_to, "billing address")
    yield from _customer(order.customer)
    for number, refund in enumerate(order.refunds, 1):
        yield Figure(FigureKind.AMOUNT, f"refund {number} amount", refund.amount)


def _checkout(checkout: Checkout, more: int) -> Iterator[Figure]:
    yield from _texts((("checkout number", checkout.number),), FigureKind.CODE)
    amounts = (("total", checkout.total), ("subtotal", checkout.subtotal), ("discount", checkout.discount))
    yield from _amounts((f"checkout {name}", amount) for name, amount in amounts)
    yield from _dates((("checkout begun on", checkout.created_at), ("checkout left on", checkout.touched_at)))
    yield from _lines(checkout.lines, more)
    yield from _customer(checkout.customer)


def _parts(parts: tuple[Part, ...], order: Order | None, path: str) -> Iterator[Figure]:
    """Quantities of the parts, each also as «n of m ordered», line by line and together."""
    ordered = {line.id: line.quantity for line in order.lines} if order else {}
    for number, part in enumerate(parts, 1):
        here = f"{path} line {number}"
        yield Figure(FigureKind.QUANTITY, f"{here} quantity", part.quantity)
        yield from _texts(((f"{here} title", part.title), (f"{here} variant", part.variant)))
        yield from _amounts(((f"{here} amount", part.amount),))
        if part.line_id in ordered:
            yield Figure(FigureKind.PHRASE, f"{here}: how many of how many ordered", (part.quantity, ordered[part.line_id]))
    if parts:
        items = sum(part.quantity for part in parts)
        yield Figure(FigureKind.PHRASE, f"{path}: number of items", (items,))
        if order is not None:
            yield Figure(FigureKind.PHRASE, f"{path}: items of how many ordered", (items, order.quantity))


def _fulfillment(fulfillment: Fulfillment, order: Order | None) -> Iterator[Figure]:
    yield from _dates(
        (
            ("shipped on", fulfillment.shipped_at),
            ("last carrier news", fulfillment.happened_at),
            ("estimated delivery", fulfillment.estimated_delivery),
            ("delivered on", fulfillment.delivered_at),
        )
    )
    yield from _texts((("place of the last carrier news", fulfillment.place),))
    for number, tracking in enumerate(fulfillment.trackings, 1):
        yield from _texts(((f"parcel {number} tracking number", tracking.number),), FigureKind.CODE)
        yield from _texts(((f"parcel {number} carrier", tracking.carrier),))
    yield from _parts(fulfillment.lines, order, "shipped")


def _refund(refund: Refund, order: Order | None) -> Iterator[Figure]:
    yield from _amounts((("refund amount", refund.amount), ("refunded shipping", refund.shipping)))
    yield from _dates((("refunded on", refund.refunded_at),))
    yield from _texts((("refund reason", refund.reason), ("refund method", refund.method)))
    yield from _parts(refund.lines, order, "refunded")


def _parcels(parcels: tuple[Link, ...], path: str) -> Iterator[Figure]:
    for number, parcel in enumerate(parcels, 1):
        yield from _texts(((f"{path} {number} tracking number", parcel.tracking.number),), FigureKind.CODE)
        yield from _texts(((f"{path} {number} carrier", parcel.carrier),))


def _change(change: Change, path: str) -> Iterator[Figure]:
    yield from _texts(((f"{path} title", change.title),))
    for name, value in (("old", change.old), ("new", change.new)):
        if isinstance(value, Money):
            yield Figure(FigureKind.AMOUNT, f"{path}: {name} amount", value)
        elif isinstance(value, int):
            yield Figure(FigureKind.QUANTITY, f"{path}: {name} quantity", value)
        elif value:
            yield from _texts(((f"{path}: {name} value", value),))


def _incentive(incentive: Incentive, story: Story) -> Iterator[Figure]:
    """The store's own offer: its amounts are in the store's currency, its percentage is a text («10», «12.5»)."""
    yield from _texts((("offer code", incentive.code),), FigureKind.CODE)
    currency = story.store.currency
    if incentive.value is not None and incentive.reward is Reward.PERCENT:
        yield Figure(FigureKind.PERCENT, "offer percentage", f"{incentive.value.normalize():f}")
    elif incentive.value is not None and incentive.reward is Reward.AMOUNT:
        yield Figure(FigureKind.AMOUNT, "offer amount", Money(incentive.value, currency))
    if incentive.from_total:
        yield Figure(FigureKind.AMOUNT, "offer from a total of", Money(incentive.from_total, currency))


def _store(store: Store) -> Iterator[Figure]:
    own = store.settings
    return _texts(
        (
            ("store name", store.name),
            ("store address on the web", store.host),
            ("store postal address", own.postal_address),
            ("sender name", own.sender_name),
            ("sender address", own.sender_address),
            ("reply address", own.reply_to),
        )
    )


__all__ = [
    "Figure",
    "FigureKind",
    "figures_of",
    "has_figures",
    "links_in",
    "marks",
    "trace",
    "unknown_links",
    "visible",
]
