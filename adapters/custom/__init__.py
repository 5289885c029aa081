"""A custom shop: Standard Webhooks with JSON of our own (`docs/custom-webhooks.md`). Read `topics.py`, `door.py`, `reading.py`,
then `examples.py`, what a shop's own people are shown.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from adapters.custom import door, examples, scrubbing
from adapters.custom.topics import TOPICS
from adapters.payload import load
from lifecycle.deliveries import Envelope
from lifecycle.errors import BadValue, Unreadable
from lifecycle.events import Event
from lifecycle.ports import Example, Platform, RawRequest, Topic
from lifecycle.stores import Store


class Custom:
    """The platform. Each store has its own secret, and its path's token names it: the headers name nobody."""

    name = "custom"
    title = "Custom shop"
    topics: Mapping[str, Topic] = TOPICS

    def store_key(self, text: str) -> str:
        return door.store_key(text)

    def new_secret(self) -> str:
        return door.new_secret()

    def check_secret(self, secret: str) -> None:
        examples.check_secret(secret)

    def schema(self) -> str:
        return examples.schema()

    def examples(self, store: Store, url: str) -> Sequence[Example]:
        return examples.examples(store, url)

    def is_probe(self, raw: RawRequest) -> bool:
        """Never: Standard Webhooks knows no unsigned request."""
        return False

    def address(self, raw: RawRequest) -> Envelope:
        return door.address(raw)

    def secrets(self, envelope: Envelope, store: Store | None) -> Sequence[bytes]:
        """The store's keys, decoded. A secret that cannot be one is left out, so that nothing verifies with it."""
        keys = (door.key_of(secret) for secret in (store.secrets if store else ()))
        return [key for key in keys if key]

    def verify(self, raw: RawRequest, secrets: Sequence[bytes], now: datetime) -> None:
        door.verify(raw, secrets, now)

    def read(self, envelope: Envelope, body: bytes) -> Sequence[Event]:
        """One event. Raises Unreadable: `unknown_topic`, `unknown_type`, `other_topic`, `no_data`, and `reading`'s reasons."""
        topic = self.topics.get(envelope.topic)
        if topic is None:
            raise Unreadable("unknown_topic")
        try:
            return (topic.reader(load(body), envelope),)
        except BadValue:  # an amount in no currency, or in none that exists
            raise Unreadable("no_amount") from None

    def scrub(self, body: bytes) -> bytes:
        return scrubbing.scrub(body)


def platform(_settings: Any) -> Platform:
    """Custom shops; nothing to set."""
    return Custom()
