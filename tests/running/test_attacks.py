"""Hostile requests against the running server: it answers as it should, keeps what it should, and writes nothing it should not."""

import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from lifecycle.deciding import Act, Decision
from lifecycle.errors import HouseError
from lifecycle.settings import from_environment
from pages.links import Links
from tests.running.attacks import ALWAYS, INDEX, LEFT_OUT, Answer, Attack, attacks, exchange, request_of
from tests.running.looking import Look, look, mail_faults, mail_of, text_faults
from tests.running.serving import SECRET_KEY, SHOPIFY_SECRET, Server
from wsgi import open_house

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("running")]

MEMORY_KB = 1_500_000  # `ulimit -v 1500000`
SHOP_A, SHOP_B = "shop-a.myshopify.com", "shop-b.myshopify.com"
WOO_SECRET = """the "true" <secret> & nothing else"""
# No list of letters can be taken away as CSV yet, and nothing here goes out to the net, so nobody can be lured anywhere.
UNCHECKED = frozenset({"csv_export", "canary_hits", "merchant_sees", "rate_limit_key_from_header"})
CHECKED = frozenset(
    [
        "status",
        "events_stored",
        "event_state",
        "mails",
        "max_ms",
        "pages",
        "other_store_rows_changed",
        "forbid_header",
        "logs",
        "settings_unchanged",
        "approvals_unchanged",
        "rows_of_other_customers_deleted",
        "max_rss_growth_mb",
        "metric",
    ]
)


@dataclass
class Besieged:
    """The server with its stores, and what the cases need to know about it."""

    server: Server
    values: Mapping[str, str]
    other_store: str
    store_ids: tuple[str, ...]

    def __post_init__(self) -> None:
        self.house = open_house(from_environment(self.server.env))

    def look(self) -> Look:
        return look(self.server, self.other_store)

    def approve_held(self, after: int) -> None:
        """Somebody lets every held letter go, so that what would leave is seen, whatever the guards thought of it."""
        held = self.server.rows("select id, store_id from messages where seq > ? and state = 'held'", after)
        for row in held:
            with self.house.records.reading() as tx:
                message = tx.messages.get(row["store_id"], row["id"])
            try:
                self.house.desk.decide(row["store_id"], row["id"], Decision(Act.APPROVE, "tester", message.digest))
            except HouseError:
                continue  # a guard that no person overrules

    def pages(self, after: int) -> Iterator[str]:
        """The pages on which the newest letters are shown."""
        links = Links((SECRET_KEY,), "", lambda: datetime.now(UTC))
        top = links.letters(self.store_ids)
        ids = [row["id"] for row in self.server.rows("select id from messages where seq > ?", after)]
        for path in (top, *(f"{top}{each}{view}" for each in ids for view in ("", "?as=text"))):
            status, body = self.server.ask("GET", path)
            assert status == 200
            yield body.decode()


@pytest.fixture(scope="module")
def besieged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Besieged]:
    server = Server(tmp_path_factory.mktemp("besieged"), limit_kb=MEMORY_KB)
    server.command("migrate")
    add = ("stores", "add", "--currency", "USD", "--country", "US", "--platform")
    found = {
        "a": server.command(*add, "shopify", "--key", SHOP_A),
        "b": server.command(*add, "shopify", "--key", SHOP_B),
        "woo": server.command(*add, "woocommerce", "--key", "https://woo.example", "--secret", WOO_SECRET),
        "custom": server.command(*add, "custom", "--key", "https://custom.example"),
    }
    values = {
        "host": f"127.0.0.1:{server.port}",
        "shop_a": SHOP_A,
        "shopify_webhook": "/webhooks/shopify",
        "woo_webhook": found["woo"]["webhook_path"],
        "custom_webhook": found["custom"]["webhook_path"],
        "woo_store_url": "https://woo.example",
        "shopify_secret": SHOPIFY_SECRET,
        "woo_secret": WOO_SECRET,
        "custom_secret": found["custom"]["secret"],
    }
    server.start()
    besieged = Besieged(server, values, found["b"]["id"], tuple(each["id"] for each in found.values()))
    yield besieged
    besieged.house.records.close()
    assert server.stop() == 0


def _send(besieged: Besieged, attack: Attack) -> list[Answer]:
    number = 1 + [each.id for each in attacks()].index(attack.id)
    head, pieces = request_of(attack, number, besieged.values)
    half = attack.transport == "raw_half_body"
    with ThreadPoolExecutor(attack.times if attack.at_once else 1) as together:
        tries = [together.submit(exchange, besieged.server.port, head, pieces, half=half) for _ in range(attack.times)]
        return [each.result() for each in tries]


def _answer_faults(attack: Attack, answer: Answer, values: Mapping[str, str]) -> Iterator[str]:
    allowed = [None if status == "closed" else status for status in attack.expect["status"]]
    if answer.status not in allowed:
        yield f"answered {answer.status}, allowed are {allowed}"
    if (answer.status or 0) >= 500 and answer.status != 501:
        yield f"answered {answer.status}"
    most = attack.expect.get("max_ms", ALWAYS["default_max_ms"])
    if answer.took_ms > most:
        yield f"took {answer.took_ms:.0f} ms, allowed are {most}"
    for text in ALWAYS["forbid_body_always"]:
        if values.get(text.strip("{}"), text) in answer.body:
            yield f"the body says {text}"
    for text in (*ALWAYS["forbid_response_header_always"], *attack.expect.get("forbid_header", ())):
        if f"\n{text.lower()}" in answer.headers:
            yield f"the head says {text}"


