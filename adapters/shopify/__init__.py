"""Shopify: signed webhooks of an app's shops. Read `topics.py` (what is heard), `door.py` (who knocks), `reading*.py` (what it says).

Then the app: `tokens.py` (who opens a page), `installing.py` (rights and soundness), `api.py` with `documents.py` (the one way
out), `completing.py` and `catching_up.py` (what webhooks leave out or lose).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from adapters.payload import load
from adapters.shopify import catching_up, completing, door, installing, scrubbing, tokens
from adapters.shopify.api import Api, covers
from adapters.shopify.topics import TOPICS
from lifecycle.deliveries import Envelope
from lifecycle.errors import BadValue, Unreadable
from lifecycle.events import Event
from lifecycle.ports import Access, Consented, Found, Health, Launch, Platform, RawRequest, Topic, Visit
from lifecycle.stores import Store


class Shopify:
    """The platform. One app signs for all its shops, so the secrets are the app's: current and previous, newest first."""

    name = "shopify"
    title = "Shopify"
    topics: Mapping[str, Topic] = TOPICS

    def __init__(self, secrets: Sequence[str], client_id: str = "", *, base: str = "") -> None:
        """`base` stands for every shop's own address, for tests only."""
        self.client_id = client_id
        self._secrets = tuple(secret.encode() for secret in secrets if secret)
        self._api = Api(client_id, [secret for secret in secrets if secret], base=base)

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

    # ---- Installs ---------------------------------------------------------------------------------------------------

    def launch(self, query: str) -> Launch:
        return tokens.launch(query)

    def visitor(self, id_token: str, now: datetime) -> Visit:
        return tokens.visitor(id_token, self.client_id, self._secrets, now)

    def admin_url(self, launch: Launch) -> str:
        return installing.admin_url(self.client_id, launch)

    def framers(self, shop: str) -> Sequence[str]:
        return installing.framers(shop)

    def connect(self, store: Store, id_token: str, now: datetime) -> Access:
        return self._api.exchange(store.key, store.id, id_token, now)

    def covers(self, access: Access) -> bool:
        return covers(access.scopes, installing.SCOPES)

    def describe(self, store: Store, access: Access) -> Mapping[str, str]:
        return installing.describe(self._api, store, access)

    def asking(self, query: str, now: datetime) -> str:
        """A link of Shopify's own is signed; one that the operator gave the merchant is not, and only leads to Shopify's question."""
        told = tokens.pairs(query)
        if "hmac" in told:
            told = tokens.signed_query(query, self._secrets, now)
        return door.shop(told.get("shop", ""))

    def consent_url(self, store_key: str, state: str, back: str) -> str:
        return installing.consent_url(self.client_id, store_key, state, back)

    def consented(self, query: str, now: datetime) -> Consented:
        return tokens.consented(query, self._secrets, now)

    def redeem(self, store: Store, code: str, now: datetime) -> Access:
        return self._api.redeem(store.key, store.id, code, now)

    # ---- Renews, Subscribes, Completes, CatchesUp ---------------------------------------------------------------------

    def renew(self, store: Store, access: Access, now: datetime) -> Access:
        return self._api.refresh(store.key, access, now)

    def check_subscriptions(self, store: Store, access: Access, address: str) -> Health:
        return installing.check_subscriptions(self._api, store, access, address)

    def complete(self, event: Event, store: Store, access: Access) -> Event:
        return completing.complete(self._api, event, store, access)

    def catch_up(self, store: Store, access: Access, since: datetime, until: datetime) -> Iterator[Found]:
        return catching_up.orders(self._api, store.key, access, since, until)


def platform(settings: Any) -> Platform:
    """Shopify with `settings.shopify_secrets` (the app's client secrets as text, newest first) and `settings.shopify_api_key`."""
    return Shopify(settings.shopify_secrets, getattr(settings, "shopify_api_key", ""))
