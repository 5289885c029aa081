import json
from contextlib import contextmanager
from dataclasses import replace

import click
import pytest
from click.testing import CliRunner

from lifecycle.deliveries import DeliveryState
from lifecycle.errors import BadSetting, PostmanClosed
from lifecycle.messages import State
from lifecycle.oversight import Mode
from lifecycle.ports import AuditLine
from lifecycle.settings import VARIABLES
from pages.commands import COMMANDS, build
from pages.terminal.speaking import WIDTH, width
from tests.pages.world import (
    ADA,
    NOW,
    as_json,
    delivery,
    keep,
    knock,
    letter,
    message,
    placed,
    shop,
    written,
)


@pytest.fixture
def run(house):
    """Types a command; `typed` is what a person at the keyboard answers (None: nobody sits there)."""

    def typed(*words, answers=None, house=house):
        commands = build(lambda: house, is_asked=lambda: answers is not None)
        return CliRunner().invoke(commands, list(words), input=answers)

    return typed


def every_command(group=None, before=()):
    for command in group.commands.values() if group else COMMANDS:
        path = (*before, command.name)
        if isinstance(command, click.Group):
            yield from every_command(command, path)
        else:
            yield path, command


EVERY = list(every_command())


def broken():
    raise BadSetting("bad_setting", "POSTMAN must be one of outbox, smtp. Example: POSTMAN=smtp")


# ---- all of them -----------------------------------------------------------------------------------------------------


def test_commands_are_those_of_the_contract():
    names = {" ".join(path) for path, _ in EVERY}

    assert names >= {
        "serve", "work", "migrate", "preview", "doctor", "demo", "stores add", "stores list", "stores set", "deliveries list",
        "deliveries show", "deliveries replay", "letters list", "letters show", "approvals list", "approvals show",
        "approvals approve", "approvals reject", "approvals edit",
    }  # fmt: skip


@pytest.mark.parametrize(("path", "command"), EVERY, ids=[" ".join(path) for path, _ in EVERY])
def test_help_needs_no_configuration_and_every_command_speaks_json(path, command):
    result = CliRunner().invoke(build(broken), [*path, "--help"])

    assert result.exit_code == 0
    assert "--json" in result.output
    assert command.help


@pytest.mark.parametrize("asked", [[], ["--json"]])
def test_what_goes_wrong_is_one_line_on_stderr_and_exit_code_2(asked):
    for words in (["stores", "list"], ["serve"], ["work", "--once"], ["migrate"], ["demo"], ["letters", "show", "x"]):
        result = CliRunner().invoke(build(broken), [*words, *asked])

        assert result.exit_code == 2
        assert result.stdout == ""
        assert result.stderr.count("\n") == 1
        said = json.loads(result.stderr)["error"] if asked else result.stderr.strip()
        assert said == "POSTMAN must be one of outbox, smtp. Example: POSTMAN=smtp"


@pytest.mark.parametrize(
    ("words", "next_step"),
    [
        (("letters", "show", "x"), "letters list"),
        (("approvals", "show", "x"), "letters list"),
        (("approvals", "approve", "x", "--digest", "y"), "letters list"),
        (("deliveries", "show", "x"), "deliveries list"),
        (("deliveries", "replay", "x"), "deliveries list"),
        (("stores", "set", "x", "paused=yes"), "stores list"),
        (("letters", "list", "--store", "x"), "stores list"),
        (("preview", "refund_notice", "--store", "x"), "stores list"),
    ],
)
def test_unknown_id_says_where_the_known_ones_are(run, words, next_step):
    result = run(*words)

    assert result.exit_code == 2
    assert next_step in result.stderr
    assert "Traceback" not in result.output


# ---- stores ----------------------------------------------------------------------------------------------------------


