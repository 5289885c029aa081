"""A whole house for tests: real doors, real memory, real readers and words; the clock and the postman are ours to turn."""

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from flask import Flask

import adapters
import templates
from lifecycle.choices import changed
from lifecycle.deciding import Act, Decision
from lifecycle.desk import Desk
from lifecycle.errors import PostmanError
from lifecycle.events import Event
from lifecycle.messages import Message
from lifecycle.ports import Posting, Receipt, Records, Rooms, Words
from lifecycle.stores import Store
from pages.links import Links
from webhooks.receive import blueprint

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
SECRET = "shpss_the_secret_of_tests"


@dataclass
class TurnableClock:
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def later(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class RecordingPostman:
    """Takes everything, and remembers it; `troubles` come first, one a call. `before_answering` runs inside the call."""

    name: str = "recording"
    remembers: timedelta | None = timedelta(hours=20)
    posted: list[Posting] = field(default_factory=list)
    troubles: deque[PostmanError | Exception] = field(default_factory=deque)
    refused: dict[str, str] = field(default_factory=dict)
    holds: bool = False
    before_answering: Callable[[Posting], None] = lambda _posting: None

    def refuses(self, address: str) -> str | None:
        return self.refused.get(address)

    def post(self, posting: Posting) -> Receipt:
        self.before_answering(posting)
        if self.troubles:
            raise self.troubles.popleft()
        self.posted.append(posting)
        return Receipt(f"r{len(self.posted)}", held_outside=self.holds)

    def check(self) -> str:
        return "takes everything"


@dataclass
class TestHouse:
    """Knock, turn the clock, work, and look at what was posted."""

    __test__ = False

    records: Records
    clock: TurnableClock = field(default_factory=TurnableClock)
    postman: RecordingPostman = field(default_factory=RecordingPostman)
    words: Words = field(default_factory=templates.open_words)

    def __post_init__(self) -> None:
        self.rooms = Rooms(
            records=self.records,
            platforms=adapters.platforms(SimpleNamespace(shopify_secrets=(SECRET, "shpss_previous"))),
            postman=self.postman,
            words=self.words,
            links=Links(("k" * 40,), "https://mail.example.com", self.clock.now),
            clock=self.clock,
            secret=b"k" * 40,
        )
        self.desk = Desk(self.rooms)
        self.app = Flask("house")
        self.app.register_blueprint(blueprint(self.rooms))
        self.client = self.app.test_client()

    def store(self, platform: str = "custom", **settings: str) -> Store:
        keys = {"shopify": "fern.myshopify.com", "woocommerce": "https://fern.example", "custom": "fern.example"}
        store = Store(
            id=f"s-{platform}",
            platform=platform,
            key=keys[platform],
            token=f"token-{platform}",
            name="Blue Fern",
            currency="EUR",
            timezone="Europe/Berlin",
            country="DE",
            created_at=NOW,
            secrets=("woo-secret",),
        )
        chosen = {"postal_address": "Lindenstr. 1, Berlin", "team_address": "team@fern.example", "quiet": "none"}
        for name, value in (chosen | settings).items():
            store = replace(store, settings=changed(store.settings, name, value))
        with self.records.transaction() as tx:
            tx.stores.add(store)
        return store

    def change(self, store: Store, name: str, value: str) -> Store:
        with self.records.transaction() as tx:
            kept = tx.stores.get(store.id)
            new = replace(kept, settings=changed(kept.settings, name, value))
            tx.stores.save(new)
        return new

    def tell(self, store: Store, *events: Event) -> int:
        """Events as a reader would give them, without the door."""
        from lifecycle import hearing
        from lifecycle.deliveries import Delivery, Envelope

        delivery = Delivery("d1", store.id, Envelope("custom", store.token, "event", "1"), b"", self.clock.at, "0" * 64)
        with self.records.transaction() as tx:
            return hearing.act(tx, self.rooms, delivery, events, self.clock.at)

    def work(self) -> int:
        return self.desk.work()

    def letters(self, mail: str | None = None) -> list[Message]:
        with self.records.reading() as tx:
            found = tx.messages.list(mail=mail, newest_first=False, limit=1000)
        return [message for message in found if not message.copy_of]

    def letter(self, mail: str) -> Message:
        (only,) = self.letters(mail)
        return only

    def copies(self) -> list[Message]:
        with self.records.reading() as tx:
            return [message for message in tx.messages.list(limit=1000) if message.copy_of]

    def decide(self, message: Message, act: Act = Act.APPROVE, **more: str) -> Message:
        digest = more.pop("digest", message.digest)
        return self.desk.decide(message.store_id, message.id, Decision(act, "ann", digest, **more))

    def posted(self) -> list[tuple[str, str]]:
        """(mail, to) of everything that left, copies for the team left out."""
        return [(each.mail, each.letter.to) for each in self.postman.posted if "@fern.example" not in each.letter.to]

    def counts(self) -> dict[str, int]:
        with self.records.reading() as tx:
            return {name: count for (name, _), count in tx.counters.all().items()}


def as_json(body: object) -> bytes:
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
