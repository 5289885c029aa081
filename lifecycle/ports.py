"""What this room asks of the others: platforms, postmen, memory, words and a clock. They meet it only as these shapes."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from lifecycle.carts import Checkout
from lifecycle.composing import Story
from lifecycle.deliveries import Delivery, DeliveryState, Envelope
from lifecycle.events import Event, Fact
from lifecycle.figures import Figure
from lifecycle.mails import Purpose
from lifecycle.messages import Letter, Message, State
from lifecycle.orders import Fulfillment, Order, Refund
from lifecycle.people import Consent
from lifecycle.stores import Store

# ---- platforms -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RawRequest:
    """A request as it came: lower-case header names (repeated ones joined by a comma), the path's token, the exact body bytes."""

    headers: Mapping[str, str]
    body: bytes
    token: str = ""

    def header(self, name: str) -> str:
        """The header's value, empty when it is missing."""
        return self.headers.get(name.lower(), "")


@dataclass(frozen=True, slots=True)
class Topic:
    """What becomes of a platform's topic: read by `reader`, or ignored because of `ignored`. `lane` 0 is served first."""

    name: str
    reader: Any = None
    ignored: str = ""
    lane: int = 1


class Platform(Protocol):
    """A shop system. `topics`: handled and known-ignored; an absent one is unknown: counted and shown, never a crash."""

    name: str
    title: str
    topics: Mapping[str, Topic]

    def store_key(self, text: str) -> str:
        """The one spelling of a store's key from what a person typed. Raises BadValue saying what is expected."""

    def is_probe(self, raw: RawRequest) -> bool:
        """Whether this is the platform's unsigned «are you there?», to be answered 200 and forgotten."""

    def address(self, raw: RawRequest) -> Envelope:
        """What the headers claim; looks at nothing else. Raises Unaddressed."""

    def secrets(self, envelope: Envelope, store: Store | None) -> Sequence[bytes]:
        """The secrets that may have signed this, newest first; may be empty (then nothing verifies)."""

    def verify(self, raw: RawRequest, secrets: Sequence[bytes], now: datetime) -> None:
        """Total on any input. Raises NotAuthentic, or Unreadable for what is truly signed and yet no delivery: the door keeps it."""

    def read(self, envelope: Envelope, body: bytes) -> Sequence[Event]:
        """Bytes to events, in the order told. Pure: no network, clock or database. Raises Unreadable."""

    def scrub(self, body: bytes) -> bytes:
        """The same shape with nobody's data in it. Raises Unreadable."""


# ---- postmen ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Posting:
    """A letter ready to be handed over. `key` is the same for every try of the same text (idempotency key, ASCII ≤ 200).

    `message_id` is a full RFC 5322 id with angle brackets, fixed before the first try; `references` the order's root id.
    `headers` holds only our own fixed headers (Auto-Submitted, List-Unsubscribe …).
    """

    key: str
    store_id: str
    mail: str
    purpose: Purpose
    message_id: str
    from_name: str
    from_address: str
    reply_to: str
    letter: Letter
    date: datetime
    references: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    customer_name: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The postman took it. `reference` is its own id; `held_outside`: its own gate holds the letter now."""

    reference: str
    held_outside: bool = False
    detail: str = ""


class Postman(Protocol):
    """Whatever hands letters over. `remembers`: how long the same `key` is safe to hand over again (None: never safe)."""

    name: str
    remembers: timedelta | None

    def refuses(self, address: str) -> str | None:
        """A reason (`reasons.REASONS`) to refuse this address without trying, or None."""

    def post(self, posting: Posting) -> Receipt:
        """Hand one letter over. Raises PostmanBusy, PostmanRefused, PostmanUnsure or PostmanClosed; nothing else."""

    def check(self) -> str:
        """One line for `doctor` saying that the other side answers. Raises PostmanError."""


# ---- words -----------------------------------------------------------------------------------------------------------


class Words(Protocol):
    """The printer: turns a story into the exact letter, and a fact into every form in which a letter may print it."""

    def locale(self, *wishes: str | None) -> str:
        """The first wish that has shipped words, with its region when known («de_AT»), else «en»."""

    def print(self, story: Story) -> Letter:
        """Subject, HTML and Markdown from the mail's templates. Raises Unfilled."""

    def forms(self, figure: Figure, story: Story) -> Sequence[str]:
        """Every form in which this figure may stand in the story's letter, as plain text."""


