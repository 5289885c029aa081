"""WooCommerce at the door: whose knock this claims to be, whether it is genuine, and who reads it; and what its API adds."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from adapters import payload, signing
from adapters.http import Outbound
from adapters.woocommerce import catching_up, completing, installing, scrubbing, site, subscribing
from adapters.woocommerce.api import Shop
from adapters.woocommerce.topics import TOPICS
from lifecycle.deliveries import Envelope
from lifecycle.errors import BadValue, Unaddressed, Unreadable
from lifecycle.events import Event
from lifecycle.ports import Access, Found, Grant, Health, RawRequest, Site, Topic
from lifecycle.stores import Store

_PING = re.compile(rb"webhook_id=[0-9]{1,20}")
_FORM = "application/x-www-form-urlencoded"
_TOPIC = re.compile(r"[A-Za-z0-9_./-]{1,200}", re.ASCII)
_TOKEN = re.compile(r"[!-~]{1,200}", re.ASCII)
_DELIVERY_ID = re.compile(r"[A-Za-z0-9_.-]{0,100}", re.ASCII)


class WooCommerce:
    """WooCommerce's webhooks, API v3 payloads. The store is found by the path's token: no header is signed."""

    name = "woocommerce"
    title = "WooCommerce"
    topics: Mapping[str, Topic] = TOPICS

    def __init__(self, near: str = "") -> None:
        """`near` is the URL of a shop on this very machine, for tests: no other one may be called by http or on loopback."""
        self._near = near

    @cached_property
    def _wire(self) -> Outbound:
        return Outbound(self._near)

    def store_key(self, text: str) -> str:
        """The site's address: https, host in lower case, path kept, nothing after it. Raises BadValue."""
        return site.canonical(text)

    def is_probe(self, raw: RawRequest) -> bool:
        """Whether this is the ping of a saved webhook: a form that is exactly `webhook_id=<digits>`, without a signature.

        It comes again after every delivery until it was answered with 200 once. WooCommerce 10.5 sends no X-WC header with
        it; one that has some is still no more than a ping, because nothing is done about it. 2026-11
        """
        return (
            raw.header("content-type").split(";")[0].strip().lower() == _FORM
            and not raw.header("x-wc-webhook-signature")
            and _PING.fullmatch(raw.body) is not None
        )

    def address(self, raw: RawRequest) -> Envelope:
        """The path's token as the store, the topic, and the delivery id, which is the same for a whole second.

        Raises Unaddressed: `no_token`, `no_topic`, `odd_topic` or `odd_delivery_id`.
        """
        topic = raw.header("x-wc-webhook-topic")
        delivery_id = raw.header("x-wc-webhook-delivery-id")
        if not _TOKEN.fullmatch(raw.token):
            raise Unaddressed("no_token")
        if not topic:
            raise Unaddressed("no_topic")
        if not _TOPIC.fullmatch(topic):
            raise Unaddressed("odd_topic")
        if not _DELIVERY_ID.fullmatch(delivery_id):
            raise Unaddressed("odd_delivery_id")
        webhook_id = payload.identifier({"id": raw.header("x-wc-webhook-id")}, "id")
        return Envelope(self.name, raw.token, topic, delivery_id, details={"webhook_id": webhook_id} if webhook_id else {})

    def secrets(self, envelope: Envelope, store: Store | None) -> Sequence[bytes]:
        """The store's own secrets as they were given, never an HTML-escaped reading of them."""
        return () if store is None else tuple(secret.encode() for secret in store.secrets if secret)

    def verify(self, raw: RawRequest, secrets: Sequence[bytes], now: datetime) -> None:
        """Raises NotAuthentic. No header carries a time, so an old knock cannot be told from a new one."""
        signing.check(raw.header("x-wc-webhook-signature"), raw.body, secrets)

    def read(self, envelope: Envelope, body: bytes) -> Sequence[Event]:
        """What the topic's reader makes of the body; nothing for a topic that is ignored or unknown. Raises Unreadable."""
        topic = self.topics.get(envelope.topic)
        if topic is None or topic.reader is None:
            return ()
        try:
            return tuple(topic.reader(payload.load(body), envelope))
        except BadValue as odd:  # amounts too large to add, a currency that is none
            raise Unreadable(odd.reason) from None

    def scrub(self, body: bytes) -> bytes:
        """The same JSON shape, in WooCommerce's own spelling, with nobody in it. Raises Unreadable."""
        return body if _PING.fullmatch(body) else scrubbing.scrub(body)

    # ---- the shop's API: ports.ConnectsByKeys, Subscribes, CatchesUp, Completes ---------------------------------------

    def check_address(self, text: str) -> Site:
        return installing.look_at(self._wire, text, near=bool(self._near))

    def grant_url(self, key: str, once: str, *, callback_url: str, return_url: str) -> str:
        return installing.grant_url(key, once, callback_url=callback_url, return_url=return_url, near=bool(self._near))

    def accept(self, key: str, once: str, body: bytes) -> Grant:
        return installing.accept(self._wire, key, once, body, near=bool(self._near))

    def check_subscriptions(self, store: Store, access: Access, address: str) -> Health:
        return subscribing.look_after(self._shop(store, access), next(iter(store.secrets), ""), address)

    def catch_up(self, store: Store, access: Access, since: datetime, until: datetime) -> Iterator[Found]:
        return catching_up.changed(self._shop(store, access), since, until)

    def complete(self, event: Event, store: Store, access: Access) -> Event:
        return completing.completed(self._shop(store, access), event)

    def _shop(self, store: Store, access: Access) -> Shop:
        return Shop(self._wire, store.key, access.keys)


def platform(settings: Any = None) -> WooCommerce:  # noqa: ARG001 - every platform is made alike
    """The platform; it needs nothing from the settings, because every store brings its own secret."""
    return WooCommerce()
