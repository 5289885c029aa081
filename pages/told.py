"""What is told about a letter or a delivery, the same on a page, in a terminal and as JSON."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from lifecycle.deliveries import Delivery, DeliveryState
from lifecycle.intake import source_of
from lifecycle.mails import MAILS
from lifecycle.messages import Message, State
from lifecycle.oversight import MODE_WORDS
from lifecycle.ports import AuditLine, Heard
from lifecycle.reasons import in_words
from lifecycle.stores import Store

STATE_WORDS: dict[State, str] = {
    State.WAITING: "waits until it is due",
    State.HELD: "is written and waits for a person's decision",
    State.APPROVED: "is approved and leaves next",
    State.SENDING: "is being handed over",
    State.IN_DOUBT: "was handed over, but the answer was lost: perhaps it left",
    State.HANDED_OVER: "has left",
    State.HELD_OUTSIDE: "has left us and is held by the postman's own gate",
    State.DELIVERED: "has arrived",
    State.BOUNCED: "came back",
    State.COMPLAINED: "arrived, and its reader called it spam",
    State.STOPPED: "was stopped and does not leave",
    State.REJECTED: "was rejected and does not leave",
    State.STALE: "came too late to be of use and does not leave",
    State.FAILED: "could not be handed over",
}

DELIVERY_WORDS: dict[DeliveryState, str] = {
    DeliveryState.WAITING: "is kept and not read yet",
    DeliveryState.DONE: "was read",
    DeliveryState.IGNORED: "is of a kind that makes no letter",
    DeliveryState.UNKNOWN: "is of a kind that nobody described yet",
    DeliveryState.QUARANTINED: "is authentic but could not be read",
}

_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def iso(at: datetime | None) -> str | None:
    """The time as JSON says it, None for none."""
    return at.isoformat().replace("+00:00", "Z") if at else None


def age(at: datetime, now: datetime) -> str:
    """How long ago, or in how long, in one unit: «3 min ago», «in 2 h»."""
    seconds = int((now - at).total_seconds())
    size, unit = next(((size, unit) for size, unit in _UNITS if abs(seconds) >= size), (1, "s"))
    count = abs(seconds) // size
    if not count:
        return "now"
    return f"{count} {unit} ago" if seconds > 0 else f"in {count} {unit}"


def clock_time(at: datetime | None, store: Store | None, now: datetime) -> str:
    """The time in the store's zone with its age; empty for none."""
    if at is None:
        return ""
    zone = ZoneInfo(store.timezone if store else "UTC")
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M %Z} ({age(at, now)})"


def short_time(at: datetime | None, store: Store | None, now: datetime) -> str:
    """As `clock_time`, for a column: no year, no zone."""
    if at is None:
        return ""
    zone = ZoneInfo(store.timezone if store else "UTC")
    return f"{at.astimezone(zone):%m-%d %H:%M}, {age(at, now)}"


def column_time(at: datetime | None, store: Store | None, now: datetime) -> str:
    """As `short_time`, in at most 16 columns: the time within a day, the date before that."""
    if at is None:
        return ""
    local = at.astimezone(ZoneInfo(store.timezone if store else "UTC"))
    near = abs((now - at).total_seconds()) < _UNITS[0][0]
    return f"{local:%H:%M}, {age(at, now)}" if near else f"{local:%m-%d}, {age(at, now)}"


def said(reason: str) -> str:
    """A reason in words, with the figures behind it where it carries any («large_order: 900 > 500»)."""
    code, _, detail = reason.partition(":")
    if " " in code or not detail.strip():
        return in_words(reason)
    return f"{in_words(code)} ({detail.strip()})"


def reasons_of(message: Message) -> list[str]:
    """Every reason of a letter with its figures, the deciding one first, each once."""
    by_code = {code_of(reason): reason for reason in message.reasons}
    first = [by_code.pop(message.reason, message.reason)] if message.reason else []
    return [*first, *by_code.values()]


def code_of(reason: str) -> str:
    """The code of a reason that may carry its figures («totals_differ: 25.00 EUR / 26.00 EUR»)."""
    return reason.partition(":")[0]


def first_reason(message: Message) -> str:
    """The reason why the letter is where it is; empty when it simply goes its way."""
    reasons = reasons_of(message)
    return reasons[0] if reasons and (message.reason or message.state is State.HELD) else ""


def title_of(mail: str) -> str:
    """What a kind of letter is called, for a person."""
    return MAILS[mail].title if mail in MAILS else mail.replace("_", " ")


def letter_line(message: Message) -> dict[str, Any]:
    """One letter of a list, as JSON."""
    reason = first_reason(message)
    return {
        "id": message.id,
        "store": message.store_id,
        "kind": message.mail,
        "mode": str(message.mode),
        "state": str(message.state),
        "to": message.to,
        "subject": message.letter.subject if message.letter else "",
        "order_number": message.order_number,
        "event_kind": message.event_kind,
        "due_at": iso(message.due_at),
        "reason": reason,
        "reason_words": said(reason) if reason else "",
        "reasons": reasons_of(message),
        "copy_of": message.copy_of,
        "created_at": iso(message.created_at),
        "sent_at": iso(message.sent_at),
    }


def letter_whole(message: Message, audit: Iterable[AuditLine], heard: Heard | None) -> dict[str, Any]:
    """One letter with its words, figures and history, as JSON."""
    letter = message.letter
    return letter_line(message) | {
        "state_words": STATE_WORDS[message.state],
        "mode_words": MODE_WORDS[message.mode],
        "reasons_words": [said(reason) for reason in reasons_of(message)],
        "locale": letter.locale if letter else "",
        "html": letter.html if letter else "",
        "text": letter.text if letter else "",
        "digest": message.digest,
        "approved_digest": message.approved_digest,
        "decided_by": message.decided_by,
        "decided_at": iso(message.decided_at),
        "stale_at": iso(message.stale_at),
        "tries": message.tries,
        "reference": message.reference,
        "order_id": message.order_id,
        "event": {
            "id": message.event_id,
            "kind": message.event_kind,
            "fact": f"{message.fact_kind} {message.fact_id}",
            "occurred_at": iso(message.occurred_at),
            "heard_at": iso(heard.heard_at) if heard else None,
            "delivery": heard.delivery_id if heard else "",
        },
        "figures": [
            {"shown": figure.shown, "where": figure.where, "fact": figure.fact, "traced": bool(figure.fact)}
            for figure in message.figures
        ],
        "audit": [{"at": iso(row.at), "actor": row.actor, "act": row.act, "detail": row.detail} for row in audit],
    }


def delivery_line(delivery: Delivery) -> dict[str, Any]:
    """One delivery of a list, as JSON, without its body."""
    return {
        "id": delivery.id,
        "store": delivery.store_id,
        "party": delivery.envelope.party,
        "topic": delivery.envelope.topic,
        "delivery_id": delivery.envelope.delivery_id,
        "source": source_of(delivery),
        "state": str(delivery.state),
        "state_words": DELIVERY_WORDS[delivery.state],
        "reason": delivery.reason,
        "reason_words": said(delivery.reason) if delivery.reason else "",
        "received_at": iso(delivery.received_at),
        "due_at": iso(delivery.due_at),
        "attempts": delivery.attempts,
    }
