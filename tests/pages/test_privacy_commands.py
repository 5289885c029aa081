"""`privacy` and what `stores show`, `deliveries` and `doctor` say of a connection."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner

from lifecycle import forgetting
from lifecycle.deliveries import Envelope
from lifecycle.ports import Access, Notice
from lifecycle.privacy import PrivacyRequest
from pages.commands import build
from tests.pages.world import ADA, NOW, as_json, delivery, keep, message, placed, shop

ORDER = "1001"


@pytest.fixture
def run(house):
    def go(*words, answer="", asked=False):
        return CliRunner().invoke(build(lambda: house, lambda: asked), words, input=answer)

    return go


@pytest.fixture
def known(kept):
    """A store with one order and one letter of Ada's."""
    keep(kept, shop(), message(order_id=ORDER, fact_id=ORDER), delivery(body=b'{"email": "ada@example.com"}'))
    event = placed(order_id=ORDER)
    event = replace(event, fact=replace(event.fact, customer=replace(event.fact.customer, email=ADA)))
    with kept.transaction() as tx:
        tx.facts.put("s1", event.fact)
        tx.events.add(event, NOW, "d1")
    return kept


def ask(kept, kind="export", **more):
    request = forgetting.request_of(shop(), kind, PrivacyRequest("1", None, ADA), "r1", NOW)
    with kept.transaction() as tx:
        forgetting.keep(tx, replace(request, **more))


def test_no_requests(run):
    assert run("privacy", "list").output == "No requests.\n"
    assert as_json(run("privacy", "list", "--json")) == []


def test_a_request_is_listed_and_shown_with_its_receipt(run, known, house):
    ask(known)
    assert "asks what is kept" in run("privacy", "list").output
    house.desk.work()

    shown = as_json(run("privacy", "show", "r1", "--json"))

    assert (shown["kind"], shown["address"]) == ("export", ADA)
    assert shown["done_at"] == "2026-11-20T12:00:00Z"
    assert shown["due_at"] == "2026-12-20T12:00:00Z"
    assert shown["receipt"]["found"]["facts"] == 1


def test_an_unknown_request_is_said_so(run):
    result = run("privacy", "show", "nobody", "--json")

    assert result.exit_code == 2
    assert json.loads(result.stderr)["reason"] == "no_request"


def test_export_of_a_request_gives_the_data_and_takes_its_notice_away(run, known, house):
    ask(known)
    house.desk.work()
    assert [notice["code"] for notice in as_json(run("stores", "show", "s1", "--json"))["connection"]["notices"]] == [
        "data_asked_for"
    ]

    found = as_json(run("privacy", "export", "r1", "--json"))

    assert ADA in json.dumps(found["facts"])
    assert as_json(run("stores", "show", "s1", "--json"))["connection"]["notices"] == []


def test_export_by_address_needs_no_request(run, known):
    assert ADA in run("privacy", "export", "--store", "s1", "--address", ADA).output


def test_export_into_a_file_that_only_its_owner_reads_and_never_over_another(run, known, tmp_path):
    file = tmp_path / "ada.json"

    result = as_json(run("privacy", "export", "--store", "s1", "--address", ADA, "--file", str(file), "--json"))

    assert result["found"]["facts"] == 1
    assert ADA in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    assert run("privacy", "export", "--store", "s1", "--address", ADA, "--file", str(file)).exit_code == 2


@pytest.mark.parametrize("words", [("export", "--store", "s1"), ("export",), ("erase", "--store", "s1", "--yes")])
def test_somebody_must_be_named(run, known, words):
    result = run("privacy", *words, "--json")

    assert result.exit_code == 2
    assert json.loads(result.stderr)["reason"] == "nobody_named"


def test_erase_asks_first(run, known):
    result = run("privacy", "erase", "--store", "s1", "--address", ADA, answer="n\n", asked=True)

    assert result.exit_code == 2
    assert "1 facts" in result.output
    assert "Nothing was erased" in result.output
    with known.reading() as tx:
        assert tx.facts.get_order("s1", ORDER) is not None


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_erase_without_a_person_to_ask_needs_yes(run, known, more):
    result = run("privacy", "erase", "--store", "s1", "--address", ADA, *more)

    assert result.exit_code == 2
    assert "--yes" in result.output


def test_erase_erases_and_gives_the_receipt(run, known):
    receipt = as_json(run("privacy", "erase", "--store", "s1", "--address", ADA, "--yes", "--json"))

    assert receipt["receipt"]["letters_stopped"] == 1
    assert receipt["done_at"]
    with known.reading() as tx:
        assert tx.facts.get_order("s1", ORDER) is None
        assert tx.messages.list("s1")[0].letter is None
        assert tx.deliveries.find("d1").body == b""
    assert ADA not in run("privacy", "list").output + run("letters", "list").output


# ---- connections -----------------------------------------------------------------------------------------------------


def test_deliveries_say_who_brought_them(run, kept):
    found = Envelope("custom", "token-s1", "order.created", "api-1", NOW, {"source": "catch_up"})
    keep(kept, shop(), delivery(), delivery("d2", envelope=found))

    sources = {one["id"]: one["source"] for one in as_json(run("deliveries", "list", "--json"))}

    assert sources == {"d1": "webhook", "d2": "catch_up"}
    assert "catch_up" in run("deliveries", "show", "d2").output


def test_stores_show_says_what_came_only_by_catch_up_and_what_must_be_done(run, kept):
    keep(kept, shop())
    with kept.transaction() as tx:
        tx.access.put(Access("s1", {"access_token": "shpat_secret"}, NOW, ("read_orders",)))
        tx.counters.bump("caught_up", "s1", 3)
        tx.counters.bump("caught_up_orders", "s1", 3)
        tx.notices.put(Notice("s1", "open_the_app", NOW))
        tx.chores.plan("s1", "catch_up", NOW)

    result, facts = run("stores", "show", "s1"), as_json(run("stores", "show", "s1", "--json"))["connection"]

    assert "3 orders arrived only by catch-up" in result.output
    assert "Open the app once" in result.output
    assert (facts["connected"], facts["caught_up"], facts["caught_up_orders"]) == (True, 3, 3)
    assert [chore["name"] for chore in facts["chores"]] == ["catch_up"]
    assert "shpat_secret" not in result.output + json.dumps(facts)


def test_doctor_says_what_came_only_by_catch_up_and_which_requests_are_overdue(run, known, house):
    ask(known)
    with known.transaction() as tx:
        tx.counters.bump("caught_up", "s1", 1)
        tx.counters.bump("caught_up_orders", "s1", 1)
    assert "1 order arrived only by catch-up" in run("doctor").output

    house.clock.passes(days=31)
    result = run("doctor")

    assert "overdue" in result.output
    assert result.exit_code == 1
    assert house.clock.at - NOW == timedelta(days=31)
