from dataclasses import replace
from datetime import UTC, datetime

import pytest

from lifecycle.events import FACT_KINDS
from lifecycle.mails import MAILS
from lifecycle.samples import sample_case, sample_store
from lifecycle.telling import tell

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("row", MAILS.values(), ids=lambda row: row.name)
@pytest.mark.parametrize("currency", ["EUR", "JPY"])
def test_every_letter_has_a_sample_that_adds_up(row, currency):
    store = replace(sample_store(), currency=currency)

    case = sample_case(row, store, "en", NOW, "https://mail.example.com/unsubscribe/x")
    story = tell(case, "en")

    assert story.to == "ada@example.com"
    assert case.message.mail == row.name
    fact = case.checkout or case.refund or case.fulfillment or case.order
    assert (case.message.fact_kind, case.message.fact_id) == (FACT_KINDS[type(fact)], fact.id)
    if case.order:
        assert case.order.summed == case.order.total
        assert case.order.total.currency == currency


def test_changed_order_differs_from_what_the_customer_knew():
    case = sample_case(MAILS["order_change"], sample_store(), "en", NOW)

    assert tell(case, "en").changes


def test_replaced_tracking_shows_the_old_number_too():
    story = tell(sample_case(MAILS["tracking_update"], sample_store(), "en", NOW), "en")

    assert story.old_parcels
    assert story.parcels != story.old_parcels
