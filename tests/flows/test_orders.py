"""An order's letters, from the event to the postman."""

from dataclasses import replace
from datetime import timedelta

import pytest

from lifecycle.errors import NotDecidable, PostmanBusy, PostmanClosed, PostmanRefused, PostmanUnsure
from lifecycle.events import Event, Kind
from lifecycle.messages import State
from lifecycle.orders import Passage, Payment
from lifecycle.oversight import Mode
from tests.flows.facts import cart, eur, line, order, parcel, parcel_seen, placed, refund, refunded, seen, touched
from tests.flows.houses import NOW


def test_a_placed_order_is_confirmed_at_once_to_the_orders_address(house):
    store = house.store()

    house.tell(store, placed(order()))
    house.work()

    assert house.posted() == [("order_confirmation", "nora@example.com")]
    letter = house.letter("order_confirmation")
    assert letter.state is State.HANDED_OVER
    assert "#1001" in letter.letter.subject
    assert all(figure.fact for figure in letter.figures)


def test_the_same_order_told_twice_is_confirmed_once(house):
    store = house.store()

    house.tell(store, placed(order()))
    house.work()
    house.tell(store, placed(order()), placed(replace(order(), updated_at=NOW + timedelta(minutes=1))))
    house.work()

    assert len(house.posted()) == 1


def test_the_team_gets_the_first_letter_of_a_kind_as_a_message_of_its_own(house):
    store = house.store()

    house.tell(store, placed(order()), placed(order(1002)))
    house.work()

    (copy,) = house.copies()
    assert (copy.to, copy.state) == ("team@fern.example", State.HANDED_OVER)
    assert copy.letter.subject.startswith("[Copy to team] ")
    assert [letter.mode for letter in house.letters()] == [Mode.MONITORED, Mode.AUTONOMOUS]


def test_a_refund_heard_before_its_order_waits_for_it(house):
    store = house.store()
    bought = order()

    house.tell(store, refunded(refund(bought)))
    house.work()

    assert house.posted() == []
    assert house.letter("refund_notice").reason == "order_unknown"

    house.tell(store, placed(bought))
    house.work()

    assert ("refund_notice", "nora@example.com") in house.posted()
    assert house.letter("refund_notice").order_number == "#1001"


def test_an_update_before_the_creation_is_no_confirmation_and_loses_none(house):
    store = house.store()
    later = order(at=NOW + timedelta(seconds=1))

    house.tell(store, seen(later))
    house.work()
    assert house.posted() == []

    house.tell(store, placed(order()))
    house.work()
    assert house.posted() == [("order_confirmation", "nora@example.com")]


def test_delivered_before_shipped_drops_the_shipping_notice(house):
    store = house.store()
    bought = order()
    box = parcel(bought)
    arrived = replace(box, passage=Passage.DELIVERED, lines=(), trackings=(), shipped_at=None, delivered_at=NOW)
    house.tell(store, placed(bought))

    house.tell(store, parcel_seen(arrived))
    house.tell(store, parcel_seen(box))
    house.work()

    assert ("delivery_notice", "nora@example.com") in house.posted()
    assert house.letter("shipping_notice").reason == "already_delivered"


def test_a_cancelled_order_takes_its_unsent_confirmation_along(house):
    store = house.store(**{"mode.order_confirmation": "gated_send"})
    bought = order()
    house.tell(store, placed(bought))
    house.work()
    assert house.letter("order_confirmation").state is State.HELD

    house.tell(
        store, seen(replace(bought, cancelled_at=NOW, cancel_reason="customer", updated_at=NOW + timedelta(minutes=1)))
    )
    house.work()

    assert house.letter("order_confirmation").reason == "order_cancelled"
    assert house.posted() == [("order_cancellation", "nora@example.com")]


def test_cancelled_before_created_confirms_nothing(house):
    store = house.store()
    gone = order(cancelled_at=NOW, cancel_reason="customer", updated_at=NOW + timedelta(minutes=1))

    house.tell(store, seen(gone))
    house.tell(store, placed(order()))
    house.work()

    assert house.posted() == [("order_cancellation", "nora@example.com")]
    assert house.letter("order_confirmation").reason == "order_cancelled"


