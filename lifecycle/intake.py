"""Intake: how every delivery begins, whoever brought it: a webhook at the door or a look at the platform's API."""

import hashlib
import secrets
from datetime import datetime

from lifecycle.deliveries import Delivery, Envelope
from lifecycle.ports import Platform
from lifecycle.stores import Store

CATCH_UP = "catch_up"
"""`Envelope.details["source"]` of what our own look at the API found; a webhook names no source."""

_LAST_LANE = 3


def begun(platform: Platform, store: Store, envelope: Envelope, body: bytes, now: datetime) -> Delivery:
    """The delivery as it is kept: due at once, in its topic's lane (an unknown topic in the last)."""
    topic = platform.topics.get(envelope.topic)
    return Delivery(
        id=secrets.token_hex(10),
        store_id=store.id,
        envelope=envelope,
        body=body,
        received_at=now,
        digest=hashlib.sha256(body).hexdigest(),
        due_at=now,
        lane=topic.lane if topic else _LAST_LANE,
    )


def source_of(delivery: Delivery) -> str:
    """Who brought it: `webhook` or `catch_up`."""
    return delivery.envelope.details.get("source") or "webhook"


def was_caught_up(delivery: Delivery) -> bool:
    """Whether our own look at the API found it."""
    return delivery.envelope.details.get("source") == CATCH_UP
