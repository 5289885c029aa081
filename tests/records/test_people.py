import pytest

from lifecycle.mails import Purpose
from lifecycle.people import Consent, ConsentState
from lifecycle.ports import AuditLine
from tests.records.samples import ADA, MINUTE, NOW

YES = Consent(ConsentState.SUBSCRIBED, NOW, "checkout", "Yes, write to me", "box ticked")
NO = Consent(ConsentState.UNSUBSCRIBED, NOW + MINUTE, "link")


def test_opt_out_from_marketing_stops_marketing_only(records):
    with records.transaction() as tx:
        tx.people.suppress("s1", "ADA@example.com", "unsubscribed", NOW)

        assert tx.people.suppressed("s1", " ada@EXAMPLE.com", Purpose.MARKETING) == "unsubscribed"
        assert tx.people.suppressed("s1", ADA, Purpose.SERVICE) == ""
        assert tx.people.suppressed("s2", ADA, Purpose.MARKETING) == ""
        assert tx.people.suppressed("s1", "bob@example.com", Purpose.MARKETING) == ""


@pytest.mark.parametrize("first", [True, False])
def test_bounce_stops_everything_whatever_came_before_or_after(records, first):
    with records.transaction() as tx:
        if first:
            tx.people.suppress("s1", ADA, "unsubscribed", NOW)
        tx.people.suppress("s1", ADA, "bounced", NOW, marketing_only=False)
        tx.people.suppress("s1", ADA, "complained", NOW)
        tx.people.suppress("s1", ADA, "unsubscribed", NOW)

        assert tx.people.suppressed("s1", ADA, Purpose.SERVICE) == "bounced"
        assert tx.people.suppressed("s1", ADA, Purpose.MARKETING) == "bounced"


def test_opt_out_without_a_reason_still_counts(records):
    with records.transaction() as tx:
        tx.people.suppress("s1", ADA, "", NOW)

        assert tx.people.suppressed("s1", ADA, Purpose.MARKETING)


def test_newest_consent_by_its_own_time_counts(records):
    with records.transaction() as tx:
        assert tx.people.consent("s1", ADA) is None
        tx.people.note_consent("s1", ADA, NO, NOW + MINUTE)
        tx.people.note_consent("s1", ADA, YES, NOW + 2 * MINUTE)

        assert tx.people.consent("s1", "Ada@Example.com") == NO
        assert tx.people.consent("s2", ADA) is None


def test_later_word_counts_among_equals_and_a_missing_time_is_when_it_was_heard(records):
    unknown = Consent(ConsentState.NOT_SUBSCRIBED)
    with records.transaction() as tx:
        tx.people.note_consent("s1", ADA, YES, NOW)
        tx.people.note_consent("s1", ADA, unknown, NOW)

        assert tx.people.consent("s1", ADA) == unknown


def test_consent_that_claims_to_come_from_the_future_does_not_outvote_a_later_no(records):
    ahead = Consent(ConsentState.SUBSCRIBED, NOW + 10000 * MINUTE)
    with records.transaction() as tx:
        tx.people.note_consent("s1", ADA, ahead, NOW)
        tx.people.note_consent("s1", ADA, NO, NOW + MINUTE)

        assert tx.people.consent("s1", ADA) == NO


def test_nobody_has_neither_opt_out_nor_consent(records):
    with records.transaction() as tx:
        tx.people.suppress("s1", "", "unsubscribed", NOW)
        tx.people.note_consent("s1", " ", YES, NOW)

        assert tx.people.suppressed("s1", "", Purpose.MARKETING) == ""
        assert tx.people.consent("s1", "") is None


def test_audit_lines_of_a_letter_come_in_order(records):
    lines = [AuditLine("s1", "m1", NOW, "Grace", act, "said\x00so") for act in ("approved", "edited")]
    with records.transaction() as tx:
        for line in (*lines, AuditLine("s2", "m1", NOW, "house", "x"), AuditLine("s1", "m2", NOW, "house", "y")):
            tx.audit.add(line)

        kept = tx.audit.of("s1", "m1")

    assert [(line.act, line.detail, line.at) for line in kept] == [
        ("approved", "said\ufffdso", NOW),
        ("edited", "said\ufffdso", NOW),
    ]


def test_counters_add_up(records):
    with records.transaction() as tx:
        tx.counters.bump("refused")
        tx.counters.bump("refused", by=2)
        tx.counters.bump("refused", "shopify")

        assert tx.counters.all() == {("refused", ""): 3, ("refused", "shopify"): 1}
