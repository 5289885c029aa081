"""What customers ask about their data, from the platform's webhook to the receipt."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from lifecycle import forgetting, posting
from lifecycle.deliveries import DeliveryState
from lifecycle.errors import PostmanUnsure
from lifecycle.events import Event, Kind
from lifecycle.mails import Purpose
from lifecycle.messages import State
from lifecycle.people import Consent, ConsentChange, ConsentState
from tests.flows.facts import cart, order, placed, touched
from tests.flows.houses import NOW
from tests.flows.shops import deliveries_of, knock, notices_of, with_shop

CANARY = "nora@example.com"


def request_of(house, kind="erase"):
    with house.records.reading() as tx:
        return next(request for request in tx.privacy.list("s-custom") if request.kind == kind)


def erase(house, **more):
    knock(house, "erase", **({"email": CANARY, "customer_id": "7", "orders": ["1001"]} | more))
    house.work()
    return request_of(house)


def everything(house) -> str:
    """Every row of the store, as its own export and lists show it."""
    with house.records.reading() as tx:
        parts = [tx.messages.list("s-custom", limit=1000), tx.events.list("s-custom"), tx.privacy.list("s-custom")]
        parts += [[tx.deliveries.find(each.id) for each in tx.deliveries.list("s-custom")]]
        parts += [[each.body for each in part] for part in parts[-1:]]
        parts += [tx.privacy.export("s-custom", address=CANARY, customer_id="7", order_ids=["1001"])]
    return repr(parts)


# ---- requests --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["export", "erase", "erase_store"])
def test_a_request_is_acknowledged_at_once_and_done_by_the_worker(house, kind):
    with_shop(house)

    assert knock(house, kind, email=CANARY, customer_id="7") == 200
    house.work()

    request = request_of(house, kind)
    assert request.done_at == NOW
    assert request.due_at == NOW + timedelta(days=30)
    assert json.loads(request.receipt)


def test_the_same_request_twice_is_done_twice_and_harmless(house):
    _, store = with_shop(house)
    knock(house, "order")
    house.work()

    erase(house)
    house.clock.later(minutes=1)
    erase(house)

    with house.records.reading() as tx:
        assert all(request.done_at for request in tx.privacy.list(store.id))
        assert len(tx.privacy.list(store.id)) == 2


def test_an_export_tells_the_merchant_and_its_receipt_holds_counts_alone(house):
    with_shop(house)
    knock(house, "order")
    house.work()

    knock(house, "export", email=CANARY, customer_id="7", id="r1")
    house.work()

    request = request_of(house, "export")
    assert notices_of(house) == ["data_asked_for"]
    assert json.loads(request.receipt)["found"]["facts"] == 1
    assert CANARY not in request.receipt
    with house.records.reading() as tx:
        found = forgetting.exported(tx, request)
    assert CANARY in json.dumps(found, default=str)


def test_an_export_holds_that_customer_of_that_store_only(house):
    with_shop(house)
    knock(house, "order", 1001)
    knock(house, "order", 1002, email="other@example.com", customer_id="8")
    house.work()

    knock(house, "export", email=CANARY, customer_id="7", id="r1")
    house.work()

    with house.records.reading() as tx:
        shown = json.dumps(forgetting.exported(tx, request_of(house, "export")), default=str)
    assert "#1001" in shown
    assert "other@example.com" not in shown
    assert "#1002" not in shown


# ---- erasing ---------------------------------------------------------------------------------------------------------


def test_nothing_of_an_erased_person_is_left(house):
    _, store = with_shop(house)
    house.change(store, "mode.refund_notice", "gated_send")
    for what in ("order", "cart", "refund", "parcel"):
        knock(house, what)
    house.work()
    assert CANARY in everything(house)

    request = erase(house)

    assert CANARY not in everything(house)
    assert "Nora" not in everything(house)
    told = json.loads(request.receipt)
    assert told["letters_stopped"] >= 1
    assert told["kept"]["opt_out"]
    assert request.address == ""


@pytest.mark.parametrize(
    "named",
    [
        {"customer_id": None, "orders": []},
        {"email": None, "orders": []},
        {"email": None, "customer_id": "", "orders": ["1001"]},
    ],
    ids=["by address", "by customer", "by order"],
)
def test_a_request_may_name_the_person_in_one_way_only(house, named):
    _, store = with_shop(house)
    house.change(store, "mode.order_confirmation", "gated_send")
    knock(house, "order")
    house.work()

    erase(house, **named)

    assert house.letter("order_confirmation").state is State.STOPPED
    assert CANARY not in everything(house)


def test_letters_of_an_erased_person_never_leave(house):
    _, store = with_shop(house)
    house.change(store, "mode.order_confirmation", "gated_send")
    knock(house, "order")
    knock(house, "cart")
    house.work()

    erase(house)
    house.clock.later(days=4)
    house.work()

    assert house.posted() == []
    assert {(letter.state, letter.reason) for letter in house.letters()} == {(State.STOPPED, "erased")}
    assert all(letter.letter is None and letter.to == "" for letter in house.letters())


def test_other_customers_letters_go_on(house):
    _, store = with_shop(house)
    house.change(store, "mode.order_confirmation", "gated_send")
    knock(house, "order", 1001)
    knock(house, "order", 1002, email="other@example.com", customer_id="8")
    house.work()

    erase(house)

    states = {letter.order_number: letter.state for letter in house.letters()}
    assert states["#1002"] is State.HELD


def test_an_erasure_beats_a_worker_that_holds_the_letter(house):
    with_shop(house)
    knock(house, "order")
    house.desk.hear_due()
    with house.records.transaction() as tx:
        (claimed,) = tx.messages.claim(house.clock.at, 20, timedelta(minutes=2))

    erase(house)

    assert posting.post(house.rooms, claimed) is None
    assert house.posted() == []
    assert CANARY not in everything(house)


def test_a_letter_erased_while_it_is_handed_over_is_recorded_as_sent_without_its_words(house):
    with_shop(house)
    knock(house, "order")
    house.desk.hear_due()

    def erased_now(_posting):
        house.postman.before_answering = lambda _posting: None
        knock(house, "erase", email=CANARY, customer_id="7", orders=["1001"])
        house.desk.hear_due()
        house.desk.tick()

    house.postman.before_answering = erased_now
    house.desk.post_due()

    letter = house.letter("order_confirmation")
    assert (letter.state, letter.reason) == (State.HANDED_OVER, "erased")
    assert letter.sent_at == NOW
    assert letter.letter is None
    assert CANARY not in everything(house)
    house.clock.later(days=1)
    house.work()
    assert len(house.posted()) == 1


@pytest.mark.parametrize("ends", ["unsure", "dies"])
def test_a_letter_erased_in_doubt_is_given_up_and_never_tried_again(house, ends):
    with_shop(house)
    knock(house, "order")
    house.desk.hear_due()
    house.postman.troubles.append(PostmanUnsure("no_answer") if ends == "unsure" else SystemExit())
    if ends == "dies":
        with pytest.raises(SystemExit):
            house.desk.post_due()
    else:
        house.desk.post_due()
    assert house.letter("order_confirmation").state is State.IN_DOUBT

    erase(house)
    house.clock.later(hours=2)
    house.work()

    letter = house.letter("order_confirmation")
    assert (letter.state, letter.reason) == (State.FAILED, "erased")
    assert house.posted() == []
    assert CANARY not in everything(house)


# ---- late news -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["order", "update", "cart", "refund", "parcel"])
def test_late_news_of_an_erased_person_stay_out(house, what):
    _, store = with_shop(house)
    knock(house, "order")
    house.work()
    erase(house)
    posted = len(house.posted())
    house.clock.later(hours=1)

    knock(house, what, at=NOW - timedelta(minutes=5), ident="late")
    house.work()

    late = deliveries_of(house)[0]
    assert (late.state, late.reason) == (DeliveryState.DONE, "erased")
    with house.records.reading() as tx:
        assert tx.deliveries.find(late.id).body == b""
        assert tx.facts.get_order(store.id, "1001") is None
        assert tx.facts.get_checkout(store.id, "c1001") is None
    assert len(house.posted()) == posted
    assert CANARY not in everything(house)


def test_an_order_never_heard_of_and_placed_before_the_erasure_stays_out_too(house):
    with_shop(house)
    house.work()
    house.clock.later(hours=1)
    erase(house, orders=[])

    knock(house, "order", 1005, at=NOW)
    house.work()

    assert deliveries_of(house)[0].reason == "erased"
    assert house.posted() == []


def test_a_refund_completed_with_an_erased_persons_order_stays_out(house):
    shop, _ = with_shop(house)
    house.work()
    house.clock.later(hours=1)
    erase(house, orders=[])

    knock(house, "refund", 1005)
    house.work()

    assert len(shop.completed) == 1
    assert deliveries_of(house)[0].reason == "erased"
    assert CANARY not in everything(house)


def test_who_buys_anew_after_an_erasure_is_a_customer_again(house):
    with_shop(house)
    knock(house, "order")
    house.work()
    erase(house)
    house.clock.later(days=30)

    knock(house, "order", 1009)
    house.work()

    assert house.posted()[-1] == ("order_confirmation", CANARY)
    assert len(house.posted()) == 2


def test_what_catching_up_shows_of_an_erased_person_stays_out(house):
    shop, _ = with_shop(house)
    knock(house, "order")
    house.work()
    erase(house)
    shop.changed("order", 1001, NOW)

    house.clock.later(minutes=10)
    house.work()

    assert deliveries_of(house)[0].reason == "erased"
    assert CANARY not in everything(house)


def test_a_delivery_of_an_erased_person_that_waits_is_not_read(house):
    _, store = with_shop(house)
    knock(house, "order")
    house.work()
    knock(house, "refund")
    request = forgetting.request_of(store, "erase", _person(), "by-hand", NOW)
    with house.records.transaction() as tx:
        forgetting.keep(tx, request)
    forgetting.perform(house.rooms, store, request)

    house.work()

    assert house.letters("refund_notice") == []
    assert CANARY not in everything(house)


def _person():
    from lifecycle.privacy import PrivacyRequest

    return PrivacyRequest("", "7", CANARY)


def test_an_erasure_and_news_at_the_same_moment_leave_nothing(house):
    _, store = with_shop(house)
    request = forgetting.request_of(store, "erase", _person(), "by-hand", NOW)

    for number in range(12):
        knock(house, "order", 2000 + number)
        again = replace(request, id=f"by-hand-{number}")
        with house.records.transaction() as tx:
            tx.privacy.add(again)
        with ThreadPoolExecutor(2) as pool:
            heard, erased = pool.submit(house.desk.hear_due), pool.submit(forgetting.perform, house.rooms, store, again)
            heard.result()
            erased.result()
        house.desk.post_due()

        with house.records.reading() as tx:
            assert tx.facts.get_order(store.id, str(2000 + number)) is None
        assert CANARY not in everything(house)


# ---- opt-outs --------------------------------------------------------------------------------------------------------


def test_an_opt_out_survives_the_erasure(house):
    _, store = with_shop(house)
    with house.records.transaction() as tx:
        tx.people.suppress(store.id, CANARY, "unsubscribed", NOW)
    knock(house, "cart")
    house.work()

    erase(house)
    house.clock.later(days=1)
    house.tell(store, touched(cart("new", at=house.clock.at)))
    house.clock.later(hours=3)
    house.work()

    with house.records.reading() as tx:
        assert tx.people.suppressed(store.id, CANARY, Purpose.MARKETING)
    assert house.posted() == []


def test_a_no_that_is_told_after_the_erasure_counts(house):
    _, store = with_shop(house)
    erase(house)
    no = ConsentChange("7", CANARY, Consent(ConsentState.UNSUBSCRIBED, NOW, "shop"))

    house.tell(store, Event(Kind.CONSENT_CHANGED, no, NOW))

    with house.records.reading() as tx:
        assert tx.people.consent(store.id, CANARY).state is ConsentState.UNSUBSCRIBED
        assert not any(CANARY in repr(each) for each in tx.events.list(store.id))


def test_an_old_consent_is_no_consent_any_more(house):
    _, store = with_shop(house)
    yes = ConsentChange("7", CANARY, Consent(ConsentState.SUBSCRIBED, NOW, "shop", "Yes", "by link"))
    house.tell(store, Event(Kind.CONSENT_CHANGED, yes, NOW))

    erase(house)

    with house.records.reading() as tx:
        assert tx.people.consent(store.id, CANARY).state is ConsentState.UNKNOWN


def test_an_erasure_in_one_store_changes_nothing_in_another(house):
    _, store = with_shop(house)
    other = replace(store, id="s-two", key="two.example", token="token-two")
    with house.records.transaction() as tx:
        tx.stores.add(other)
    house.tell(other, placed(order(1001)))
    house.work()

    erase(house)

    with house.records.reading() as tx:
        assert tx.facts.get_order(other.id, "1001").customer.email == CANARY
        assert not tx.privacy.is_erased(other.id, address=CANARY)


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)  # PostgreSQL gives no file to look into
def test_erased_bytes_have_left_the_disk_when_the_receipt_says_done(house, migrated_url, tmp_path):
    with_shop(house)
    canary = "zanzibar.qwerty@example.com"
    knock(house, "order", email=canary)
    knock(house, "cart", email=canary)
    house.work()
    assert any(canary.encode() in file.read_bytes() for file in tmp_path.iterdir() if file.is_file())

    erase(house, email=canary)

    assert request_of(house).done_at is not None
    assert not any(canary.encode() in file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
