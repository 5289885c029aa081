"""Events: one thing that happened, in our words.

A platform's reader gives events whose fact is a snapshot; `changes.derive()` compares it with what was known and gives
the events that really happened. The same fact, told twice or by two topics, has the same `Event.id`.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lifecycle.carts import Checkout
from lifecycle.orders import Fulfillment, Order, Refund
from lifecycle.people import ConsentChange
from lifecycle.privacy import PrivacyRequest, StoreChange

Fact = Order | Fulfillment | Refund | Checkout | ConsentChange | PrivacyRequest | StoreChange


class Kind(StrEnum):
    """The vocabulary. `*.seen` kinds are what a reader says when the platform only shows a state; they never leave `derive()`."""

    ORDER_SEEN = "order.seen"
    ORDER_PLACED = "order.placed"
    ORDER_CHANGED = "order.changed"
    ORDER_PAID = "order.paid"
    ORDER_CANCELLED = "order.cancelled"
    FULFILLMENT_SEEN = "fulfillment.seen"
    FULFILLMENT_SHIPPED = "fulfillment.shipped"
    FULFILLMENT_UPDATED = "fulfillment.updated"
    FULFILLMENT_OUT_FOR_DELIVERY = "fulfillment.out_for_delivery"
    FULFILLMENT_DELIVERED = "fulfillment.delivered"
    FULFILLMENT_FAILED = "fulfillment.failed"
    FULFILLMENT_CANCELLED = "fulfillment.cancelled"
    REFUND_ISSUED = "refund.issued"
    REFUND_WITHDRAWN = "refund.withdrawn"
    CHECKOUT_TOUCHED = "checkout.touched"
    CHECKOUT_PAYMENT_FAILED = "checkout.payment_failed"
    CHECKOUT_COMPLETED = "checkout.completed"
    CHECKOUT_CLOSED = "checkout.closed"
    CONSENT_CHANGED = "consent.changed"
    PRIVACY_EXPORT_REQUESTED = "privacy.export_requested"
    PRIVACY_ERASE_REQUESTED = "privacy.erase_requested"
    PRIVACY_STORE_ERASE_REQUESTED = "privacy.store_erase_requested"
    STORE_UNINSTALLED = "store.uninstalled"


FACT_KINDS: dict[type, str] = {
    Order: "order",
    Fulfillment: "fulfillment",
    Refund: "refund",
    Checkout: "checkout",
    ConsentChange: "consent",
    PrivacyRequest: "privacy",
    StoreChange: "store",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to one fact. `revision` tells apart what may happen to the same fact more than once.

    Readers leave `store_id` empty: whose event it is, is decided by who signed it, never by what the body says.
    """

    kind: Kind
    fact: Fact
    occurred_at: datetime
    revision: str = ""
    store_id: str = ""
    before: Order | Fulfillment | None = None

    @property
    def id(self) -> str:
        """Equal for the same store, kind, fact and revision; 32 hex digits."""
        parts = "\x1f".join((self.store_id, self.kind, self.fact_kind, self.fact_id, self.revision))
        return hashlib.sha256(parts.encode("utf-8", "replace")).hexdigest()[:32]

    @property
    def fact_kind(self) -> str:
        return FACT_KINDS[type(self.fact)]

    @property
    def fact_id(self) -> str:
        return self.fact.id

    @property
    def order_id(self) -> str | None:
        """The order that this is about, None when it is about none."""
        if isinstance(self.fact, Order):
            return self.fact.id
        if isinstance(self.fact, Fulfillment | Refund | Checkout):
            return self.fact.order_id
        return None
