"""A person holds, reads, edits and approves exactly what goes out."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from lifecycle.deciding import Act
from lifecycle.errors import BadSetting, HouseError, NotDecidable
from lifecycle.messages import State
from tests.flows.facts import eur, line, order, placed, refund, refunded, seen
from tests.flows.houses import NOW


@pytest.fixture
def held(house):
    store = house.store(**{"mode.order_confirmation": "gated_send"})
    house.tell(store, placed(order()))
    house.work()
    return house.letter("order_confirmation")


def test_a_gated_letter_is_written_and_waits(house, held):
    assert (held.state, held.reason, house.posted()) == (State.HELD, "held_by_mode", [])
    assert "#1001" in held.letter.subject


def test_an_approved_letter_leaves_with_the_very_words_that_were_approved(house, held):
    house.decide(held)
    house.work()

    (posted,) = [each for each in house.postman.posted if each.letter.to == "nora@example.com"]
    assert posted.letter.digest == held.digest
    assert house.letter("order_confirmation").decided_by == "ann"


def test_another_digest_than_the_texts_is_refused(house, held):
    with pytest.raises(NotDecidable, match="text has changed"):
        house.decide(held, digest="0" * 64)

    assert house.letter("order_confirmation").state is State.HELD


def test_a_rejected_letter_never_leaves(house, held):
    house.decide(held, Act.REJECT, reason="wrong address")
    house.work()

    assert (house.letter("order_confirmation").state, house.posted()) == (State.REJECTED, [])


def test_an_edit_makes_a_new_digest_and_needs_its_own_approval(house, held):
    edited = house.decide(held, Act.EDIT, text=held.letter.text + "\n\nThank you for waiting.")

    assert edited.state is State.HELD
    assert edited.digest != held.digest
    with pytest.raises(NotDecidable):
        house.decide(held)

    house.decide(edited)
    house.work()
    assert "Thank you for waiting." in house.postman.posted[0].letter.text


def test_an_invented_figure_in_an_edit_is_marked(house, held):
    edited = house.decide(held, Act.EDIT, text=held.letter.text + "\n\nYou get $13.37 back.")

    assert "figure_untraced: $13.37" in edited.reasons
    assert [figure.shown for figure in edited.figures if not figure.fact] == ["$13.37"]


@pytest.mark.parametrize("edit", [{}, {"text": "  "}, {"subject": ""}])
def test_an_edit_without_words_is_refused(house, held, edit):
    with pytest.raises(BadSetting):
        house.decide(held, Act.EDIT, **edit)


def test_an_order_that_changed_meanwhile_is_written_anew_and_read_again(house, held):
    edited = order(lines=(line(quantity=3),), updated_at=NOW + timedelta(minutes=1))
    house.tell(house_store(house), seen(edited))

    with pytest.raises(NotDecidable, match="written anew"):
        house.decide(held)
    renewed = house.letter("order_confirmation")
    assert "35.00" in renewed.letter.text

    house.decide(renewed)
    house.work()
    assert [mail for mail, _ in house.posted()] == ["order_confirmation"]


def test_the_worker_renews_held_words_when_facts_change(house, held):
    house.tell(house_store(house), seen(order(lines=(line(quantity=4),), updated_at=NOW + timedelta(minutes=1))))
    house.work()

    renewed = house.letter("order_confirmation")
    assert renewed.state is State.HELD
    assert renewed.digest != held.digest


def test_facts_that_change_between_approval_and_sending_stop_the_old_words(house, held):
    house.decide(held)
    house.tell(house_store(house), seen(order(total=eur("31.00"), updated_at=NOW + timedelta(minutes=1))))
    house.work()

    old, new = sorted(house.letters("order_confirmation"), key=lambda letter: letter.state)
    assert {(each.state, each.reason) for each in (old, new)} >= {(State.STOPPED, "facts_changed")}
    assert house.posted() == []


def test_a_cancelled_order_can_no_longer_be_confirmed(house, held):
    gone = order(cancelled_at=NOW, cancel_reason="customer", updated_at=NOW + timedelta(minutes=1))
    with house.records.transaction() as tx:
        tx.facts.put(held.store_id, gone)

    with pytest.raises(NotDecidable, match="cannot leave"):
        house.decide(held)
    assert house.letter("order_confirmation").state is State.STOPPED


def test_a_letter_nobody_decided_about_goes_stale(house, held):
    house.clock.later(days=4)
    house.work()

    assert (house.letter("order_confirmation").state, house.posted()) == (State.STALE, [])


def test_two_people_deciding_at_once_have_one_winner(house, held):
    def decide(act):
        try:
            return house.decide(held, act).state
        except HouseError:
            return None

    with ThreadPoolExecutor(2) as people:
        answers = list(people.map(decide, [Act.APPROVE, Act.REJECT]))

    assert sorted(answer is None for answer in answers) == [False, True]


def test_every_decision_leaves_a_line_with_its_person(house, held):
    house.decide(held, Act.EDIT, subject=held.letter.subject + " (corrected)")
    house.decide(house.letter("order_confirmation"))
    house.work()

    with house.records.reading() as tx:
        lines = [(line_.actor, line_.act) for line_ in tx.audit.of(held.store_id, held.id)]
    assert ("ann", "edit") in lines
    assert ("ann", "approve") in lines
    assert lines[-1] == ("postman", "handed_over")


def test_a_held_refund_notice_keeps_its_own_sum_when_a_second_refund_comes(house):
    store = house.store(**{"mode.refund_notice": "gated_send"})
    bought = order()
    house.tell(store, placed(bought), refunded(refund(bought, "10.00")))
    house.work()
    first = house.letter("refund_notice")

    house.tell(store, refunded(refund(bought, "15.00", 2, at=NOW + timedelta(minutes=5))))
    house.work()

    house.decide(first)
    assert replace(first, attempts=0).digest == first.digest


def house_store(house):
    with house.records.reading() as tx:
        (store,) = tx.stores.all()
    return store