def test_several_edits_make_one_letter_with_the_first_old_and_the_last_new_value(house):
    store = house.store()
    house.tell(store, placed(order()))
    house.work()

    for quantity, minutes in ((3, 1), (5, 4)):
        edited = order(lines=(line(quantity=quantity),), updated_at=NOW + timedelta(minutes=minutes))
        house.clock.later(minutes=2)
        house.tell(store, seen(edited))
    house.work()
    assert [mail for mail, _ in house.posted()] == ["order_confirmation"]

    house.clock.later(minutes=11)
    house.work()

    change = house.letter("order_change")
    assert change.state is State.HANDED_OVER
    assert "25.00" in change.letter.text
    assert "55.00" in change.letter.text
    assert "35.00" not in change.letter.text


def test_an_edit_taken_back_makes_no_letter(house):
    store = house.store()
    house.tell(store, placed(order()))
    house.work()

    house.tell(store, seen(order(lines=(line(quantity=3),), updated_at=NOW + timedelta(minutes=1))))
    house.tell(store, seen(order(updated_at=NOW + timedelta(minutes=2))))
    house.clock.later(minutes=20)
    house.work()

    assert [mail for mail, _ in house.posted()] == ["order_confirmation"]
    assert house.letter("order_change").reason == "nothing_changed"


def test_amounts_that_only_lost_their_decimals_are_no_change(house):
    store = house.store()
    house.tell(store, placed(order(lines=(line(price="10.15"),))))
    house.work()
    coarse = order(lines=(line(price="10"),), updated_at=NOW + timedelta(minutes=1), shipping=eur("5"), total=eur("25"))

    house.tell(store, seen(coarse))
    house.clock.later(minutes=20)
    house.work()

    assert house.letters("order_change") == []


def test_tracking_changed_after_the_notice_tells_old_and_new_number(house):
    store = house.store()
    bought = order()
    house.tell(store, placed(bought), parcel_seen(parcel(bought)))
    house.work()

    moved = parcel(bought, trackings=parcel(bought, 2).trackings, updated_at=NOW + timedelta(hours=1))
    house.tell(store, parcel_seen(moved))
    house.work()

    letter = house.letter("tracking_update").letter
    assert "1Z999AA10123456781" in letter.text
    assert "1Z999AA10123456782" in letter.text


def test_an_event_of_yesterday_is_composed_and_held(house):
    store = house.store()

    house.tell(store, placed(order(at=NOW - timedelta(hours=25))))
    house.work()

    letter = house.letter("order_confirmation")
    assert (letter.state, letter.reason, letter.letter is not None) == (State.HELD, "late", True)
    assert house.posted() == []


def test_totals_that_do_not_add_up_are_held_with_both_figures(house):
    store = house.store()

    house.tell(store, placed(order(total=eur("26.00"))))
    house.work()

    letter = house.letter("order_confirmation")
    assert (letter.state, letter.reason) == (State.HELD, "totals_differ")
    assert "totals_differ: 25.00 EUR / 26.00 EUR" in letter.reasons


@pytest.mark.parametrize(
    ("facts", "settings", "reason"),
    [
        ({"is_test": True}, {}, "test_order"),
        ({"customer": replace(order().customer, email=None)}, {}, "no_address"),
        ({}, {"off.order_confirmation": "yes"}, "switched_off"),
    ],
)
def test_a_letter_that_must_not_leave_is_stopped_with_its_reason(house, facts, settings, reason):
    store = house.store(**settings)

    house.tell(store, placed(order(**facts)))
    house.work()

    assert house.posted() == []
    assert (house.letter("order_confirmation").state, house.letter("order_confirmation").reason) == (State.STOPPED, reason)


def test_read_only_writes_everything_and_lets_nothing_leave(house):
    store = house.store(**{"mode.order_confirmation": "read_only"})

    house.tell(store, placed(order()))
    house.work()

    letter = house.letter("order_confirmation")
    assert (letter.state, letter.reason, letter.mode) == (State.STOPPED, "read_only", Mode.READ_ONLY)
    assert "#1001" in letter.letter.subject
    assert house.posted() == []


def test_the_fourth_letter_within_an_hour_waits_for_a_person(house):
    store = house.store()

    for number in range(1001, 1005):
        house.tell(store, placed(order(number)))
        house.work()

    letters = sorted(house.letters(), key=lambda letter: letter.order_number)
    assert [letter.state for letter in letters] == [State.HANDED_OVER] * 3 + [State.HELD]
    assert letters[-1].reason == "many_letters"


