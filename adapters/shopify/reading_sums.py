"""An order's sums: the one set of Shopify's figures that belongs together, in the currency that the customer paid in.

`total_*` say what was bought, `current_*` what is left after edits, returns and refunds alike. A letter must say what the
customer has bought after edits and before refunds, so which set is told depends on what happened (`sums`). Nothing is
computed where the platform says it; where its parts can be meant in two ways, the reading that comes to its own total wins.
shopify.dev REST order and GraphQL Order, as read on 2026-11-20.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

from adapters import payload
from adapters.shopify.reading import Payload, Purse, added, bag, known
from adapters.shopify.reading_lines import is_tip, order_lines, quantity, tip
from lifecycle.money import Money, total
from lifecycle.orders import Labelled, LineItem

MOVES_MONEY = frozenset({"success", "pending"})


@dataclass(frozen=True, slots=True)
class Sums:
    """The figures of a letter's sum block with the rows they belong to. `discount` is positive, `subtotal` stands before it."""

    lines: tuple[LineItem, ...]
    subtotal: Money
    discount: Money
    shipping: Money
    tax: Money
    total: Money
    fees: tuple[Labelled, ...]
    tip: Money | None

    def agrees(self, *, tax_included: bool) -> bool:
        """Whether the parts come to the total."""
        parts = added(self.subtotal - self.discount + self.shipping, self.tip, *(fee.amount for fee in self.fees))
        return (parts if tax_included else parts + self.tax) == self.total


@dataclass(frozen=True, slots=True)
class _Told:
    """Shopify's own figures of one set: `after` is the goods after their discounts, `listed` before them (when said)."""

    total: Money
    after: Money | None
    discount: Money
    shipping: Money
    tax: Money
    fees: tuple[Labelled, ...]
    listed: Money | None = None


def money_refunds(order: Payload) -> list[Payload]:
    """The refunds that moved money or will. The others are only records that rows were removed by an edit or restocked."""
    return [
        refund
        for refund in payload.mappings(order, "refunds")
        if any(
            row.get("kind") == "refund" and payload.line(row, "status") in MOVES_MONEY
            for row in payload.mappings(refund, "transactions")
        )
    ]


def sums(order: Payload, purse: Purse) -> Sums:
    """What the order comes to: as bought; after edits; or, edited and then refunded, what is left plus what was given back.

    A cancelled order is told as bought, because cancelling sets every `current_*` to zero.
    """
    refunds = money_refunds(order)
    left = purse.money(order, "current_total_price")
    as_bought = _original(order, purse)
    if left is None or payload.line(order, "cancelled_at"):
        return as_bought
    if refunds:
        restored = _restored(order, purse, refunds)
        return restored if restored.agrees(tax_included=payload.flag(order, "taxes_included")) else as_bought
    removed = any(row.get("current_quantity", row.get("quantity")) != row.get("quantity") for row in _rows(order))
    return _current(order, purse) if removed or left != as_bought.total else as_bought


def _rows(order: Payload) -> list[Payload]:
    return [row for row in payload.mappings(order, "line_items") if not is_tip(row)]


def _original(order: Payload, purse: Purse) -> Sums:
    told = _Told(
        total=purse.need(order, "total_price"),
        after=purse.money(order, "subtotal_price"),
        discount=purse.or_zero(order, "total_discounts"),
        shipping=known(purse.money(order, "total_shipping_price"), _shipping(order, purse, "price")) or purse.zero,
        tax=purse.or_zero(order, "total_tax"),
        fees=_fees(order, purse, "original_total_duties_set", "original_total_additional_fees_set"),
        listed=purse.money(order, "total_line_items_price"),
    )
    return _fitted(order, purse, told, order_lines(order, purse))


def _told_now(order: Payload, purse: Purse) -> _Told:
    return _Told(
        total=purse.need(order, "current_total_price"),
        after=purse.money(order, "current_subtotal_price"),
        discount=purse.or_zero(order, "current_total_discounts"),
        shipping=known(purse.money(order, "current_shipping_price"), _shipping(order, purse, "discounted_price"))
        or purse.zero,
        tax=purse.or_zero(order, "current_total_tax"),
        fees=_fees(order, purse, "current_total_duties_set", "current_total_additional_fees_set"),
    )


def _left(row: Payload) -> int:
    return quantity(row, "current_quantity" if row.get("current_quantity") is not None else "quantity")


def _current(order: Payload, purse: Purse) -> Sums:
    return _fitted(order, purse, _told_now(order, purse), order_lines(order, purse, _left))


