"""A person comes in by the front door, is shown everything that is kept about them, and is gone from every byte."""

import base64
import hashlib
import hmac
import itertools
import json
from dataclasses import replace

import pytest

from lifecycle.deciding import Act
from lifecycle.deliveries import DeliveryState
from lifecycle.events import Event, Kind
from lifecycle.mails import Purpose
from lifecycle.messages import State
from lifecycle.people import Consent, ConsentChange, ConsentState
from lifecycle.ports import Request
from lifecycle.stores import Store, StoreSettings
from tests.adapters.shopify import bodies
from tests.flows.houses import NOW, SECRET
from tests.records.kept import everything_kept

ADDRESS = "Quilla.Canary@Example.com"
PERSON = {
    "email": ADDRESS,
    "phone": "+49 151 77700777",
    "note": "canary note: ring at the blue gate",
    "customer": {"id": 777000777, "email": ADDRESS.lower(), "first_name": "Quillacanary", "last_name": "Birdsworth",
                 "phone": "+49 151 77700777"},
    "shipping_address": {"name": "Quillacanary Birdsworth", "address1": "Canary Wharf Lane 4711", "city": "Hamburg",
                         "zip": "20099", "country_code": "DE", "phone": "+49 151 77700777"},
}  # fmt: skip
SOWN = ("quilla.canary", "Quillacanary", "Birdsworth", "77700777", "blue gate", "Canary Wharf Lane", "777000777")
NOBODY = {"address": "", "customer_id": "", "order_ids": ()}
ASKED = {
    "by address": NOBODY | {"address": " quilla.canary@EXAMPLE.com"},
    "by customer": NOBODY | {"customer_id": "777000777"},
    "by orders": NOBODY | {"order_ids": ("7001", "7002")},
}
_IDS = itertools.count()


def knock(house, body, topic="orders/create", shop="fern.myshopify.com"):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    signature = base64.b64encode(hmac.new(SECRET.encode(), raw, hashlib.sha256).digest()).decode()
    headers = {
        "X-Shopify-Topic": topic,
        "X-Shopify-Hmac-Sha256": signature,
        "X-Shopify-Shop-Domain": shop,
        "X-Shopify-Webhook-Id": f"w{next(_IDS)}",
    }
    assert house.client.post("/webhooks/shopify", data=raw, headers=headers).status_code == 200


def order(number, **changes):
    return bodies.order(id=number, name=f"#{number}", order_number=number, **changes)


@pytest.fixture
def shop(house):
    return house.store("shopify", **{"mode.order_confirmation": "gated_send"})


@pytest.fixture
def sown(house, shop):
    """Two stores, two people: the canary has a held, a sent and a waiting letter, a cart, an opt-out, and an unread body."""
    return sow(house, shop)


def sow(house, shop):
    knock(house, order(7001, **PERSON))
    knock(house, order(8001, email="bob@example.com", customer={"id": 8, "email": "bob@example.com", "first_name": "Bob"}))
    house.work()
    first = next(each for each in house.letters("order_confirmation") if each.order_id == "7001")
    house.decide(first, Act.APPROVE)
    knock(house, order(7002, **PERSON))
    knock(house, bodies.checkout(token="cart-canary", email=ADDRESS, customer=PERSON["customer"]), "checkouts/update")
    house.work()
    second = next(each for each in house.letters("order_confirmation") if each.order_id == "7002")
    house.decide(second, Act.EDIT, text=second.letter.text + "\n\nDear Quillacanary Birdsworth.")
    # Nobody could read these: one is cut short, one spells the address with escapes, one knows the customer's id alone.
    knock(house, json.dumps(order(7003, **PERSON)).encode()[:-1])
    knock(house, b'{"id": 7001, "email": "\\u0071uilla.canary\\u0040example.com", "phone": "77700777"}')
    knock(house, b'{"id": 91, "customer": {"id": 777000777, "last_name": "Birdsworth"}}', "customers/unheard_of")
    yes = Consent(ConsentState.SUBSCRIBED, NOW, "checkout", "Yes, Quillacanary", "double, from 77700777")
    with house.records.transaction() as tx:
        tx.people.note_consent(shop.id, ADDRESS, yes, NOW)
        tx.people.suppress(shop.id, ADDRESS, "unsubscribed", NOW)
        asked = Request("r1", shop.id, "erase", "777000777", ADDRESS, ("7001",), NOW, NOW)
        assert tx.privacy.add(asked)
        other = replace(shop, id="s-other", key="other.myshopify.com", token="token-other")
        tx.stores.add(other)
    changed = Event(Kind.CONSENT_CHANGED, ConsentChange("777000777", ADDRESS, Consent(ConsentState.PENDING)), NOW, "p")
    house.tell(shop, changed)
    house.work()
    return shop


