"""docs/fixtures.md: every recorded delivery, through the real door and desk, and what came of it."""

import json
import re
from base64 import b64decode
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import records
from lifecycle.deliveries import Delivery, DeliveryState
from lifecycle.errors import Unreadable
from lifecycle.messages import Message, State
from lifecycle.ports import Heard, RawRequest
from lifecycle.reasons import in_words
from lifecycle.stores import Store
from pages.told import first_reason, said
from tests.adapters.woocommerce.recordings import FOLDER as RECORDINGS
from tests.adapters.woocommerce.recordings import SECRETS as WOO_SECRETS
from tests.contract.samples_shopify import FOLDER as BODIES
from tests.contract.samples_shopify import signed
from tests.docs.writing import MADE, span, table
from tests.flows.houses import NOW, SECRET, TestHouse

_NOT_SENT = {"host", "content-length", "connection", "transfer-encoding", "accept", "accept-encoding"}
_KIND = re.compile(r"^\| (?P<file>\S+\.json) \| [^|]* \| [^|]* \| (?P<kind>[A-Z]+) \|", re.MULTILINE)
_SHOP = re.compile(rb"[a-z0-9-]+\.myshopify\.com")
# What waits a moment, so that several edits become one letter, has left by then; reminders of carts have not.
_A_WHILE = timedelta(minutes=15)


@dataclass
class Row:
    """One file: what was answered and kept, and every event and letter that came of it."""

    file: str
    what: str
    answer: int
    delivery: Delivery | None = None
    told: list[tuple[Heard, list[Message]]] = field(default_factory=list)

    @property
    def reasons(self) -> set[str]:
        """Every reason code of this row."""
        codes = {self.delivery.reason} if self.delivery else set()
        return codes | {reason for _, letters in self.told for each in letters for reason in (each.reason, *each.reasons)}


def _open(house: TestHouse, **facts: object) -> Store:
    """A store that looks after itself, so that only what its customers get is in the table."""
    store = replace(house.store("custom", team_address=""), **facts)
    with house.records.transaction() as tx:
        tx.stores.add(store)
    return store


def _knock(house: TestHouse, store: Store, row: Row, path: str, raw: RawRequest) -> Row:
    before = _newest(house, store)
    answer = house.client.post(path, data=raw.body, headers=dict(raw.headers))
    house.work()
    after = _newest(house, store)
    return replace(row, answer=answer.status_code, delivery=after if after != before else None)


def _newest(house: TestHouse, store: Store) -> Delivery | None:
    with house.records.reading() as tx:
        found = tx.deliveries.list(store.id, limit=1)
    return found[0] if found else None


def _looked_up(house: TestHouse, store: Store, row: Row) -> Row:
    """The row with what its delivery told, as it stands now."""
    if row.delivery is None:
        return row
    with house.records.reading() as tx:
        heard = tx.events.list(store.id, delivery_id=row.delivery.id)
        told = [(each, tx.messages.list(store.id, event_id=each.event.id, newest_first=False)) for each in heard]
        return replace(row, delivery=tx.deliveries.get(store.id, row.delivery.id), told=told)


# ---- Shopify: each file in a house of its own ------------------------------------------------------------------------


def shopify_rows() -> Iterator[Row]:
    """Each body on its own: the samples and captures belong to no common story."""
    kinds = {found["file"]: found["kind"] for found in _KIND.finditer((BODIES / "INDEX.md").read_text("utf-8"))}
    for number, file in enumerate(sorted(BODIES.glob("*__*.json")), start=1):
        topic = file.stem.rsplit("__", 1)[0].replace("__", "/")
        raw = signed(topic, file.read_bytes(), number, SECRET.encode())
        found = _SHOP.search(raw.body)
        shop = found[0].decode() if found else raw.header("x-shopify-shop-domain")
        raw = replace(raw, headers={**raw.headers, "x-shopify-shop-domain": shop})
        with closing(records.open("sqlite://", secret=b"k" * 40)) as memory:
            house = TestHouse(memory)
            house.clock.at = _own_time(house, raw) + timedelta(minutes=1)
            store = _open(house, id="s", platform="shopify", key=shop, token="t", currency="USD", country="US")
            row = _knock(house, store, Row(file.name, kinds.get(file.name, ""), 0), "/webhooks/shopify", raw)
            house.clock.later(seconds=_A_WHILE.total_seconds())
            house.work()
            yield _looked_up(house, store, row)


