"""Shopify: signed webhooks of an app's shops. Read `topics.py` (what is heard), `door.py` (who knocks), `reading*.py` (what it says)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from adapters.payload import load
from adapters.shopify import door, scrubbing
from adapters.shopify.topics import TOPICS
from lifecycle.deliveries import Envelope
from lifecycle.errors import BadValue, Unreadable
from lifecycle.events import Event
from lifecycle.ports import Platform, RawRequest, Topic
from lifecycle.stores import Store


class Shopify:
    """The platform. One app signs for all its shops, so the secrets are the app's: current and previous, newest first."""

    name = "shopify"
    title = "Shopify"
    topics: Mapping[str, Topic] = TOPICS

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = tuple(secret.encode() for secret in secrets if secret)

    def __repr__(self) -> str:
        return f"Shopify({len(self._secrets)} secrets)"

    def store_key(self, text: str) -> str:
        return door.store_key(text)

    def is_probe(self, raw: RawRequest) -> bool:
        """Never: Shopify signs everything, also the deliveries of `shopify app webhook trigger`."""
        return False

    def address(self, raw: RawRequest) -> Envelope:
        return door.address(raw)

    def secrets(self, envelope: Envelope, store: Store | None) -> Sequence[bytes]:
        """The app's secrets, whoever the store is: a stranger's true signature is told apart from a forged one."""
        return self._secrets

    def verify(self, raw: RawRequest, secrets: Sequence[bytes], now: datetime) -> None:
        door.verify(raw, secrets)

    def read(self, envelope: Envelope, body: bytes) -> Sequence[Event]:
        """Nothing for a topic that is known and unwanted. Raises Unreadable, `unknown_topic` included."""
        topic = self.topics.get(envelope.topic)
        if topic is None:
            raise Unreadable("unknown_topic")
        if topic.reader is None:
            return ()
        try:
            events: Sequence[Event] = topic.reader(load(body), envelope)
        except BadValue:  # a price times a quantity can be more than any money
            raise Unreadable("no_amount") from None
        return events

    def scrub(self, body: bytes) -> bytes:
        return scrubbing.scrub(body)


def platform(settings: Any) -> Platform:
    """Shopify with `settings.shopify_secrets`: the app's client secrets as text, newest first."""
    return Shopify(settings.shopify_secrets)
