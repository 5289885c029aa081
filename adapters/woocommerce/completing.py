"""What a WooCommerce payload leaves out, asked for over its API: a refund's lines, fulfillments, a shopper's past.

Shapes as measured on WooCommerce 10.5.0, 2026-11-20; https://woocommerce.github.io/woocommerce-rest-api-docs/#order-refunds
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from adapters import payload
from adapters.woocommerce.api import PAGE, Shop
from adapters.woocommerce.reading_lines import words
from lifecycle.carts import Checkout
from lifecycle.errors import BadValue, NotFound
from lifecycle.events import Event
from lifecycle.money import Money, total
from lifecycle.orders import Fulfillment, LineItem, Order, Part, Passage, Refund, Tracking
from lifecycle.people import Customer

BOUGHT = "processing,on-hold,completed,refunded"
_FIELDS = "id,status,currency,total,refunds,billing.email,date_created_gmt"
_MOST_PAGES = 3


def completed(shop: Shop, event: Event) -> Event:
    """The event with what its platform's API adds, or itself. Raises AccessLost or PlatformBusy."""
    fact = event.fact
    if isinstance(fact, Order):
        return replace(event, fact=_order(shop, fact))
    if isinstance(fact, Checkout) and fact.is_open and fact.customer.email and fact.customer.orders_count is None:
        return replace(event, fact=replace(fact, customer=_history(shop, fact)))
    return event


def _order(shop: Shop, order: Order) -> Order:
    if any(not refund.lines for refund in order.refunds):
        order = replace(order, refunds=_refunds(shop, order))
    return replace(order, fulfillments=_parcels(shop, order)) if order.parcels_unsaid else order


# ---- refunds ---------------------------------------------------------------------------------------------------------


def _refunds(shop: Shop, order: Order) -> tuple[Refund, ...]:
    """The same refunds with their lines; one that was deleted meanwhile stays as it was told."""
    try:
        told = {payload.identifier(row.said, "id"): row.said for row in shop.all_rows(f"orders/{order.id}/refunds", most=2)}
    except NotFound:
        return order.refunds
    return tuple(_refund(refund, told.get(refund.id, {}), order) for refund in order.refunds)


def _refund(refund: Refund, said: Mapping[str, Any], order: Order) -> Refund:
    titles = {line.id: line for line in order.lines}
    lines = tuple(_back(item, titles, order.currency) for item in payload.mappings(said, "line_items"))
    shipping = total((_given(item, order.currency) for item in payload.mappings(said, "shipping_lines")), order.currency)
    return replace(
        refund,
        lines=tuple(line for line in lines if line is not None),
        shipping=shipping or refund.shipping,
        refunded_at=payload.moment(said, "date_created_gmt", assume_utc=True) or refund.refunded_at,
    )


def _back(item: Mapping[str, Any], titles: Mapping[str, LineItem], currency: str) -> Part | None:
    """One line given back: quantity and amounts are negative, and the order's own line is named in its meta."""
    line_id = next(
        (
            payload.identifier(row, "value")
            for row in payload.mappings(item, "meta_data")
            if row.get("key") == "_refunded_item_id"
        ),
        "",
    )
    quantity = item.get("quantity")
    back = -int(quantity) if isinstance(quantity, int) and not isinstance(quantity, bool) and quantity < 0 else 0
    own = titles.get(line_id)
    if own is None:
        return None
    return Part(line_id, own.title or words(item, "name"), back, own.variant, _given(item, currency))


def _given(item: Mapping[str, Any], currency: str) -> Money:
    """What was given back for this line, tax included: lines stand without tax and a person gets it all."""
    amounts = (payload.money(item, name, currency) for name in ("total", "total_tax"))
    return -total((amount for amount in amounts if amount is not None), currency)


# ---- parcels ---------------------------------------------------------------------------------------------------------