def _own_time(house: TestHouse, raw: RawRequest) -> datetime:
    """When what the body tells had happened; the tests' own time for what tells nothing."""
    platform = house.rooms.platforms["shopify"]
    try:
        return max((event.occurred_at for event in platform.read(platform.address(raw), raw.body)), default=NOW)
    except Unreadable:
        return NOW


# ---- WooCommerce: one shop's history ---------------------------------------------------------------------------------


def woocommerce_rows() -> list[Row]:
    """The recordings in their order, in one house whose clock is the recorder's."""
    with closing(records.open("sqlite://", secret=b"k" * 40)) as memory:
        house = TestHouse(memory)
        store = _open(house, id="s", platform="woocommerce", key="http://127.0.0.1:8090", token="t", currency="USD",
                      timezone="America/New_York", country="US", secrets=tuple(dict.fromkeys(WOO_SECRETS.values())))  # fmt: skip
        rows = []
        for file in sorted(RECORDINGS.glob("[0-9][0-9][0-9]_*.json")):
            kept = json.loads(file.read_text("utf-8"))
            house.clock.at = datetime.fromisoformat(kept["received_at"]).astimezone(UTC)
            headers = {name: value for name, value in kept["headers"] if name.lower() not in _NOT_SENT}
            raw = RawRequest(headers, b64decode(kept["body_b64"]))
            rows.append(_knock(house, store, Row(file.name, kept["label"], 0), "/webhooks/woocommerce/t", raw))
        house.clock.later(seconds=_A_WHILE.total_seconds())
        house.work()
        return [_looked_up(house, store, row) for row in rows]


# ---- in words --------------------------------------------------------------------------------------------------------


def _of_delivery(row: Row) -> str:
    if row.delivery is None:
        return "refused" if row.answer >= 400 else "nothing to keep"
    if row.delivery.state is DeliveryState.DONE and not row.told:
        return in_words(row.delivery.reason or "says_nothing")
    if row.delivery.state is DeliveryState.DONE:
        return ""
    return f"{row.delivery.state}: {in_words(row.delivery.reason)}"


def _of_letter(message: Message) -> str:
    to = "" if message.to else " (to nobody)"
    reasons = [first_reason(message), *(each for each in message.reasons if message.state is State.HELD)]
    why = " ".join(dict.fromkeys(said(reason) for reason in reasons if reason))
    if message.state is State.WAITING and not message.reason and message.due_at is not None:
        why = f"due {span(_rounded(message.due_at - message.occurred_at))} after the event"
    subject = f" «{message.letter.subject}»" if message.letter and message.state is State.HANDED_OVER else ""
    return f"`{message.mail}` **{message.state.replace('_', ' ')}**{subject}{to}{': ' + why if why else ''}"


def _rounded(length: timedelta) -> timedelta:
    return timedelta(minutes=round(length.total_seconds() / 60))


def _of_event(heard: Heard, letters: list[Message]) -> str:
    came = [_of_letter(each) for each in letters] or [said(heard.note) if heard.note else "no letter"]
    return f"`{heard.event.kind}` → {'; '.join(came)}"


def _line(row: Row) -> tuple[str, str, str]:
    told = [_of_delivery(row), *(_of_event(heard, letters) for heard, letters in row.told)]
    return f"`{row.file}`", row.what, "<br>".join(filter(None, told))


_TOP = (
    "Every file of `tests/fixtures/shopify` and `tests/fixtures/woocommerce`, truly signed, through the front door and the "
    "desk of a fresh installation. The clock stands at each delivery's own time; letters are shown as they are fifteen minutes "
    "after the last delivery, so that letters that gather changes have left and reminders of carts have not."
)
_SHOPIFY = (
    "Each file alone in a house that knows nothing else: what belongs to an order waits for the order. DOCS are samples "
    "from Shopify's documentation, whose sums do not add up; REAL were captured; STRUCTURE have real keys and made-up values; "
    "DERIVED were made from one of the others."
)
_WOOCOMMERCE = "The history of one shop, in the order in which it was recorded, told to one house."


def page() -> str:
    came = "event → letter, or why not"
    parts = [
        "# Recorded deliveries, and what comes of them",
        MADE,
        _TOP,
        "## Shopify",
        _SHOPIFY,
        "\n".join(table(("file", "kind", came), map(_line, shopify_rows()))),
        "## WooCommerce",
        _WOOCOMMERCE,
        "\n".join(table(("file", "what was done in the shop", came), map(_line, woocommerce_rows()))),
    ]
    return "\n\n".join(parts) + "\n"