def test_added_store_shows_path_token_and_made_secret_once(run, house):
    added = as_json(run("stores", "add", "--platform", "custom", "--key", "https://fern.example.com/", "--name", "Fern",
                        "--currency", "eur", "--timezone", "Europe/Berlin", "--team-address", "team@example.com", "--json"))  # fmt: skip

    with house.records.reading() as tx:
        store = tx.stores.get(added["id"])
    assert store.key == "https://fern.example.com"
    assert (store.name, store.currency, store.settings.team_address) == ("Fern", "EUR", "team@example.com")
    assert added["webhook_path"] == f"/webhooks/custom/{store.token}"
    assert added["token"] == store.token
    assert added["secret"] == "whsec_made"
    assert store.secrets == ("whsec_made",)
    for again in (run("stores", "list", "--json"), run("stores", "show", store.id, "--json")):
        assert "whsec_made" not in again.stdout
        assert store.token in again.stdout


def test_store_with_a_given_secret_keeps_it_and_does_not_repeat_it(run, house):
    result = run("stores", "add", "--platform", "custom", "--key", "https://fern.example.com", "--secret", "given-by-hand")

    assert result.exit_code == 0
    assert "given-by-hand" not in result.output
    with house.records.reading() as tx:
        assert tx.stores.all()[0].secrets == ("given-by-hand",)


def test_store_of_an_app_signed_platform_needs_no_secret_and_no_token_in_its_path(run):
    added = as_json(run("stores", "add", "--platform", "shopify", "--key", "Fern.myshopify.com", "--json"))

    assert added["webhook_path"] == "/webhooks/shopify"
    assert added["key"] == "fern.myshopify.com"
    assert "secret" not in added


def test_second_store_with_the_same_key_is_refused(run, house):
    keep(house.records, shop())

    result = run("stores", "add", "--platform", "custom", "--key", "https://s1.example.com/")

    assert result.exit_code == 2
    assert "`stores list` shows it" in result.stderr
    with house.records.reading() as tx:
        assert [store.id for store in tx.stores.all()] == ["s1"]


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [("--platform", "magento", "custom, shopify"), ("--key", "fern", "shop's URL"), ("--currency", "EURO", "currency"),
     ("--timezone", "Berlin", "Europe/Berlin"), ("--team-address", "nobody", "e-mail address"), ("--secret", "a\nb", "one line")],
)  # fmt: skip
def test_store_with_a_wrong_value_is_not_added(run, house, option, value, said):
    words = {"--platform": "custom", "--key": "https://fern.example.com", option: value}

    result = run("stores", "add", *(word for pair in words.items() for word in pair))

    assert result.exit_code == 2
    assert said in result.stderr
    with house.records.reading() as tx:
        assert not tx.stores.all()


def test_settings_are_changed_together_or_not_at_all(run, house):
    keep(house.records, shop())

    good = run("stores", "set", "s1", "mode.refund_notice=gated_send", "incentive.1=percent:10:BACK:for=new", "locale=fr")
    bad = run("stores", "set", "s1", "paused=yes", "mode.cart_recovery_1=autonomous")

    assert good.exit_code == 0, good.output
    assert "incentive.1 = percent:10:BACK:for=new" in good.stdout
    assert bad.exit_code == 2
    with house.records.reading() as tx:
        store = tx.stores.get("s1")
    assert store.settings.modes == {"refund_notice": Mode.GATED_SEND}
    assert (store.locale, store.settings.paused) == ("fr", False)


def test_store_is_found_by_its_key_too(run, house):
    keep(house.records, shop())

    assert as_json(run("stores", "show", "s1.example.com", "--json"))["id"] == "s1"


# ---- deliveries ------------------------------------------------------------------------------------------------------


@pytest.fixture
def delivered(house):
    event = placed()
    keep(house.records, shop(), delivery(), delivery("d2", state=DeliveryState.QUARANTINED, reason="not_json"))
    keep(house.records, (event, "d1", "a note"))
    return event


@pytest.mark.usefixtures("delivered")
def test_deliveries_are_listed_by_state(run):
    found = as_json(run("deliveries", "list", "--state", "quarantined", "--json"))

    assert [(one["id"], one["topic"], one["reason"]) for one in found] == [("d2", "order.created", "not_json")]


