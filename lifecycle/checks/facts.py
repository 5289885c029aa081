"""Checks on what is known, for every letter: the store, the person, the order and the cart."""

import re
from datetime import timedelta

from lifecycle.cases import Answer, Case, Send, Stop, Wait

LOOK_AGAIN = timedelta(minutes=15)
"""How soon a letter is looked at again that waits for something nobody can date."""

_OF_AN_ORDER = frozenset({"order", "fulfillment", "refund"})
_ADDRESS = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]{1,64}@[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]{1,253}")
_NO_SERVICE = {"bounced": "address_bounced", "complained": "address_complained"}


def store_active(case: Case) -> Answer:
    """Stop once the store left."""
    return Send() if case.store.is_active else Stop("store_left")


def not_switched_off(case: Case) -> Answer:
    """Stop when the merchant switched this kind of letter off."""
    return Stop("switched_off") if case.row.name in case.store.settings.off else Send()


def not_paused(case: Case) -> Answer:
    """Wait while the merchant pauses the store."""
    return Wait("store_paused", case.now + LOOK_AGAIN) if case.store.settings.paused else Send()


def not_stale(case: Case) -> Answer:
    """Stop when the letter's time has passed."""
    stale_at = case.message.stale_at
    return Stop("stale") if stale_at is not None and stale_at <= case.now else Send()


def _lacks_order(case: Case) -> bool:
    return case.order is None and case.message.fact_kind in _OF_AN_ORDER


def order_known(case: Case) -> Answer:
    """Wait for an order that has not been heard of; the desk ends it when that takes too long."""
    return Wait("order_unknown", case.now + LOOK_AGAIN) if _lacks_order(case) else Send()


def has_address(case: Case) -> Answer:
    """Stop without one plain address. Nothing is said while the order, which holds it, is still unknown."""
    if not case.to and _lacks_order(case) and not case.message.copy_of:
        return Send()
    return Send() if _ADDRESS.fullmatch(case.to) else Stop("no_address")


def not_a_test(case: Case) -> Answer:
    """Stop for a test order, unless the store wants its letters."""
    is_test = case.order is not None and case.order.is_test
    return Stop("test_order") if is_test and not case.store.settings.mail_test_orders else Send()


def reachable(case: Case) -> Answer:
    """Stop with the postman's own reason when it refuses this address untried."""
    return Stop(case.refused_by_postman) if case.refused_by_postman else Send()


def not_suppressed(case: Case) -> Answer:
    """Stop for an address that bounced or complained; marketing also for every other list that the person is on."""
    if case.suppressed in _NO_SERVICE:
        return Stop(_NO_SERVICE[case.suppressed])
    return Stop("unsubscribed") if case.suppressed and case.row.is_marketing else Send()


def checkout_open(case: Case) -> Answer:
    """Stop for a cart that was bought, closed or is not there any more."""
    if case.message.fact_kind != "checkout":
        return Send()
    if case.checkout is None:
        return Stop("checkout_gone")
    if case.checkout.completed_at is not None:
        return Stop("already_bought")
    return Send() if case.checkout.is_open else Stop("checkout_closed")


def not_bought_since(case: Case) -> Answer:
    """Stop when the same person bought after this cart was touched, on whatever device."""
    bought = case.message.fact_kind == "checkout" and case.bought_at is not None
    return Stop("already_bought") if bought else Send()


def has_sender(case: Case) -> Answer:
    """Stop when nobody could be named as sender: neither an address in the settings nor a host to make one of."""
    sender = case.store.settings.sender_address or f"orders@{case.store.host}"
    return Send() if _ADDRESS.fullmatch(sender) else Stop("no_sender")
