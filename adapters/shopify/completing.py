"""Completing: what a webhook leaves out, asked of the API. The order of a refund or parcel, pictures, who the buyer has been.

Webhooks have had no orders count, money spent or consent since 2025-01, and never a picture. Fields that Shopify keeps from
this app stay empty; which ones these are, `installing.check_subscriptions` says.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from adapters import payload
from adapters.shopify import looking, reading_orders, shaping
from adapters.shopify.api import Api
from adapters.shopify.reading import code
from lifecycle.carts import Checkout
from lifecycle.deliveries import Envelope
from lifecycle.errors import BadValue, Unreadable
from lifecycle.events import Event
from lifecycle.money import Money
from lifecycle.orders import Fulfillment, LineItem, Order, Refund
from lifecycle.people import Consent, ConsentState, Customer
from lifecycle.ports import Access
from lifecycle.stores import Store

STATES = {
    "SUBSCRIBED": ConsentState.SUBSCRIBED,
    "PENDING": ConsentState.PENDING,
    "NOT_SUBSCRIBED": ConsentState.NOT_SUBSCRIBED,
    "UNSUBSCRIBED": ConsentState.UNSUBSCRIBED,
}


def complete(api: Api, event: Event, store: Store, access: Access) -> Event:
    """The event with what was missing, or itself: an order or checkout with pictures and its buyer's history; a refund or
    parcel with its order as `before`. Raises AccessLost or PlatformBusy.
    """
    completer = _COMPLETERS.get(type(event.fact))
    return event if completer is None else completer(api, event, store, access)


def _thin(api: Api, event: Event, store: Store, access: Access) -> Event:
    order = order_of(api, event.order_id or "", store, access)
    return event if order is None else replace(event, before=order)


def order_of(api: Api, order_id: str, store: Store, access: Access) -> Order | None:
    """The order as it stands now; None when the shop has none of this id, or none that can be read."""
    told = looking.whole_order(api, store.key, access, order_id)
    if told is None:
        return None
    try:
        found = reading_orders.order(told, Envelope("shopify", store.key, "orders/updated", ""))
    except (Unreadable, BadValue):
        return None
    return _with_extras(api, found, store, access)


def _order(api: Api, event: Event, store: Store, access: Access) -> Event:
    assert isinstance(event.fact, Order)
    return replace(event, fact=_with_extras(api, event.fact, store, access))


def _with_extras(api: Api, order: Order, store: Store, access: Access) -> Order:
    told = api.ask(store.key, access, "Extras", id=shaping.gid("Order", order.id)).object("order")
    pictures = {str(shaping.number(row.get("id"))): _picture(row) for row in shaping.nodes(told, "lineItems")}
    history = payload.mapping(told, "customer")
    customer = _known(order.customer, history) if history else order.customer
    if history:
        customer = _before(customer, order)
    return replace(order, customer=customer, lines=_pictured(order.lines, pictures, lambda line: line.id))


def _before(customer: Customer, order: Order) -> Customer:
    """The history without this very order, which Shopify counts already."""
    count = max(0, customer.orders_count - 1) if customer.orders_count else customer.orders_count
    cost = order.shop_total or order.total
    spent = customer.spent
    if spent is not None and spent.currency == cost.currency and spent.amount >= cost.amount and order.payment.is_settled:
        spent = spent - cost
    return replace(customer, orders_count=count, spent=spent)


def _checkout(api: Api, event: Event, store: Store, access: Access) -> Event:
    """Bought or closed ones need nothing any more: nobody is written to about them."""
    cart = event.fact
    assert isinstance(cart, Checkout)
    if not cart.is_open:
        return event
    customer, lines = cart.customer, cart.lines
    if customer.id:
        told = api.ask(store.key, access, "Customer", id=shaping.gid("Customer", customer.id)).object("customer")
        customer = _known(customer, told) if told else customer
    wanted = [shaping.gid("ProductVariant", line.variant_id) for line in lines if line.variant_id][:50]
    if wanted:
        rows = payload.mappings(api.ask(store.key, access, "Images", ids=wanted).data, "nodes")
        pictures = {str(shaping.number(row.get("id"))): _picture(row) for row in rows}
        lines = _pictured(lines, pictures, lambda line: line.variant_id)
    return replace(event, fact=replace(cart, customer=customer, lines=lines))


def _picture(row: Mapping[str, Any]) -> str | None:
    """The row's or variant's own picture, else its product's."""
    shown = (*shaping.nodes(row, "media"), payload.mapping(payload.mapping(row, "product"), "featuredMedia"))
    places = (row, *(payload.mapping(media, "preview") for media in shown))
    links = (payload.https_url(payload.mapping(place, "image").get("url")) for place in places)
    return next((link for link in links if link), None)


def _pictured(
    lines: tuple[LineItem, ...], pictures: Mapping[str, str | None], key: Callable[[LineItem], str]
) -> tuple[LineItem, ...]:
    return tuple(replace(line, image_url=pictures.get(key(line)) or line.image_url) for line in lines)


def _known(customer: Customer, told: Mapping[str, Any]) -> Customer:
    """The buyer with what the shop knows of them, this order included."""
    spent = payload.mapping(told, "amountSpent")
    return replace(
        customer,
        locale=customer.locale or payload.line(told, "locale") or None,
        orders_count=payload.count(told, "numberOfOrders"),
        spent=_money(spent),
        consent=_consent(customer, payload.mapping(told, "defaultEmailAddress")),
    )


def _money(told: Mapping[str, Any]) -> Money | None:
    return payload.money(told, "amount", code(told, "currencyCode"))


def _consent(customer: Customer, told: Mapping[str, Any]) -> Consent | None:
    """The newer of the box ticked in this checkout and the profile's answer, which counts only for the profile's own address.

    A profile's answer without a time counts only as a no: nobody can say what it came after.
    """
    address = payload.email(told, "emailAddress")
    if not address or address.casefold() != (customer.email or "").casefold():
        return customer.consent
    state = STATES.get(payload.line(told, "marketingState"), ConsentState.UNKNOWN)
    at = payload.moment(told, "marketingUpdatedAt")
    if state is ConsentState.UNKNOWN or (at is None and state is not ConsentState.UNSUBSCRIBED):
        return customer.consent
    profile = Consent(state, at, "shopify", evidence=payload.line(told, "marketingOptInLevel").lower())
    ticked = customer.consent
    return ticked if ticked and ticked.at and at and ticked.at > at else profile


_COMPLETERS: dict[type, Callable[[Api, Event, Store, Access], Event]] = {
    Order: _order,
    Refund: _thin,
    Fulfillment: _thin,
    Checkout: _checkout,
}