@pytest.mark.usefixtures("delivered")
def test_delivery_shows_its_body_only_when_asked(run):
    plain, whole = run("deliveries", "show", "d1"), run("deliveries", "show", "d1", "--body")

    assert ADA not in plain.output
    assert ADA not in run("deliveries", "show", "d1", "--json").output
    assert ADA in whole.output
    assert "order.placed" in plain.output
    assert "a note" in plain.output
    assert "webhook-version" in plain.output


@pytest.mark.usefixtures("delivered")
def test_replayed_delivery_is_due_again(run):
    again = as_json(run("deliveries", "replay", "d2", "--json"))

    assert (again["state"], again["due_at"]) == ("waiting", "2026-11-20T12:00:00Z")


# ---- letters ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def held(house):
    one = message()
    keep(house.records, shop(), one, AuditLine("s1", one.id, NOW, "house", "planned", "large_order"))
    return one


def test_letters_list_gives_the_fields_of_the_contract(run, held):
    (found,) = as_json(run("letters", "list", "--json"))

    assert {name: found[name] for name in ("id", "store", "kind", "mode", "state", "to", "subject", "order_number", "event_kind",
                                           "due_at", "reason")} == {
        "id": held.id, "store": "s1", "kind": "order_confirmation", "mode": "gated_send", "state": "held", "to": ADA,
        "subject": "Your order #1001", "order_number": "#1001", "event_kind": "order.placed", "due_at": None,
        "reason": "large_order",
    }  # fmt: skip
    assert found["reason_words"]


@pytest.mark.parametrize(
    ("words", "count"),
    [(("--store", "s1"), 1), (("--state", "held"), 1), (("--state", "stale"), 0), (("--kind", "refund_notice"), 0),
     (("--order", "1001"), 1), (("--order", "#1001"), 1), (("--order", "1002"), 0)],
)  # fmt: skip
@pytest.mark.usefixtures("held")
def test_letters_are_narrowed(run, words, count):
    assert len(as_json(run("letters", "list", *words, "--json"))) == count


def test_letter_shows_its_words_figures_and_history(run, held):
    result = run("letters", "show", held.id)
    facts = as_json(run("letters", "show", held.id, "--json"))

    for told in (
        "Your order #1001",
        "Total: 20.00 EUR",
        "<p>Total:",
        "order.total",
        "traces nowhere",
        "planned",
        "3 min ago",
    ):
        assert told in result.output, told
    assert facts["digest"] == held.digest
    assert (facts["html"], facts["text"]) == (held.letter.html, held.letter.text)
    assert [figure["traced"] for figure in facts["figures"]] == [True, False]


def test_nothing_that_a_customer_wrote_steers_the_terminal(run, house):
    evil = "\x1b[2J\x9b31m\u202eowned\r"
    keep(house.records, replace(shop(), name=evil), message(
        order_number=evil, letter=letter(to=evil, subject=evil, text=evil, html=evil), to=evil, reason=evil))  # fmt: skip
    keep(house.records, AuditLine("s1", message().id, NOW, evil, "edit", evil))

    for words in (
        ("letters", "list"),
        ("letters", "show", message().id),
        ("stores", "list"),
        ("approvals", "show", message().id),
    ):
        said = run(*words).output
        assert not {"\x1b", "\x9b", "\r", "\u202e"} & set(said)
        assert "own" in said


def test_lists_fit_a_hundred_columns(run, house):
    keep(house.records, replace(shop(), name="株式会社" * 20))
    for number in range(3):
        keep(
            house.records,
            message(f"k{number}", order_number="#" + "9" * 60, letter=letter(subject="注文" * 80), reason="", reasons=()),
        )
        keep(house.records, delivery(f"d{number}", reason="x" * 300))

    for words in (("stores", "list"), ("letters", "list"), ("deliveries", "list"), ("approvals", "list")):
        lines = run(*words).output.splitlines()
        assert len(lines) >= 2
        assert max(map(width, lines)) <= WIDTH


