"""The parts of which every custom body is made: ids, people, places, rows, amounts. `docs/custom-webhooks.md` lists them."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from adapters import payload
from lifecycle.errors import BadValue, Unreadable
from lifecycle.money import Money
from lifecycle.orders import Labelled, LineItem, Part, Tracking
from lifecycle.people import Address, Consent, ConsentState, Customer

Payload = Mapping[str, Any]

_ID = re.compile(r"[!-~]{1,100}", re.ASCII)
_LOCALE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_STATES = {state.value: state for state in ConsentState}


def need_id(source: Payload, key: str) -> str:
    """The id under `key`. Raises Unreadable(`no_id`)."""
    found = optional_id(source, key)
    if found is None:
        raise Unreadable("no_id")
    return found


def optional_id(source: Payload, key: str) -> str | None:
    """A text of 1 to 100 visible ASCII signs, None for anything else. A number is none: two writers write it in two ways."""
    value = source.get(key)
    return value if isinstance(value, str) and _ID.fullmatch(value) else None


def currency(source: Payload, key: str = "currency") -> str:
    """The ISO 4217 code. Raises Unreadable(`no_currency`)."""
    try:
        return Money.of("0", source.get(key)).currency
    except BadValue:
        raise Unreadable("no_currency") from None


def need_money(source: Payload, key: str, code: str) -> Money:
    """An amount of zero or more. Raises Unreadable(`no_amount`)."""
    found = payload.need_money(source, key, code)
    if found.amount < 0:
        raise Unreadable("no_amount")
    return found


def money(source: Payload, key: str, code: str) -> Money | None:
    """None when the key is missing or null. Raises Unreadable(`no_amount`) for what is there and is no amount of zero or more."""
    return None if source.get(key) is None else need_money(source, key, code)


def money_or_zero(source: Payload, key: str, code: str) -> Money:
    """As `money`, zero when it is missing."""
    return money(source, key, code) or Money(Decimal(0), code)


def quantity(source: Payload) -> int:
    """One or more. Raises Unreadable(`no_quantity`)."""
    found = payload.count(source, "quantity")
    if not found:
        raise Unreadable("no_quantity")
    return found


def need_rows(source: Payload, key: str) -> list[dict[str, Any]]:
    """The objects of a list that must be there. Raises Unreadable(`no_lines`) when it is missing, or holds anything else."""
    value = source.get(key)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise Unreadable("no_lines")
    return value


def rows(source: Payload, key: str) -> list[dict[str, Any]]:
    """As `need_rows`, nothing when it is missing or null."""
    return [] if source.get(key) is None else need_rows(source, key)


def items(source: Payload, code: str) -> tuple[LineItem, ...]:
    """The basket. Raises Unreadable: `no_lines`, `no_id`, `no_quantity`, `no_amount`."""
    return tuple(
        LineItem(
            id=need_id(row, "id"),
            title=payload.line(row, "title"),
            quantity=quantity(row),
            total=need_money(row, "total", code),
            unit_price=money(row, "unit_price", code),
            variant=payload.line(row, "variant"),
            sku=payload.line(row, "sku"),
            note=_notes(row),
            image_url=payload.https_url(row.get("image_url")),
            gift_card=payload.flag(row, "gift_card"),
            needs_shipping=row.get("needs_shipping") is not False,
        )
        for row in need_rows(source, "lines")
    )


def _notes(row: Payload) -> tuple[str, ...]:
    given = row.get("note")
    texts = [payload.line({"": one}, "") for one in given[:20]] if isinstance(given, list) else []
    return tuple(text for text in texts if text)


def parts(source: Payload, code: str = "") -> tuple[Part, ...]:
    """The rows of a parcel, or, with a currency, of a refund. Raises Unreadable: `no_lines`, `no_id`, `no_quantity`, `no_amount`."""
    return tuple(
        Part(
            line_id=need_id(row, "line_id"),
            title=payload.line(row, "title"),
            quantity=quantity(row),
            variant=payload.line(row, "variant"),
            amount=money(row, "amount", code) if code else None,
        )
        for row in rows(source, "lines")
    )


def labelled(source: Payload, key: str, code: str) -> tuple[Labelled, ...]:
    """Amounts with their words. Raises Unreadable: `no_lines`, `no_amount`."""
    return tuple(Labelled(payload.line(row, "label"), need_money(row, "amount", code)) for row in rows(source, key))


def trackings(source: Payload) -> tuple[Tracking, ...]:
    """The parcels' numbers; one without a number is none. Raises Unreadable(`no_lines`)."""
    return tuple(
        Tracking(number, payload.line(row, "carrier"), payload.https_url(row.get("url")))
        for row in rows(source, "trackings")
        if (number := payload.line(row, "number"))
    )


def customer(source: Payload, code: str) -> Customer:
    """The buyer; every part may be missing. An address that is not one plain e-mail address is none."""
    given = payload.mapping(source, "customer")
    locale = payload.line(given, "locale")
    return Customer(
        id=optional_id(given, "id"),
        email=payload.email(given, "email"),
        first_name=payload.line(given, "first_name"),
        last_name=payload.line(given, "last_name"),
        phone=payload.line(given, "phone"),
        locale=locale if _LOCALE.fullmatch(locale) else None,
        country=_country(given) or None,
        consent=_consent(payload.mapping(given, "marketing")),
        orders_count=payload.count(given, "orders_count") if given.get("orders_count") is not None else None,
        spent=payload.money(given, "spent", code),
    )


def _consent(given: Payload) -> Consent | None:
    """None when nothing was said; a word that we do not know is `unknown`, which is never read as yes."""
    if not given:
        return None
    return Consent(
        _STATES.get(payload.line(given, "state"), ConsentState.UNKNOWN),
        payload.moment(given, "at"),
        payload.line(given, "source"),
        payload.line(given, "wording"),
    )


def postal(source: Payload, key: str) -> Address | None:
    """The postal address under `key`, None when no part of it is given."""
    given = payload.mapping(source, key)
    names = ("name", "company", "street", "street2", "postcode", "city", "region")
    return Address(**{name: payload.line(given, name) for name in names}, country=_country(given)) or None


def _country(given: Payload) -> str:
    found = payload.line(given, "country").upper()
    return found if _COUNTRY.fullmatch(found) else ""