def erase(house, shop, **named):
    with house.records.transaction() as tx:
        counts = tx.privacy.erase(shop.id, **(NOBODY | named), at=NOW)
    with house.records.reading() as tx:
        tx.privacy.scrub_disk()
    return counts


def export(house, shop, **named):
    with house.records.reading() as tx:
        return tx.privacy.export(shop.id, **(NOBODY | named))


def found_in(text):
    return [canary for canary in SOWN if canary.lower() in text.lower()]


# ---- export ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("named", ASKED.values(), ids=ASKED)
def test_export_shows_everything_that_was_sown_and_nothing_of_others(house, sown, named):
    shown = export(house, sown, **named)

    whole = json.dumps(shown)
    assert found_in(whole) == list(SOWN)
    assert "bob@example.com" not in whole
    for table, canaries in {
        "deliveries": SOWN, "facts": SOWN[:4], "events": SOWN[:4], "messages": SOWN[:3], "privacy_requests": SOWN[:1],
    }.items():  # fmt: skip
        assert set(canaries) <= set(found_in(json.dumps(shown[table]))), table
    assert len(shown["deliveries"]) == 6
    assert shown["consents"][0]["wording"] == "Yes, Quillacanary"
    assert [row["reason"] for row in shown["suppressions"]] == ["unsubscribed"]
    assert {"approve", "edit"} <= {row["act"] for row in shown["audit"]} | {"approve", "edit"}


def test_export_of_nobody_shows_nothing(house, sown):
    assert export(house, sown) == {}
    assert export(house, sown, address="canary@example.com") == {}, "the end of a longer address"
    assert export(house, sown, customer_id="0", order_ids=("",)) == {}


def test_export_in_another_store_shows_nothing(house, sown):
    with house.records.reading() as tx:
        assert tx.privacy.export("s-other", address=ADDRESS, customer_id="777000777", order_ids=("7001",)) == {}


# ---- erase -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("named", ASKED.values(), ids=ASKED)
def test_erased_person_is_in_no_byte_of_the_database(house, sown, migrated_url, named):
    assert found_in(everything_kept(house.records, migrated_url)) == list(SOWN), "the search would find them"

    counts = erase(house, sown, **named)

    assert found_in(everything_kept(house.records, migrated_url)) == []
    assert all(counts[table] for table in ("deliveries", "facts", "events", "messages", "consents", "privacy_requests"))
    assert export(house, sown, **named).keys() <= {"messages", "audit", "consents", "suppressions", "deliveries"}


def test_erasing_leaves_others_and_other_stores_as_they_were(house, sown):
    bob = {"address": "bob@example.com"}
    before = export(house, sown, **bob)
    theirs = [each for each in house.letters() if each.order_id == "8001"]
    assert before.keys() >= {"deliveries", "facts", "events", "messages"}

    erase(house, sown, address=ADDRESS, customer_id="777000777", order_ids=("7001",))

    assert export(house, sown, **bob) == before
    assert [each for each in house.letters() if each.order_id == "8001"] == theirs
    assert theirs[0].state is State.HELD


def test_erasing_in_another_store_erases_nothing_here(house, sown):
    before = export(house, sown, address=ADDRESS)
    with house.records.transaction() as tx:
        counts = tx.privacy.erase("s-other", address=ADDRESS, customer_id="777000777", order_ids=("7001",), at=NOW)

    assert set(counts.values()) == {0}
    assert export(house, sown, address=ADDRESS) == before


def test_erasing_nobody_erases_nothing(house, sown):
    assert set(erase(house, sown).values()) == {0}
    with house.records.reading() as tx:
        assert not tx.privacy.is_erased(sown.id)
        assert not tx.privacy.is_erased(sown.id, address="", customer_id="", order_id="")


def test_opt_out_still_counts_and_the_consent_no_longer(house, sown):
    erase(house, sown, customer_id="777000777")

    with house.records.reading() as tx:
        assert tx.people.suppressed(sown.id, ADDRESS, Purpose.MARKETING) == "unsubscribed"
        assert tx.people.consent(sown.id, ADDRESS).state is ConsentState.UNKNOWN
        assert tx.people.suppressed(sown.id, "bob@example.com", Purpose.MARKETING) == ""


def test_open_letters_are_stopped_and_nothing_leaves_any_more(house, sown):
    posted = len(house.postman.posted)
    open_before = [each for each in house.letters() if each.is_open and each.order_id != "8001"]
    assert {each.state for each in open_before} >= {State.HELD}

    erase(house, sown, address=ADDRESS)
    house.clock.later(days=4)
    house.work()

    assert len(house.postman.posted) == posted
    after = {each.id: each for each in house.letters()}
    assert {after[each.id].state for each in open_before} == {State.STOPPED}
    assert {(after[each.id].letter, after[each.id].to, after[each.id].reason) for each in open_before} == {
        (None, "", "erased")
    }


