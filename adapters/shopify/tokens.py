"""Who opens a page of ours: id tokens of App Bridge, signed queries of the admin, and the place in the admin they name.

Shopify's own helpers are not enough here: `session_token` takes a token without an end, reads the machine's clock and
refuses one-letter shops; `Session.validate_params` takes any time to come (ShopifyAPI 12.7, measured 2026-11). PyJWT checks
the signature, everything else is checked here.
https://shopify.dev/docs/apps/build/authentication-authorization, as read on 2026-11-20
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, quote_plus

import jwt
from jwt.types import Options

from adapters.shopify import door
from lifecycle.errors import BadValue, NotAuthentic
from lifecycle.ports import Consented, Launch, Visit

LEEWAY_S = 10
LONGEST_LIFE_S = 300
"""A token is made for one minute; one that says much more was not made by Shopify's admin."""

QUERY_WINDOW_S = 90
LONGEST_TOKEN = 4096
LONGEST_QUERY = 16_384
_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_HMAC = re.compile(r"[0-9a-f]{64}", re.ASCII)
_HOST = re.compile(
    r"(?:admin\.shopify\.com/store/[a-z0-9][a-z0-9-]{0,62}|[a-z0-9][a-z0-9-]{0,62}\.myshopify\.com/admin)", re.ASCII
)
_CODE = re.compile(r"[A-Za-z0-9_-]{1,200}", re.ASCII)
_LOCALE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}", re.ASCII)
# The times are checked here, against the house's clock.
_OPTIONS: Options = {
    "require": ["exp", "nbf", "aud", "iss", "dest", "sub"],
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "strict_aud": True,
}


def visitor(id_token: str, client_id: str, secrets: Sequence[bytes], now: datetime) -> Visit:
    """Whose shop and which person this token proves.

    Raises NotAuthentic: `stale_token` for a true one whose minute is over or has not begun (a fresh one will do), `odd_token`,
    `wrong_signature`, `wrong_audience`, `wrong_shop`.
    """
    claims = _signed(id_token, client_id, secrets)
    shop = _shop(claims)
    person = claims["sub"]
    if not isinstance(person, str) or not person:
        raise NotAuthentic("odd_token")
    _check_time(claims, now.timestamp())
    return Visit(shop, person)


def _signed(id_token: str, client_id: str, secrets: Sequence[bytes]) -> Mapping[str, Any]:
    if not client_id or not secrets:
        raise NotAuthentic("no_secret")
    if not id_token or len(id_token) > LONGEST_TOKEN or not id_token.isascii() or not id_token.isprintable():
        raise NotAuthentic("odd_token")
    for secret in secrets:
        try:
            return jwt.decode(id_token, secret, algorithms=["HS256"], audience=client_id, options=_OPTIONS)
        except jwt.InvalidSignatureError:
            continue
        except jwt.InvalidAudienceError:
            raise NotAuthentic("wrong_audience") from None
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise NotAuthentic("odd_token") from None
    raise NotAuthentic("wrong_signature")


def _shop(claims: Mapping[str, Any]) -> str:
    """The shop in `dest`, which must be the whole of it, and whose admin must be the issuer."""
    dest = claims["dest"]
    try:
        shop = door.shop(dest.removeprefix("https://")) if isinstance(dest, str) else ""
    except BadValue:
        raise NotAuthentic("wrong_shop") from None
    if not shop or dest != f"https://{shop}" or claims["iss"] != f"https://{shop}/admin":
        raise NotAuthentic("wrong_shop")
    return shop


def _check_time(claims: Mapping[str, Any], now: float) -> None:
    ends, begins = claims["exp"], claims["nbf"]
    made = claims.get("iat", begins)
    if any(type(moment) is not int for moment in (ends, begins, made)) or ends - min(begins, made) > LONGEST_LIFE_S:
        raise NotAuthentic("odd_token")
    if now > ends + LEEWAY_S or now < max(begins, made) - LEEWAY_S:
        raise NotAuthentic("stale_token")


# ---- queries ----------------------------------------------------------------------------------------------------------


def pairs(query: str) -> dict[str, str]:
    """The parameters of a query. Raises BadValue(`odd_query`) for a repeated one: two readers would see two values."""
    try:
        found = parse_qsl(query[: LONGEST_QUERY + 1], keep_blank_values=True, errors="strict", max_num_fields=40)
    except ValueError:  # UnicodeDecodeError too
        raise BadValue("odd_query", "This address is not one that Shopify makes.") from None
    if len(query) > LONGEST_QUERY or len(dict(found)) != len(found):
        raise BadValue("odd_query", "This address is not one that Shopify makes.")
    return dict(found)


def signed_query(query: str, secrets: Sequence[bytes], now: datetime) -> dict[str, str]:
    """The parameters of a query that Shopify signed within the last 90 seconds, `hmac` taken out.

    Raises NotAuthentic: `odd_query`, `no_signature`, `stale_query`, `wrong_signature`.
    """
    try:
        told = pairs(query)
    except BadValue as odd:
        raise NotAuthentic(odd.reason) from None
    claimed, stamp = told.pop("hmac", ""), told.get("timestamp", "")
    if not _HMAC.fullmatch(claimed):
        raise NotAuthentic("no_signature")
    if not _TIMESTAMP.fullmatch(stamp) or abs(now.timestamp() - int(stamp)) > QUERY_WINDOW_S:
        raise NotAuthentic("stale_query")
    message = "&".join(f"{_form(key)}={_form(value)}" for key, value in sorted(told.items())).encode()
    made = [hmac.new(secret, message, hashlib.sha256).hexdigest().encode() for secret in secrets]
    # Every secret is compared, so that the time taken says nothing about which one fits.
    if not any([hmac.compare_digest(one, claimed.encode()) for one in made]):
        raise NotAuthentic("wrong_signature")
    return told


def consented(query: str, secrets: Sequence[bytes], now: datetime) -> Consented:
    """The merchant's yes, as Shopify signed it. Raises NotAuthentic, also for an odd shop or code (`odd_query`)."""
    told = signed_query(query, secrets, now)
    try:
        shop = door.shop(told.get("shop", ""))
    except BadValue:
        raise NotAuthentic("odd_query") from None
    if not _CODE.fullmatch(told.get("code", "")):
        raise NotAuthentic("odd_query")
    return Consented(shop, told.get("state", ""), told["code"])


def _form(text: str) -> str:
    """As JavaScript's URLSearchParams writes it, which is what Shopify signs."""
    return quote_plus(text, safe="*-._").replace("~", "%7E")


def place_in_admin(host: str) -> str:
    """The place in Shopify's admin that a `host` parameter names. Raises BadValue(`odd_host`) for any other place."""
    try:
        found = base64.b64decode(host + "=" * (-len(host) % 4), validate=True).decode("ascii").removesuffix("/")
    except (binascii.Error, ValueError):
        found = ""
    if not _HOST.fullmatch(found):
        raise BadValue("odd_host", "This address does not lead to a place in Shopify's admin.")
    return found


def launch(query: str) -> Launch:
    """What the address says with which the admin opened a page: claims, each of the only form it can have.

    Raises BadValue: `odd_query`, `not_a_shop`, `odd_host`.
    """
    told = pairs(query)
    shop, host, locale = (told.get(key, "") for key in ("shop", "host", "locale"))
    return Launch(
        shop=door.shop(shop) if "shop" in told else "",
        host=host,
        place=place_in_admin(host) if "host" in told else "",
        embedded=told.get("embedded") == "1",
        locale=locale if _LOCALE.fullmatch(locale) else "",
        id_token=told.get("id_token", ""),
    )
