"""WooCommerce's bodies to events: pure, no network, clock or database. Tables first.

An order body is a state, not a change: WooCommerce builds it when it delivers, and leaves out deliveries for states that
came too fast. So these readers say what they see, and `changes.derive()` says what happened.
API v3 payloads as measured on WooCommerce 10.5.0, 2026-11-20; https://woocommerce.github.io/woocommerce-rest-api-docs/
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from adapters import payload
from adapters.woocommerce.reading_carts import checkout_of
from adapters.woocommerce.reading_orders import order_of, ordered_at
from lifecycle.carts import Checkout
from lifecycle.deliveries import Envelope
from lifecycle.errors import Unreadable
from lifecycle.events import Event, Kind
from lifecycle.money import Money
from lifecycle.orders import Order
from lifecycle.people import Customer

UNDATED = datetime(1970, 1, 1, tzinfo=UTC)  # order.deleted names no time, and a reader has no clock
NO_CURRENCY = "XXX"  # ISO 4217: no currency


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an order in this status is to us, as the kinds its body is told as."""

    kinds: tuple[Kind, ...]
    why: str


STATUSES: dict[str, Meaning] = {
    "processing": Meaning((Kind.ORDER_PLACED,), "an order: paid, or to be paid at the door"),
    "on-hold": Meaning((Kind.ORDER_PLACED,), "an order: the money (transfer, cheque) is on its way"),
    "completed": Meaning((Kind.ORDER_PLACED,), "an order, sent or handed over"),
    "refunded": Meaning((Kind.ORDER_SEEN,), "was an order; nobody wants its confirmation now"),
    "cancelled": Meaning(
        (Kind.ORDER_SEEN, Kind.CHECKOUT_CLOSED), "the end of an order or of a checkout; the past tells which"
    ),
    "checkout-draft": Meaning((Kind.CHECKOUT_TOUCHED,), "somebody has the block checkout open and bought nothing"),
    "pending": Meaning((Kind.CHECKOUT_TOUCHED,), "reached the payment and has not paid; payment_url pays it"),
    "failed": Meaning((Kind.CHECKOUT_PAYMENT_FAILED,), "the payment was declined; the same order may be paid again"),
    "trash": Meaning((Kind.CHECKOUT_CLOSED,), "the merchant threw it away"),
    "auto-draft": Meaning((), "an empty form in wp-admin"),
}
"""A plugin's own status (`wc-awaiting-shipment`) is in no row and so is told as nothing: no order, no event."""

ERRORS: dict[int, str] = {401: "owner_lost_access", 403: "owner_lost_access", 404: "gone_before_delivery"}
"""REST errors that WooCommerce signs and sends instead of a body, since it builds bodies late and as the webhook's owner."""

OLD_VERSION = "woocommerce_rest_invalid_shop_order_id"  # what every order is to a v1 webhook on today's order storage


def order(body: Mapping[str, Any], envelope: Envelope) -> list[Event]:
    """An order as it stands, told as what its status means. Raises Unreadable."""
    _refuse_error(body)
    status = payload.text(body, "status")
    if not status or not isinstance(body.get("line_items"), list) or not payload.text(body, "currency"):
        raise Unreadable("wrong_shape")
    payload.need_identifier(body, "id")
    kinds = STATUSES[status].kinds if status in STATUSES else ()
    return [_TOLD[kind](body, envelope) for kind in kinds]


def order_deleted(body: Mapping[str, Any], envelope: Envelope) -> list[Event]:
    """The end of the checkout of that id, if it was one: all that is sent is `{"id": 56}`.

    Without a time of its own it is as old as the envelope says, else UNDATED. Raises Unreadable.
    """
    _refuse_error(body)
    token = payload.need_identifier(body, "id")
    if len(body) > 1:
        raise Unreadable("wrong_shape")
    at = envelope.at or UNDATED
    gone = Checkout(token, at, Customer(), (), Money.zero(NO_CURRENCY), closed_at=at, order_id=token)
    return [Event(Kind.CHECKOUT_CLOSED, gone, at, revision=envelope.delivery_id)]


def order_refunded(body: Mapping[str, Any], _envelope: Envelope) -> list[Event]:
    """Nothing: it names only the order, and the order.updated beside it carries `refunds[]`. Raises Unreadable."""
    _refuse_error(body)
    if payload.text(body, "action") != "woocommerce_order_refunded":
        raise Unreadable("wrong_shape")
    payload.need_identifier(body, "arg")
    return []


def customer(body: Mapping[str, Any], _envelope: Envelope) -> list[Event]:
    """Nothing: core keeps no consent with a customer, and an address is taken from each order. Raises Unreadable."""
    _refuse_error(body)
    payload.need_identifier(body, "id")
    if "email" not in body or "line_items" in body:
        raise Unreadable("wrong_shape")
    return []


def _refuse_error(body: Mapping[str, Any]) -> None:
    code = payload.text(body, "code")
    if "id" in body or not code:
        return
    if code == OLD_VERSION:
        raise Unreadable("old_api_version", "The webhook is of API version 1; make it again with version 3.")
    raise Unreadable(ERRORS.get(payload.count(payload.mapping(body, "data"), "status"), "error_body"))


def _placed(body: Mapping[str, Any], envelope: Envelope) -> Event:
    """`order.placed` has no revision: however often the order is seen placed, it is the same event."""
    fact = order_of(body, envelope.at or UNDATED)
    return Event(Kind.ORDER_PLACED, fact, ordered_at(body, fact))


def _seen(body: Mapping[str, Any], envelope: Envelope) -> Event:
    fact = order_of(body, envelope.at or UNDATED)
    return Event(Kind.ORDER_SEEN, fact, fact.updated_at, revision=_revision(fact))


def _touched(body: Mapping[str, Any], envelope: Envelope) -> Event:
    fact = checkout_of(body, envelope.at or UNDATED)
    return Event(Kind.CHECKOUT_TOUCHED, fact, fact.touched_at, revision=_revision(fact))


def _payment_failed(body: Mapping[str, Any], envelope: Envelope) -> Event:
    fact = replace(checkout_of(body, envelope.at or UNDATED), payment_failed=True)
    return Event(Kind.CHECKOUT_PAYMENT_FAILED, fact, fact.touched_at, revision=_revision(fact))


def _closed(body: Mapping[str, Any], envelope: Envelope) -> Event:
    fact = checkout_of(body, envelope.at or UNDATED)
    return Event(Kind.CHECKOUT_CLOSED, replace(fact, closed_at=fact.touched_at), fact.touched_at, revision=_revision(fact))


_TOLD = {
    Kind.ORDER_PLACED: _placed,
    Kind.ORDER_SEEN: _seen,
    Kind.CHECKOUT_TOUCHED: _touched,
    Kind.CHECKOUT_PAYMENT_FAILED: _payment_failed,
    Kind.CHECKOUT_CLOSED: _closed,
}


def _revision(fact: Order | Checkout) -> str:
    """Of what was read, not of the bytes: order.created and order.updated of one state are one event, two states of one
    second are two. 2026-11
    """
    return hashlib.sha256(repr(fact).encode("utf-8", "replace")).hexdigest()[:16]


__all__: Sequence[str] = ["STATUSES", "customer", "order", "order_deleted", "order_refunded"]