def _kept_faults(besieged: Besieged, attack: Attack, before: Look, after: Look) -> Iterator[str]:
    rows = besieged.server.rows("select state, reason from deliveries where seq > ?", before.deliveries)
    wish = attack.expect.get("events_stored")
    if wish is not None and (len(rows) > int(str(wish)[2:]) if str(wish).startswith("<=") else len(rows) != wish):
        yield f"{len(rows)} deliveries kept, expected {wish}"
    state = attack.expect.get("event_state")
    if state and [row["state"] for row in rows] != [state]:
        yield f"deliveries are {[tuple(row) for row in rows]}, expected one {state}"
    if any(row["reason"] == "unexpected" or row["state"] == "waiting" for row in rows):
        yield "something went wrong that nobody foresaw"
    if attack.expect.get("other_store_rows_changed") == 0 and after.of_other_store != before.of_other_store:
        yield "the other store's rows changed"
    if any(after.rows[name] < before.rows[name] for name in before.rows):
        yield "rows are gone"
    if after.settings != before.settings:
        yield "a store's settings changed"
    if after.decided != before.decided:
        yield "somebody decided about a letter"
    if "metric" in attack.expect and after.refused_as_forged != before.refused_as_forged:
        yield "a body cut short was counted as a forgery"
    if after.memory_mb - before.memory_mb > attack.expect.get("max_rss_growth_mb", 400):
        yield f"memory grew by {after.memory_mb - before.memory_mb:.0f} MB"


def _letter_faults(besieged: Besieged, attack: Attack, before: Look, after: Look) -> Iterator[str]:
    server, wish = besieged.server, attack.mails
    mails = [mail_of(server.outbox / name) for name in sorted(after.files - before.files)]
    if len(mails) > wish.get("max", len(mails)):
        yield f"{len(mails)} letters left, at most {wish['max']} should"
    for mail in mails:
        yield from mail_faults(mail, wish)
        yield from text_faults(mail.html, mail.text, str(mail.parsed["subject"]), wish)
    written = server.rows("select * from messages where seq > ? and letter_html is not null", before.letters)
    for row in written:
        yield from text_faults(row["letter_html"], row["letter_text"], row["letter_subject"], wish)
        yield from (f"a letter is for {each}" for each in wish.get("forbid_recipient", ()) if each in row["to_address"])
    if not mails and (wish.get("must_contain_text") or attack.kind == "mail-header-injection"):
        yield "no letter left that could be looked at"
    raw = [each for page in attack.expect.get("pages", {}).values() for each in page["forbid_raw"]]
    if raw:
        yield from (f"a page says {each[:40]!r}" for page in besieged.pages(before.letters) for each in raw if each in page)


@pytest.mark.parametrize("attack", attacks(), ids=str)
def test_attack_does_no_harm(besieged, attack):
    before = besieged.look()

    answers = _send(besieged, attack)
    besieged.server.settle()
    if attack.mails.get("max", 1):
        besieged.approve_held(before.letters)
        besieged.server.settle()

    after = besieged.look()
    faults = [fault for answer in answers for fault in _answer_faults(attack, answer, besieged.values)]
    faults += _kept_faults(besieged, attack, before, after)
    faults += _letter_faults(besieged, attack, before, after)
    assert not faults
    assert besieged.server.ask("GET", "/healthz", timeout=1)[0] == 200


@pytest.mark.parametrize("topic", ["orders/create", "orders/updated"])
@pytest.mark.parametrize("attack", [each for each in attacks() if each.kind == "url-in-data"], ids=str)
def test_hostile_links_lead_nowhere_under_topics_that_are_read(besieged, attack, topic):
    told = tuple((name, topic if name == "X-Shopify-Topic" else value) for name, value in attack.headers)
    before = besieged.look()

    _send(besieged, replace(attack, headers=told))
    besieged.server.settle()
    besieged.approve_held(before.letters)
    besieged.server.settle()

    after = besieged.look()
    assert after.letters > before.letters or topic == "orders/updated"
    wish = {"mails": attack.mails | {"max": 10}}
    assert not list(_letter_faults(besieged, replace(attack, expect=wish), before, after))


def test_log_holds_no_secret_no_address_and_no_body(besieged):
    log = besieged.server.log.read_text(errors="replace")

    planted = (SHOPIFY_SECRET, SECRET_KEY, WOO_SECRET, besieged.values["custom_secret"])
    cards = {card for attack in attacks() for card in attack.expect.get("logs", {}).get("forbid", ())}
    assert len(cards) == 2
    assert [text for text in (*planted, *cards) if text in log] == []
    assert re.findall(r"[\w.+-]+@[\w-]+\.\w+", log) == []
    assert [text for text in ("line_items", "total_price", "IPod", "Traceback", "alert(1)") if text in log] == []


def test_every_expectation_of_the_index_is_checked_or_left_out_by_name():
    asked = {name for attack in attacks() for name in attack.expect}

    assert asked <= CHECKED | UNCHECKED
    assert set(LEFT_OUT) <= {case["id"] for case in INDEX["cases"]}