@pytest.mark.usefixtures("held")
def test_link_opens_the_page_of_its_stores(run, visitor):
    given = as_json(run("letters", "link", "--json"))

    assert given["stores"] == ["s1"]
    assert "Your order #1001" in visitor.get(given["url"].removeprefix("https://mail.example.com")).text


# ---- preview, doctor, running ----------------------------------------------------------------------------------------


def test_preview_writes_the_designed_letter(run, house, tmp_path):
    keep(house.records, shop())

    result = run("preview", "refund_notice", "--store", "s1", "--locale", "fr", "--html", str(tmp_path / "letter.html"))

    assert result.exit_code == 0, result.output
    assert "Refund (fr)" in result.output
    assert (tmp_path / "letter.html").read_text() == "<p>refund_notice for Shop s1: 64 EUR</p>"


def test_doctor_finds_a_house_in_order(run):
    checked = as_json(run("doctor", "--json"))

    assert checked["ok"] is True
    names = [check["name"] for check in checked["checks"]]
    assert {row.name for row in VARIABLES} <= set(names)
    assert {"database", "postman outbox", "clock"} <= set(names)
    assert "a key of the tests" not in json.dumps(checked)


def test_doctor_names_what_does_not_work_and_exits_1(run, house):
    house.postman.closed = True

    result = run("doctor")

    assert result.exit_code == 1
    assert "check MULTIMAIL_API_KEY" in result.output


def test_doctor_tells_a_wrong_configuration():
    result = CliRunner().invoke(build(broken), ["doctor", "--json"])

    assert result.exit_code == 1
    checked = json.loads(result.stdout)
    assert checked["ok"] is False
    assert "POSTMAN" in checked["checks"][0]["detail"]


def test_doctor_sees_that_nobody_works(run, house):
    keep(house.records, shop(), message(state=State.WAITING, due_at=NOW))
    house.clock.passes(hours=1)

    result = run("doctor")

    assert result.exit_code == 1
    assert "due 1 h ago" in result.output


def test_serve_listens_where_it_is_told_and_gives_its_exit_code(run, house):
    served = []

    def serve(host, port):
        served.append((host, port))
        return 3

    result = run("serve", "--port", "9001", house=replace(house, serve=serve))

    assert result.exit_code == 3
    assert served == [("127.0.0.1", 9001)]


def test_work_once_says_how_much_was_done(run, house):
    keep(house.records, shop())

    assert as_json(run("work", "--once", "--json")) == {"done": 0, "next_due_at": None}


def test_work_runs_until_it_is_ended(run, house):
    assert run("work", house=replace(house, work=lambda: 4)).exit_code == 4


def test_demo_runs_while_a_server_is_there(run, house):
    happened = []

    @contextmanager
    def served():
        happened.append("server up")
        yield
        happened.append("server down")

    def demo(_say):
        happened.append("sent")
        return ()

    assert run("demo", house=replace(house, demo=demo, served=served)).exit_code == 0
    assert happened == ["server up", "sent", "server down"]


def test_demo_tells_what_became_of_each_delivery(run, house, delivered):
    first = message(event_id=delivered.id, order_id="1001")
    keep(house.records, first)
    knocks = (knock("orders-create", delivery_id="d1"), knock("broken", delivery_id="d2"), knock("forged", answer=401))

    told = as_json(run("demo", "--json", house=replace(house, demo=lambda _say: knocks)))

    rows = [(row["delivery"], row["event"], row["letter"], row["mode"], row["state"]) for row in told["deliveries"]]
    assert rows == [
        ("orders-create", "order.placed", "order_confirmation", "gated_send", "held"),
        ("broken", "", "", "", "quarantined"),
        ("forged", "", "", "", "not kept"),
    ]
    assert all(row["reason"] for row in told["deliveries"])
    assert told["letters_url"].startswith("https://mail.example.com/letters/")


@pytest.mark.usefixtures("delivered")
def test_demo_table_fits_and_shows_progress_aside(run, house):
    def demo(say):
        say("1 of 2")
        return (knock("a very long name of a delivery " * 4, delivery_id="d1"), knock("forged", answer=401))

    result = run("demo", house=replace(house, demo=demo))

    assert "1 of 2" in result.stderr
    assert "1 of 2" not in result.stdout
    assert max(map(width, result.stdout.splitlines()[:-1])) <= WIDTH
    assert "↳ a note" in result.stdout


