"""Telling: the facts of one letter put together into its story. Pure; the words room prints what stands here."""

from collections.abc import Mapping
from decimal import Decimal

from lifecycle.carriers import link_for
from lifecycle.carts import Checkout
from lifecycle.changes import differences
from lifecycle.composing import Link, Story
from lifecycle.guards import Case
from lifecycle.money import Money, total
from lifecycle.orders import Fulfillment, Order, Passage, Payment, Refund
from lifecycle.stores import Audience, Incentive, Store

LONGEST_LIST = 100
"""Gmail clips near 102 KB: so many lines are printed, the rest is counted (email-craft, as read on 2026-11-20)."""


# «$», «¥», «£» and «kr» are signs of several currencies; the euro's is not.
_ONE_SIGN_ONE_CURRENCY = ("EUR",)


def tell(case: Case, locale: str) -> Story:
    """The story of this case's letter, in this locale."""
    order, refund = case.order, case.refund
    before = case.message.before
    lines = order.lines if order else case.checkout.lines if case.checkout else ()
    so_far = refunded_until(order, refund) if order and refund else None
    return Story(
        mail=case.row,
        store=case.store,
        to=case.to,
        locale=locale,
        order=order,
        fulfillment=case.fulfillment,
        refund=refund,
        checkout=case.checkout,
        parcels=_parcels(case.fulfillment, case),
        old_parcels=_parcels(before, case) if isinstance(before, Fulfillment) else (),
        changes=differences(before, order) if isinstance(before, Order) and order else (),
        incentive=incentive_for(case.store, case.checkout, case.row.step) if case.row.step and case.checkout else None,
        refunded_so_far=so_far,
        refund_is_full=bool(order and so_far is not None and so_far >= order.total),
        everything_shipped=_everything_shipped(order, case.fulfillment),
        payment_is_open=bool(order and order.payment in (Payment.PENDING, Payment.PARTIALLY_PAID)),
        foreign_currency=_currency(case) not in ("", case.store.currency, *_ONE_SIGN_ONE_CURRENCY),
        more_lines=max(0, len(lines) - LONGEST_LIST),
        links=_links(case),
    )


def _currency(case: Case) -> str:
    amount = case.order.total if case.order else case.checkout.total if case.checkout else None
    return amount.currency if amount else ""


def _links(case: Case) -> Mapping[str, str]:
    found = {
        "order": case.order.status_url if case.order else None,
        "pay": case.order.pay_url if case.order else case.checkout.recovery_url if case.checkout else None,
        "recover": case.checkout.recovery_url if case.checkout else None,
        "unsubscribe": case.way_out,
    }
    return {name: url for name, url in found.items() if url}


def _parcels(fulfillment: Fulfillment | None, case: Case) -> tuple[Link, ...]:
    if fulfillment is None:
        return ()
    to = case.order.ship_to if case.order else None
    postcode = to.postcode if to else ""
    return tuple(link_for(tracking, case.country, postcode) for tracking in fulfillment.trackings)


def refunded_until(order: Order, refund: Refund) -> Money:
    """What has moved back up to and with this refund: the letter stays true when a later refund is already known."""
    until = refund.refunded_at
    before = (
        other
        for other in order.refunds
        if other.id != refund.id and other.has_moved and not (until and other.refunded_at and other.refunded_at > until)
    )
    moved = [other.amount for other in before if other.amount.currency == refund.amount.currency]
    return total((*moved, *(() if refund.pending else (refund.amount,))), refund.amount.currency)


def _everything_shipped(order: Order | None, fulfillment: Fulfillment | None) -> bool:
    """False only when the lines say so: a parcel without lines claims nothing about the rest."""
    if order is None or fulfillment is None or not fulfillment.lines:
        return True
    ordered = {line.id: line.quantity for line in order.lines if line.needs_shipping}
    for parcel in (*(other for other in order.fulfillments if other.id != fulfillment.id), fulfillment):
        if parcel.passage not in (Passage.CANCELLED, Passage.PREPARING):
            for part in parcel.lines:
                ordered[part.line_id] = ordered.get(part.line_id, 0) - part.quantity
    return all(left <= 0 for left in ordered.values())


def incentive_for(store: Store, checkout: Checkout, step: int) -> Incentive | None:
    """What the merchant offers at this step to this cart and customer: the row with the highest threshold that is met.

    Thresholds are in the store's currency; a cart in another one meets only a threshold of zero.
    """
    value = checkout.total.amount if checkout.total.currency == store.currency else Decimal(0)
    orders = checkout.customer.orders_count
    meant = {Audience.ANYBODY}
    if orders is not None:
        meant.add(Audience.RETURNING if orders > 0 else Audience.NEW)
    fitting = [
        row for row in store.settings.incentives if row.step == step and row.from_total <= value and row.audience in meant
    ]
    return max(fitting, key=lambda row: row.from_total, default=None)
