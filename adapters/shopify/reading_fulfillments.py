"""Parcels: fulfillments with their numbers, and the carrier's events about them."""

from itertools import zip_longest

from adapters import payload
from adapters.shopify.reading import Payload, happened, need_list
from adapters.shopify.reading_lines import part
from lifecycle.deliveries import Envelope
from lifecycle.errors import Unreadable
from lifecycle.events import Event, Kind
from lifecycle.orders import Fulfillment, Passage, Tracking

# `status` of a fulfillment says whether the shop did its part. «failure» is a refused request to a warehouse: no parcel left.
STATUS = {
    "success": Passage.SHIPPED,
    "cancelled": Passage.CANCELLED,
    "pending": Passage.PREPARING,
    "open": Passage.PREPARING,
    "error": Passage.PREPARING,
    "failure": Passage.PREPARING,
}
# `shipment_status` of a fulfillment and `status` of its events: where the parcel is. Unlisted words say nothing yet.
SHIPMENT = {
    "label_printed": Passage.PREPARING,
    "label_purchased": Passage.PREPARING,
    "confirmed": Passage.PREPARING,
    "carrier_picked_up": Passage.IN_TRANSIT,
    "in_transit": Passage.IN_TRANSIT,
    "delayed": Passage.IN_TRANSIT,
    "out_for_delivery": Passage.OUT_FOR_DELIVERY,
    "attempted_delivery": Passage.FAILED,
    "failure": Passage.FAILED,
    "ready_for_pickup": Passage.READY_FOR_PICKUP,
    "delivered": Passage.DELIVERED,
}


def fulfillment(source: Payload, order_id: str = "") -> Fulfillment:
    """A fulfillment as `fulfillments/*` tell it; `order_id` for the copy inside an order. Raises Unreadable(`no_id`)."""
    passage = _passage(source)
    created, updated = payload.moment(source, "created_at"), payload.moment(source, "updated_at")
    rows = payload.mappings(source, "line_items")
    return Fulfillment(
        id=payload.need_identifier(source, "id"),
        order_id=order_id or payload.need_identifier(source, "order_id"),
        passage=passage,
        lines=tuple(part(row, count) for row in rows if (count := payload.count(row, "quantity"))),
        trackings=trackings(source),
        shipped_at=None if passage in {Passage.PREPARING, Passage.CANCELLED} else created,
        happened_at=updated if source.get("shipment_status") else None,
        estimated_delivery=payload.moment(source, "estimated_delivery_at"),
        updated_at=updated or created,
        no_parcel=source.get("service") == "gift_card"
        or bool(rows and all(row.get("requires_shipping") is False for row in rows)),
    )


def _passage(source: Payload) -> Passage:
    """Where it is. A label printed after the shop shipped it does not unship it, and a cancelled one goes nowhere."""
    own = STATUS.get(payload.line(source, "status"), Passage.PREPARING)
    carried = SHIPMENT.get(payload.line(source, "shipment_status"), Passage.PREPARING)
    return own if own is Passage.CANCELLED or carried is Passage.PREPARING else carried


def trackings(source: Payload) -> tuple[Tracking, ...]:
    """Every number once, each with the link at its place. Counts of numbers and links differ, and both may hold ""."""
    carrier = payload.line(source, "tracking_company")
    numbers = _texts(source, "tracking_numbers") or _texts(source, "tracking_number")
    links = _texts(source, "tracking_urls") or _texts(source, "tracking_url")
    if not numbers:
        return tuple(Tracking("", carrier, link) for text in dict.fromkeys(links) if (link := payload.https_url(text)))
    found = {}
    for number, link in zip_longest(numbers, links[: len(numbers)]):
        if number and number not in found:
            found[number] = Tracking(number, carrier, payload.https_url(link))
    return tuple(found.values())


def _texts(source: Payload, key: str) -> list[str]:
    value = source.get(key)
    found = [payload.line({"": item}, "") for item in (value if isinstance(value, list) else [value])]
    return found if any(found) else []


def seen(source: Payload, envelope: Envelope) -> tuple[Event, ...]:
    """fulfillments/create and /update: the parcel as it stands. Raises Unreadable when the body is no fulfillment."""
    need_list(source, "line_items")
    if not isinstance(source.get("status"), str):
        raise Unreadable("no_status")
    fact = fulfillment(source)
    return (Event(Kind.FULFILLMENT_SEEN, fact, happened(envelope, fact.updated_at)),)


def event_seen(source: Payload, envelope: Envelope) -> tuple[Event, ...]:
    """fulfillment_events/create: where the carrier says the parcel is; what is in it and its numbers are not said.

    Nothing for a status that is not listed yet. Raises Unreadable(`no_id`, `no_status`, `no_time`).
    """
    fulfillment_id = payload.need_identifier(source, "fulfillment_id")
    order_id = payload.need_identifier(source, "order_id")
    status = payload.line(source, "status")
    if not status:
        raise Unreadable("no_status")
    passage = SHIPMENT.get(status)
    if passage is None:
        return ()
    at = happened(envelope, payload.moment(source, "happened_at"), payload.moment(source, "created_at"))
    fact = Fulfillment(
        id=fulfillment_id,
        order_id=order_id,
        passage=passage,
        happened_at=at,
        estimated_delivery=payload.moment(source, "estimated_delivery_at"),
        delivered_at=at if passage is Passage.DELIVERED else None,
        updated_at=payload.moment(source, "updated_at") or at,
        place=payload.line(source, "city"),
    )
    return (Event(Kind.FULFILLMENT_SEEN, fact, at),)