def test_worker_that_holds_a_letter_or_a_delivery_cannot_write_it_back(house, shop):
    knock(house, order(7001, **PERSON))
    house.work()
    knock(house, order(7002, **PERSON))
    with house.records.transaction() as tx:
        [delivery] = tx.deliveries.claim(house.clock.now(), 9, house.clock.now() - (house.clock.now().replace(second=0)))
        held = tx.messages.list()[0]

    erase(house, shop, address=ADDRESS)

    with house.records.transaction() as tx:
        assert not tx.deliveries.finish(delivery, DeliveryState.DONE)
        assert not tx.messages.save(held)
        assert tx.deliveries.find(delivery.id).state is DeliveryState.IGNORED
        assert tx.deliveries.find(delivery.id).body == b""


def test_second_erasure_finds_nothing_more(house, sown):
    erase(house, sown, address=ADDRESS)

    again = erase(house, sown, address=ADDRESS)

    assert {table: count for table, count in again.items() if table != "consents"} == dict.fromkeys(
        set(again) - {"consents"}, 0
    )


def test_erased_is_whoever_has_a_tombstone_and_only_for_what_was_before_it(house, sown):
    erase(house, sown, address=ADDRESS)

    with house.records.reading() as tx:
        erased = tx.privacy.is_erased
        assert erased(sown.id, address="quilla.canary@example.com")
        assert erased(sown.id, customer_id="777000777", at=NOW)
        assert erased(sown.id, order_id="7002")
        assert not erased(sown.id, order_id="8001")
        assert not erased(sown.id, customer_id="7002"), "an order's number is no customer's"
        assert not erased("s-other", address=ADDRESS)
        assert not erased(sown.id, address=ADDRESS, at=house.clock.now().replace(year=2027))


def test_address_quoted_by_others_is_struck_out_and_theirs_stays(house, shop, migrated_url):
    line = bodies.line(properties=[{"name": "For", "value": f"{ADDRESS} with love"}])
    knock(house, order(8001, email="bob@example.com", line_items=[line]))
    house.work()

    erase(house, shop, address=ADDRESS)

    assert found_in(everything_kept(house.records, migrated_url)) == []
    with house.records.reading() as tx:
        assert tx.facts.get_order(shop.id, "8001").lines[0].note == ("For: [erased] with love",)
    [letter] = house.letters("order_confirmation")
    assert (letter.state, letter.to) == (State.HELD, "bob@example.com")


def test_longer_address_that_ends_the_same_is_another_persons(house, shop):
    knock(house, order(8001, email="quilla.canary@example.com.au"))
    knock(house, order(8002, email="tranquilla.canary@example.com"))
    house.work()
    knock(house, b'{"email": "tranquilla.canary@example.com"')

    assert set(erase(house, shop, address=ADDRESS).values()) == {0}


# ---- a whole store ---------------------------------------------------------------------------------------------------


def test_erased_store_leaves_nobody_behind(house, sown, migrated_url):
    with house.records.transaction() as tx:
        tx.stores.save(replace(tx.stores.get(sown.id), name="Canary Lane Shop"))
        counts = tx.privacy.erase_store(sown.id, NOW)
    with house.records.transaction() as tx:
        tx.privacy.scrub_disk()
        kept = tx.stores.get(sown.id)
        opted_out = tx.people.suppressed(sown.id, ADDRESS, Purpose.MARKETING)

    everything = everything_kept(house.records, migrated_url)
    assert found_in(everything) == []
    assert not [word for word in ("bob@example.com", "Canary Lane") if word in everything]
    assert counts["messages"] > 3
    assert (kept.key, kept.name, kept.uninstalled_at, kept.secrets) == (sown.key, "", NOW, ())
    assert kept.settings == StoreSettings()
    assert opted_out == "unsubscribed"


def test_late_store_erasure_spares_what_came_after_a_reinstall(house, sown, migrated_url):
    house.clock.later(days=3)
    back = house.clock.now()
    at = {name: back.isoformat() for name in ("created_at", "processed_at", "updated_at")}
    knock(house, order(9001, email="new@example.com", **at))
    house.work()

    with house.records.transaction() as tx:
        tx.privacy.erase_store(sown.id, back, older_than=back)

    with house.records.reading() as tx:
        assert tx.facts.get_order(sown.id, "9001") is not None
        assert tx.facts.get_order(sown.id, "7001") is None
        assert tx.stores.get(sown.id) == Store(**{name: getattr(sown, name) for name in sown.__slots__})
    assert {each.order_id for each in house.letters()} == {"9001"}
