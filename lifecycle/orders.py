"""Orders and what happens to them: parcels and refunds. Frozen facts; money exactly as the platform said it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lifecycle.money import Money, total
from lifecycle.people import Address, Customer


class Payment(StrEnum):
    """Where the money is."""

    PENDING = "pending"
    AUTHORIZED = "authorized"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    VOIDED = "voided"
    UNKNOWN = "unknown"

    @property
    def is_settled(self) -> bool:
        """The customer owes nothing: paid, or paid and (partly) given back."""
        return self in (Payment.PAID, Payment.PARTIALLY_REFUNDED, Payment.REFUNDED)


@dataclass(frozen=True, slots=True)
class LineItem:
    """One row of the basket. `total` = unit price × quantity before order-level discounts, in the order's tax display.

    `quantity` is what the customer gets now (after edits), so a removed line is not in the order at all.
    `note` holds the options that the buyer sees (engraving, size), already in «Name: value» form.
    `variant_id` is the platform's id of what was chosen, where a row says it and its picture has to be asked for.
    """

    id: str
    title: str
    quantity: int
    total: Money
    unit_price: Money | None = None
    variant: str = ""
    sku: str = ""
    note: tuple[str, ...] = ()
    image_url: str | None = None
    gift_card: bool = False
    needs_shipping: bool = True
    variant_id: str = ""


@dataclass(frozen=True, slots=True)
class Labelled:
    """An amount with the words that the platform gives it: a discount code, a fee, a tax."""

    label: str
    amount: Money


class Passage(StrEnum):
    """How far a parcel is."""

    PREPARING = "preparing"
    SHIPPED = "shipped"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    FAILED = "failed"
    READY_FOR_PICKUP = "ready_for_pickup"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Tracking:
    """A parcel's number, exactly as given. `url` only when the platform or merchant gave an https one; never guessed."""

    number: str
    carrier: str = ""
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Some of one line item: in a parcel or a refund. `amount` is set for refunds only. `line_id` joins it to the order."""

    line_id: str
    title: str
    quantity: int
    variant: str = ""
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class Fulfillment:
    """One parcel run. Empty `lines` means that the platform did not say which items, never «all of them».

    `no_parcel` marks what needs no carrier (gift cards, downloads). `happened_at` is the time of the latest carrier event,
    `place` its town. `implied`: the platform only said «done» (WooCommerce «completed»); a parcel told by itself replaces it.
    """

    id: str
    order_id: str
    passage: Passage
    lines: tuple[Part, ...] = ()
    trackings: tuple[Tracking, ...] = ()
    shipped_at: datetime | None = None
    happened_at: datetime | None = None
    estimated_delivery: datetime | None = None
    delivered_at: datetime | None = None
    updated_at: datetime | None = None
    place: str = ""
    no_parcel: bool = False
    implied: bool = False


@dataclass(frozen=True, slots=True)
class Refund:
    """Money given back. `amount` is what really moved, in the currency the customer paid; zero means that none did.

    `pending` money was asked for and has not moved yet. `lines` may be empty (amount only). `withdrawn`: the order no longer
    lists it, the shop took it back.
    """

    id: str
    order_id: str
    amount: Money
    lines: tuple[Part, ...] = ()
    shipping: Money | None = None
    reason: str = ""
    method: str = ""
    pending: bool = False
    refunded_at: datetime | None = None
    withdrawn: bool = False

    @property
    def has_moved(self) -> bool:
        """The money went back and stayed there."""
        return not self.pending and not self.withdrawn


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it stands at `updated_at`, every amount in the currency the customer paid in.

    `number` is what the customer sees, sign included («#1001»). `total` is the platform's own; `discount` is positive.
    `tax_included` says that `tax` is already inside the other amounts. `payment_waits` marks a manual or later payment.
    `unproven`: this snapshot alone does not show that it ever counted as an order (WooCommerce: cancelled and never paid).
    `shop_total` is the total in the shop's own currency when that differs, for the merchant's limits only.
    `parcels_unsaid`: something of it was sent, and only the platform's API says what (WooCommerce's fulfillments).
    """

    id: str
    number: str
    placed_at: datetime
    updated_at: datetime
    payment: Payment
    customer: Customer
    lines: tuple[LineItem, ...]
    subtotal: Money
    discount: Money
    shipping: Money
    tax: Money
    total: Money
    shop_total: Money | None = None
    tax_included: bool = False
    discounts: tuple[Labelled, ...] = ()
    fees: tuple[Labelled, ...] = ()
    taxes: tuple[Labelled, ...] = ()
    tip: Money | None = None
    shipping_method: str = ""
    payment_method: str = ""
    ship_to: Address | None = None
    bill_to: Address | None = None
    status_url: str | None = None
    pay_url: str | None = None
    checkout_token: str | None = None
    cart_token: str | None = None
    fulfillments: tuple[Fulfillment, ...] = ()
    refunds: tuple[Refund, ...] = ()
    cancelled_at: datetime | None = None
    cancel_reason: str = ""
    is_test: bool = False
    is_risky: bool = False
    unproven: bool = False
    source: str = ""
    parcels_unsaid: bool = False

    @property
    def currency(self) -> str:
        return self.total.currency

    @property
    def summed(self) -> Money:
        """What lines, shipping, fees, tip and tax less the discount come to: equal to `total`, or somebody should look."""
        result = self.subtotal - self.discount + self.shipping + total((fee.amount for fee in self.fees), self.currency)
        if self.tip is not None:
            result = result + self.tip
        return result if self.tax_included else result + self.tax

    @property
    def refunded(self) -> Money:
        """What has been given back so far, pending refunds not counted."""
        return total(
            (refund.amount for refund in self.refunds if refund.has_moved),
            self.currency,
        )

    @property
    def quantity(self) -> int:
        return sum(line.quantity for line in self.lines)