def _parcels(shop: Shop, order: Order) -> tuple[Fulfillment, ...]:
    """The fulfillments that carry a tracking number, else what the order told.

    One without a number may be WooCommerce's own for the downloads of a mixed order, so it is told as nothing.
    """
    try:
        rows = shop.rows(f"orders/{order.id}/fulfillments")
    except NotFound:  # the feature is off: `rest_no_route`
        return order.fulfillments
    told = tuple(parcel for row in rows for parcel in _parcel(row.said, order))
    described = {tracking.number for parcel in order.fulfillments for tracking in parcel.trackings}
    news = tuple(parcel for parcel in told if parcel.trackings[0].number not in described)
    kept = tuple(parcel for parcel in order.fulfillments if not (told and parcel.implied))
    return (*kept, *news)


def _parcel(said: Mapping[str, Any], order: Order) -> Iterator[Fulfillment]:
    meta = {payload.text(row, "key"): row for row in payload.mappings(said, "meta_data")}
    number = payload.text(meta.get("_tracking_number", {}), "value")
    if not (payload.flag(said, "is_fulfilled") and number):
        return
    url = payload.https_url(meta.get("_tracking_url", {}).get("value"))
    yield Fulfillment(
        id=f"{order.id}:fulfillment-{payload.identifier(said, 'id')}",
        order_id=order.id,
        passage=Passage.SHIPPED,
        lines=_lines(payload.mappings(meta.get("_items", {}), "value"), order.lines),
        trackings=(Tracking(number, payload.text(meta.get("_shipment_provider", {}), "value"), url),),
        updated_at=order.updated_at,
    )


def _lines(items: Sequence[Mapping[str, Any]], lines: Sequence[LineItem]) -> tuple[Part, ...]:
    known = {line.id: line for line in lines}
    named = [(payload.identifier(item, "item_id"), payload.count(item, "qty")) for item in items]
    if not all(line_id in known and quantity for line_id, quantity in named):
        return ()
    return tuple(Part(line_id, known[line_id].title, quantity, known[line_id].variant) for line_id, quantity in named)


# ---- a shopper's past ------------------------------------------------------------------------------------------------


def _history(shop: Shop, cart: Checkout) -> Customer:
    """The customer with what was bought under this address before: by account, and by address as a guest, each order once.

    `search` finds parts of names and addresses too, and an unknown parameter finds everything, so each order is held against
    the address itself. At most 300 orders of each are looked at; then the count is a least one.
    """
    email = (cart.customer.email or "").casefold()
    orders: dict[str, Mapping[str, Any]] = {}
    for asked in ({"search": email}, *({"customer": account} for account in _accounts(shop, email))):
        for row in shop.all_rows("orders", most=_MOST_PAGES, status=BOUGHT, _fields=_FIELDS, **asked):
            billed = payload.text(payload.mapping(row.said, "billing"), "email").casefold()
            if billed == email:
                orders[payload.identifier(row.said, "id")] = row.said
    before = [said for order_id, said in orders.items() if order_id not in ("", cart.order_id) and _is_before(said, cart)]
    spent = [net for said in before if (net := _net(said, cart.total.currency)) is not None]
    return replace(
        cart.customer,
        orders_count=len(before),
        spent=total(spent, cart.total.currency) if len(spent) == len(before) else None,
    )


def _accounts(shop: Shop, email: str) -> list[str]:
    try:
        rows = shop.rows("customers", email=email, role="all", per_page=str(PAGE), _fields="id,email")
    except BadValue:  # not an address to this shop
        return []
    fits = (row.said for row in rows if payload.text(row.said, "email").casefold() == email)
    return [account for said in fits if (account := payload.identifier(said, "id"))]


def _is_before(said: Mapping[str, Any], cart: Checkout) -> bool:
    at = payload.moment(said, "date_created_gmt", assume_utc=True)
    return payload.text(said, "status") in BOUGHT.split(",") and (at is None or at < cart.touched_at)


def _net(said: Mapping[str, Any], currency: str) -> Money | None:
    """What stayed with the shop; None in another currency, which cannot be added."""
    if payload.text(said, "currency") != currency:
        return None
    amounts = [payload.money(said, "total", currency)]
    amounts += [payload.money(refund, "total", currency) for refund in payload.mappings(said, "refunds")]
    return total((amount for amount in amounts if amount is not None), currency)
