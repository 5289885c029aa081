"""The rows of a letter's tables: which amounts and changes are listed, and with which words. HTML and Markdown print the same rows."""

from collections.abc import Iterator
from dataclasses import dataclass

from lifecycle.composing import Change, Story
from lifecycle.errors import Unfilled
from lifecycle.money import Money, total
from lifecycle.orders import Labelled, Order, Part
from lifecycle.people import ConsentState
from lifecycle.stores import Incentive, Reward
from templates.tongues import marked

# More than these become one row with their sum, as the platform states it.
_MOST_LABELS = 10


@dataclass(frozen=True, slots=True)
class Row:
    """One amount with our words for it; `{label}` in the words is the platform's own name."""

    words: str
    amount: Money
    label: str = ""


def total_rows(order: Order) -> list[Row]:
    """From the subtotal down to what comes before the total; taxes only when they are added to it."""
    rows = [Row(marked("Subtotal"), order.subtotal)]
    cuts = _labelled(order.discounts, order.discount, marked("Discount"), marked("Discount ({label})"))
    rows += [Row(row.words, -row.amount, row.label) for row in cuts]
    if order.shipping or any(line.needs_shipping for line in order.lines):
        words = marked("Shipping ({label})") if order.shipping_method.strip() else marked("Shipping")
        rows.append(Row(words, order.shipping, order.shipping_method))
    rows += [Row("{label}" if fee.label.strip() else marked("Fee"), fee.amount, fee.label) for fee in order.fees]
    if order.tip:
        rows.append(Row(marked("Tip"), order.tip))
    if not order.tax_included:
        rows += _labelled(order.taxes, order.tax, marked("Tax"), marked("Tax ({label})"))
    return rows


def included_rows(order: Order) -> list[Row]:
    """The taxes that are inside the total already."""
    if not order.tax_included:
        return []
    return list(_labelled(order.taxes, order.tax, marked("Includes tax"), marked("Includes tax ({label})")))


def change_words(change: Change) -> str:
    """The words for what changed. Raises Unfilled for a kind of change that has none."""
    if change.what in _CHANGES:
        return _CHANGES[change.what]
    raise Unfilled("unfilled", "This kind of change has no words yet.")


def public_reason(order: Order) -> str:
    """Why the order was cancelled, when that is for the customer's eyes; what staff note (fraud, staff, other) never is."""
    return _REASONS.get(order.cancel_reason, "")


def offer_words(offer: Incentive) -> str:
    """The words for what an incentive gives."""
    return _OFFERS[offer.reward]


def offer_subject(offer: Incentive) -> str:
    """The subject line's words for it."""
    return _OFFER_SUBJECTS[offer.reward]


def basis(story: Story) -> str:
    """Why a marketing letter came: the reader agreed, or bought and was told; then it says that it is advertising (CAN-SPAM)."""
    consent = story.checkout.customer.consent if story.checkout else None
    agreed = consent is not None and consent.state is ConsentState.SUBSCRIBED
    return _BASES[agreed]


def ordered_of(order: Order | None, part: Part) -> int | None:
    """How many of this part's line the order holds; None when the order does not name the line."""
    lines = order.lines if order else ()
    return next((line.quantity for line in lines if line.id == part.line_id and line.quantity >= part.quantity), None)


def _labelled(parts: tuple[Labelled, ...], whole: Money, bare: str, named: str) -> Iterator[Row]:
    """Each part when together they are the whole, else the whole alone: a letter never lists what does not add up."""
    split = 0 < len(parts) <= _MOST_LABELS and all(part.amount.currency == whole.currency for part in parts)
    if split and total((part.amount for part in parts), whole.currency) == whole:
        yield from (Row(named if part.label.strip() else bare, part.amount, part.label) for part in parts if part.amount)
    elif whole:
        yield Row(bare, whole)


_REASONS: dict[str, str] = {
    "customer": marked("It was cancelled as you asked."),
    "inventory": marked("Unfortunately not all items are available."),
    "declined": marked("The payment was declined."),
}
_OFFERS: dict[Reward, str] = {
    Reward.FREE_SHIPPING: marked("Free shipping for this cart."),
    Reward.PERCENT: marked("{value} off this cart."),
    Reward.AMOUNT: marked("{value} off this cart."),
}
_OFFER_SUBJECTS: dict[Reward, str] = {
    Reward.FREE_SHIPPING: marked("Free shipping for your cart at {store}"),
    Reward.PERCENT: marked("{value} off your cart at {store}"),
    Reward.AMOUNT: marked("{value} off your cart at {store}"),
}
_BASES: dict[bool, str] = {
    True: marked("You receive this advertising e-mail because you agreed to e-mails from {store}."),
    False: marked(
        "This e-mail is advertising from {store}. You receive it because you gave your address when you shopped there."
    ),
}
_CHANGES: dict[str, str] = {
    "quantity": marked("Quantity of {title}"),
    "added": marked("Added: {title}"),
    "removed": marked("Removed: {title}"),
    "total": marked("Total"),
    "address": marked("Delivery address"),
}
