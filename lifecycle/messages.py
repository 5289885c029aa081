"""Messages: one letter to one person, and the only ways it may move."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from lifecycle.errors import IllegalMove
from lifecycle.orders import Fulfillment, Order
from lifecycle.oversight import Mode


class State(StrEnum):
    """Where a letter is. `in_doubt` = the postman was called and has not answered: perhaps sent."""

    WAITING = "waiting"
    HELD = "held"
    APPROVED = "approved"
    SENDING = "sending"
    IN_DOUBT = "in_doubt"
    HANDED_OVER = "handed_over"
    HELD_OUTSIDE = "held_outside"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    STOPPED = "stopped"
    REJECTED = "rejected"
    STALE = "stale"
    FAILED = "failed"


MOVES: dict[State, frozenset[State]] = {
    State.WAITING: frozenset({State.SENDING, State.HELD, State.STOPPED, State.STALE}),
    State.HELD: frozenset({State.APPROVED, State.REJECTED, State.STOPPED, State.STALE}),
    State.APPROVED: frozenset({State.SENDING, State.STOPPED}),
    State.SENDING: frozenset({State.HANDED_OVER, State.WAITING, State.IN_DOUBT, State.FAILED}),
    State.IN_DOUBT: frozenset({State.HANDED_OVER, State.HELD_OUTSIDE, State.WAITING, State.HELD, State.FAILED}),
    State.HANDED_OVER: frozenset({State.HELD_OUTSIDE, State.DELIVERED, State.BOUNCED, State.FAILED}),
    State.HELD_OUTSIDE: frozenset({State.HANDED_OVER, State.REJECTED}),
    State.DELIVERED: frozenset({State.BOUNCED, State.COMPLAINED}),
    State.BOUNCED: frozenset(),
    State.COMPLAINED: frozenset(),
    State.STOPPED: frozenset(),
    State.REJECTED: frozenset(),
    State.STALE: frozenset(),
    State.FAILED: frozenset(),
}

OPEN = frozenset({State.WAITING, State.HELD, State.APPROVED})
"""States in which an event may still stop the letter."""

SENT = frozenset(
    {
        State.HANDED_OVER,
        State.HELD_OUTSIDE,
        State.DELIVERED,
        State.BOUNCED,
        State.COMPLAINED,
    }
)
"""States of a letter that left us."""


@dataclass(frozen=True, slots=True)
class Letter:
    """The exact words: what the customer gets and what an approver sees. `text` is the whole letter in conservative Markdown."""

    to: str
    subject: str
    html: str
    text: str
    locale: str = "en"

    @property
    def digest(self) -> str:
        """sha256 over recipient, subject and both bodies: what an approval is bound to."""
        parts = "\x00".join((self.to, self.subject, self.html, self.text))
        return hashlib.sha256(parts.encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True, slots=True)
class TracedFigure:
    """A figure found in a letter and the fact it traces to; an empty `fact` means that it traces nowhere."""

    shown: str
    where: str
    fact: str


@dataclass(frozen=True, slots=True)
class Message:
    """One letter to one person. `key` is unique in its store, so that a letter exists once however often its event is told.

    `due_at` is when the worker looks at it next; None = nobody waits for it. `attempts` is the token of a claim: a worker
    that lost its lease cannot write. `before` is the fact as the customer last knew it (order_change, tracking_update).
    `reason` is the code that decided the state; `reasons` are all, each with its figures («totals_differ: 25.00 EUR / 26.00 EUR»).
    `copy_of` marks the team's copy of another message. `again` counts how often a person sent it anew on purpose.
    """

    id: str
    store_id: str
    key: str
    mail: str
    event_id: str
    event_kind: str
    fact_kind: str
    fact_id: str
    occurred_at: datetime
    created_at: datetime
    order_id: str | None = None
    order_number: str = ""
    to: str = ""
    state: State = State.WAITING
    mode: Mode = Mode.GATED_SEND
    due_at: datetime | None = None
    stale_at: datetime | None = None
    attempts: int = 0
    tries: int = 0
    first_try_at: datetime | None = None
    reason: str = ""
    reasons: tuple[str, ...] = ()
    letter: Letter | None = None
    figures: tuple[TracedFigure, ...] = ()
    decided_by: str = ""
    decided_at: datetime | None = None
    approved_digest: str = ""
    sent_at: datetime | None = None
    reference: str = ""
    before: Order | Fulfillment | None = field(default=None)
    again: int = 0
    edited: bool = False
    copy_of: str | None = None

    @property
    def digest(self) -> str:
        return self.letter.digest if self.letter else ""

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def moved(self, state: State, *, reason: str = "", due_at: datetime | None = None) -> "Message":
        """This message in another state. Raises IllegalMove for a move that MOVES does not hold."""
        if state not in MOVES[self.state]:
            raise IllegalMove("illegal_move", f"A message cannot go from {self.state} to {state}.")
        return replace(self, state=state, reason=reason, due_at=due_at)


def message_id(store_id: str, key: str) -> str:
    """The id of the one message with this key in this store; 20 hex digits."""
    return hashlib.sha256(f"{store_id}\x1f{key}".encode()).hexdigest()[:20]


def anew(message: Message, key: str, now: datetime) -> Message:
    """A message of its own with the same words and subject, not sent yet and due now."""
    return replace(
        message,
        id=message_id(message.store_id, key),
        key=key,
        state=State.WAITING,
        created_at=now,
        due_at=now,
        attempts=0,
        tries=0,
        again=0,
        first_try_at=None,
        sent_at=None,
        reference="",
        reason="",
        approved_digest="",
    )
