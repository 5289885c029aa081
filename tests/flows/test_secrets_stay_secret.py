"""Recognisable secrets are planted everywhere; nothing that is told to anybody, and no byte on disk, holds one of them."""

import json
import logging

import click
import pytest
from click.testing import CliRunner

import records as memory
import wsgi
from lifecycle.errors import BadSetting, HouseError
from lifecycle.ports import Access, Notice
from lifecycle.settings import from_environment
from pages.commands import COMMANDS, build
from pages.links import letters_link
from tests.canaries import PIECES, PLANTED, told_in
from tests.flows.houses import NOW
from tests.records.kept import everything_kept
from tests.records.samples import delivery, full_message, store

POSTMEN = ("outbox", "smtp", "multimail")
# What each command needs to do something; the others take nothing or only say that something is missing.
NAMED = {
    ("stores", "show"): ["s1"],
    ("stores", "set"): ["s1", "sender_name=Fern"],
    ("stores", "add"): ["--platform", "woocommerce", "--key", "https://new.example", "--currency", "EUR",
                        "--secret", PLANTED["store"]],
    ("deliveries", "show"): ["d1", "--body"],
    ("deliveries", "replay"): ["d1"],
    ("letters", "show"): [full_message().id],
    ("letters", "link"): ["s1"],
    ("approvals", "show"): [full_message().id],
    ("preview",): ["order_confirmation"],
    ("work",): ["--once"],
}  # fmt: skip
NEVER_ENDING = {("serve",), ("demo",)}


def every_command(commands=COMMANDS, before=()):
    for command in commands:
        path = (*before, command.name)
        if isinstance(command, click.Group):
            yield from every_command(command.commands.values(), path)
        elif path not in NEVER_ENDING:
            yield path


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'memory.db'}"


@pytest.fixture
def settings(url, tmp_path):
    env = PLANTED | {
        "DATABASE_URL": url,
        "OUTBOX_DIR": str(tmp_path / "outbox"),
        "MULTIMAIL_API_URL": "http://127.0.0.1:9",
        "MULTIMAIL_MAILBOX_ID": "mb1",
        "LOG_LEVEL": "debug",
    }

    def chosen(postman="outbox"):
        return from_environment({name: value for name, value in env.items() if name.isupper()} | {"POSTMAN": postman})

    return chosen


@pytest.fixture
def filled(settings, url):
    """A database in which every kind of secret is kept."""
    memory.migrate(url)
    ring = [key.encode() for key in settings().encryption_keys]
    kept = memory.open(url, secret=settings().secret_key.encode(), keys=ring)
    with kept.transaction() as tx:
        tx.stores.add(store(secrets=(PLANTED["store"],), uninstalled_at=None))
        keys = {"token": PLANTED["access"], "refresh": PLANTED["refresh"]}
        tx.access.put(Access("s1", keys, NOW, ("read_orders",), NOW))
        tx.notices.put(Notice("s1", "access_lost", NOW))
        tx.deliveries.remember(delivery(body=b"{}"))
        tx.messages.add(full_message())
    yield kept
    kept.close()


def told(result):
    """All that a command said, its traceback's variables included when it broke."""
    return result.output + result.stderr + repr(result.exception)


@pytest.mark.parametrize("as_json", [False, True], ids=["plain", "json"])
@pytest.mark.parametrize("postman", POSTMEN)
def test_no_command_tells_a_secret(settings, filled, url, postman, as_json, caplog):
    house = wsgi.open_house(settings(postman))
    caplog.set_level(logging.DEBUG)

    answers = {}
    for path in every_command():
        words = [*path, *NAMED.get(path, []), *(["--json"] if as_json else [])]
        answers[path] = CliRunner().invoke(build(lambda: house), words)
    house.records.close()

    assert {path: found for path, answer in answers.items() if (found := told_in(told(answer)))} == {}
    assert told_in(caplog.text + "".join(str(record.__dict__) for record in caplog.records)) == []
    assert not [path for path, answer in answers.items() if answer.exception and answer.exit_code not in (0, 1, 2)]
    assert answers[("doctor",)].output
    assert answers[("rotate-keys",)].exit_code == 0
    assert told_in(everything_kept(filled, url)) == []


def test_no_page_tells_a_secret(settings, filled, caplog):
    app = wsgi.create_app(settings())
    caplog.set_level(logging.DEBUG)
    visitor = app.test_client()
    house = wsgi.open_house(settings())
    letters = letters_link(house, ["s1"]).removeprefix(house.settings.public_url)
    pages = ["/", "/healthz", "/nowhere", letters, letters[:-1], "/unsubscribe/x", "/webhooks/shopify"]

    answers = [visitor.open(page, method=method) for page in pages for method in ("GET", "POST")]
    house.records.close()

    assert {answer.status_code for answer in answers} >= {200, 404}
    for answer in answers:
        assert told_in(answer.get_data(as_text=True) + str(answer.headers)) == []
    assert told_in(caplog.text) == []


@pytest.mark.parametrize("name", [name for name in PLANTED if name.isupper()])
@pytest.mark.parametrize("spoiled", ["{}\x00", "{} {}", "é{}"], ids=["NUL", "twice", "accent"])
def test_no_complaint_about_a_setting_repeats_it(name, spoiled):
    env = PLANTED | {name: spoiled.replace("{}", PLANTED[name]), "PUBLIC_URL": "https://mail.example.com"}
    try:
        shown = repr(from_environment({key: value for key, value in env.items() if key.isupper()}))
    except HouseError as trouble:
        shown = f"{trouble} {trouble!r}"

    assert told_in(shown) == []


@pytest.mark.parametrize("url", [PLANTED["DATABASE_URL"], "postgresql://app:canary-database-password@:x/y"])
def test_no_complaint_about_the_database_tells_its_password(url, caplog):
    with pytest.raises(HouseError) as caught:
        memory.open(url, secret=b"x" * 40).check()

    assert told_in(f"{caught.value} {caught.value!r} {caplog.text}") == []


def test_complaint_about_a_missing_key_tells_none(filled, url):
    other = memory.open(url, secret=PLANTED["SECRET_KEY"].encode())

    with pytest.raises(BadSetting) as caught:
        other.check()

    other.close()
    assert told_in(str(caught.value)) == []


def test_the_search_finds_what_is_planted():
    for piece in PIECES:
        assert told_in(json.dumps({"told": f"x{piece}x"})) == [piece]
        assert told_in(piece.encode().hex()) == [piece]


def test_every_secret_setting_is_planted():
    from lifecycle.settings import VARIABLES

    assert {row.name for row in VARIABLES if row.secret} <= set(PLANTED)