def _restored(order: Payload, purse: Purse, refunds: Sequence[Payload]) -> Sums:
    """The current set with the refunds' own figures put back, because refunds lower `current_*` just as edits do."""
    given_back = [row for refund in refunds for row in payload.mappings(refund, "refund_line_items")]
    moved = [row for refund in refunds for row in payload.mappings(refund, "transactions") if row.get("kind") == "refund"]
    counts: dict[str, int] = {}
    for row in given_back:
        line_id = payload.identifier(row, "line_item_id")
        counts[line_id] = counts.get(line_id, 0) + payload.count(row, "quantity")

    def kept(row: Payload) -> int:
        return min(quantity(row), _left(row) + counts.get(payload.identifier(row, "id"), 0))

    told = _told_now(order, purse)
    paid_back = (
        payload.money(row, "amount", purse.currency) for row in moved if payload.line(row, "status") in MOVES_MONEY
    )
    posts = [row for refund in refunds for row in payload.mappings(refund, "refund_shipping_lines")]
    told = replace(
        told,
        total=added(told.total, *paid_back),
        after=None if told.after is None else added(told.after, *(purse.money(row, "subtotal") for row in given_back)),
        shipping=added(told.shipping, *(purse.money(row, "subtotal_amount") for row in posts)),
        tax=added(told.tax, *(purse.money(row, "total_tax") for row in given_back)),
    )
    return _fitted(order, purse, told, order_lines(order, purse, kept))


def _fitted(order: Payload, purse: Purse, told: _Told, lines: tuple[LineItem, ...]) -> Sums:
    """The first reading of the figures that comes to their own total; the plainest one when none does."""
    gross = total((line.total for line in lines), purse.currency)
    off_shipping = min(_allocated(order, purse, "shipping_lines"), told.discount)
    off_goods = told.discount - off_shipping
    given = tip(order, purse)
    before = None if told.after is None else told.after + off_goods
    # Whether Shopify counts a tip's row among the goods is said nowhere; our own sum of the rows never does. 2026-11
    bases = [base for base in (told.listed, before, gross) if base is not None]
    # total_shipping_price_set stands before shipping discounts, current_shipping_price_set after them.
    posts = (told.shipping, told.shipping + off_shipping)
    included = payload.flag(order, "taxes_included")
    readings = [
        Sums(lines, base, told.discount, post, told.tax, told.total, told.fees, given)
        for base, post in product(bases, posts)
    ]
    return next((reading for reading in readings if reading.agrees(tax_included=included)), readings[0])


def _shipping(order: Payload, purse: Purse, key: str) -> Money:
    rows = [row for row in payload.mappings(order, "shipping_lines") if not payload.flag(row, "is_removed")]
    prices = (known(purse.money(row, key), purse.money(row, "price")) or purse.zero for row in rows)
    return total(prices, purse.currency)


def _allocated(order: Payload, purse: Purse, rows: str) -> Money:
    spread = (share for row in payload.mappings(order, rows) for share in payload.mappings(row, "discount_allocations"))
    return total((purse.or_zero(share, "amount") for share in spread), purse.currency)


def _fees(order: Payload, purse: Purse, duties: str, additional: str) -> tuple[Labelled, ...]:
    found = (("Duties", duties), ("Additional fees", additional))
    told = ((label, bag(order, key)) for label, key in found if not (label == "Duties" and order.get("duties_included")))
    return tuple(Labelled(label, amount) for label, amount in told if amount and amount.currency == purse.currency)


def discounts(order: Payload, purse: Purse, whole: Money) -> tuple[Labelled, ...]:
    """The discounts by the name that the customer knows, together exactly `whole`; one joint row when shares do not add up;
    nothing when it has no name.

    A row's `total_discount` is often "0.00" where its allocations hold the truth, and `discount_codes` may count twice.
    """
    if not whole:
        return ()
    shares: dict[int, Money] = {}
    for rows in ("line_items", "shipping_lines"):
        for row in payload.mappings(order, rows):
            for share in payload.mappings(row, "discount_allocations"):
                index = payload.count(share, "discount_application_index")
                shares[index] = shares.get(index, purse.zero) + purse.or_zero(share, "amount")
    used = payload.mappings(order, "discount_applications")
    names = [payload.line(one, "code", "title", "description") for one in used]
    named = tuple(Labelled(names[index], amount) for index, amount in sorted(shares.items()) if index < len(names))
    if (
        named
        and all(one.label and one.amount for one in named)
        and added(purse.zero, *(one.amount for one in named)) == whole
    ):
        return named
    codes = [payload.line(one, "code") for one in payload.mappings(order, "discount_codes")]
    joint = ", ".join(dict.fromkeys(name for name in (*names, *codes) if name))
    return (Labelled(joint, whole),) if joint else ()


def taxes(order: Payload, purse: Purse, whole: Money) -> tuple[Labelled, ...]:
    """The taxes by name when they come to `whole`, nothing when they do not: an edit moves the sum and not the rows."""
    rows = payload.mappings(order, "tax_lines")
    found = tuple(Labelled(payload.line(row, "title"), purse.or_zero(row, "price")) for row in rows)
    return found if added(purse.zero, *(tax.amount for tax in found)) == whole else ()
