"""MAILS: the table of letters. A new letter is one row here and one folder in `templates/emails/`."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from lifecycle.events import Kind
from lifecycle.oversight import Mode


class Purpose(StrEnum):
    """Service letters belong to an order; marketing needs consent, a way out and a postal address. Fixed here, never a setting."""

    SERVICE = "service"
    MARKETING = "marketing"


@dataclass(frozen=True, slots=True)
class Mail:
    """One kind of letter.

    `when` makes it, `wait` later (a store may set another wait); `mode` unless the store chooses, never looser than
    `loosest`. `stops_on` kinds end a letter that has not left; it is `stale` that long after its due time.
    `prints_totals`: shows the order's sums, so they must add up. `debounces`: another event moves the waiting letter.
    """

    name: str
    when: Kind
    title: str
    wait: timedelta = timedelta(0)
    mode: Mode = Mode.MONITORED
    loosest: Mode = Mode.AUTONOMOUS
    purpose: Purpose = Purpose.SERVICE
    stops_on: frozenset[Kind] = frozenset()
    stale: timedelta = timedelta(days=3)
    prints_totals: bool = False
    debounces: bool = False
    recommends: bool = False
    step: int = 0

    @property
    def is_marketing(self) -> bool:
        return self.purpose is Purpose.MARKETING


_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_SOLD = frozenset({Kind.CHECKOUT_COMPLETED, Kind.CHECKOUT_CLOSED, Kind.ORDER_PLACED})
_GONE = frozenset({Kind.ORDER_CANCELLED})
_MOVED_ON = frozenset({Kind.FULFILLMENT_DELIVERED, Kind.FULFILLMENT_CANCELLED, Kind.ORDER_CANCELLED})


def _recovery(step: int, wait_h: int) -> Mail:
    return Mail(
        f"cart_recovery_{step}", Kind.CHECKOUT_TOUCHED, f"Cart recovery, step {step}", wait=timedelta(hours=wait_h),
        mode=Mode.MONITORED, loosest=Mode.MONITORED, purpose=Purpose.MARKETING, stops_on=_SOLD, stale=_DAY,
        debounces=True, recommends=True, step=step,
    )  # fmt: skip


MAILS: dict[str, Mail] = {
    row.name: row
    for row in (
        Mail("order_confirmation", Kind.ORDER_PLACED, "Order confirmation", mode=Mode.AUTONOMOUS, prints_totals=True,
             stops_on=_GONE),
        # Ten minutes: staff save an edit several times; the customer gets one letter with the first old and the last new value.
        Mail("order_change", Kind.ORDER_CHANGED, "Order updated", wait=timedelta(minutes=10), stops_on=_GONE,
             prints_totals=True, debounces=True),
        Mail("payment_pending", Kind.CHECKOUT_PAYMENT_FAILED, "Payment failed or open", wait=timedelta(minutes=10),
             stops_on=_SOLD | {Kind.ORDER_PAID}, stale=_DAY, debounces=True),
        Mail("order_cancellation", Kind.ORDER_CANCELLED, "Order cancelled"),
        Mail("shipping_notice", Kind.FULFILLMENT_SHIPPED, "Shipped", stops_on=_MOVED_ON),
        Mail("tracking_update", Kind.FULFILLMENT_UPDATED, "Tracking changed", stops_on=_MOVED_ON, debounces=True),
        Mail("out_for_delivery", Kind.FULFILLMENT_OUT_FOR_DELIVERY, "Out for delivery", stops_on=_MOVED_ON, stale=12 * _HOUR),
        Mail("delivery_notice", Kind.FULFILLMENT_DELIVERED, "Delivered"),
        Mail("delivery_problem", Kind.FULFILLMENT_FAILED, "Delivery problem",
             stops_on=frozenset({Kind.FULFILLMENT_DELIVERED}), stale=_DAY),
        Mail("refund_notice", Kind.REFUND_ISSUED, "Refund", stale=timedelta(days=14),
             stops_on=frozenset({Kind.REFUND_WITHDRAWN})),
        _recovery(1, 2),
        _recovery(2, 24),
        _recovery(3, 72),
    )
}  # fmt: skip

NO_LETTER: dict[Kind, str] = {
    Kind.ORDER_PAID: "a payment by itself makes no letter; the confirmation and the receipt of the payment service say it",
    Kind.CHECKOUT_COMPLETED: "a finished checkout only ends its reminders",
    Kind.CHECKOUT_CLOSED: "a checkout that is gone only ends its reminders",
    Kind.FULFILLMENT_CANCELLED: "a withdrawn parcel ends its letters; the merchant tells the customer what follows",
    Kind.REFUND_WITHDRAWN: "a refund that the shop took back ends its letter; who got one is told by people",
    Kind.CONSENT_CHANGED: "consent is noted; it makes no letter",
    Kind.PRIVACY_EXPORT_REQUESTED: "the merchant is told and gets the data to pass on; it makes no letter",
    Kind.PRIVACY_ERASE_REQUESTED: "done at once, with a receipt; it makes no letter",
    Kind.PRIVACY_STORE_ERASE_REQUESTED: "done at once, with a receipt; it makes no letter",
    Kind.STORE_UNINSTALLED: "the store left; it makes no letter",
}


def rows_for(kind: Kind) -> tuple[Mail, ...]:
    """The letters that an event of this kind makes; none for the kinds in NO_LETTER."""
    return tuple(row for row in MAILS.values() if row.when is kind)
