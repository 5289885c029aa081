from datetime import UTC, datetime, timedelta

import pytest

from lifecycle.consenting import RULES, may_market
from lifecycle.people import Consent, ConsentState

NOW = datetime(2026, 11, 20, tzinfo=UTC)
GIVEN = Consent(ConsentState.SUBSCRIBED, NOW - timedelta(days=9), "shopify", evidence="confirmed_opt_in")
SINGLE = Consent(ConsentState.SUBSCRIBED, NOW - timedelta(days=9), "shopify", evidence="single_opt_in")
EVERYWHERE = [*RULES, "JP", "", "XX"]


def ask(country, consent=None, bought=None, *, soft=False):
    return may_market(country, consent, bought, soft_opt_in=soft, now=NOW)


@pytest.mark.parametrize("country", EVERYWHERE)
def test_proven_consent_is_enough_everywhere(country):
    assert ask(country.lower(), GIVEN) == ""


@pytest.mark.parametrize("country", EVERYWHERE)
@pytest.mark.parametrize("state", [None, ConsentState.UNKNOWN, ConsentState.NOT_SUBSCRIBED])
def test_without_consent_nobody_is_written_to_by_default(country, state):
    assert ask(country, Consent(state) if state else None, NOW) == "no_consent"


@pytest.mark.parametrize("country", EVERYWHERE)
@pytest.mark.parametrize(
    ("state", "reason"), [(ConsentState.UNSUBSCRIBED, "unsubscribed"), (ConsentState.PENDING, "consent_pending")]
)
def test_no_and_not_yet_hold_whatever_the_rule(country, state, reason):
    assert ask(country, Consent(state, NOW), NOW, soft=True) == reason


@pytest.mark.parametrize(
    ("country", "bought", "reason"),
    [
        ("US", None, ""),
        ("DE", None, "no_consent"),
        ("DE", NOW, ""),
        ("AT", NOW, ""),
        ("FR", NOW, ""),
        ("NO", NOW, ""),
        ("GB", NOW, ""),
        ("GB", None, "no_consent"),
        ("CA", NOW - timedelta(days=700), ""),
        ("CA", datetime(2024, 11, 20, 0, 0, 1, tzinfo=UTC), ""),
        ("CA", datetime(2024, 11, 20, tzinfo=UTC), "consent_expired"),
        ("CA", datetime(2024, 11, 19, tzinfo=UTC), "consent_expired"),
        ("CA", None, "no_consent"),
        ("JP", NOW, "no_consent"),
        ("", NOW, "no_consent"),
    ],
)
def test_what_the_merchant_attested_follows_the_matrix(country, bought, reason):
    assert ask(country, None, bought, soft=True) == reason


def test_leap_day_purchase_expires_at_the_end_of_february():
    leap = datetime(2024, 2, 29, tzinfo=UTC)

    assert may_market("CA", None, leap, soft_opt_in=True, now=datetime(2026, 2, 27, tzinfo=UTC)) == ""
    assert may_market("CA", None, leap, soft_opt_in=True, now=datetime(2026, 2, 28, tzinfo=UTC)) == "consent_expired"


def test_consent_without_time_or_proof_counts_in_the_us_alone():
    hearsay = Consent(ConsentState.SUBSCRIBED)

    assert ask("US", hearsay) == ""
    assert {ask(country, hearsay) for country in EVERYWHERE if country != "US"} == {"consent_unproven"}


@pytest.mark.parametrize("country", ["DE", "AT"])
def test_single_opt_in_is_not_enough_where_courts_want_a_double_one(country):
    assert ask(country, SINGLE) == "consent_unconfirmed"
    assert ask(country, Consent(ConsentState.SUBSCRIBED, NOW)) == "consent_unconfirmed"
    assert ask(country, Consent(ConsentState.SUBSCRIBED, NOW, evidence="unconfirmed")) == "consent_unconfirmed"
    assert ask(country, SINGLE, NOW, soft=True) == ""
    assert ask(country, SINGLE, None, soft=True) == "consent_unconfirmed"
    assert ask("FR", SINGLE) == ""