# ---- approvals -------------------------------------------------------------------------------------------------------


class Desk:
    """Writes down what was decided; the real desk's own tests say what comes of it."""

    def __init__(self, after):
        self.after, self.decisions = after, []

    def decide(self, store_id, message_id, decision):
        self.decisions.append((store_id, message_id, decision))
        return self.after


@pytest.fixture
def office(house, held):
    """The same house with a desk that writes down what was decided."""
    return replace(house, desk=Desk(held))


def test_approval_names_the_digest_that_was_read(run, office, held):
    result = run("approvals", "approve", held.id, "--digest", "abc", "--person", "Grace", house=office)

    assert result.exit_code == 0, result.output
    ((store_id, message_id, decision),) = office.desk.decisions
    assert (store_id, message_id) == ("s1", held.id)
    assert (decision.act, decision.digest, decision.person) == ("approve", "abc", "Grace")


def test_approval_without_digest_needs_a_person_who_reads_it(run, office, held):
    assert "--digest" in run("approvals", "approve", held.id, house=office).stderr
    assert "--digest" in run("approvals", "approve", held.id, "--json", answers="y\n", house=office).stderr
    assert not office.desk.decisions

    result = run("approvals", "approve", held.id, answers="n\n", house=office)
    assert "Total: 20.00 EUR" in result.stdout
    assert result.exit_code == 2
    assert not office.desk.decisions

    assert run("approvals", "approve", held.id, answers="y\n", house=office).exit_code == 0
    assert office.desk.decisions[0][2].digest == held.digest


def test_letter_that_is_not_held_cannot_be_approved(run, house):
    sent = message(state=State.HANDED_OVER)
    keep(house.records, shop(), sent)

    result = run("approvals", "approve", sent.id, "--digest", sent.digest)

    assert result.exit_code == 2
    assert "has left" in result.stderr


def test_edit_takes_new_words_from_files(run, office, held, tmp_path):
    text = written(tmp_path / "new.md", "Grüße")

    run("approvals", "edit", held.id, "--subject", "New", "--text", str(text), house=office)

    decision = office.desk.decisions[0][2]
    assert (decision.act, decision.subject, decision.text, decision.html) == ("edit", "New", "Grüße", None)
    assert decision.digest == held.digest


def test_edit_refuses_a_file_that_is_no_text(run, office, held, tmp_path):
    (tmp_path / "new.md").write_bytes(b"\xff\xfe\x00")

    result = run("approvals", "edit", held.id, "--text", str(tmp_path / "new.md"), house=office)

    assert result.exit_code == 2
    assert "UTF-8" in result.stderr
    assert not office.desk.decisions


def test_rejected_letter_never_leaves_with_the_real_desk(run, house):
    one = message(letter=None, figures=(), order_id=None)
    keep(house.records, shop(), one)

    result = run("approvals", "reject", one.id, "--reason", "not now", "--person", "Grace", "--json")

    assert as_json(result)["state"] == "rejected"
    history = as_json(run("letters", "show", one.id, "--json"))["audit"]
    assert [(row["actor"], row["act"]) for row in history] == [("Grace", "reject")]


def test_held_letters_are_listed_longest_waiting_first_with_their_digests(run, house):
    keep(
        house.records,
        shop(),
        message("old"),
        message("new"),
        message("gone", state=State.STALE),
    )

    found = as_json(run("approvals", "list", "--json"))

    assert [one["id"] for one in found] == [message("old").id, message("new").id]
    assert all(one["digest"] for one in found)


def test_closed_postman_is_one_line(run, house):
    def refused(_host, _port):
        raise PostmanClosed("no_access", "The key is refused:\n check it.")

    result = run("serve", house=replace(house, serve=refused))

    assert result.exit_code == 2
    assert result.stderr == "The key is refused:� check it.\n"
