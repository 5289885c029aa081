"""`shopify.app.toml` says what the code does, and every question to Shopify is one that Shopify's schema of 2026-10 knows."""

import tomllib
from pathlib import Path

import pytest
from graphql import FragmentDefinitionNode, GraphQLObjectType, get_named_type, parse, validate
from graphql.language import FieldNode, FragmentSpreadNode, IntValueNode

from adapters.shopify.api import API_VERSION
from adapters.shopify.documents import DOCUMENTS, LINES_AT_ONCE
from adapters.shopify.installing import COMPLIANCE, SCOPES, SUBSCRIBED
from adapters.shopify.topics import TOPICS
from tests.fakes.shopify import VERSION, schema

TOP = Path(__file__).parents[2]
APP = tomllib.loads((TOP / "shopify.app.toml").read_text("utf-8"))
SUBSCRIPTIONS = APP["webhooks"]["subscriptions"]
# Shopify refuses a question of more points (shopify.dev/docs/api/usage/limits, as read on 2026-11-20).
MOST_POINTS = 1000


def listed(key):
    return [topic for one in SUBSCRIPTIONS for topic in one.get(key, [])]


def test_app_subscribes_to_every_handled_topic_once_and_to_no_other():
    handled = {name for name, topic in TOPICS.items() if topic.reader is not None}

    assert sorted(listed("topics")) == sorted(SUBSCRIBED)
    assert sorted(listed("topics") + listed("compliance_topics")) == sorted(handled)


def test_app_declares_the_compliance_topics():
    assert set(listed("compliance_topics")) == COMPLIANCE


def test_deliveries_go_to_the_door_without_a_slash_at_the_end():
    assert {one["uri"] for one in SUBSCRIPTIONS} == {"/webhooks/shopify"}
    # The tool puts the app's address before an uri that begins with a slash.
    assert APP["application_url"].count("/") == 2


def test_app_asks_for_the_scopes_that_the_code_needs():
    assert APP["access_scopes"]["scopes"].split(",") == list(SCOPES)


def test_app_and_code_and_schema_are_of_one_version():
    assert APP["webhooks"]["api_version"] == API_VERSION == VERSION == "2026-10"


def test_app_is_embedded_and_comes_back_to_the_callback():
    assert APP["embedded"] is True
    assert APP["auth"]["redirect_urls"] == [f"{APP['application_url']}/shopify/callback"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_question_fits_the_schema(name):
    assert validate(schema(), parse(DOCUMENTS[name])) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_question_is_named_as_it_is_called(name):
    assert parse(DOCUMENTS[name]).definitions[0].name.value == name


@pytest.mark.parametrize("name", DOCUMENTS)
def test_question_uses_nothing_that_shopify_means_to_remove(name):
    document = parse(DOCUMENTS[name])

    assert sorted(set(deprecated(document))) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_question_costs_no_more_than_shopify_answers(name):
    assert cost(parse(DOCUMENTS[name])) <= MOST_POINTS


def test_rows_at_once_are_those_that_the_question_asks_for():
    assert f"lineItems(first: {LINES_AT_ONCE})" in DOCUMENTS["Order"]


# ---- walking a document ----------------------------------------------------------------------------------------------


def walk(document):
    """Every field of a document with its definition, how often it may come, and whether it gives objects."""
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}

    def inside(selections, parent, times):
        for one in selections.selections:
            if isinstance(one, FieldNode):
                if one.name.value.startswith("__"):
                    continue
                told = parent.fields[one.name.value]
                first = [
                    int(arg.value.value)
                    for arg in one.arguments or ()
                    if arg.name.value == "first" and isinstance(arg.value, IntValueNode)
                ]
                many = times * (first[0] if first else 1)
                kind = get_named_type(told.type)
                yield one.name.value, told, many, hasattr(kind, "fields") or hasattr(kind, "types")
                if one.selection_set:
                    # `pageInfo` and the connection itself come once; its nodes come `first` times.
                    yield from inside(one.selection_set, kind, many)
            elif isinstance(one, FragmentSpreadNode):
                found = fragments[one.name.value]
                yield from inside(found.selection_set, schema().type_map[found.type_condition.name.value], times)
            else:
                yield from inside(one.selection_set, schema().type_map[one.type_condition.name.value], times)

    yield from inside(document.definitions[0].selection_set, schema().query_type, 1)


def deprecated(document):
    return [name for name, told, _, _ in walk(document) if told.deprecation_reason]


def cost(document):
    """Points by Shopify's rule: an object one, a scalar none, a connection as many as it asks for. Counted generously."""
    assert isinstance(schema().query_type, GraphQLObjectType)
    return sum(many for _, _, many, is_object in walk(document) if is_object)
