import json
from datetime import UTC, datetime

import pytest

from lifecycle.errors import Unreadable
from lifecycle.events import Kind
from lifecycle.people import ConsentState
from tests.adapters.shopify.bodies import SENT, SHOP, order, read, recorded

PERSON = {"id": 191167, "email": "john@example.com", "phone": "555-0100"}
SHOP_KEYS = {"shop_id": 954889, "shop_domain": SHOP}
REDACT = SHOP_KEYS | {"customer": PERSON, "orders_to_redact": [299938, 280263]}
EXPORT = SHOP_KEYS | {"customer": PERSON, "orders_requested": [299938], "data_request": {"id": 9999}}
UNINSTALLED = json.loads(recorded("app__uninstalled__1.json"))


def reason(topic, body, **more):
    with pytest.raises(Unreadable) as refused:
        read(topic, body, **more)
    return refused.value.reason


def consent(**changes):
    told = {"state": "subscribed", "opt_in_level": "confirmed_opt_in", "consent_updated_at": "2026-11-20T10:00:00-05:00"}
    return {"customer_id": 7, "email_address": "bob@example.com", "email_marketing_consent": told | changes}


def test_a_changed_consent_is_told_with_its_time_and_evidence():
    (event,) = read("customers_email_marketing_consent/update", consent())

    assert (event.kind, event.fact_id, event.fact.email) == (Kind.CONSENT_CHANGED, "7", "bob@example.com")
    assert (event.fact.consent.state, event.fact.consent.evidence) == (ConsentState.SUBSCRIBED, "confirmed_opt_in")
    assert event.occurred_at == event.fact.consent.at == datetime(2026, 11, 20, 15, tzinfo=UTC)


def test_every_change_of_consent_is_an_event_of_its_own():
    changes = ({}, {"state": "unsubscribed"}, {"consent_updated_at": "2026-11-20T10:01:00-05:00"}, {})

    ids = [read("customers_email_marketing_consent/update", consent(**change))[0].id for change in changes]

    assert (len(set(ids)), ids[0]) == (3, ids[3])


@pytest.mark.parametrize("word", ["redacted", "invalid", "of the future"])
def test_a_state_that_is_no_answer_is_never_a_yes(word):
    (event,) = read("customers_email_marketing_consent/update", consent(state=word))

    assert event.fact.consent.state is ConsentState.UNKNOWN


def test_requests_about_one_customer_name_that_customer():
    (erase,), (export,) = read("customers/redact", REDACT), read("customers/data_request", EXPORT)

    assert (erase.kind, export.kind) == (Kind.PRIVACY_ERASE_REQUESTED, Kind.PRIVACY_EXPORT_REQUESTED)
    assert (erase.fact.customer_id, erase.fact.email, erase.fact.order_ids) == (
        "191167",
        "john@example.com",
        ("299938", "280263"),
    )
    assert (export.fact_id, export.occurred_at) == ("9999", SENT)


def test_a_customer_may_be_known_by_address_alone_and_the_address_is_in_no_id():
    (event,) = read("customers/redact", REDACT | {"customer": {"email": "John@example.com"}})

    assert (event.fact.customer_id, event.fact.email) == (None, "John@example.com")
    assert "john" not in event.fact_id.lower()


def test_the_stores_own_erase_names_nobody():
    (event,) = read("shop/redact", SHOP_KEYS)

    assert (event.kind, event.fact.id, event.fact.email) == (Kind.PRIVACY_STORE_ERASE_REQUESTED, "954889", None)


@pytest.mark.parametrize(
    "person", [None, {}, {"id": 0, "email": "%@%"}, {"id": "*"}, {"email": "a@example.com,b@example.com"}]
)
def test_a_request_about_nobody_is_never_one_about_everybody(person):
    assert reason("customers/redact", REDACT | {"customer": person, "orders_to_redact": ["*"]}) == "no_customer"


@pytest.mark.parametrize(
    ("topic", "body"),
    [("customers/redact", REDACT), ("customers/data_request", EXPORT), ("shop/redact", SHOP_KEYS)],
)
def test_a_request_of_another_shop_is_unreadable(topic, body):
    assert reason(topic, body, shop="shop-b.myshopify.com") == "other_shop"


def test_shopifys_own_sample_belongs_to_whoever_gets_it():
    assert read("customers/redact", recorded("customers__redact__1.json"))


@pytest.mark.parametrize(
    ("topic", "body", "expected"),
    [
        ("shop/redact", REDACT, "not_a_shop"),
        ("shop/redact", {}, "no_shop"),
        ("customers/redact", SHOP_KEYS, "no_orders_to_redact"),
        ("customers/redact", EXPORT, "no_orders_to_redact"),
        ("customers/redact", order(customer=PERSON), "no_shop"),
        ("customers/data_request", REDACT, "no_id"),
        ("app/uninstalled", order(), "not_a_shop"),
        ("app/uninstalled", SHOP_KEYS, "not_a_shop"),
        ("app/uninstalled", {"id": 1, "myshopify_domain": None}, "not_a_shop"),
        ("app/uninstalled", UNINSTALLED | {"myshopify_domain": "shop-b.myshopify.com"}, "other_shop"),
        ("customers_email_marketing_consent/update", {"customer_id": 1}, "no_state"),
        ("customers_email_marketing_consent/update", REDACT, "no_id"),
    ],
)
def test_the_topic_is_not_signed_so_the_body_must_have_its_shape(topic, body, expected):
    assert reason(topic, body) == expected


def test_a_shop_that_leaves_is_told_when_it_left():
    (event,) = read("app/uninstalled", UNINSTALLED)

    assert (event.kind, event.fact_id, event.occurred_at) == (Kind.STORE_UNINSTALLED, "548380009", SENT)
