"""Buyers: who they are, where they live, how to write to them. Keys of unapproved customer data are absent, not null."""

import re
from collections.abc import Sequence

from adapters import payload
from adapters.shopify.reading import Payload, code
from lifecycle.people import Address, Consent, Customer

_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


def locale(source: Payload) -> str | None:
    """`customer_locale` as a BCP 47 tag in its usual spelling («pt-BR»), None when it is null or no tag."""
    tag = payload.line(source, "customer_locale")
    if not _TAG.fullmatch(tag):
        return None
    language, *rest = tag.replace("_", "-").split("-")
    spelt = (part.upper() if len(part) == 2 else part.title() if len(part) == 4 else part for part in rest)
    return "-".join((language.lower(), *spelt))


def email(source: Payload, keys: Sequence[str]) -> str | None:
    """The first of `keys` that holds one address. Never the customer's profile: who ordered may have given another one."""
    return next((found for key in keys if (found := payload.email(source, key))), None)


def country(source: Payload) -> str:
    """The two letters under `country_code`, empty when there are none."""
    found = payload.line(source, "country_code").upper()
    return found if _COUNTRY.fullmatch(found) else ""


def address(source: Payload, key: str) -> Address | None:
    """The postal address under `key`; None for null, `[]` (checkouts write that) and one without a single part."""
    given = payload.mapping(source, key)
    found = Address(
        name=payload.line(given, "name")
        or f"{payload.line(given, 'first_name')} {payload.line(given, 'last_name')}".strip(),
        company=payload.line(given, "company"),
        street=payload.line(given, "address1"),
        street2=payload.line(given, "address2"),
        postcode=payload.line(given, "zip"),
        city=payload.line(given, "city"),
        region=payload.line(given, "province"),
        country=country(given),
    )
    return found or None


def customer(source: Payload, address_keys: Sequence[str], consent: Consent | None = None) -> Customer:
    """The buyer of an order or checkout. A guest has no customer: the name is then the billing address's, never the recipient's."""
    known = payload.mapping(source, "customer")
    named = known if payload.line(known, "first_name", "last_name") else payload.mapping(source, "billing_address")
    homes = (payload.mapping(source, "shipping_address"), payload.mapping(source, "billing_address"))
    lands = (country(home) for home in (*homes, payload.mapping(known, "default_address")))
    orders = known.get("orders_count")
    return Customer(
        id=payload.identifier(known, "id") or None,
        email=email(source, address_keys),
        first_name=payload.line(named, "first_name"),
        last_name=payload.line(named, "last_name"),
        phone=payload.line(source, "phone") or payload.line(known, "phone"),
        locale=locale(source),
        country=next((land for land in lands if land), None),
        consent=consent,
        orders_count=payload.count(known, "orders_count")
        if isinstance(orders, int) and not isinstance(orders, bool)
        else None,
        spent=payload.money(known, "total_spent", code(known, "currency")),
    )
