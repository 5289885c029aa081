"""`mailbox` and its page, with the real postman in front of the fake service."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner
from flask import Flask

from adapters.http import Outbound
from adapters.multimail.pace import Pace
from adapters.multimail.sending import MultiMail
from lifecycle.choices import changed
from lifecycle.messages import State
from pages.commands import build
from pages.doors import blueprint
from pages.links import links_of
from tests.fakes.multimail import FakeMultiMail, Trouble
from tests.fakes.multimail_world import Mailbox
from tests.pages.world import NOW, as_json, keep, message, shop

SECOND = "01SECOND"


@pytest.fixture
def fake():
    with FakeMultiMail(starts_at=NOW) as running:
        running.world.mailboxes[SECOND] = Mailbox(SECOND, "second@nordlicht.multimail.dev", "gated_send")
        yield running


@pytest.fixture
def make(house, fake):
    """The house with a MultiMail postman; changes go to its constructor."""
    made = []

    def start(**changes):
        more = {"key": fake.key, "mailbox": fake.mailbox_id, "pace": Pace(gap_s=0), "now": fake.now}
        made.append(MultiMail(Outbound(fake.url, read_s=5), base=fake.url, **{**more, **changes}))
        return replace(house, postman=made[-1])

    yield start
    for postman in made:
        postman.close()


@pytest.fixture
def run(make, fake):
    """Types a command; the key is never in what comes back."""

    def typed(*words, house=None):
        house = house or make()
        result = CliRunner().invoke(build(lambda: house), ["mailbox", *words])
        assert not any(key in result.output for key in (fake.key, fake.admin_key, fake.reviewer_key))
        return result

    return typed


def refused(result, said):
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert said in result.stderr


def code_for(fake):
    return fake.world.operator_inbox[-1][1]


# ---- looking ---------------------------------------------------------------------------------------------------------


def test_mailbox_shows_account_mailboxes_modes_and_stores(run, house):
    keep(house.records, shop())

    facts = as_json(run("--json"))

    assert facts["account"]["plan"] == "builder"
    assert (facts["account"]["quota"], facts["account"]["sent_this_month"]) == (5000, 0)
    assert [(box["id"], box["mode"]) for box in facts["mailboxes"]] == [
        ("01JMXK5T9FAKEMAILBOX0001", "monitored"),
        (SECOND, "gated_send"),
    ]
    assert [(one["store"], one["mailbox"], one["own"], one["warnings"]) for one in facts["stores"]] == [
        ("s1", "01JMXK5T9FAKEMAILBOX0001", False, [])
    ]
    assert set(facts["modes"]) == {"read_only", "gated_all", "gated_send", "monitored", "autonomous"}


def test_mailbox_for_a_person_says_the_same_and_what_new_mailboxes_do(run, house):
    keep(house.records, shop())

    said = run().stdout

    for word in ("builder", "0 of 5000", SECOND, "gated_send", "waits there for a person", "Shop s1", "begin at gated_send",
                 "about 50", "no webhook is set up there", "https://mail.example.com/mailbox/"):  # fmt: skip
        assert word in said


def test_json_may_stand_before_the_verb(run, house):
    keep(house.records, shop())

    assert as_json(run("--json", "use", SECOND))["mailbox"] == SECOND


def test_other_postmen_have_no_mailboxes(run, house):
    refused(run(house=house), "POSTMAN is outbox, which has no mailboxes")
    refused(run("use", SECOND, house=house), "POSTMAN=multimail")


@pytest.mark.parametrize("words", [(), ("use", SECOND), ("upgrade", "monitored"), ("create", "support")])
@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (Trouble(401, {"error": "x"}), "MULTIMAIL_API_KEY"),
        (Trouble(403, {"error": "Missing scope: read"}), "lacks the scope read"),
        (Trouble(500, {"error": "x"}), "does not work at the moment"),
        (Trouble(hangs_up=True), "MultiMail"),
    ],
    ids=["key", "scope", "500", "cut"],
)
def test_whatever_goes_wrong_is_one_clear_line(run, house, fake, words, trouble, said):
    keep(house.records, shop())
    fake.next(trouble)

    result = run(*words)

    refused(result, said)


# ---- which store uses which ------------------------------------------------------------------------------------------


def test_use_sets_the_stores_mailbox_in_one_step_and_warns_at_once(run, house):
    keep(house.records, shop())

    result = run("use", SECOND)

    assert result.exit_code == 0
    assert "second@nordlicht.multimail.dev" in result.stdout
    assert "Held there" in result.stdout
    with house.records.reading() as tx:
        assert tx.stores.get("s1").settings.mailbox_id == SECOND


def test_use_takes_an_address_and_a_named_store(run, house):
    keep(house.records, shop(), shop("s2"))

    assert run("use", "second@nordlicht.multimail.dev", "--store", "s2").exit_code == 0

    with house.records.reading() as tx:
        assert [store.settings.mailbox_id for store in tx.stores.all()] == ["", SECOND]


def test_use_asks_which_of_two_stores_and_knows_its_mailboxes(run, house):
    keep(house.records, shop(), shop("s2"))

    refused(run("use", SECOND), "--store")
    refused(run("use", "01NOBODY", "--store", "s1"), "no such mailbox")
    refused(run("use", SECOND, "--store", "s9"), "stores list")


def test_mailbox_is_not_changed_under_letters_in_doubt(run, house, fake):
    keep(house.records, shop(), message(state=State.IN_DOUBT, due_at=NOW + timedelta(minutes=5)))

    refused(run("use", SECOND), "in doubt")
    assert run("use", fake.mailbox_id).exit_code == 0, "it is the one that they were handed to"


def test_letter_that_we_hold_is_warned_of_as_held_twice(run, house):
    settings = changed(shop().settings, "mode.refund_notice", "gated_send")
    keep(house.records, shop().with_settings(settings))

    facts = as_json(run("use", SECOND, "--json"))

    assert any(said.startswith("Held twice") and said.endswith(": Refund.") for said in facts["warnings"])


def test_store_gets_its_mailbox_when_it_is_added(make, house):
    running = make()
    words = ["stores", "add", "--platform", "custom", "--key", "https://fern-shop.eu", "--mailbox-id", SECOND, "--json"]

    added = as_json(CliRunner().invoke(build(lambda: running), words))

    with house.records.reading() as tx:
        assert tx.stores.get(added["id"]).settings.mailbox_id == SECOND


# ---- upgrading -------------------------------------------------------------------------------------------------------


def test_upgrade_is_asked_for_and_redeemed(run, house, fake):
    asked = run("upgrade", "monitored", "--mailbox", SECOND)
    assert asked.exit_code == 0
    for word in ("team@nordlicht-shop.de", "24 hours", "three codes an hour", f"--code CODE --mailbox {SECOND}"):
        assert word in asked.stdout

    done = as_json(run("upgrade", "--code", code_for(fake), "--mailbox", SECOND, "--json"))

    assert (done["upgraded"], done["mailbox"]["mode"]) == (True, "monitored")


def test_upgrade_means_the_mailbox_that_is_in_use(run, house, make):
    keep(house.records, shop().with_settings(changed(shop().settings, "mailbox_id", SECOND)))

    facts = as_json(run("upgrade", "autonomous", "--json", house=make(mailbox="")))

    assert facts["mailbox"]["id"] == SECOND


def test_upgrade_asks_which_of_two_mailboxes(run, make):
    refused(run("upgrade", "autonomous", house=make(mailbox="")), "--mailbox")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("upgrade",), "upgrade monitored"),
        (("upgrade", "monitored", "--code", "A7X-29K"), "upgrade monitored"),
        (("upgrade", "gated_all", "--mailbox", SECOND), "monitored"),
        (("upgrade", "loose"), "autonomous"),
        (("upgrade", "read_only", "--mailbox", SECOND), "autonomous, monitored"),
        (("upgrade", "--code", "A7X 29K\n"), "like A7X-29K"),
        (("upgrade", "--code", "x" * 17), "like A7X-29K"),
        (("upgrade", "--code", "A7X-29K"), "No upgrade"),
        (("create", "a b"), "before the @"),
        (("create", ""), "before the @"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(run, words, said):
    refused(run(*words), said)


def test_fourth_request_within_the_hour_says_so(run):
    for _ in range(3):
        assert run("upgrade", "autonomous").exit_code == 0

    refused(run("upgrade", "autonomous"), "three codes an hour")


def test_autonomous_is_the_end_of_the_ladder(run, fake):
    fake.set_mode("autonomous")

    refused(run("upgrade", "autonomous"), "no looser mode")


# ---- creating --------------------------------------------------------------------------------------------------------


def test_mailbox_is_created_in_two_steps_that_say_what_comes_next(run, make, fake):
    house = make(key=fake.admin_key)

    first = run("create", "support", "--name", "It's us; rm", house=house)
    assert "mailbox create support --name 'It'\"'\"'s us; rm' --code CODE" in first.stdout
    second = run("create", "support", "--name", "It's us; rm", "--code", code_for(fake), house=house)

    assert "support@nordlicht.multimail.dev" in second.stdout
    assert "begins at gated_send" in second.stdout
    assert [box.display_name for box in fake.world.mailboxes.values()][-1] == "It's us; rm"


def test_key_without_the_admin_scope_is_told_which_it_lacks(run):
    result = run("create", "support", "--json")

    assert result.exit_code == 2
    told = json.loads(result.stderr)
    assert told["reason"] == "no_scope"
    assert "lacks the scope admin" in told["error"]


# ---- doctor ----------------------------------------------------------------------------------------------------------


def test_doctor_notes_what_gets_in_each_others_way(make, house, fake):
    keep(house.records, shop())
    fake.set_mode("gated_all")
    running = make()

    found = as_json(CliRunner().invoke(build(lambda: running), ["doctor", "--json"]))

    (note,) = [one for one in found["checks"] if one["name"] == "mailbox"]
    assert note["ok"] is None
    assert "Shop s1: Held there" in note["detail"]


# ---- the page --------------------------------------------------------------------------------------------------------


@pytest.fixture
def page(make):
    """What a visitor reads with a link to these stores."""

    def read(*store_ids, house=None):
        house = house or make()
        app = Flask("house")
        app.register_blueprint(blueprint(house))
        address = links_of(house).page("mailbox", store_ids).removeprefix("https://mail.example.com")
        return app.test_client(use_cookies=False).get(address)

    return read


def test_page_shows_the_mailbox_its_mode_and_the_figures(page, house):
    keep(house.records, shop())

    answer = page("s1")
    text = answer.get_data(as_text=True)

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    for word in ("orders@nordlicht.multimail.dev", "monitored", "0 of 5000", "builder", "begin at gated_send", "A7X-29K"):
        assert word in text
    assert "<form" not in text


def test_page_warns_of_letters_that_would_be_held_twice(page, house):
    settings = changed(changed(shop().settings, "mode.refund_notice", "gated_send"), "mailbox_id", SECOND)
    keep(house.records, shop().with_settings(settings))

    assert "Held twice" in page("s1").get_data(as_text=True)


def test_page_shows_nobody_elses_mailbox_and_no_address_of_the_operator(page, house, fake):
    for box in fake.world.mailboxes.values():
        box.extras = {"daily_limit": 50, "daily_sent": 12}
    keep(house.records, shop(), shop("s2").with_settings(changed(shop().settings, "mailbox_id", SECOND)))

    text = page("s1").get_data(as_text=True)

    assert "12 of 50" in text
    assert "second@nordlicht.multimail.dev" not in text
    assert "Shop s2" not in text
    assert "team@nordlicht-shop.de" not in text


def test_page_says_what_is_wrong_and_never_fails(page, house, fake):
    keep(house.records, shop())
    fake.next(Trouble(401, {"error": "x"}))

    assert "MULTIMAIL_API_KEY" in page("s1").get_data(as_text=True)
    assert "no mailboxes" in page("s1", house=house).get_data(as_text=True)


def test_page_escapes_what_the_service_says(page, house, fake):
    keep(house.records, shop())
    fake.world.account |= {
        "plan": "<script>alert(1)</script>",
        "sending_disabled": True,
        "sending_disabled_reason": "<b>x</b>",
    }

    text = page("s1").get_data(as_text=True)

    assert "<script>" not in text
    assert "<b>x" not in text


def test_wrong_key_opens_nothing(visitor):
    assert visitor.get("/mailbox/wrong/").status_code == 404
