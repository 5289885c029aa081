"""Abandoned carts: three reminders, only with consent, never after the purchase."""

from dataclasses import replace
from datetime import timedelta

import pytest

from lifecycle.events import Event, Kind
from lifecycle.messages import State
from lifecycle.people import Consent, ConsentChange, ConsentState
from tests.flows.facts import YES, cart, eur, line, order, placed, touched
from tests.flows.houses import NOW

STEPS = ["cart_recovery_1", "cart_recovery_2", "cart_recovery_3"]


def run(house, **by):
    house.clock.later(**by)
    house.work()


def test_a_cart_left_alone_gets_three_reminders_at_2_24_and_72_hours(house):
    store = house.store(**{"incentive.3": "percent:10:COMEBACK10"})
    house.tell(store, touched(cart()))
    sent_at = []

    for _ in range(80):
        before = len(house.posted())
        run(house, hours=1)
        sent_at += [int((house.clock.at - NOW).total_seconds() // 3600)] * (len(house.posted()) - before)

    assert [mail for mail, _ in house.posted()] == STEPS
    assert sent_at == [2, 24, 72]
    texts = [letter.letter.text for letter in house.letters()]
    assert "COMEBACK10" not in texts[0] + texts[1]
    assert "COMEBACK10" in texts[2]
    assert all("https://mail.example.com/unsubscribe/" in text for text in texts)
    assert all("Lindenstr" in text for text in texts)


def test_another_touch_moves_the_reminders_and_adds_none(house):
    store = house.store()
    house.tell(store, touched(cart()))
    run(house, hours=1)

    house.tell(store, touched(cart(at=house.clock.at)))
    run(house, minutes=90)
    assert house.posted() == []

    run(house, minutes=31)
    assert house.posted() == [("cart_recovery_1", "nora@example.com")]
    assert len(house.letters()) == 3


@pytest.mark.parametrize(
    "consent",
    [
        None,
        Consent(ConsentState.PENDING, NOW),
        Consent(ConsentState.NOT_SUBSCRIBED, NOW),
        Consent(ConsentState.UNSUBSCRIBED, NOW),
        Consent(ConsentState.UNKNOWN, NOW),
    ],
)
def test_without_consent_nothing_is_sent_and_the_merchant_sees_why(house, consent):
    store = house.store()

    house.tell(store, touched(cart(consent=consent)))
    run(house, days=4)

    assert house.posted() == []
    assert {letter.state for letter in house.letters()} == {State.STOPPED}


def test_consent_given_at_a_later_touch_starts_the_reminders(house):
    store = house.store()
    house.tell(store, touched(cart(consent=None)))
    house.clock.later(minutes=5)

    house.tell(store, touched(cart(at=house.clock.at)))
    run(house, hours=3)

    assert house.posted() == [("cart_recovery_1", "nora@example.com")]


def test_consent_withdrawn_between_the_steps_ends_them(house):
    store = house.store()
    house.tell(store, touched(cart()))
    run(house, hours=3)
    no = ConsentChange("7", "nora@example.com", Consent(ConsentState.UNSUBSCRIBED, house.clock.at))

    house.tell(store, Event(Kind.CONSENT_CHANGED, no, house.clock.at))
    run(house, days=4)

    assert house.posted() == [("cart_recovery_1", "nora@example.com")]


def test_an_unsubscribe_between_the_steps_ends_them(house):
    store = house.store()
    house.tell(store, touched(cart()))
    run(house, hours=3)

    with house.records.transaction() as tx:
        tx.people.suppress(store.id, "Nora@Example.com", "unsubscribed", house.clock.at)
    run(house, days=4)

    assert house.posted() == [("cart_recovery_1", "nora@example.com")]


@pytest.mark.parametrize("how", ["same checkout", "same cart elsewhere", "same person elsewhere", "said by the checkout"])
def test_bought_means_no_more_reminders(house, how):
    store = house.store()
    house.tell(store, touched(cart(cart_token="k1")))
    run(house, hours=3)
    bought = order(at=house.clock.at)
    tellings = {
        "same checkout": placed(replace(bought, checkout_token="c1")),
        "same cart elsewhere": placed(
            replace(bought, cart_token="k1", customer=replace(bought.customer, email="other@example.com"))
        ),
        "same person elsewhere": placed(bought),
        "said by the checkout": Event(
            Kind.CHECKOUT_COMPLETED, cart(cart_token="k1", completed_at=house.clock.at), house.clock.at
        ),
    }

    house.tell(store, tellings[how])
    run(house, days=4)

    assert [mail for mail, _ in house.posted() if mail in STEPS] == ["cart_recovery_1"]
    assert {letter.reason for letter in house.letters() if letter.mail in STEPS[1:]} == {"already_bought"}


def test_a_late_touch_after_the_purchase_starts_nothing(house):
    store = house.store()
    done = cart(completed_at=NOW + timedelta(minutes=5), at=NOW + timedelta(minutes=5))

    house.tell(store, Event(Kind.CHECKOUT_COMPLETED, done, NOW))
    house.tell(store, touched(cart()))
    run(house, days=4)

    assert house.posted() == []


def test_a_deleted_checkout_known_only_by_its_cart_ends_the_reminders(house):
    store = house.store()
    house.tell(store, touched(cart(cart_token="k1")))

    gone = cart("cart:k1", cart_token="k1", closed_at=NOW, lines=())
    house.tell(store, Event(Kind.CHECKOUT_CLOSED, gone, NOW))
    run(house, days=4)

    assert house.posted() == []
    assert {letter.reason for letter in house.letters()} == {"checkout_closed"}


def test_the_incentive_is_the_highest_threshold_that_the_cart_meets(house):
    store = house.store(**{"incentive.1": "free_shipping:SHIPFREE:from=20"})

    house.tell(store, touched(cart("small", total=eur("19.99"))))
    house.tell(store, touched(cart("large", total=eur("20.00"), customer=replace(cart().customer, email="b@example.com"))))
    run(house, hours=3)

    offered = {letter.fact_id: "SHIPFREE" in letter.letter.text for letter in house.letters("cart_recovery_1")}
    assert offered == {"small": False, "large": True}


def test_marketing_in_doubt_is_let_go_over_smtp(house):
    from lifecycle.errors import PostmanUnsure

    house.postman.remembers = None
    store = house.store()
    house.postman.troubles.append(PostmanUnsure("no_answer_after_dot"))
    house.tell(store, touched(cart()))
    run(house, hours=2)
    run(house, hours=1)

    assert house.posted() == []
    assert house.letter("cart_recovery_1").state is State.FAILED


def test_one_click_headers_stand_on_reminders_and_never_on_service_mail(house):
    store = house.store()
    house.tell(store, touched(cart(consent=YES)), placed(order(customer=replace(order().customer, email="o@example.com"))))
    run(house, hours=3)

    by_mail = {each.mail: each.headers for each in house.postman.posted if "@fern" not in each.letter.to}
    assert by_mail["cart_recovery_1"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "List-Unsubscribe" not in by_mail["order_confirmation"]


def test_the_teams_copy_cannot_unsubscribe_the_customer(house):
    store = house.store()
    house.tell(store, touched(cart(lines=(line(),))))
    run(house, hours=3)

    (copy,) = house.copies()
    assert "/unsubscribe/" not in copy.letter.text + copy.letter.html


def test_a_cart_touched_often_without_consent_is_said_once(house):
    store = house.store()

    for minutes in range(5):
        house.tell(store, touched(cart(consent=None, at=NOW + timedelta(minutes=minutes))))

    assert len(house.letters()) == 3
