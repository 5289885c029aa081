from dataclasses import replace

import pytest

from lifecycle.events import Event, Kind
from lifecycle.messages import State
from lifecycle.ports import Request
from tests.records.samples import ADA, MINUTE, NOW, full_message, letter, message, order, store

LATER = NOW + 60 * MINUTE


def request(ident="r1", store_id="s1", **changes):
    base = Request(ident, store_id, "erase", "c1", ADA, ("o1", "o2"), NOW, NOW + 30 * MINUTE)
    return replace(base, **changes)


@pytest.fixture
def shop(records):
    with records.transaction() as tx:
        tx.stores.add(store())
        tx.stores.add(store("s2"))
    return records


def erase(records, **named):
    with records.transaction() as tx:
        return tx.privacy.erase("s1", **({"address": "", "customer_id": "", "order_ids": ()} | named), at=NOW)


def test_request_is_kept_once_and_comes_back(shop):
    with shop.transaction() as tx:
        assert tx.privacy.add(request())
        assert not tx.privacy.add(request(address="other@example.com"))
        assert tx.privacy.add(request(store_id="s2"))
        assert tx.privacy.add(request("r2", received_at=NOW + MINUTE, kind="export"))

    with shop.reading() as tx:
        assert tx.privacy.get("s1", "r1") == request()
        assert tx.privacy.get("s2", "r2") is None
        assert [each.id for each in tx.privacy.list("s1")] == ["r2", "r1"]
        assert len(tx.privacy.list()) == 3


def test_receipt_is_written_and_brings_no_erased_name_back(shop):
    with shop.transaction() as tx:
        tx.privacy.add(request())
    erase(shop, address=ADA)
    with shop.transaction() as tx:
        tx.privacy.finish(request(done_at=LATER, receipt='{"facts": 1}'))

    with shop.reading() as tx:
        blank = {"customer_id": "", "address": "", "order_ids": ()}
        assert tx.privacy.get("s1", "r1") == request(done_at=LATER, receipt='{"facts": 1}', **blank)


def test_letter_known_by_its_recipient_alone_is_erased_with_the_teams_copy(shop):
    alone = {"order_id": None, "fact_kind": "checkout"}
    sent = full_message(key="k1", fact_id="t1", copy_of=None, state=State.HANDED_OVER, **alone)
    copy = full_message(
        key="k2", fact_id="t2", to="team@shop.test", letter=letter("team@shop.test"), copy_of=sent.id, **alone
    )
    with shop.transaction() as tx:
        assert tx.messages.add(sent)
        assert tx.messages.add(copy)

    assert erase(shop, address=ADA)["messages"] == 2

    with shop.reading() as tx:
        assert {each.state for each in tx.messages.list("s1")} == {State.HANDED_OVER, State.STOPPED}
        assert all(each.letter is None and each.to == "" and not each.figures for each in tx.messages.list("s1"))


def test_teams_own_address_erases_no_copy_of_others_letters(shop):
    with shop.transaction() as tx:
        tx.messages.add(message("k1"))
        tx.messages.add(message("k2", to="team@shop.test", letter=letter("team@shop.test"), copy_of=message("k1").id))

    assert erase(shop, address="team@shop.test")["messages"] == 0


def test_late_erasure_of_a_store_spares_facts_that_were_heard_since(shop):
    again, gone = order("again"), order("gone")
    with shop.transaction() as tx:
        for fact, heard_at in ((again, LATER), (gone, NOW)):
            tx.facts.put("s1", fact)
            tx.facts.put("s2", fact)
            tx.events.add(Event(Kind.ORDER_PLACED, fact, NOW, store_id="s1"), heard_at, "d1")
        counts = tx.privacy.erase_store("s1", LATER, older_than=NOW + 30 * MINUTE)

        assert tx.facts.get_order("s1", "again") == again
        assert tx.facts.get_order("s1", "gone") is None
        assert (tx.facts.get_order("s2", "gone"), counts["facts"], counts["events"]) == (gone, 1, 1)


def test_customer_of_guests_is_nobody(shop):
    with shop.transaction() as tx:
        for ident in ("o1", "o2"):
            guest = order(ident, f"{ident}@example.com")
            tx.facts.put("s1", replace(guest, cart_token=None, customer=replace(guest.customer, id="0")))

    assert erase(shop, address="o1@example.com", customer_id="0")["facts"] == 1

    with shop.reading() as tx:
        assert tx.facts.get_order("s1", "o2") is not None


def test_scrubbing_while_somebody_reads_says_so_and_works_afterwards(shop, migrated_url):
    from lifecycle.errors import MemoryUnavailable

    if not migrated_url.startswith("sqlite"):
        with shop.reading() as tx:
            tx.privacy.scrub_disk()
        return
    with shop.reading() as old:
        assert len(old.stores.all()) == 2
        with shop.transaction() as tx:
            tx.counters.bump("written since")
        with pytest.raises(MemoryUnavailable, match="somebody reads"), shop.reading() as tx:
            tx.privacy.scrub_disk()

    with shop.transaction() as tx:
        tx.privacy.scrub_disk()
