"""Deliveries: knocks from outside, kept raw until they are understood."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class DeliveryState(StrEnum):
    """`ignored`: known and unwanted. `unknown`: a topic nobody described yet. `quarantined`: authentic but unreadable."""

    WAITING = "waiting"
    DONE = "done"
    IGNORED = "ignored"
    UNKNOWN = "unknown"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a request's headers claim. Claims only: nothing here is signed, so nothing here decides whose data it is.

    `store_key` is a shop domain or a path token, by platform. `at` is the sender's own time, when it names one.
    """

    party: str
    store_key: str
    topic: str
    delivery_id: str
    at: datetime | None = None
    details: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One kept knock. Identity is (party, store, topic, delivery id, sha256 of the body): ids alone repeat.

    `attempts` is the token of a worker's claim; `due_at` None = settled.
    """

    id: str
    store_id: str
    envelope: Envelope
    body: bytes = field(repr=False)
    received_at: datetime
    digest: str
    state: DeliveryState = DeliveryState.WAITING
    reason: str = ""
    attempts: int = 0
    due_at: datetime | None = None
    lane: int = 1
