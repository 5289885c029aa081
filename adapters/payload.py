"""Reading foreign JSON: strictly, in bounded time, and with the answers «missing», «empty» and «odd» kept apart.

`load()` refuses what two parsers could read in two ways. The getters below are forgiving about optional things, because
platforms send null, "", [] and numbers where texts are expected; what a letter cannot do without is asked for with `need_*`.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NoReturn
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email

from lifecycle.errors import BadValue, Unreadable
from lifecycle.money import Money

DEPTH = 64
LONGEST_TEXT = 2_000
_INTEGER = re.compile(r"[0-9]{1,20}", re.ASCII)
# What no letter, page or database column can carry: NUL and other controls, lone surrogates, bidi overrides.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff]")
# An https URL in printable ASCII without what breaks out of an attribute or what browsers repair (backslash). RFC 3986 §2.
_LINK = re.compile(r"""https://[A-Za-z0-9.\-]+(?::[0-9]{1,5})?(?:[/?#][!#-&(-;=?-\[\]_a-z~]*)?""", re.ASCII)
_FRACTION = re.compile(r"(\.\d{6})\d+")


def _refuse(reason: str) -> NoReturn:
    raise Unreadable(reason)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        _refuse("repeated_key")
    return result


def _too_deep(value: Any, body: bytes) -> bool:
    if body.count(b"[") + body.count(b"{") <= DEPTH:
        return False
    level = [value]
    for _ in range(DEPTH):
        level = [
            item
            for outer in level
            for item in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(item, dict | list)
        ]
        if not level:
            return False
    return True


def load(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`, numbers as int or Decimal.

    Raises Unreadable: `empty_body`, `not_utf8`, `too_deep` (over 64 levels), `repeated_key`, `not_a_number` (NaN, Infinity,
    huge), `not_json`, `not_an_object`.
    """
    if not body:
        _refuse("empty_body")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("not_utf8") from None
    try:
        value = json.loads(
            text,
            parse_float=_decimal,
            parse_constant=lambda _: _refuse("not_a_number"),
            object_pairs_hook=_pairs,
        )
    except RecursionError:
        raise Unreadable("too_deep") from None
    except ValueError:
        raise Unreadable("not_json") from None
    if not isinstance(value, dict):
        _refuse("not_an_object")
    if _too_deep(value, body):
        _refuse("too_deep")
    return value


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite() or abs(number.adjusted()) > 400:
        _refuse("not_a_number")
    return number


def clean(value: str) -> str:
    """Text without characters that no letter can show, at most 2,000 characters."""
    return _UNPRINTABLE.sub("", value)[:LONGEST_TEXT].strip()


def text(source: Mapping[str, Any], *keys: str) -> str:
    """The first of `keys` that holds a text or a number, cleaned; empty when none does."""
    for key in keys:
        value = source.get(key)
        if isinstance(value, str) and value.strip():
            return clean(value)
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return str(value)
    return ""


def line(source: Mapping[str, Any], *keys: str) -> str:
    """As `text`, in one line: every run of white space, line breaks of any kind included, is one blank."""
    return " ".join(text(source, *keys)[:LONGEST_TEXT].split())


def https_url(value: object) -> str | None:
    """`value` when it is an https link that can stand in a letter as it is: a host, no user part, nothing to escape; else None."""
    if not isinstance(value, str) or len(value) > LONGEST_TEXT or not _LINK.fullmatch(value):
        return None
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return None
    return value if parts.hostname and "@" not in parts.netloc and port != 0 else None


def identifier(source: Mapping[str, Any], *keys: str) -> str:
    """The first of `keys` that holds an id (positive integer below 2^63, or a text of one), as text; else empty."""
    for key in keys:
        value = source.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63:
            return str(value)
        if isinstance(value, str) and _INTEGER.fullmatch(value) and 0 < int(value) < 2**63:
            return str(int(value))
    return ""


def need_identifier(source: Mapping[str, Any], *keys: str) -> str:
    """As `identifier`. Raises Unreadable(`no_id`)."""
    return identifier(source, *keys) or _refuse("no_id")


def mapping(source: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The object under `key`; empty for anything else (PHP writes an empty object as [])."""
    value = source.get(key)
    return value if isinstance(value, dict) else {}


def mappings(source: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """The objects in the list under `key`; what is no object is left out."""
    value = source.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def count(source: Mapping[str, Any], key: str) -> int:
    """A quantity: a whole number from 0 to a million, 0 for anything else."""
    value = source.get(key)
    if isinstance(value, Decimal) and value == value.to_integral_value():
        value = int(value)
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 1_000_000 else 0


def flag(source: Mapping[str, Any], key: str) -> bool:
    """True only for true: a text «false» or a number is not."""
    return source.get(key) is True


def money(source: Mapping[str, Any], key: str, currency: str) -> Money | None:
    """The amount under `key`, None when it is missing or no amount."""
    value = source.get(key)
    if value is None or value == "":
        return None
    try:
        return Money.of(value, currency)
    except BadValue:
        return None


def need_money(source: Mapping[str, Any], key: str, currency: str) -> Money:
    """As `money`. Raises Unreadable(`no_amount`)."""
    found = money(source, key, currency)
    return found if found is not None else _refuse("no_amount")


def moment(source: Mapping[str, Any], key: str, *, assume_utc: bool = False) -> datetime | None:
    """The ISO 8601 time under `key` in UTC. One without an offset is taken only with `assume_utc` (WooCommerce's *_gmt).

    None when missing, unreadable, or outside 1971 to 2200 (year 1 and 9999 overflow when shifted).
    """
    value = source.get(key)
    if not isinstance(value, str) or not 10 <= len(value) <= 40:
        return None
    try:
        found = datetime.fromisoformat(_FRACTION.sub(r"\1", value.strip()))
    except ValueError:
        return None
    if found.tzinfo is None:
        if not assume_utc:
            return None
        found = found.replace(tzinfo=UTC)
    return found.astimezone(UTC) if 1971 <= found.year <= 2200 else None


def email(source: Mapping[str, Any], key: str) -> str | None:
    """The one address under `key`, local part as typed and domain in its ASCII form; None for anything but one addr-spec.

    `.test` counts as a domain, because recorded customers live there; nothing is looked up.
    """
    value = source.get(key)
    if not isinstance(value, str) or not 3 <= len(value.strip(" ")) <= 254:
        return None
    try:
        found = validate_email(
            value.strip(" "), allow_smtputf8=False, check_deliverability=False, test_environment=True, strict=True
        )
    except EmailNotValidError:
        return None
    return found.ascii_email
