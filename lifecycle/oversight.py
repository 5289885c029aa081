"""Oversight: under whose eyes a letter leaves. The strictest of row, setting, floor and raises wins."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from functools import total_ordering
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lifecycle.guards import Case


@total_ordering
class Mode(Enum):
    """Ordered from loosest to strictest, so that «strictest of» is `max()`."""

    AUTONOMOUS = "autonomous"
    MONITORED = "monitored"
    GATED_SEND = "gated_send"
    GATED_ALL = "gated_all"
    READ_ONLY = "read_only"

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Mode):
            return NotImplemented
        ranks = list(Mode)
        return ranks.index(self) < ranks.index(other)

    def __str__(self) -> str:
        return self.value

    @property
    def holds(self) -> bool:
        """A person decides before the letter leaves."""
        return self in (Mode.GATED_SEND, Mode.GATED_ALL)


MODE_WORDS: dict[Mode, str] = {
    Mode.AUTONOMOUS: "goes out by itself",
    Mode.MONITORED: "goes out by itself; the team gets a copy",
    Mode.GATED_SEND: "is written and waits until a person approves it",
    Mode.GATED_ALL: "waits for a person before anything is done with it",
    Mode.READ_ONLY: "is written to be looked at and never leaves",
}


@dataclass(frozen=True, slots=True)
class Raised:
    """A stricter mode than the row's, with the reason (`reasons.REASONS`) and the figures behind it."""

    mode: Mode
    reason: str
    detail: str = ""

    def __str__(self) -> str:
        """The reason with its figures, as a message keeps it: «totals_differ: 25.00 EUR / 26.00 EUR»."""
        return f"{self.reason}: {self.detail}" if self.detail else self.reason


@dataclass(frozen=True, slots=True)
class Raise:
    """One row of RAISES: when `applies` answers a detail text (may be empty), the letter is raised to `mode`."""

    reason: str
    mode: Mode
    applies: Callable[["Case"], str | None]
    why: str


def _risky(case: "Case") -> str | None:
    return "" if case.order is not None and case.order.is_risky else None


def _large(case: "Case") -> str | None:
    limit = case.store.settings.large_order
    if limit is None or case.order is None:
        return None
    shown = case.order.shop_total or case.order.total
    return f"{shown} > {limit}" if shown.currency == case.store.currency and shown.amount > limit else None


def _lines_differ(case: "Case") -> str | None:
    """Only letters that print the order's sums are concerned; the two figures are shown to the approver."""
    order = case.order
    if order is None or not case.row.prints_totals or order.summed == order.total:
        return None
    return f"{order.summed} / {order.total}"


def _refund_differs(case: "Case") -> str | None:
    """A refund by lines whose amounts do not come to what was paid back. Amount-only refunds have no lines to compare."""
    refund = case.refund
    if refund is None or not refund.lines or any(part.amount is None for part in refund.lines):
        return None
    lines = sum(
        (part.amount.amount for part in refund.lines if part.amount is not None),
        start=refund.amount.amount * 0,
    )
    if refund.shipping is not None:
        lines += refund.shipping.amount
    return None if lines == refund.amount.amount else f"{lines} / {refund.amount.amount} {refund.amount.currency}"


def _refunds_exceed(case: "Case") -> str | None:
    """More given back than was ever paid: a platform's mistake or ours, and the customer should not be the one to find it."""
    order = case.order
    if case.refund is None or order is None or any(each.amount.currency != order.currency for each in order.refunds):
        return None
    return f"{order.refunded} / {order.total}" if order.refunded > order.total else None


def _first_of_kind(case: "Case") -> str | None:
    return "" if case.first_of_kind else None


def _many(case: "Case") -> str | None:
    return str(case.recent_letters) if case.recent_letters >= 3 else None


def _late(case: "Case") -> str | None:
    return case.heard_late


def _import(case: "Case") -> str | None:
    return case.possible_import


RAISES: tuple[Raise, ...] = (
    Raise("possible_import", Mode.GATED_SEND, _import, "heard by asking alone and over a day old: perhaps only taken in"),
    Raise("late", Mode.GATED_SEND, _late, "what happened more than a day ago surprises the customer now"),
    Raise("risky_order", Mode.GATED_SEND, _risky, "the platform marks the order as a fraud risk"),
    Raise("large_order", Mode.GATED_SEND, _large, "the store wants to see orders above its limit"),
    Raise("totals_differ", Mode.GATED_SEND, _lines_differ, "the platform's total is not what its lines come to"),
    Raise("refund_differs", Mode.GATED_SEND, _refund_differs, "the money paid back is not what the refunded lines come to"),
    Raise("refunds_exceed", Mode.GATED_SEND, _refunds_exceed, "more was given back than the order came to"),
    Raise("many_letters", Mode.GATED_SEND, _many, "this person got three letters within the hour"),
    Raise("first_of_kind", Mode.MONITORED, _first_of_kind, "the team sees the first letter of each kind"),
)


def mode_for(default: Mode, chosen: Mode | None, floor: Mode, raises: Iterable[Raised] = ()) -> Mode:
    """The strictest of what the store chose (else the row's default), the row's floor and every raise."""
    return max((chosen or default, floor, *(raised.mode for raised in raises)))


def raised(case: "Case") -> tuple[Raised, ...]:
    """Every row of RAISES that applies to this case."""
    found = ((row, row.applies(case)) for row in RAISES)
    return tuple(Raised(row.mode, row.reason, detail) for row, detail in found if detail is not None)
