"""Who bought, and where it goes: WooCommerce keeps both in the order's `billing` and `shipping`."""

import re
from collections.abc import Mapping
from typing import Any

from adapters import payload
from lifecycle.people import Address, Customer

# Core says no language. Translation plugins write one into the order: WPML, TranslatePress. 2026-11
LANGUAGE_KEYS = ("wpml_language", "_trp_language", "trp_language")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


def customer_of(body: Mapping[str, Any]) -> Customer:
    """The buyer as billed. Guests (`customer_id` 0) have no id, and are not the same person for having the same address."""
    billing, shipping = payload.mapping(body, "billing"), payload.mapping(body, "shipping")
    return Customer(
        id=payload.identifier(body, "customer_id") or None,
        email=payload.email(billing, "email"),
        first_name=payload.text(billing, "first_name"),
        last_name=payload.text(billing, "last_name"),
        phone=payload.text(billing, "phone") or payload.text(shipping, "phone"),
        locale=_language(body),
        country=_country(shipping) or _country(billing) or None,
    )


def address_of(body: Mapping[str, Any], key: str) -> Address | None:
    """The postal address under `key`, None when every part is empty (never copied there by REST and hand-made orders)."""
    parts = payload.mapping(body, key)
    found = Address(
        name=f"{payload.text(parts, 'first_name')} {payload.text(parts, 'last_name')}".strip(),
        company=payload.text(parts, "company"),
        street=payload.text(parts, "address_1"),
        street2=payload.text(parts, "address_2"),
        postcode=payload.text(parts, "postcode"),
        city=payload.text(parts, "city"),
        region=payload.text(parts, "state"),
        country=_country(parts),
    )
    return found or None


def _country(parts: Mapping[str, Any]) -> str:
    code = payload.text(parts, "country").upper()
    return code if _COUNTRY.fullmatch(code) else ""


def _language(body: Mapping[str, Any]) -> str | None:
    for entry in payload.mappings(body, "meta_data"):
        value = payload.text(entry, "value")
        if entry.get("key") in LANGUAGE_KEYS and _LANGUAGE.fullmatch(value):
            return value
    return None
