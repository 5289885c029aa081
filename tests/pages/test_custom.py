"""What a custom shop's programmer is shown: on the command line, on the page, and by the schema's address."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from flask import Flask

import adapters
from adapters.custom import door
from pages.commands import build
from pages.doors import blueprint
from pages.links import links_of
from tests.pages.world import as_json, keep, shop

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="


@pytest.fixture
def real(house):
    """The house with the real platforms."""
    return replace(house, platforms=adapters.platforms(house.settings))


@pytest.fixture
def run(real):
    def typed(*words):
        return CliRunner().invoke(build(lambda: real), list(words))

    return typed


@pytest.fixture
def visit(real):
    app = Flask("house")
    app.register_blueprint(blueprint(real))
    return app.test_client(use_cookies=False).get


def custom(ident="s1", **changes):
    return replace(shop(ident), secrets=(SECRET,), **changes)


def path(house, *store_ids, of):
    return links_of(house).page("custom", store_ids, of).removeprefix("https://mail.example.com")


# ---- the command -----------------------------------------------------------------------------------------------------


def test_example_gives_endpoint_secret_schema_and_programs(run, house):
    keep(house.records, custom())

    facts = as_json(run("stores", "example", "s1", "--json"))

    assert facts["webhook_url"] == "https://mail.example.com/webhooks/custom/token-s1"
    assert facts["secret"] == SECRET
    assert facts["schema_url"] == "https://mail.example.com/custom/schema.json"
    assert [one["language"] for one in facts["examples"]] == ["bash", "python3"]
    assert all(facts["webhook_url"] in one["text"] and SECRET in one["text"] for one in facts["examples"])


def test_example_for_a_person_holds_the_programs_to_the_letter(run, house):
    keep(house.records, custom())

    printed = run("stores", "example", "s1").stdout

    for one in as_json(run("stores", "example", "s1", "--json"))["examples"]:
        assert one["text"] in printed
    assert "shown only here" in printed


@pytest.mark.parametrize("language", ["bash", "python3"])
def test_one_program_comes_alone_to_be_piped(run, house, language):
    keep(house.records, custom())
    texts = {one["language"]: one["text"] for one in as_json(run("stores", "example", "s1", "--json"))["examples"]}

    assert run("stores", "example", "s1", "--script", language).stdout == texts[language]
    assert as_json(run("stores", "example", "s1", "--script", language, "--json")) == {"script": texts[language]}


@pytest.mark.parametrize(
    ("store", "words", "said"),
    [
        (custom(), ("--script", "perl"), "bash, python3"),
        (replace(custom(), platform="woocommerce"), (), "Only custom shops"),
        (replace(custom(), secrets=("by hand",)), (), "whsec_"),
        (replace(custom(), secrets=()), (), "whsec_"),
    ],
    ids=["language", "platform", "bad secret", "no secret"],
)
def test_where_there_is_no_example_one_line_says_why(run, house, store, words, said):
    keep(house.records, store)

    result = run("stores", "example", "s1", *words)

    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert said in result.stderr
    assert "by hand" not in result.output


def test_program_quotes_whatever_an_address_may_hold(run, house):
    settings = replace(shop().settings, team_address="o'b`id`$HOME@fern.eu")
    keep(house.records, custom(settings=settings))

    bash, python = (one["text"] for one in as_json(run("stores", "example", "s1", "--json"))["examples"])

    assert "EMAIL='o'\"'\"'b`id`$HOME@fern.eu'" in bash
    compile(python, "tell.py", "exec")
    assert 'EMAIL = "o\'b`id`$HOME@fern.eu"' in python


# ---- adding ----------------------------------------------------------------------------------------------------------


def test_added_custom_store_is_told_how_to_go_on(run):
    added = run("stores", "add", "--platform", "custom", "--key", "fern-shop.eu", "--currency", "EUR")

    assert "whsec_" in added.stdout
    assert "multimail-commerce stores example " in added.stdout
    assert "sender_address" not in added.stdout


def test_store_whose_key_is_no_host_is_told_that_its_letters_need_a_sender(run):
    assert "sender_address=" in run("stores", "add", "--platform", "custom", "--key", "fern", "--currency", "EUR").stdout


def test_other_platforms_get_no_hint_to_an_example(run):
    added = as_json(run("stores", "add", "--platform", "shopify", "--key", "fern.myshopify.com", "--json"))

    assert "example" not in added


@pytest.mark.parametrize(
    "secret", ["given-by-hand", "whsec_", "whsec_" + "A" * 19, "whsec_AAAA", "whsec_not base64 at all!", "ü" * 40]
)
def test_secret_that_could_verify_nothing_is_refused(run, house, secret):
    assert not door.key_of(secret)

    result = run("stores", "add", "--platform", "custom", "--key", "fern", "--secret", secret)

    assert result.exit_code == 2
    assert "whsec_ and the base64" in result.stderr
    assert secret not in result.output.replace("must be whsec_ and", "") or secret == "whsec_"
    with house.records.reading() as tx:
        assert not tx.stores.all()


@pytest.mark.parametrize("secret", [SECRET, SECRET.removeprefix("whsec_")])
def test_secret_that_signs_is_kept(run, house, secret):
    assert run("stores", "add", "--platform", "custom", "--key", "fern", "--secret", secret).exit_code == 0

    with house.records.reading() as tx:
        assert tx.stores.all()[0].secrets == (secret,)


# ---- the page --------------------------------------------------------------------------------------------------------


def test_page_shows_what_the_command_shows(visit, real):
    keep(real.records, custom())

    answer = visit(path(real, "s1", of="s1"))
    text = answer.get_data(as_text=True)

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "https://mail.example.com/webhooks/custom/token-s1" in text
    assert SECRET in text
    assert "/custom/schema.json" in text
    assert "hexkey:$KEY" in text
    assert "hmac.new(key" in text


def test_page_opens_only_the_stores_of_its_key(visit, real):
    keep(real.records, custom(), custom("s2"))

    for address in (path(real, "s1", of="s2"), "/custom/wrong/s1", path(real, "s9", of="s9")):
        answer = visit(address)

        assert answer.status_code == 404
        assert SECRET not in answer.get_data(as_text=True)


def test_page_of_another_platforms_store_says_that_it_needs_none(visit, real):
    keep(real.records, replace(custom(), platform="woocommerce"))

    text = visit(path(real, "s1", of="s1")).get_data(as_text=True)

    assert "Only custom shops" in text
    assert SECRET not in text


def test_letters_pages_show_no_secret(visit, real):
    keep(real.records, custom())
    address = links_of(real).letters(["s1"]).removeprefix("https://mail.example.com")

    assert SECRET not in visit(address).get_data(as_text=True)


def test_schema_is_there_for_everybody(visit):
    answer = visit("/custom/schema.json")

    assert answer.mimetype == "application/schema+json"
    assert "order.placed" in json.loads(answer.data)["properties"]["type"]["enum"]
