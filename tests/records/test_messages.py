from dataclasses import fields, replace
from datetime import timedelta

import pytest

from lifecycle.messages import OPEN, SENT, Message, State
from lifecycle.oversight import Mode
from tests.records.samples import ADA, MINUTE, NOW, full_message, letter, message, order, store


@pytest.fixture
def shop(records):
    with records.transaction() as tx:
        tx.stores.add(store("s1"))
        tx.stores.add(store("s2"))
    return records


def plan(shop, *messages):
    with shop.transaction() as tx:
        assert all([tx.messages.add(each) for each in messages])


def test_message_comes_back_with_every_field(shop):
    plan(shop, full_message(), message("plain"))

    with shop.reading() as tx:
        assert tx.messages.get("s1", full_message().id) == full_message()
        assert tx.messages.find(full_message().id) == full_message()
        assert tx.messages.by_key("s1", "plain") == message("plain")


def test_key_is_taken_once_in_its_store(shop):
    with shop.transaction() as tx:
        assert tx.messages.add(message())
        assert not tx.messages.add(message())
        assert not tx.messages.add(replace(message(), id="another"))
        assert tx.messages.add(message(store_id="s2"))


FIXED = {"id", "store_id", "key", "attempts"}


@pytest.mark.parametrize("name", [each.name for each in fields(Message) if each.name not in FIXED])
def test_save_writes_every_field_that_may_change(shop, name):
    empty, full = (
        message(attempts=3),
        full_message(order_id="o2", order_number="7", to="b@example.com", due_at=NOW + MINUTE),
    )
    changed = replace(
        full, mail="refund_notice", event_id="e2", event_kind="refund.issued", fact_kind="refund", fact_id="r1",
        occurred_at=NOW + MINUTE, created_at=NOW + MINUTE,
    )  # fmt: skip
    wanted = replace(empty, **{name: getattr(changed, name)})
    plan(shop, empty)

    with shop.transaction() as tx:
        assert tx.messages.save(wanted)

    with shop.reading() as tx:
        assert wanted != empty
        assert tx.messages.get("s1", empty.id) == wanted


def test_save_to_another_store_writes_nothing(shop):
    plan(shop, message())

    with shop.transaction() as tx:
        assert not tx.messages.save(replace(message(), store_id="s2", reason="stolen"))
        assert tx.messages.find(message().id) == message()


def test_open_messages_are_found_by_fact_and_by_order(shop):
    plan(
        shop,
        *(message(state, state=state) for state in State),
        message("other fact", fact_id="o2", order_id="o2"),
        message("parcel", fact_kind="fulfillment", fact_id="f1"),
        message("elsewhere", "s2"),
    )

    with shop.reading() as tx:
        about = tx.messages.open_about("s1", "order", "o1")
        of_order = tx.messages.open_of_order("s1", "o1")

    assert {each.key for each in about} == set(OPEN)
    assert {each.key for each in of_order} == {*OPEN, "parcel"}


@pytest.mark.parametrize(
    ("wanted", "keys"),
    [
        ({}, ["d", "c", "b", "a"]),
        ({"limit": 2}, ["d", "c"]),
        ({"newest_first": False}, ["a", "b", "c", "d"]),
        ({"store_id": "s1"}, ["c", "b", "a"]),
        ({"store_id": "s2"}, ["d"]),
        ({"state": State.HELD}, ["b"]),
        ({"mail": "refund_notice"}, ["c"]),
        ({"event_id": "e2"}, ["c"]),
        ({"order": "#1001"}, ["d", "b", "a"]),
        ({"order": "1001"}, ["d", "b", "a"]),
        ({"order": "o3"}, ["c"]),
        ({"order": "77"}, ["c"]),
        ({"order": "#77"}, ["c"]),
        ({"order": "100"}, []),
        ({"store_id": "s1", "state": State.WAITING, "order": "1001"}, ["a"]),
    ],
)
def test_list_gives_what_is_asked_for(shop, wanted, keys):
    plan(
        shop,
        message("a"),
        message("b", state=State.HELD),
        message("c", mail="refund_notice", event_id="e2", order_id="o3", order_number="77"),
        message("d", "s2"),
    )

    with shop.reading() as tx:
        assert [each.key for each in tx.messages.list(**wanted)] == keys


def sent(key, **changes):
    return message(key, **({"state": State.HANDED_OVER, "sent_at": NOW, "due_at": None} | changes))


def test_letters_to_a_person_are_counted_by_address_time_purpose_and_store(shop):
    plan(
        shop,
        sent("service"),
        sent("loud", to="ADA@Example.COM"),
        sent("before", sent_at=NOW - MINUTE),
        sent("marketing", mail="cart_recovery_1", state=State.DELIVERED),
        sent("copy", copy_of="service"),
        sent("somebody else", to="bob@example.com"),
        sent("elsewhere", store_id="s2"),
        message("planned"),
        sent("never left", state=State.FAILED, sent_at=None),
    )

    with shop.reading() as tx:
        assert tx.messages.count_to("s1", ADA, NOW) == 3
        assert tx.messages.count_to("s1", ADA, NOW - MINUTE) == 4
        assert tx.messages.count_to("s1", ADA, NOW, marketing=True) == 1
        assert tx.messages.count_to("s1", "nobody@example.com", NOW) == 0
        assert tx.messages.count_to("s1", "", NOW) == 0


def test_last_marketing_letter_is_the_newest_one_that_left(shop):
    plan(
        shop,
        sent("one", mail="cart_recovery_1"),
        sent("two", mail="cart_recovery_2", sent_at=NOW + MINUTE),
        sent("service", sent_at=NOW + 2 * MINUTE),
        sent("copy", mail="cart_recovery_3", copy_of="two", sent_at=NOW + 3 * MINUTE),
    )

    with shop.reading() as tx:
        assert tx.messages.last_marketing_at("s1", ADA) == NOW + MINUTE
        assert tx.messages.last_marketing_at("s2", ADA) is None


@pytest.mark.parametrize("state", list(State))
def test_letter_of_a_kind_was_sent_once_one_left(shop, state):
    plan(shop, message(state=state), sent("copy", mail="refund_notice", copy_of="x"))

    with shop.reading() as tx:
        assert tx.messages.any_sent("s1", "order_confirmation") == (state in SENT)
        assert not tx.messages.any_sent("s1", "refund_notice")
        assert not tx.messages.any_sent("s2", "order_confirmation")


def test_changing_the_recipient_changes_for_whom_it_counts(shop):
    plan(shop, sent("one"))

    with shop.transaction() as tx:
        tx.messages.save(sent("one", to="bob@example.com"))

    with shop.reading() as tx:
        assert tx.messages.count_to("s1", ADA, NOW - timedelta(days=1)) == 0
        assert tx.messages.count_to("s1", "bob@example.com", NOW) == 1


def test_letter_with_text_that_no_database_takes_is_kept_cleaned(shop):
    bad = full_message(
        letter=replace(letter(), subject="a\x00b", html="\ud800"), before=order(source="\x00"), mode=Mode.MONITORED
    )

    plan(shop, bad)

    with shop.reading() as tx:
        kept = tx.messages.get("s1", bad.id)
    assert (kept.letter.subject, kept.letter.html, kept.before.source) == ("a\ufffdb", "\ufffd", "\ufffd")
