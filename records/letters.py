"""A message as its row and back: the letter in columns of its own, lists and the earlier state as JSON."""

from typing import Any

from sqlalchemy import Row

from lifecycle.messages import Letter, Message, State, TracedFigure
from lifecycle.oversight import Mode
from records import codec

_PLAIN = (
    "id", "store_id", "key", "mail", "event_id", "event_kind", "fact_kind", "fact_id", "occurred_at", "created_at", "order_id",
    "order_number", "due_at", "stale_at", "attempts", "tries", "first_try_at", "reason", "decided_by", "decided_at",
    "approved_digest", "sent_at", "reference", "again", "edited", "copy_of",
)  # fmt: skip
_LETTER = ("to", "subject", "html", "text", "locale")


def written(message: Message) -> dict[str, Any]:
    """The row's columns that come from the message alone."""
    letter = message.letter
    return {
        **{name: getattr(message, name) for name in _PLAIN},
        **{f"letter_{name}": None if letter is None else getattr(letter, name) for name in _LETTER},
        "to_address": message.to,
        "state": message.state,
        "mode": message.mode.value,
        "reasons": codec.pack(message.reasons),
        "figures": codec.pack(message.figures),
        "before": codec.pack_before(message.before),
    }


def read(row: Row[Any]) -> Message:
    """The message as it was written. Raises HouseError when its JSON was changed from outside."""
    letter = None if row.letter_to is None else Letter(**{name: getattr(row, f"letter_{name}") for name in _LETTER})
    return Message(
        **{name: getattr(row, name) for name in _PLAIN},
        to=row.to_address,
        state=State(row.state),
        mode=Mode(row.mode),
        reasons=codec.unpack(row.reasons, tuple[str, ...]),
        figures=codec.unpack(row.figures, tuple[TracedFigure, ...]),
        before=codec.unpack_before(row.before),
        letter=letter,
    )
