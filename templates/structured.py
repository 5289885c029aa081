"""Structured data for mail programs that read it: schema.org Order and ParcelDelivery, only when every needed value is there.

https://developers.google.com/gmail/markup/reference/order and …/parcel-delivery, as read on 2026-11-20. schema.org calls the
carrier «provider» by now; Google's reference still asks for «carrier».
"""

from typing import Any

from lifecycle.composing import Story
from lifecycle.orders import LineItem, Order
from lifecycle.people import Address
from templates.cleaning import level
from templates.links import own, safe
from templates.voice import Voice

# A longer list would cost the letter more bytes than a mail program shows.
_MOST_LINES = 20


def order_data(story: Story, voice: Voice) -> dict[str, Any] | None:
    """The order for `application/ld+json`, or None when something that it needs is missing."""
    order = story.order
    if order is None or order.is_test or story.more_lines or not 0 < len(order.lines) <= _MOST_LINES:
        return None
    if any(line.unit_price is None for line in order.lines) or not story.store.name.strip():
        return None
    link = own(story.links.get("order"))
    return {
        "@context": "http://schema.org",
        "@type": "Order",
        "merchant": {"@type": "Organization", "name": voice.text(story.store.name)},
        "orderNumber": level(voice.text(order.number)),
        "orderDate": voice.iso(order.placed_at),
        "orderStatus": "http://schema.org/OrderProcessing",
        "priceCurrency": order.currency,
        "price": voice.plain(order.total),
        "acceptedOffer": [_offer(line, voice) for line in order.lines],
    } | ({"url": link} if link else {})


def parcel_data(story: Story, voice: Voice) -> list[dict[str, Any]]:
    """One entry a parcel for `application/ld+json`; none when the platform gave no estimate, address or items."""
    order, parcel = story.order, story.fulfillment
    if order is None or parcel is None or order.is_test or parcel.estimated_delivery is None or not parcel.lines:
        return []
    to = _destination(order, voice)
    if to is None:
        return []
    known = [link for link in story.parcels[:_MOST_LINES] if link.carrier.strip() and link.tracking.number.strip()]
    items = [{"@type": "Product", "name": voice.text(part.title)} for part in parcel.lines[:_MOST_LINES]]
    return [
        {
            "@context": "http://schema.org",
            "@type": "ParcelDelivery",
            "carrier": {"@type": "Organization", "name": voice.text(link.carrier)},
            "deliveryAddress": to,
            "expectedArrivalUntil": voice.iso(parcel.estimated_delivery),
            "itemShipped": items[0] if len(items) == 1 else items,
            "partOfOrder": {
                "@type": "Order",
                "orderNumber": level(voice.text(order.number)),
                "merchant": {"@type": "Organization", "name": voice.text(story.store.name)},
            },
            "trackingNumber": level(voice.text(link.tracking.number)),
        }
        | ({"trackingUrl": safe(link.url)} if safe(link.url) else {})
        for link in known
    ]


def _offer(line: LineItem, voice: Voice) -> dict[str, Any]:
    assert line.unit_price is not None
    return {
        "@type": "Offer",
        "itemOffered": {"@type": "Product", "name": voice.text(line.title)},
        "price": voice.plain(line.unit_price),
        "priceCurrency": line.unit_price.currency,
        "eligibleQuantity": {"@type": "QuantitativeValue", "value": line.quantity},
    }


def _destination(order: Order, voice: Voice) -> dict[str, str] | None:
    to = order.ship_to or Address()
    parts = {
        "name": to.name,
        "streetAddress": ", ".join(filter(None, (to.street, to.street2))),
        "addressLocality": to.city,
        "addressRegion": to.region,
        "addressCountry": to.country,
        "postalCode": to.postcode,
    }
    clean = {name: voice.text(value) for name, value in parts.items()}
    return {"@type": "PostalAddress"} | clean if all(clean.values()) else None
