"""A body of the same shape with nobody's data in it: what recorded deliveries go through before they become fixtures.

Kept: ids, amounts, times, country and region, product titles, order names, parcel numbers. Replaced: everything that says
who somebody is, what they wrote, or what opens something. The signature no longer fits; sign it anew with a test secret.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from decimal import Decimal
from math import isfinite
from typing import Any

from adapters.payload import load

WORD = "scrubbed"
_PART = r"[^@\s<>\"'(),;:=/?&]"
_ADDRESS = re.compile(rf"(?<!{_PART}){_PART}++@{_PART}+")
_CARD = re.compile(r"(?<![0-9])(?:[0-9][ -]?){12,18}[0-9](?![0-9])", re.ASCII)
_SECRET_QUERY = re.compile(r"(?<=[?&])([^=&#]+)=[^&#]*")
# Exactly these keys, wherever they stand.
_REPLACED = {
    **dict.fromkeys(("first_name", "last_name", "company", "shop_owner", "address1", "address2", "city"), WORD),
    **dict.fromkeys(("reservation_token", "session_hash", "authorization"), WORD),
    **dict.fromkeys(("payment_id", "user_agent", "landing_site_ref", "message", "note", "staff_note", "device_id"), WORD),
    **dict.fromkeys(("credit_card_number", "credit_card_bin", "credit_card_name", "credit_card_wallet", "evidence"), WORD),
    **dict.fromkeys(("phone", "sms_marketing_phone"), "+15550100"),
    **dict.fromkeys(("zip",), "00000"),
    **dict.fromkeys(("browser_ip", "client_ip"), "192.0.2.1"),
    **dict.fromkeys(("latitude", "longitude"), 0),
}
# What joins a checkout to its order and its cart: the same stand-in for the same token, in every body.
_JOINS = frozenset({"token", "cart_token", "checkout_token"})
_INSIDE = frozenset({"receipt", "payment_details", "note_attributes", "properties"})  # every text in these
_LINKS = frozenset({"order_status_url", "abandoned_checkout_url", "landing_site", "referring_site", "source_url"})
_UNTOUCHED = frozenset({"admin_graphql_api_id", "tracking_number", "tracking_numbers", "tracking_url", "tracking_urls"})
_PERSON = frozenset({"first_name", "last_name", "address1", "zip"})


def scrub(body: bytes) -> bytes:
    """The body, compact, same keys and types, without anybody's data. Raises Unreadable."""
    addresses: dict[str, str] = {}
    clean = _object(load(body), addresses)
    return json.dumps(clean, ensure_ascii=False, separators=(",", ":"), default=_number).encode("utf-8", "replace")


def _number(value: Decimal) -> float:
    number = float(value)
    return number if isfinite(number) else 0.0


def _object(source: Mapping[str, Any], addresses: dict[str, str]) -> dict[str, Any]:
    person = bool(_PERSON & source.keys())
    # A cart's id is its token, which opens the cart.
    token = source.get("token")
    named = {key: "token" if key == "id" and value == token else key for key, value in source.items()}
    return {key: _value(named[key], value, addresses, person=person) for key, value in source.items()}


def _value(key: str, value: Any, addresses: dict[str, str], *, person: bool) -> Any:
    if key in _INSIDE:
        return _blanked(value)
    if isinstance(value, dict):
        return _object(value, addresses)
    if isinstance(value, list):
        return [_value(key, item, addresses, person=person) for item in value]
    if key in _REPLACED and value and not isinstance(value, bool):
        return _like(_REPLACED[key], value)
    return _text(key, value, addresses, person=person) if isinstance(value, str) and value else value


def _text(key: str, value: str, addresses: dict[str, str], *, person: bool) -> str:
    if key in _UNTOUCHED:
        return value
    if key in _JOINS:
        return f"{WORD}-{hashlib.sha256(value.encode('utf-8', 'replace')).hexdigest()[:12]}"
    if key == "name" and person:
        return WORD
    if key in _LINKS:
        return _link(value)
    return _CARD.sub(_card, _ADDRESS.sub(lambda found: _somebody(found[0], addresses), value))


def _card(found: re.Match[str]) -> str:
    """The stand-in for what can be a card number by its check digit (ISO/IEC 7812-1, Luhn); order names stay."""
    digits = [int(digit) for digit in found[0] if digit.isdigit()][::-1]
    checked = sum(digits[::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return found[0] if checked % 10 else WORD


def _like(replacement: Any, value: Any) -> Any:
    """The replacement in the type of what it replaces."""
    return str(replacement) if isinstance(value, str) else 0


def _link(value: str) -> str:
    """A link without its secrets: the last parts of the path and every value of the query."""
    bare, question, query = value.partition("?")
    root = re.match(r"(?:https?://[^/]*)?(?:/[0-9]+)?(?:/(?:orders|checkouts))?", bare)
    kept = root[0] if root else ""
    rest = "/".join(WORD if part else "" for part in bare[len(kept) :].split("/"))
    return kept + rest + question + _SECRET_QUERY.sub(rf"\1={WORD}", f"?{query}")[1:]


def _somebody(address: str, addresses: dict[str, str]) -> str:
    """The same stand-in for the same address, so that who is who can still be told."""
    return addresses.setdefault(address.casefold(), f"person{len(addresses) + 1}@example.com")


def _blanked(value: Any) -> Any:
    """Every text in it replaced, every number 0; keys, lists and emptiness kept."""
    if isinstance(value, dict):
        return {key: _blanked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_blanked(item) for item in value]
    if value is None or value == "" or isinstance(value, bool):
        return value
    return WORD if isinstance(value, str) else 0
