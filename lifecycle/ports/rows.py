"""Rows: the memory of deliveries, facts, events, letters and people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from lifecycle.carts import Checkout
from lifecycle.deliveries import Delivery, DeliveryState
from lifecycle.events import Event
from lifecycle.mails import Purpose
from lifecycle.messages import Message, State
from lifecycle.orders import Fulfillment, Order, Refund
from lifecycle.people import Consent
from lifecycle.stores import Store


class StoreRows(Protocol):
    """The shops."""

    def add(self, store: Store) -> None: ...
    def get(self, store_id: str) -> Store | None: ...
    def by_key(self, platform: str, key: str) -> Store | None: ...
    def by_token(self, platform: str, token: str) -> Store | None: ...
    def all(self) -> Sequence[Store]: ...
    def save(self, store: Store) -> None: ...


class DeliveryRows(Protocol):
    """Knocks, kept raw until they are understood."""

    def remember(self, delivery: Delivery) -> bool:
        """Keep it; False when the very same knock is kept already (unique key, not a look first)."""

    def claim(self, now: datetime, limit: int, lease: timedelta) -> Sequence[Delivery]:
        """Due deliveries, lanes in order, taken for `lease`: `attempts` is one higher and is the token."""

    def get(self, store_id: str, delivery_id: str) -> Delivery | None: ...
    def find(self, delivery_id: str) -> Delivery | None:
        """By id alone, for the operator's command line."""

    def list(
        self,
        store_id: str | None = None,
        state: DeliveryState | None = None,
        limit: int = 100,
    ) -> Sequence[Delivery]:
        """Newest first, bodies left out (empty)."""

    def finish(self, delivery: Delivery, state: DeliveryState, reason: str = "", *, emptied: bool = False) -> bool:
        """Settle a claimed delivery; False when its token is no longer the row's. `emptied`: its body is overwritten."""

    def retry(self, delivery: Delivery, due_at: datetime, reason: str) -> bool: ...
    def replay(self, store_id: str, delivery_id: str, now: datetime) -> bool:
        """Make a settled delivery due again."""


class FactRows(Protocol):
    """The newest state of every order, parcel, refund and cart."""

    def lock(self, store_id: str, subject: str) -> None:
        """Serialise work on one order or cart until the transaction ends."""

    def get_order(self, store_id: str, order_id: str) -> Order | None: ...
    def get_fulfillment(self, store_id: str, fulfillment_id: str) -> Fulfillment | None: ...
    def get_refund(self, store_id: str, refund_id: str) -> Refund | None: ...
    def get_checkout(self, store_id: str, token: str) -> Checkout | None: ...
    def put(self, store_id: str, fact: Order | Fulfillment | Refund | Checkout) -> None:
        """Insert or replace by (store, kind, id)."""

    def fulfillments_of(self, store_id: str, order_id: str) -> Sequence[Fulfillment]: ...
    def refunds_of(self, store_id: str, order_id: str) -> Sequence[Refund]: ...
    def checkouts_of(self, store_id: str, *, cart_token: str | None = None, email: str | None = None) -> Sequence[Checkout]:
        """Checkouts with this cart token or this address (case-folded)."""

    def orders_of(self, store_id: str, email: str) -> Sequence[Order]:
        """Orders with this address (case-folded), newest first, at most 50."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One kept event with what came of it: `note` says why it made no letter (empty when it made one)."""

    event: Event
    heard_at: datetime
    delivery_id: str
    note: str = ""


class EventRows(Protocol):
    """What happened, each once."""

    def add(self, event: Event, heard_at: datetime, delivery_id: str, note: str = "") -> bool:
        """Keep it; False when this very event was heard before (unique id in its store)."""

    def has(self, store_id: str, event_id: str) -> bool: ...
    def note(self, store_id: str, event_id: str, note: str) -> None: ...
    def list(
        self,
        store_id: str,
        *,
        delivery_id: str | None = None,
        order_id: str | None = None,
        limit: int = 100,
    ) -> Sequence[Heard]: ...


class MessageRows(Protocol):
    """Letters."""

    def add(self, message: Message) -> bool:
        """Keep it; False when its key is taken in its store."""

    def get(self, store_id: str, message_id: str) -> Message | None: ...
    def find(self, message_id: str) -> Message | None:
        """By id alone, for the operator's command line."""

    def by_key(self, store_id: str, key: str) -> Message | None: ...
    def open_about(self, store_id: str, fact_kind: str, fact_id: str) -> Sequence[Message]:
        """Messages in OPEN states about this fact."""

    def open_of_order(self, store_id: str, order_id: str) -> Sequence[Message]:
        """Messages in OPEN states that belong to this order, whatever their fact."""

    def claim(self, now: datetime, limit: int, lease: timedelta) -> Sequence[Message]:
        """Due messages, oldest first, taken for `lease`: `attempts` is one higher and is the token."""

    def save(self, message: Message) -> bool:
        """Write it where id and `attempts` match; False when another worker holds it now."""

    def list(
        self,
        store_id: str | None = None,
        *,
        state: State | None = None,
        mail: str | None = None,
        order: str | None = None,
        event_id: str | None = None,
        limit: int = 100,
        newest_first: bool = True,
    ) -> Sequence[Message]:
        """`order` matches the order's id or its number, with or without «#»."""

    def count_to(self, store_id: str, to: str, since: datetime, *, marketing: bool = False) -> int:
        """Letters that left for this address since then (team copies not counted)."""

    def last_marketing_at(self, store_id: str, to: str) -> datetime | None: ...
    def any_sent(self, store_id: str, mail: str) -> bool: ...
    def next_due(self) -> datetime | None: ...


class PeopleRows(Protocol):
    """Addresses are found by a keyed hash of their case-folded form, so that an opt-out outlives an erasure."""

    def suppressed(self, store_id: str, address: str, purpose: Purpose) -> str:
        """Why this address gets no letters of this purpose; empty when it may."""

    def suppress(
        self,
        store_id: str,
        address: str,
        reason: str,
        at: datetime,
        *,
        marketing_only: bool = True,
    ) -> None: ...
    def consent(self, store_id: str, address: str) -> Consent | None: ...
    def note_consent(self, store_id: str, address: str, consent: Consent, recorded_at: datetime) -> None:
        """Append; the newest by its own time counts."""


@dataclass(frozen=True, slots=True)
class AuditLine:
    """Who did what to which message, when and why. `actor` is `house`, `postman` or a person's name."""

    store_id: str
    message_id: str
    at: datetime
    actor: str
    act: str
    detail: str = ""


class AuditRows(Protocol):
    """Who did what; lines are only ever added."""

    def add(self, line: AuditLine) -> None: ...
    def of(self, store_id: str, message_id: str) -> Sequence[AuditLine]: ...


class Counters(Protocol):
    """Counts of what is deliberately not kept: refused signatures, unknown topics, strangers' deliveries."""

    def bump(self, name: str, scope: str = "", by: int = 1) -> None: ...
    def all(self) -> Mapping[tuple[str, str], int]: ...
