"""Samples: an invented case for every row of MAILS, so that a letter can be looked at before any order comes."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from lifecycle.carts import Checkout
from lifecycle.events import FACT_KINDS, Kind
from lifecycle.guards import Case
from lifecycle.mails import Mail
from lifecycle.messages import Message, message_id
from lifecycle.money import Money
from lifecycle.orders import Fulfillment, Labelled, LineItem, Order, Part, Passage, Payment, Refund, Tracking
from lifecycle.people import Address, Consent, ConsentState, Customer
from lifecycle.stores import Store, StoreSettings

SAMPLE_ADDRESS = "ada@example.com"

_PASSAGES = {
    Kind.FULFILLMENT_SHIPPED: Passage.SHIPPED,
    Kind.FULFILLMENT_UPDATED: Passage.IN_TRANSIT,
    Kind.FULFILLMENT_OUT_FOR_DELIVERY: Passage.OUT_FOR_DELIVERY,
    Kind.FULFILLMENT_DELIVERED: Passage.DELIVERED,
    Kind.FULFILLMENT_FAILED: Passage.FAILED,
}


def sample_store() -> Store:
    """An invented shop, for looking at letters before there is a real one."""
    return Store(
        id="sample",
        platform="custom",
        key="https://shop.example.com",
        token="sample",  # noqa: S106 - leads nowhere: this store is never kept
        name="Blue Fern",
        currency="EUR",
        timezone="Europe/Berlin",
        country="DE",
        settings=StoreSettings(
            postal_address="Blue Fern, Lindenstr. 1, 10969 Berlin, Germany", sender_address="hello@example.com"
        ),
    )


def sample_case(row: Mail, store: Store, locale: str, now: datetime, way_out: str = "") -> Case:
    """All that a letter of this row would look at, had a customer of this store just done what makes it."""
    order = _order(store, locale, now)
    parcel = _parcel(row, order, now) if row.when.value.startswith("fulfillment.") else None
    refund = _refund(order, now) if row.when is Kind.REFUND_ISSUED else None
    checkout = _checkout(store, order, now) if row.when.value.startswith("checkout.") else None
    if row.when is Kind.ORDER_CANCELLED:
        order = replace(order, cancelled_at=now, cancel_reason="customer")
    if refund is not None:
        order = replace(order, payment=Payment.PARTIALLY_REFUNDED, refunds=(refund,))
    if parcel is not None:
        order = replace(order, fulfillments=(parcel,))
    fact: Order | Fulfillment | Refund | Checkout = checkout or refund or parcel or order
    known = None if checkout else order
    message = _message(row, store, fact, known, now)
    return Case(
        now=now,
        row=row,
        store=store,
        message=replace(message, before=_before(row, order, parcel)),
        order=known,
        fulfillment=parcel,
        refund=refund,
        checkout=checkout,
        to=SAMPLE_ADDRESS,
        country=store.country,
        way_out=way_out,
    )


def _message(
    row: Mail, store: Store, fact: Order | Fulfillment | Refund | Checkout, order: Order | None, now: datetime
) -> Message:
    key = f"sample:{row.name}"
    return Message(
        id=message_id(store.id, key),
        store_id=store.id,
        key=key,
        mail=row.name,
        event_id="sample",
        event_kind=row.when,
        fact_kind=FACT_KINDS[type(fact)],
        fact_id=fact.id,
        occurred_at=now,
        created_at=now,
        order_id=order.id if order else None,
        order_number=order.number if order else "",
        to=SAMPLE_ADDRESS,
        mode=row.mode,
    )


def _order(store: Store, locale: str, now: datetime) -> Order:
    """Whole amounts, so that the sample is right in currencies without cents too."""
    money = {amount: Money(Decimal(amount), store.currency) for amount in (0, 5, 6, 10, 20, 24, 40, 64)}
    customer = Customer(
        id="1",
        email=SAMPLE_ADDRESS,
        first_name="Ada",
        last_name="Example",
        locale=locale,
        country=store.country or None,
        consent=Consent(ConsentState.SUBSCRIBED, now - timedelta(days=30), "checkout"),
    )
    lines = (
        LineItem("1", "Linen apron", 2, money[40], money[20], variant="Moss / M", sku="APR-M"),
        LineItem("2", "Beeswax candle", 1, money[24], money[24]),
    )
    return Order(
        id="1001",
        number="#1001",
        placed_at=now,
        updated_at=now,
        payment=Payment.PAID,
        customer=customer,
        lines=lines,
        subtotal=money[64],
        discount=money[5],
        shipping=money[5],
        tax=money[10],
        total=money[64],
        tax_included=True,
        discounts=(Labelled("WELCOME", money[5]),),
        taxes=(Labelled("VAT", money[10]),),
        shipping_method="Standard",
        payment_method="Card",
        ship_to=Address("Ada Example", "", "Sample Street 7", "", "10115", "Berlin", "", store.country or "DE"),
        status_url="https://shop.example.com/orders/1001",
    )


def _parcel(row: Mail, order: Order, now: datetime) -> Fulfillment:
    first, *_ = order.lines
    return Fulfillment(
        id="1001.1",
        order_id=order.id,
        passage=_PASSAGES.get(row.when, Passage.SHIPPED),
        lines=(Part(first.id, first.title, first.quantity, first.variant),),
        trackings=(Tracking("SAMPLE-00340434161094", "Sample Post", "https://shop.example.com/track/1001"),),
        shipped_at=now,
        happened_at=now,
        delivered_at=now if row.when is Kind.FULFILLMENT_DELIVERED else None,
        updated_at=now,
        place="Berlin",
    )


def _refund(order: Order, now: datetime) -> Refund:
    _, second = order.lines
    part = Part(second.id, second.title, second.quantity, second.variant, second.total)
    return Refund("1001.r1", order.id, second.total, (part,), reason="Arrived broken", refunded_at=now)


def _checkout(store: Store, order: Order, now: datetime) -> Checkout:
    return Checkout(
        token="sample-cart",  # noqa: S106 - a cart's name
        touched_at=now,
        customer=order.customer,
        lines=order.lines,
        total=order.total,
        subtotal=order.subtotal,
        created_at=now,
        recovery_url=f"https://{store.host}/cart/sample",
        payment_failed=True,
    )


def _before(row: Mail, order: Order, parcel: Fulfillment | None) -> Order | Fulfillment | None:
    """What the customer knew before: one apron fewer, or another tracking number."""
    if row.when is Kind.FULFILLMENT_UPDATED and parcel is not None:
        return replace(parcel, trackings=(Tracking("SAMPLE-OLD", "Sample Post"),))
    if row.when is not Kind.ORDER_CHANGED:
        return None
    first, second = order.lines
    assert first.unit_price is not None
    less = order.subtotal - first.unit_price
    return replace(
        order,
        lines=(replace(first, quantity=1, total=first.unit_price), second),
        subtotal=less,
        total=order.total - first.unit_price,
    )
