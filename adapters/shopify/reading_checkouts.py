"""Checkouts: carts on their way to an order. Shopify never says «abandoned»; our clock does."""

from adapters import payload
from adapters.shopify.reading import Payload, code, happened, known, need_list
from adapters.shopify.reading_lines import notes, quantity, variant
from adapters.shopify.reading_people import customer
from lifecycle.carts import Checkout
from lifecycle.deliveries import Envelope
from lifecycle.errors import Unreadable
from lifecycle.events import Event, Kind
from lifecycle.money import Money, total
from lifecycle.orders import LineItem
from lifecycle.people import Consent, ConsentState, Customer


def checkout(source: Payload, envelope: Envelope) -> Checkout:
    """The checkout in `presentment_currency`, in which its totals are (shopify.dev REST checkout, 2026-11-20).

    `subtotal` stands before discounts. Raises Unreadable: `not_a_checkout`, `no_token`, `no_currency`, `two_currencies` …
    """
    if "abandoned_checkout_url" not in source or "financial_status" in source:
        raise Unreadable("not_a_checkout")
    token, currency = payload.line(source, "token"), code(source, "presentment_currency", "currency")
    if not token:
        raise Unreadable("no_token")
    if not currency:
        raise Unreadable("no_currency")
    created = payload.moment(source, "created_at")
    lines = tuple(_lines(source, currency))
    listed = payload.money(source, "total_line_items_price", currency)
    _same_currency(source, lines, listed)
    return Checkout(
        token=token,
        touched_at=happened(envelope, payload.moment(source, "updated_at"), created),
        customer=customer(source, ("email",), _consent(source)),
        lines=lines,
        total=payload.need_money(source, "total_price", currency),
        subtotal=known(listed, payload.money(source, "subtotal_price", currency)),
        discount=payload.money(source, "total_discounts", currency),
        created_at=created,
        completed_at=payload.moment(source, "completed_at"),
        closed_at=payload.moment(source, "closed_at"),
        cart_token=payload.line(source, "cart_token") or None,
        number=payload.line(source, "name"),
        recovery_url=payload.https_url(source.get("abandoned_checkout_url")),
    )


def _lines(source: Payload, currency: str) -> list[LineItem]:
    found = []
    for index, row in enumerate(need_list(source, "line_items")):
        price, count = payload.need_money(row, "price", currency), quantity(row)
        if count:
            line = LineItem(
                id=payload.line(row, "key", "variant_id") or str(index),
                title=payload.line(row, "presentment_title", "title"),
                quantity=count,
                total=price * count,
                unit_price=price,
                variant=variant(row, "presentment_variant_title", "variant_title"),
                sku=payload.line(row, "sku"),
                note=notes(row),
                gift_card=payload.flag(row, "gift_card"),
                needs_shipping=row.get("requires_shipping") is not False,
                variant_id=payload.identifier(row, "variant_id"),
            )
            found.append(line)
    return found


def _same_currency(source: Payload, lines: tuple[LineItem, ...], listed: Money | None) -> None:
    """Raises Unreadable(`two_currencies`): rows have no money bags, and in which of two currencies they are is not documented.

    They count as the customer's only when they come to the total of the rows, which surely is. 2026-11
    """
    if listed is None or code(source, "currency") in {"", listed.currency}:
        return
    if total((line.total for line in lines), listed.currency) != listed:
        raise Unreadable("two_currencies")


def _consent(source: Payload) -> Consent | None:
    """Yes when the box was ticked in this very checkout. Not ticked means not said: an older yes or no still stands.

    Dated when the checkout began, so that a cart touched again does not outdo an opt-out given in between.
    """
    if not payload.flag(source, "buyer_accepts_marketing"):
        return None
    return Consent(ConsentState.SUBSCRIBED, payload.moment(source, "created_at"), "checkout")


def touched(source: Payload, envelope: Envelope) -> tuple[Event, ...]:
    """checkouts/create and /update: touched, bought (`completed_at`) or closed by the shop."""
    fact = checkout(source, envelope)
    if fact.completed_at is not None:
        return (Event(Kind.CHECKOUT_COMPLETED, fact, happened(envelope, fact.completed_at)),)
    if fact.closed_at is not None:
        return (Event(Kind.CHECKOUT_CLOSED, fact, happened(envelope, fact.closed_at)),)
    return (Event(Kind.CHECKOUT_TOUCHED, fact, fact.touched_at),)


def deleted(source: Payload, envelope: Envelope) -> tuple[Event, ...]:
    """checkouts/delete: which cart is gone, and nothing else.

    The body has an `id` that no other checkout topic has had since 2026-04, and the cart's token. So the fact is named
    «cart:<cart token>», which no checkout token is, and carries `cart_token`: whoever closes carts looks them up by that
    (`checkouts_of(cart_token=…)`). A null cart token names nothing that we know: no event.
    """
    payload.need_identifier(source, "id")
    if "cart_token" not in source or "line_items" in source or "financial_status" in source:
        raise Unreadable("not_a_deleted_checkout")
    token = payload.line(source, "cart_token")
    if not token:
        return ()
    at, currency = happened(envelope), code(source, "presentment_currency", "currency") or "XXX"  # ISO 4217: no currency
    fact = Checkout(
        token=f"cart:{token}",
        touched_at=at,
        customer=Customer(),
        lines=(),
        total=payload.money(source, "total_price", currency) or Money.zero(currency),
        closed_at=at,
        cart_token=token,
    )
    return (Event(Kind.CHECKOUT_CLOSED, fact, at),)
