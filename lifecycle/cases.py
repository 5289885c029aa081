"""The case that a guard looks at, and the four answers that it may give."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from lifecycle.carts import Checkout
from lifecycle.mails import Mail
from lifecycle.messages import Letter, Message, TracedFigure
from lifecycle.orders import Fulfillment, Order, Refund
from lifecycle.oversight import Raised
from lifecycle.people import Consent
from lifecycle.stores import Store


@dataclass(frozen=True, slots=True)
class Send:
    """Nothing against it."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Not now: look again at `until`."""

    reason: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Stop:
    """Never: the letter ends here, and the merchant reads why."""

    reason: str


Answer = Send | Wait | Stop | Raised


class Stage(StrEnum):
    """`plan`: when the letter is planned. `facts`: before composing, at sending. `words`: on the composed letter."""

    PLAN = "plan"
    FACTS = "facts"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Case:
    """All that a guard or a raise may look at: gathered by the desk, so that a check is a pure function.

    `order` is the newest state known; None when the letter needs one that has not been heard of. `bought_at` is the
    person's latest order after the checkout was touched. `suppressed` names the list they left, if any. `consent` is the
    newest on record. `last_purchase_at` is their latest earlier order, for implied consent. `marketing_week` and
    `last_marketing_at` count what this person got. `heard_late` is set when the event was over a day old when heard.
    `refused_by_postman` is the postman's reason to refuse the address. `letter`/`figures` exist at stage `words` only.
    `way_out` is the unsubscribe link that this person's letter must carry. `possible_import` is set instead of `heard_late`
    when no webhook brought it.
    """

    now: datetime
    row: Mail
    store: Store
    message: Message
    order: Order | None = None
    fulfillment: Fulfillment | None = None
    refund: Refund | None = None
    checkout: Checkout | None = None
    to: str = ""
    country: str = ""
    suppressed: str = ""
    consent: Consent | None = None
    bought_at: datetime | None = None
    last_purchase_at: datetime | None = None
    recent_letters: int = 0
    marketing_week: int = 0
    last_marketing_at: datetime | None = None
    first_of_kind: bool = False
    heard_late: str | None = None
    refused_by_postman: str | None = None
    letter: Letter | None = None
    figures: tuple[TracedFigure, ...] = field(default=())
    way_out: str = ""
    possible_import: str | None = None
