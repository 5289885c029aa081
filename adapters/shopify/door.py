"""Who knocks: the headers' claims, the signature, and the one spelling of a shop's domain. Pages as read on 2026-11-20.

https://shopify.dev/docs/apps/build/webhooks/verify-deliveries
"""

import hashlib
import re
from collections.abc import Sequence

from adapters import signing
from adapters.payload import moment
from lifecycle.deliveries import Envelope
from lifecycle.errors import BadValue, Unaddressed, Unreadable
from lifecycle.ports import RawRequest

# Shopify's documented pattern has no end anchor: `x.myshopify.com.evil.test` would pass. A DNS label has 63 characters.
_DOMAIN = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\.myshopify\.com", re.ASCII)
_ADMIN = re.compile(r"https://admin\.shopify\.com/store/([a-z0-9-]+)(?:[/?#]|$)", re.ASCII)
_TOPIC = re.compile(r"[a-z0-9_]+(?:[./][a-z0-9_]+)*", re.ASCII)
_ID = re.compile(r"[!-~]{1,128}", re.ASCII)
LONGEST_TOPIC = 100
SIGNATURE = "x-shopify-hmac-sha256"


def header(raw: RawRequest, name: str) -> str:
    """The header `X-Shopify-<name>`, or `Shopify-<name>` as Next Gen Events call it (2026-10), without blanks around it."""
    return (raw.header(f"x-shopify-{name}") or raw.header(f"shopify-{name}")).strip(" \t")


def shop(text: str) -> str:
    """A shop's domain as a query or a token writes it, in lower case. Raises BadValue(`not_a_shop`) for anything around it."""
    found = text.lower()
    if not _DOMAIN.fullmatch(found):
        raise BadValue("not_a_shop", "A Shopify store is named by its domain: name.myshopify.com.")
    return found


def address(raw: RawRequest) -> Envelope:
    """What the headers claim: none of them is covered by the signature, only the body is.

    Raises Unaddressed: `no_topic`, `odd_topic`, `no_shop`, `odd_shop`, `no_webhook_id`. A delivery that names an event and
    not itself has lost a header on its way, and Shopify's own library refuses it; one without either id (made before they
    existed, or by hand) is known by what it says.
    """
    topic = header(raw, "topic").lower()
    if not topic:
        raise Unaddressed("no_topic", "The header X-Shopify-Topic is missing.")
    if len(topic) > LONGEST_TOPIC or not _TOPIC.fullmatch(topic):
        raise Unaddressed("odd_topic", "The header X-Shopify-Topic holds no topic.")
    domain = header(raw, "shop-domain").lower()
    if not domain:
        raise Unaddressed("no_shop", "The header X-Shopify-Shop-Domain is missing.")
    if not _DOMAIN.fullmatch(domain):
        raise Unaddressed("odd_shop", "The header X-Shopify-Shop-Domain holds no myshopify.com domain.")
    return Envelope(
        party="shopify",
        store_key=domain,
        topic=topic,
        delivery_id=_delivery_id(raw, topic, domain),
        at=moment({"at": header(raw, "triggered-at")}, "at"),
        details=_details(raw),
    )


def _delivery_id(raw: RawRequest, topic: str, domain: str) -> str:
    claimed = header(raw, "webhook-id")
    if _ID.fullmatch(claimed):
        return claimed
    if not claimed and header(raw, "event-id"):
        raise Unaddressed("no_webhook_id", "The header X-Shopify-Webhook-Id is missing.")
    return hashlib.sha256(f"{topic}|{domain}|".encode() + raw.body).hexdigest()


def _details(raw: RawRequest) -> dict[str, str]:
    found = {"api_version": header(raw, "api-version"), "event_id": header(raw, "event-id")}
    return {name: value for name, value in found.items() if _ID.fullmatch(value)}


def verify(raw: RawRequest, secrets: Sequence[bytes]) -> None:
    """Accept what any of `secrets` signed, over the raw bytes. Raises NotAuthentic, and Unreadable for a truly signed nothing.

    Two signature headers arrive joined by a comma, which no base64 holds: they are refused, whichever of them fits.
    """
    signing.check(header(raw, "hmac-sha256"), raw.body, secrets)
    if not raw.body:
        raise Unreadable("empty_body")


def store_key(text: str) -> str:
    """`name.myshopify.com` from a bare name, a domain or an address in any case. Raises BadValue(`not_a_shop`).

    Shopify's helper refuses one-letter names, which exist, so what it does not know is looked at as it was typed.
    """
    # Imported where a person typed something: it brings the whole client library with it.
    from shopify.utils.shop_url import sanitize_shop_domain  # type: ignore[import-untyped]

    typed = text.strip().lower()
    in_admin = _ADMIN.match(typed)
    try:
        found = in_admin[1] if in_admin else sanitize_shop_domain(typed) or typed
    except ValueError:  # brackets that are no IPv6 address
        found = typed
    if "." not in found:
        found += ".myshopify.com"
    if not _DOMAIN.fullmatch(found):
        raise BadValue("not_a_shop", "A Shopify store is named by its domain: name.myshopify.com.")
    return str(found)