def test_a_refund_without_money_makes_no_letter(house):
    store = house.store()
    bought = order()

    house.tell(store, placed(bought), refunded(refund(bought, "0.00")))
    house.work()

    assert house.letter("refund_notice").reason == "no_money_moved"


def test_the_second_refund_says_how_much_came_back_in_all(house):
    store = house.store()
    bought = order(lines=(line(quantity=4),))

    house.tell(store, placed(bought), refunded(refund(bought, "10.00")))
    house.tell(store, refunded(refund(bought, "15.00", 2, at=NOW + timedelta(minutes=1))))
    house.work()

    first, second = house.letters("refund_notice")
    assert "25.00" not in first.letter.text
    assert "25.00" in second.letter.text


def test_a_busy_postman_is_tried_again_and_the_letter_leaves_once(house):
    store = house.store()
    house.postman.troubles.append(PostmanBusy("rate", retry_after_s=30))

    house.tell(store, placed(order()))
    house.work()
    assert (house.letter("order_confirmation").state, house.posted()) == (State.WAITING, [])

    house.clock.later(seconds=31)
    house.work()
    assert len(house.posted()) == 1


def test_a_refused_letter_has_failed_for_good(house):
    store = house.store()
    house.postman.troubles.append(PostmanRefused("address_refused"))

    house.tell(store, placed(order()))
    house.work()
    house.clock.later(days=1)
    house.work()

    assert (house.letter("order_confirmation").state, house.posted()) == (State.FAILED, [])


def test_letters_wait_while_our_access_is_refused(house):
    store = house.store()
    house.postman.troubles.append(PostmanClosed("multimail_key"))

    house.tell(store, placed(order()))
    house.work()

    assert (house.letter("order_confirmation").state, house.letter("order_confirmation").reason) == (
        State.WAITING,
        "multimail_key",
    )


def test_a_letter_in_doubt_is_repeated_under_the_same_key_while_the_postman_remembers(house):
    store = house.store()
    house.postman.troubles.append(PostmanUnsure("no_answer"))
    keys: list[str] = []
    house.postman.before_answering = lambda posting: keys.append(f"{posting.key} {posting.letter.digest}")

    house.tell(store, placed(order()))
    house.work()
    assert house.letter("order_confirmation").state is State.IN_DOUBT

    house.clock.later(minutes=10)
    house.work()

    assert house.letter("order_confirmation").state is State.HANDED_OVER
    assert len(keys) >= 2
    assert keys[0] == keys[1]


def test_over_smtp_a_letter_in_doubt_is_tried_once_more_and_then_held(house):
    house.postman.remembers = None
    store = house.store(team_address="")
    house.postman.troubles.extend([PostmanUnsure("no_answer_after_dot"), PostmanUnsure("no_answer_after_dot")])

    house.tell(store, placed(order()))
    house.work()
    house.clock.later(minutes=16)
    house.work()
    house.clock.later(minutes=40)
    house.work()

    letter = house.letter("order_confirmation")
    assert (letter.state, letter.reason) == (State.HELD, "may_have_been_sent")
    assert house.posted() == []

    house.decide(letter)
    house.work()
    assert house.posted() == [("order_confirmation", "nora@example.com")]
    assert house.postman.posted[0].key.endswith(".1")


def test_a_crash_inside_the_call_leaves_the_letter_in_doubt_and_the_next_worker_repeats_the_key(house):
    store = house.store(team_address="")
    house.postman.troubles.append(RuntimeError("killed"))

    house.tell(store, placed(order()))
    house.work()
    assert house.letter("order_confirmation").state is State.IN_DOUBT

    house.clock.later(minutes=10)
    house.work()
    assert (len(house.posted()), house.letter("order_confirmation").state) == (1, State.HANDED_OVER)


def test_a_postman_that_holds_the_letter_is_said_so(house):
    store = house.store()
    house.postman.holds = True

    house.tell(store, placed(order()))
    house.work()

    assert house.letter("order_confirmation").state is State.HELD_OUTSIDE