# ---- memory ----------------------------------------------------------------------------------------------------------


class StoreRows(Protocol):
    def add(self, store: Store) -> None: ...
    def get(self, store_id: str) -> Store | None: ...
    def by_key(self, platform: str, key: str) -> Store | None: ...
    def by_token(self, platform: str, token: str) -> Store | None: ...
    def all(self) -> Sequence[Store]: ...
    def save(self, store: Store) -> None: ...


class DeliveryRows(Protocol):
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

    def finish(self, delivery: Delivery, state: DeliveryState, reason: str = "") -> bool:
        """Settle a claimed delivery; False when its token is no longer the row's."""

    def retry(self, delivery: Delivery, due_at: datetime, reason: str) -> bool: ...
    def replay(self, store_id: str, delivery_id: str, now: datetime) -> bool:
        """Make a settled delivery due again."""


class FactRows(Protocol):
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
    def add(self, line: AuditLine) -> None: ...
    def of(self, store_id: str, message_id: str) -> Sequence[AuditLine]: ...


class Counters(Protocol):
    """Counts of what is deliberately not kept: refused signatures, unknown topics, strangers' deliveries."""

    def bump(self, name: str, scope: str = "", by: int = 1) -> None: ...
    def all(self) -> Mapping[tuple[str, str], int]: ...


class Transaction(Protocol):
    """One unit of work over every table: all of it is kept, or nothing."""

    @property
    def stores(self) -> StoreRows: ...
    @property
    def deliveries(self) -> DeliveryRows: ...
    @property
    def facts(self) -> FactRows: ...
    @property
    def events(self) -> EventRows: ...
    @property
    def messages(self) -> MessageRows: ...
    @property
    def people(self) -> PeopleRows: ...
    @property
    def audit(self) -> AuditRows: ...
    @property
    def counters(self) -> Counters: ...


class Records(Protocol):
    """Memory. Every `transaction()` either commits at its end or, when its block raises, leaves nothing behind."""

    def transaction(self) -> AbstractContextManager[Transaction]: ...
    def reading(self) -> AbstractContextManager[Transaction]:
        """For looking only: never waits for a writer."""

    def check(self) -> str:
        """One line for `doctor`; raises HouseError when the database cannot be written or its schema is another one."""

    def close(self) -> None: ...


class Links(Protocol):
    """Makes the app's own signed links."""

    def unsubscribe(self, store_id: str, address: str) -> str:
        """An absolute URL with an opaque token that never expires: GET shows a page, POST unsubscribes at once (RFC 8058)."""


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware UTC."""


@dataclass(frozen=True, slots=True)
class Rooms:
    """The other rooms as the desk meets them. `secret` keys the Message-IDs."""

    records: Records
    platforms: Mapping[str, Platform]
    postman: Postman
    words: Words
    links: Links
    clock: Clock
    secret: bytes = field(repr=False)


@runtime_checkable
class Completes(Protocol):
    """A platform that can ask its API for what a payload left out. Worker only; network allowed."""

    def complete(self, event: Event, store: Store) -> Event: ...


@runtime_checkable
class MakesSecrets(Protocol):
    """A platform whose webhooks are signed with a secret of the one store, in a form that the platform prescribes."""

    def new_secret(self) -> str:
        """A fresh secret, as the shop's owner pastes it into the platform."""


__all__ = ["Fact"]
