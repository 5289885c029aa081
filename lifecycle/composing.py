"""Composing: everything a letter may say, gathered before a word is printed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lifecycle.carts import Checkout
from lifecycle.mails import Mail
from lifecycle.money import Money
from lifecycle.orders import Fulfillment, Order, Refund, Tracking
from lifecycle.stores import Incentive, Store


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that an edit changed. `what` is a word of the templates' vocabulary: quantity, added, removed, total, address.

    `title` names the line for the first three; `old`/`new` are the values as facts.
    """

    what: str
    title: str = ""
    old: Money | int | str | None = None
    new: Money | int | str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A tracking number with the carrier's name and a link that is known to be the carrier's; `url` None = show text only."""

    tracking: Tracking
    carrier: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Story:
    """The whole context of one letter: facts, never looked-up objects. The templates see this and nothing else.

    `locale` as Babel writes it («de_AT»); `foreign_currency`: the amount signs need their ISO code to be clear.
    `shown_lines`/`more_lines`: at most 100 lines are printed, then «and N more». `refunded_so_far` is a declared sum.
    `links`: `unsubscribe` (marketing), `order` (status page), `pay`, `recover`. All https or the app's own.
    """

    mail: Mail
    store: Store
    to: str
    locale: str
    order: Order | None = None
    fulfillment: Fulfillment | None = None
    refund: Refund | None = None
    checkout: Checkout | None = None
    parcels: tuple[Link, ...] = ()
    old_parcels: tuple[Link, ...] = ()
    changes: tuple[Change, ...] = ()
    incentive: Incentive | None = None
    refunded_so_far: Money | None = None
    refund_is_full: bool = False
    everything_shipped: bool = False
    payment_is_open: bool = False
    foreign_currency: bool = False
    more_lines: int = 0
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def first_name(self) -> str:
        """The name to greet with, empty when it is none that a person would want to read (email-craft §3)."""
        customer = self.order.customer if self.order else self.checkout.customer if self.checkout else None
        name = customer.first_name.strip() if customer else ""
        odd = len(name) > 40 or any(c.isdigit() for c in name) or "://" in name or "www." in name.lower() or "@" in name
        return "" if odd or not name.isprintable() else name
