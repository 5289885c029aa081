"""A house for the pages' tests: real memory and real desk; fakes stand for the platform, the postman, the words and the clock."""

import json
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from lifecycle.deliveries import Delivery, Envelope
from lifecycle.errors import BadValue, PostmanClosed
from lifecycle.events import Event, Kind
from lifecycle.house import House, Knock
from lifecycle.messages import Letter, Message, State, TracedFigure, message_id
from lifecycle.oversight import Mode
from lifecycle.ports import AuditLine, Receipt, Topic
from lifecycle.samples import sample_case, sample_store
from lifecycle.settings import Settings
from lifecycle.stores import Store

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ADA = "ada@example.com"
KEY = "a key of the tests, long enough to be one"


class Clock:
    """Shows the time it was set to."""

    def __init__(self):
        self.at = NOW

    def now(self):
        return self.at

    def passes(self, **span):
        self.at += timedelta(**span)


class Platform:
    """A platform that signs with the store's own secret and reads nothing."""

    name = "custom"
    title = "Custom"
    topics = MappingProxyType({"order.created": Topic("order.created")})

    def store_key(self, text):
        if not text.startswith("https://"):
            raise BadValue("bad_key", "--key must be the shop's URL, like https://shop.example.com.")
        return text.rstrip("/")

    def new_secret(self):
        return "whsec_made"


class AppSigned(Platform):
    """A platform that signs with the app's secret; it makes none."""

    name = "shopify"
    title = "Shopify"
    new_secret = None

    def store_key(self, text):
        return text.lower()


class Postman:
    """Keeps what it was given."""

    name = "outbox"
    remembers = None
    closed = False

    def __init__(self):
        self.posted = []

    def refuses(self, address):
        return None

    def post(self, posting):
        self.posted.append(posting)
        return Receipt(f"ref-{len(self.posted)}")

    def check(self):
        if self.closed:
            raise PostmanClosed("no_access", "The key is refused: check MULTIMAIL_API_KEY.")
        return "writes .eml files"


class Words:
    """Prints the facts plainly."""

    def locale(self, *wishes):
        return next((wish for wish in wishes if wish), "en")

    def print(self, story):
        total = story.order.total if story.order else story.checkout.total
        text = f"{story.mail.name} for {story.store.name}: {total}"
        return Letter(story.to, f"{story.mail.title} ({story.locale})", f"<p>{text}</p>", text, story.locale)

    def forms(self, figure, story):
        return [str(figure.value)]


def shop(ident="s1", **changes):
    base = Store(
        ident,
        "custom",
        f"https://{ident}.example.com",
        f"token-{ident}",
        f"Shop {ident}",
        "EUR",
        "Europe/Berlin",
        "de",
        "DE",
    )
    return replace(base, created_at=NOW, secrets=(f"signs-{ident}",), **changes)


def letter(to=ADA, subject="Your order #1001", text="Total: 20.00 EUR", html="<p>Total: <b>20.00 EUR</b></p>"):
    return Letter(to, subject, html, text, "en")


def message(key="k1", store_id="s1", **changes):
    base = Message(
        id=message_id(store_id, key), store_id=store_id, key=key, mail="order_confirmation", event_id="e1", event_kind="order.placed",
        fact_kind="order", fact_id="o1", occurred_at=NOW - timedelta(minutes=3), created_at=NOW - timedelta(minutes=2), order_id="o1",
        order_number="#1001", to=ADA, state=State.HELD, mode=Mode.GATED_SEND, reason="large_order", reasons=("large_order", "risky_order"),
        letter=letter(),
        figures=(TracedFigure("20.00 EUR", "text", "order.total"), TracedFigure("7", "html", "")),
    )  # fmt: skip
    return replace(base, **changes)


def delivery(ident="d1", store_id="s1", **changes):
    envelope = Envelope("custom", f"token-{store_id}", "order.created", f"knock-{ident}", NOW, {"webhook-version": "1"})
    base = Delivery(ident, store_id, envelope, b'{"customer": "ada@example.com"}', NOW, f"digest-{ident}")
    return replace(base, **changes)


def house_of(records, desk=None, **changes):
    """A house on this memory. `served` and `worked` show what was asked of the parts that `wsgi` brings."""
    base = House(
        settings=Settings(secret_key=KEY, public_url="https://mail.example.com"),
        records=records,
        platforms={"custom": Platform(), "shopify": AppSigned()},
        postman=Postman(),
        words=Words(),
        clock=Clock(),
        desk=desk,
        migrate=lambda: "Schema 0001.",
        serve=lambda _host, _port: 0,
        work=lambda: 0,
        demo=lambda _say: (),
        served=nullcontext,
        rotate_keys=lambda _say: {"stores": 2, "accesses": 1},
    )
    return replace(base, **changes)


def keep(records, *rows):
    """Write these stores, messages, deliveries, events and audit lines down."""
    with records.transaction() as tx:
        for row in rows:
            if isinstance(row, Store):
                tx.stores.add(row)
            elif isinstance(row, Message):
                assert tx.messages.add(row)
            elif isinstance(row, Delivery):
                assert tx.deliveries.remember(row)
            elif isinstance(row, AuditLine):
                tx.audit.add(row)
            else:
                event, delivery_id, note = row
                assert tx.events.add(event, NOW, delivery_id, note)


def placed(store_id="s1", order_id="1001"):
    """An event about the sample's order."""
    case = sample_case(_row("order_confirmation"), sample_store(), "en", NOW)
    return Event(Kind.ORDER_PLACED, replace(case.order, id=order_id), NOW, store_id=store_id)


def _row(name):
    from lifecycle.mails import MAILS

    return MAILS[name]


def knock(name, answer=200, store_id="s1", delivery_id=""):
    return Knock(name, answer, store_id, delivery_id)


def as_json(result):
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
