"""Overtaken: letters that were true when they were planned and are not any more. Looked at when planning and at sending."""

from collections.abc import Callable

from lifecycle.changes import differences
from lifecycle.events import Kind
from lifecycle.guards import Case, Stop
from lifecycle.mails import MAILS
from lifecycle.orders import Order, Passage

ENDS: dict[Kind, str] = {
    Kind.ORDER_CANCELLED: "order_cancelled",
    Kind.ORDER_PLACED: "already_bought",
    Kind.ORDER_PAID: "already_paid",
    Kind.CHECKOUT_COMPLETED: "already_bought",
    Kind.CHECKOUT_CLOSED: "checkout_closed",
    Kind.FULFILLMENT_DELIVERED: "already_delivered",
    Kind.FULFILLMENT_CANCELLED: "parcel_cancelled",
    Kind.REFUND_WITHDRAWN: "refund_withdrawn",
}
"""Why a letter ends when such an event comes (`Mail.stops_on`)."""

_STATES: tuple[tuple[Kind, Callable[[Case], bool]], ...] = (
    (Kind.ORDER_CANCELLED, lambda case: case.order is not None and case.order.cancelled_at is not None),
    (Kind.FULFILLMENT_DELIVERED, lambda case: _passage(case) is Passage.DELIVERED),
    (Kind.FULFILLMENT_CANCELLED, lambda case: _passage(case) is Passage.CANCELLED),
    (Kind.REFUND_WITHDRAWN, lambda case: case.refund is not None and case.refund.withdrawn),
    (Kind.CHECKOUT_COMPLETED, lambda case: case.checkout is not None and case.checkout.completed_at is not None),
    (Kind.CHECKOUT_CLOSED, lambda case: case.checkout is not None and case.checkout.closed_at is not None),
)


def _passage(case: Case) -> Passage | None:
    return case.fulfillment.passage if case.fulfillment else None


def overtaken(case: Case) -> Stop | None:
    """Stop with the reason when what the letter says is no news any more, whatever order the events came in."""
    for kind, holds in _STATES:
        if kind in case.row.stops_on and holds(case):
            return Stop(ENDS[kind])
    before = case.message.before
    if isinstance(before, Order) and case.order is not None and not differences(before, case.order):
        return Stop("nothing_changed")
    if case.refund is not None and not case.refund.amount and not case.refund.pending:
        return Stop("no_money_moved")
    if case.row is MAILS["shipping_notice"] and case.fulfillment is not None and case.fulfillment.no_parcel:
        return Stop("nothing_to_ship")
    return None
