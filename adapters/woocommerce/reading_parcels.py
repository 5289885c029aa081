"""What was sent: core has no tracking, so plugins' meta, the fulfillment status and «completed» are read, in this order."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from adapters import payload
from lifecycle.orders import Fulfillment, LineItem, Part, Passage, Tracking

ITEMS = "_wc_shipment_tracking_items"  # Shipment Tracking, Advanced Shipment Tracking: a list of parcels
SINGLE_PARCEL = {  # one parcel in two meta rows, as seen in the wild 2026-11: number -> carrier
    "_aftership_tracking_number": "_aftership_tracking_provider_name",
    "_tracking_number": "_tracking_provider",
}
PICKUP = frozenset({"local_pickup", "pickup_location"})
CHECKOUTS = frozenset({"checkout", "store-api"})


def parcels_of(
    body: Mapping[str, Any], order_id: str, lines: Sequence[LineItem], updated_at: datetime
) -> tuple[Fulfillment, ...]:
    """One Fulfillment for each tracked parcel; without any, one for what the status says."""
    meta = [(payload.text(row, "key"), row.get("value")) for row in payload.mappings(body, "meta_data")]
    tracked: dict[str, Fulfillment] = {}
    for parcel in _parcels(meta, order_id, lines, updated_at):
        tracked.setdefault(parcel.trackings[0].number, parcel)  # plugins copy one number into each other's keys
    if tracked:
        return tuple(tracked.values())
    return _untracked(body, meta, order_id, lines, updated_at)


def has_unsaid(body: Mapping[str, Any]) -> bool:
    """Whether fulfillments were made for it: their only trace is a status in `meta_data`, what is in them says their endpoint."""
    meta = [(payload.text(row, "key"), row.get("value")) for row in payload.mappings(body, "meta_data")]
    return _first(meta, "_fulfillment_status") not in ("", "unfulfilled", "no_fulfillments")


def _parcels(
    meta: Sequence[tuple[str, Any]], order_id: str, lines: Sequence[LineItem], updated_at: datetime
) -> Iterator[Fulfillment]:
    for key, value in meta:
        # A PHP-serialised text instead of a list is not read: its parser is not worth the risk.
        if key == ITEMS and isinstance(value, list):
            for item in payload.mappings({"items": value}, "items"):
                tracking = Tracking(
                    payload.text(item, "tracking_number"), _carrier(item), _https(item, "custom_tracking_link")
                )
                if tracking.number:
                    yield Fulfillment(
                        id=f"{order_id}:{payload.text(item, 'tracking_id') or tracking.number}",
                        order_id=order_id,
                        passage=Passage.SHIPPED,
                        lines=_named_lines(item, lines),
                        trackings=(tracking,),
                        shipped_at=_shipped_at(item, updated_at),
                        updated_at=updated_at,
                    )
    for key, carrier_key in SINGLE_PARCEL.items():
        number, carrier = _first(meta, key), _first(meta, carrier_key)
        if number:
            yield Fulfillment(
                id=f"{order_id}:{number}",
                order_id=order_id,
                passage=Passage.SHIPPED,
                trackings=(Tracking(number, carrier),),
                updated_at=updated_at,
            )


def _untracked(
    body: Mapping[str, Any],
    meta: Sequence[tuple[str, Any]],
    order_id: str,
    lines: Sequence[LineItem],
    updated_at: datetime,
) -> tuple[Fulfillment, ...]:
    """The whole order as one parcel that nobody described, when it is completed or all of it is fulfilled.

    Partly fulfilled is told as nothing: WooCommerce itself fulfills the downloads of a mixed order the moment it is paid, so
    it may be no parcel at all, and which items are on their way only the fulfillments' own endpoint says. 2026-11
    """
    is_completed = payload.text(body, "status") == "completed"
    if not (is_completed or _first(meta, "_fulfillment_status") == "fulfilled") or not _is_sent(body):
        return ()
    return (
        Fulfillment(
            id=f"{order_id}:completed",
            order_id=order_id,
            passage=Passage.SHIPPED,
            lines=tuple(_part(line, line.quantity) for line in lines if line.needs_shipping),
            shipped_at=payload.moment(body, "date_completed_gmt", assume_utc=True) if is_completed else None,
            updated_at=updated_at,
            implied=True,
        ),
    )


def _is_sent(body: Mapping[str, Any]) -> bool:
    """Whether «completed» can mean «sent»: by a shipping line that is no pick-up.

    Without shipping lines only an order made by hand or by REST can be a parcel, and only with an address to send it to; a
    checkout always asks for a shipping method when there is something to send, and copies the billing address anyway.
    """
    if body.get("needs_processing") is False:
        return False
    methods = [payload.text(line, "method_id") for line in payload.mappings(body, "shipping_lines")]
    if methods:
        return any(method not in PICKUP for method in methods)
    parts = payload.mapping(body, "shipping")
    return payload.text(body, "created_via") not in CHECKOUTS and bool(payload.text(parts, "address_1", "postcode", "city"))


def _named_lines(item: Mapping[str, Any], lines: Sequence[LineItem]) -> tuple[Part, ...]:
    """The lines that the plugin names (`products_list`, each with the order line's `item_id`); empty when one is unknown."""
    known = {line.id: line for line in lines}
    named = [(payload.text(row, "item_id"), payload.count(row, "qty")) for row in payload.mappings(item, "products_list")]
    if not all(line_id in known and quantity for line_id, quantity in named):
        return ()
    return tuple(_part(known[line_id], quantity) for line_id, quantity in named)


def _part(line: LineItem, quantity: int) -> Part:
    return Part(line.id, line.title, quantity, line.variant)


def _carrier(item: Mapping[str, Any]) -> str:
    return payload.text(item, "custom_tracking_provider", "tracking_provider")


def _https(item: Mapping[str, Any], key: str) -> str | None:
    url = payload.text(item, key)
    return url if url.startswith("https://") else None


def _shipped_at(item: Mapping[str, Any], updated_at: datetime) -> datetime | None:
    """The time of sending. Plugins keep the day that the merchant typed as its midnight in UTC, which in New York is still
    the day before: such a day is told as its noon, or as the save that brought it when that was earlier. 2026-11
    """
    at = _unix(item, "date_shipped")
    if at is None or at.time() != time.min:
        return at
    noon = at + timedelta(hours=12)
    return min(noon, updated_at) if at <= updated_at else noon


def _unix(item: Mapping[str, Any], key: str) -> datetime | None:
    """Seconds since 1970, as a text; between 1971 and 2200 like every other time."""
    seconds = payload.text(item, key)
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 10):
        return None
    return datetime.fromtimestamp(int(seconds), UTC) if 31_536_000 <= int(seconds) < 7_258_118_400 else None


def _first(meta: Sequence[tuple[str, Any]], key: str) -> str:
    return next((found for name, value in meta if name == key and (found := payload.text({"value": value}, "value"))), "")
