"""Consent, requests about personal data, and the shop that leaves. Bodies as documented on 2026-11-20."""

import hashlib
from datetime import datetime

from adapters import payload
from adapters.shopify.reading import Payload, happened, same_shop
from lifecycle.deliveries import Envelope
from lifecycle.errors import Unreadable
from lifecycle.events import Event, Kind
from lifecycle.people import Consent, ConsentChange, ConsentState
from lifecycle.privacy import PrivacyRequest, StoreChange

STATES = {
    "subscribed": ConsentState.SUBSCRIBED,
    "pending": ConsentState.PENDING,
    "not_subscribed": ConsentState.NOT_SUBSCRIBED,
    "unsubscribed": ConsentState.UNSUBSCRIBED,
    "redacted": ConsentState.UNKNOWN,
    "invalid": ConsentState.UNKNOWN,
}


def consent_changed(source: Payload, envelope: Envelope) -> tuple[Event, ...]:
    """customers_email_marketing_consent/update, whoever changed it. It may change again, so the revision is state and time.

    Raises Unreadable: `no_id`, `no_state`, `no_time`.
    """
    customer_id = payload.need_identifier(source, "customer_id")
    told = payload.mapping(source, "email_marketing_consent")
    state = payload.line(told, "state").lower()
    if not state:
        raise Unreadable("no_state")
    at = happened(envelope, payload.moment(told, "consent_updated_at"))
    consent = Consent(STATES.get(state, ConsentState.UNKNOWN), at, "shopify", evidence=payload.line(told, "opt_in_level"))
    fact = ConsentChange(customer_id, payload.email(source, "email_address"), consent)
    return (Event(Kind.CONSENT_CHANGED, fact, at, revision=f"{consent.state}:{at.isoformat()}"),)


def _shop_id(source: Payload, envelope: Envelope) -> str:
    """The shop's number. Raises Unreadable(`no_shop`, `other_shop`): these bodies say whose they are, and must."""
    shop_id, domain = payload.identifier(source, "shop_id"), payload.line(source, "shop_domain")
    if not shop_id or not domain:
        raise Unreadable("no_shop")
    same_shop(envelope, domain)
    return shop_id


def _request(source: Payload, request_id: str, orders: str) -> PrivacyRequest:
    """Raises Unreadable(`no_customer`): a request about nobody would be one about everybody."""
    person = payload.mapping(source, "customer")
    customer_id, email = payload.identifier(person, "id"), payload.email(person, "email")
    listed = source.get(orders)
    if not isinstance(listed, list):
        raise Unreadable(f"no_{orders}")
    if not customer_id and not email:
        raise Unreadable("no_customer")
    order_ids = tuple(found for one in listed if (found := payload.identifier({"id": one}, "id")))
    # An id outlives the erasure, so no address is in it; the customer may be known by nothing else.
    named = customer_id or hashlib.sha256((email or "").casefold().encode()).hexdigest()[:32]
    return PrivacyRequest(request_id or named, customer_id or None, email, order_ids)


def export_requested(source: Payload, envelope: Envelope) -> tuple[Event, ...]:
    """customers/data_request: the merchant asks for all that we hold about one customer."""
    _shop_id(source, envelope)
    request_id = payload.identifier(payload.mapping(source, "data_request"), "id")
    if not request_id:
        raise Unreadable("no_id")
    fact = _request(source, request_id, "orders_requested")
    return (Event(Kind.PRIVACY_EXPORT_REQUESTED, fact, _sent(envelope)),)


def erase_requested(source: Payload, envelope: Envelope) -> tuple[Event, ...]:
    """customers/redact. It may be asked twice for one customer, and twice is harmless: every delivery counts."""
    _shop_id(source, envelope)
    fact = _request(source, "", "orders_to_redact")
    return (Event(Kind.PRIVACY_ERASE_REQUESTED, fact, _sent(envelope), revision=envelope.delivery_id),)


def store_erase_requested(source: Payload, envelope: Envelope) -> tuple[Event, ...]:
    """shop/redact, 48 h after the app left. Raises Unreadable(`not_a_shop`) for a request about one customer under this topic."""
    shop_id = _shop_id(source, envelope)
    if not set(source) <= {"shop_id", "shop_domain"}:
        raise Unreadable("not_a_shop")
    fact = PrivacyRequest(shop_id)
    return (Event(Kind.PRIVACY_STORE_ERASE_REQUESTED, fact, _sent(envelope), revision=envelope.delivery_id),)


def uninstalled(source: Payload, envelope: Envelope) -> tuple[Event, ...]:
    """app/uninstalled; the body is the shop. It may come late, after a new installation: `occurred_at` tells.

    Raises Unreadable(`not_a_shop`, `other_shop`). A shop/update has the same body, and cannot be told from it.
    """
    if "myshopify_domain" not in source or "plan_name" not in source or "line_items" in source:
        raise Unreadable("not_a_shop")
    same_shop(envelope, payload.line(source, "myshopify_domain"))
    fact = StoreChange(payload.need_identifier(source, "id"))
    at = happened(envelope, envelope.at, payload.moment(source, "updated_at"))
    return (Event(Kind.STORE_UNINSTALLED, fact, at, revision=envelope.delivery_id),)


def _sent(envelope: Envelope) -> datetime:
    return happened(envelope)
