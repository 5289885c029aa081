"""Gathering: everything that guards, raises and the story look at, read in one transaction."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from lifecycle.carts import Checkout
from lifecycle.errors import NotFound
from lifecycle.guards import Case
from lifecycle.mails import MAILS, Purpose
from lifecycle.messages import Message
from lifecycle.orders import Fulfillment, Order, Refund
from lifecycle.people import Consent
from lifecycle.ports import Rooms, Transaction
from lifecycle.stores import Store

LATE = timedelta(hours=24)
POSSIBLE_IMPORT = "possible_import"
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def gather(tx: Transaction, rooms: Rooms, message: Message, now: datetime, store: Store | None = None) -> Case:
    """The case of this message as things stand now. Raises NotFound when its store is gone."""
    store = store or tx.stores.get(message.store_id)
    if store is None:
        raise NotFound("no_store", "The store of this letter is not there any more.")
    row = MAILS[message.mail]
    order = whole_order(tx, store.id, message.order_id) if message.order_id else None
    fulfillment = tx.facts.get_fulfillment(store.id, message.fact_id) if message.fact_kind == "fulfillment" else None
    refund = tx.facts.get_refund(store.id, message.fact_id) if message.fact_kind == "refund" else None
    checkout = tx.facts.get_checkout(store.id, message.fact_id) if message.fact_kind == "checkout" else None
    if order is not None and not message.order_number:
        message = replace(message, order_number=order.number)
    to = message.to if message.copy_of else _address(order, checkout)
    imported = _imported(message)
    case = Case(
        now=now,
        row=row,
        store=store,
        message=message,
        order=order,
        fulfillment=_own_lines(fulfillment, order),
        refund=refund,
        checkout=checkout,
        to=to,
        country=_country(order, checkout, store),
        first_of_kind=not message.copy_of and not tx.messages.any_sent(store.id, row.name),
        heard_late=None if message.copy_of or imported else hours_late(message.occurred_at, message.created_at),
        possible_import=imported,
    )
    return _person(tx, rooms, case, now) if to else case


def _person(tx: Transaction, rooms: Rooms, case: Case, now: datetime) -> Case:
    """The case with what is known of the person it goes to."""
    store_id, to = case.store.id, case.to
    case = replace(
        case,
        suppressed=tx.people.suppressed(store_id, to, case.row.purpose),
        recent_letters=tx.messages.count_to(store_id, to, now - timedelta(hours=1)),
        refused_by_postman=rooms.postman.refuses(to),
    )
    if case.row.purpose is not Purpose.MARKETING:
        return case
    bought = [order.placed_at for order in tx.facts.orders_of(store_id, to) if order.cancelled_at is None]
    since = case.checkout.created_at or case.checkout.touched_at if case.checkout else now
    return replace(
        case,
        consent=_consent(tx.people.consent(store_id, to), case.checkout),
        way_out=rooms.links.unsubscribe(store_id, to),
        bought_at=max((at for at in bought if at >= since), default=None),
        last_purchase_at=max((at for at in bought if at < since), default=None),
        marketing_week=tx.messages.count_to(store_id, to, now - timedelta(days=7), marketing=True),
        last_marketing_at=tx.messages.last_marketing_at(store_id, to),
    )


def _consent(recorded: Consent | None, checkout: Checkout | None) -> Consent | None:
    """The newest word: what is on record, or the box ticked in this very checkout."""
    ticked = checkout.customer.consent if checkout else None
    if checkout is None or ticked is None:
        return recorded
    ticked = ticked if ticked.at else replace(ticked, at=checkout.touched_at)
    if recorded is None:
        return ticked
    return max((recorded, ticked), key=lambda consent: consent.at or _LONG_AGO)


def whole_order(tx: Transaction, store_id: str, order_id: str) -> Order | None:
    """The order with every parcel and refund heard of, whichever topic told it."""
    order = tx.facts.get_order(store_id, order_id)
    if order is None:
        return None
    refunds: dict[str, Refund] = {refund.id: refund for refund in order.refunds}
    refunds |= {refund.id: refund for refund in tx.facts.refunds_of(store_id, order_id)}
    parcels: dict[str, Fulfillment] = {parcel.id: parcel for parcel in tx.facts.fulfillments_of(store_id, order_id)}
    return replace(
        order, refunds=tuple(each for each in refunds.values() if not each.withdrawn), fulfillments=tuple(parcels.values())
    )


def _own_lines(fulfillment: Fulfillment | None, order: Order | None) -> Fulfillment | None:
    """The parcel as the customer's order names its lines: a parcel told by a carrier alone borrows nothing."""
    if fulfillment is None or order is None or not fulfillment.lines:
        return fulfillment
    titles = {line.id: line for line in order.lines}
    lines = tuple(
        replace(part, title=part.title or titles[part.line_id].title) if part.line_id in titles else part
        for part in fulfillment.lines
    )
    return replace(fulfillment, lines=lines)


def _address(order: Order | None, checkout: Checkout | None) -> str:
    customer = order.customer if order else checkout.customer if checkout else None
    return (customer.email or "") if customer else ""


def _country(order: Order | None, checkout: Checkout | None, store: Store) -> str:
    """Where the person is: shipping address, else billing, else what the customer says, else the shop's (compliance.md)."""
    places = (order.ship_to, order.bill_to) if order else ()
    customer = order.customer if order else checkout.customer if checkout else None
    found = [place.country for place in places if place and place.country]
    return (found[0] if found else (customer.country if customer else None) or store.country).upper()


def hours_late(happened: datetime, heard: datetime) -> str | None:
    """How late something was heard, in hours, when that is over a day."""
    after = heard - happened
    return f"{int(after.total_seconds() // 3600)} h" if after > LATE else None


def _imported(message: Message) -> str | None:
    """How old it was when our own look found it; the letter carries that from its planning on."""
    found = (reason.partition(": ") for reason in message.reasons)
    return next((age for code, _, age in found if code == POSSIBLE_IMPORT), None)
