"""Orders: the whole order as every order topic carries it."""

from datetime import datetime

from adapters import payload
from adapters.shopify.reading import Payload, Purse, bag, happened, need_list, purse, same_shop_by_link
from adapters.shopify.reading_fulfillments import fulfillment
from adapters.shopify.reading_people import address, customer
from adapters.shopify.reading_refunds import gateways, refund
from adapters.shopify.reading_sums import discounts, sums, taxes
from lifecycle.deliveries import Envelope
from lifecycle.errors import Unreadable
from lifecycle.events import Event, Kind
from lifecycle.money import Money
from lifecycle.orders import Fulfillment, Order, Payment, Refund

PAYMENT = {
    "pending": Payment.PENDING,
    "authorized": Payment.AUTHORIZED,
    "partially_paid": Payment.PARTIALLY_PAID,
    "paid": Payment.PAID,
    "partially_refunded": Payment.PARTIALLY_REFUNDED,
    "refunded": Payment.REFUNDED,
    "voided": Payment.VOIDED,
    "expired": Payment.VOIDED,  # the authorisation lapsed: no money will come of it
}
CANCEL_REASONS = frozenset({"customer", "fraud", "inventory", "declined", "staff", "other"})


def _refuse_strangers(source: Payload, envelope: Envelope) -> None:
    """Raises Unreadable(`not_an_order`, `other_shop`). The topic is not signed, so any other body may stand under it."""
    known = "financial_status" in source or "order_number" in source
    if not known or "abandoned_checkout_url" in source or "order_id" in source:
        raise Unreadable("not_an_order")
    need_list(source, "line_items")
    same_shop_by_link(envelope, source.get("order_status_url"))


def order(source: Payload, envelope: Envelope) -> Order:
    """The order in the currency paid in. Raises Unreadable: `no_id`, `no_currency`, `no_amount`, `no_quantity`, `no_time` …

    `is_risky` follows a key `risk_level`, which webhooks do not have (risk is asked for by GraphQL) but apps' relays add.
    """
    _refuse_strangers(source, envelope)
    order_id, money = payload.need_identifier(source, "id"), purse(source)
    told = sums(source, money)
    placed = _placed_at(source, envelope)
    return Order(
        id=order_id,
        number=_number(source, order_id),
        placed_at=placed,
        updated_at=payload.moment(source, "updated_at") or placed,
        payment=PAYMENT.get(payload.line(source, "financial_status"), Payment.UNKNOWN),
        customer=customer(source, ("email", "contact_email")),
        lines=told.lines,
        subtotal=told.subtotal,
        discount=told.discount,
        shipping=told.shipping,
        tax=told.tax,
        total=told.total,
        shop_total=_shop_total(source, money),
        tax_included=payload.flag(source, "taxes_included"),
        discounts=discounts(source, money, told.discount),
        fees=told.fees,
        taxes=taxes(source, money, told.tax),
        tip=told.tip,
        shipping_method=", ".join(payload.line(row, "title") for row in _kept_shipping(source)),
        payment_method=_payment_method(source),
        ship_to=address(source, "shipping_address"),
        bill_to=address(source, "billing_address"),
        status_url=payload.https_url(source.get("order_status_url")),
        checkout_token=payload.line(source, "checkout_token") or None,
        cart_token=payload.line(source, "cart_token") or None,
        fulfillments=_fulfillments(source, order_id),
        refunds=_refunds(source, order_id, money.currency),
        cancelled_at=payload.moment(source, "cancelled_at"),
        cancel_reason=_cancel_reason(source),
        is_test=payload.flag(source, "test"),
        is_risky=payload.line(source, "risk_level").lower() == "high",
        source=payload.line(source, "source_name"),
    )


def _number(source: Payload, order_id: str) -> str:
    """`name` is what the customer sees: the merchant chooses what stands around the number."""
    plain = payload.line(source, "order_number")
    return payload.line(source, "name") or (f"#{plain}" if plain else f"#{order_id}")


def _placed_at(source: Payload, envelope: Envelope) -> datetime:
    """When it was placed. An imported order is created now and was processed long ago: the earlier one counts."""
    known = [time for key in ("created_at", "processed_at") if (time := payload.moment(source, key))]
    return min(known) if known else happened(envelope, payload.moment(source, "updated_at"))


def _shop_total(source: Payload, money: Purse) -> Money | None:
    if money.shop == money.currency:
        return None
    return bag(source, "total_price_set", "shop_money") or payload.money(source, "total_price", money.shop)


def _kept_shipping(source: Payload) -> list[Payload]:
    rows = payload.mappings(source, "shipping_lines")
    return [row for row in rows if not payload.flag(row, "is_removed") and payload.line(row, "title")]


def _payment_method(source: Payload) -> str:
    names = source.get("payment_gateway_names")
    listed = names if isinstance(names, list) else [source.get("gateway")]
    return gateways([payload.line({"": name}, "") for name in listed])


def _cancel_reason(source: Payload) -> str:
    found = payload.line(source, "cancel_reason").lower()
    return found if found in CANCEL_REASONS else ""


def _fulfillments(source: Payload, order_id: str) -> tuple[Fulfillment, ...]:
    rows = payload.mappings(source, "fulfillments")
    return tuple(fulfillment(row, order_id) for row in rows if payload.identifier(row, "id"))


def _refunds(source: Payload, order_id: str, currency: str) -> tuple[Refund, ...]:
    rows = payload.mappings(source, "refunds")
    return tuple(refund(row, order_id, currency) for row in rows if payload.identifier(row, "id"))


def placed(source: Payload, envelope: Envelope) -> tuple[Event, ...]:
    """orders/create."""
    fact = order(source, envelope)
    return (Event(Kind.ORDER_PLACED, fact, happened(envelope, fact.placed_at)),)


def seen(source: Payload, envelope: Envelope) -> tuple[Event, ...]:
    """orders/updated, /paid: the order as it stands, whatever changed."""
    fact = order(source, envelope)
    return (Event(Kind.ORDER_SEEN, fact, happened(envelope, fact.updated_at)),)


def cancelled(source: Payload, envelope: Envelope) -> tuple[Event, ...]:
    """orders/cancelled. Also only a look at the order: that the topic says «cancelled» is not signed, that the order is, is."""
    fact = order(source, envelope)
    return (Event(Kind.ORDER_SEEN, fact, happened(envelope, fact.cancelled_at, fact.updated_at)),)