def test_a_paused_store_sends_nothing_until_it_goes_on(house):
    store = house.store(paused="yes")
    house.tell(store, placed(order()))
    house.work()
    assert house.posted() == []

    house.change(store, "paused", "no")
    house.clock.later(hours=1)
    house.work()
    assert len(house.posted()) == 1


def test_payment_of_a_pending_order_is_noted_and_makes_no_letter(house):
    store = house.store()
    waiting = order(payment=Payment.PENDING)

    house.tell(store, placed(waiting), seen(order(updated_at=NOW + timedelta(hours=1))))
    house.work()

    with house.records.reading() as tx:
        kinds = [str(heard.event.kind) for heard in tx.events.list(store.id)]
    assert "order.paid" in kinds
    assert [mail for mail, _ in house.posted()] == ["order_confirmation"]


def test_a_failed_payment_tells_how_to_pay_until_it_is_paid(house):
    store = house.store()
    unpaid = cart("1001", consent=None, payment_failed=True, order_id="1001", number="#1001")
    house.tell(store, Event(Kind.CHECKOUT_PAYMENT_FAILED, unpaid, NOW))
    house.clock.later(minutes=11)
    house.work()
    assert house.posted() == [("payment_pending", "nora@example.com")]

    house.tell(store, placed(order(at=house.clock.at)))
    house.work()
    house.clock.later(days=4)
    house.work()
    assert [mail for mail, _ in house.posted()] == ["payment_pending", "order_confirmation"]


def test_nothing_of_another_store_can_be_decided_about(house):
    store = house.store(**{"mode.order_confirmation": "gated_send"})
    house.tell(store, placed(order()))
    house.work()
    held = house.letter("order_confirmation")

    with pytest.raises(Exception, match="no such letter"):
        house.desk.decide("s-other", held.id, None)
    assert house.letter("order_confirmation").state is State.HELD


def test_only_a_held_letter_can_be_decided_about(house):
    store = house.store()
    house.tell(store, placed(order()))
    house.work()

    with pytest.raises(NotDecidable):
        house.decide(house.letter("order_confirmation"))


def test_a_bought_cart_needs_no_touch_to_be_known_as_bought(house):
    store = house.store()
    house.tell(store, placed(order(checkout_token="c1")))
    house.work()

    house.tell(store, touched(cart("c1", at=NOW + timedelta(minutes=1))))
    house.clock.later(days=4)
    house.work()

    assert [mail for mail, _ in house.posted()] == ["order_confirmation"]


def test_a_refund_that_the_shop_took_back_ends_its_letter_and_leaves_the_sum(house):
    store = house.store(**{"mode.refund_notice": "gated_send"})
    bought = order(lines=(line(quantity=4),))
    first, second = refund(bought, "10.00"), refund(bought, "15.00", 2, at=NOW + timedelta(minutes=5))
    house.tell(store, placed(bought))
    house.tell(store, seen(replace(bought, refunds=(first,), updated_at=NOW + timedelta(minutes=1))))
    house.work()

    house.tell(store, seen(replace(bought, refunds=(second,), updated_at=NOW + timedelta(minutes=5))))
    house.work()

    taken_back, kept = sorted(house.letters("refund_notice"), key=lambda letter: letter.fact_id)
    assert (taken_back.state, taken_back.reason) == (State.STOPPED, "refund_withdrawn")
    assert kept.state is State.HELD
    assert "25.00" not in kept.letter.text


def test_a_refund_told_by_its_own_topic_is_not_taken_back_by_an_order_that_lists_none(house):
    store = house.store()
    bought = order()
    house.tell(store, placed(bought), refunded(refund(bought)))
    house.tell(store, seen(replace(bought, updated_at=NOW + timedelta(minutes=5))))
    house.work()

    assert house.letter("refund_notice").state is State.HANDED_OVER


def test_more_refunded_than_paid_is_held_with_both_figures(house):
    store = house.store()
    bought = order()

    house.tell(store, placed(bought), refunded(refund(bought, "20.00")), refunded(refund(bought, "20.00", 2)))
    house.work()

    assert {letter.reason for letter in house.letters("refund_notice")} == {"refunds_exceed"}
    assert "refunds_exceed: 40.00 EUR / 25.00 EUR" in house.letters("refund_notice")[0].reasons
