"""Connecting a shop: what its address shows to anybody, the page on which its owner grants keys, and the keys on trial.

`/wc-auth/v1/authorize` as driven end to end on WooCommerce 10.5.0 with WordPress 6.9, 2026-11-20;
https://woocommerce.github.io/woocommerce-rest-api-docs/#authentication-over-https
"""

import html
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

from adapters import payload
from adapters.http import Answer, Outbound
from adapters.woocommerce import site
from adapters.woocommerce.api import VERSION, Shop, is_page
from lifecycle.errors import (
    AccessLost,
    BadValue,
    NoAnswer,
    NotAShop,
    NotAuthentic,
    NotFound,
    PlatformBusy,
    Unreadable,
)
from lifecycle.ports import Grant, Site

APP_NAME = "multimail-commerce"
SCOPE = "read_write"
TRIAL_S = 10.0
"""Seconds for one call while the shop's owner waits: the shop gives our answer to its callback 60 s in all."""

# `modified_after` is there since 5.8; an older shop ignores it and would show all its orders for ever.
OLDEST = (5, 8)

_ONCE = re.compile(r"[A-Za-z0-9_-]{22,64}", re.ASCII)
_KEY = {
    "consumer_key": re.compile(r"ck_[0-9a-f]{40}", re.ASCII),
    "consumer_secret": re.compile(r"cs_[0-9a-f]{40}", re.ASCII),
}

# What the wire says → what the owner reads about it; every other word of it means that nobody answered.
_WIRE = {
    "url_refused": "not_a_site",
    "not_https": "not_https",
    "port_refused": "odd_port",
    "name_unknown": "name_unknown",
    "address_refused": "not_public",
    "not_trusted": "bad_certificate",
    "too_big": "odd_answer",
}


def look_at(wire: Outbound, text: str, *, near: bool = False) -> Site:
    """The shop at a typed address, by its API's index, which needs no key. `near` lets this very machine be a shop (tests).

    Raises NotAShop or PlatformBusy.
    """
    try:
        url = site.canonical(text)
    except BadValue as wrong:
        raise NotAShop(wrong.reason, str(wrong)) from None
    if not near and not url.startswith("https://"):
        raise NotAShop("not_https")
    answer = _asked(wire, f"{url}/wp-json/")
    if 300 <= answer.status < 400:
        raise NotAShop("redirects", _final(answer))
    index = answer.object() if 200 <= answer.status < 300 else {}
    if not isinstance(index.get("namespaces"), list):
        _no_index(wire, url, answer)
    if VERSION not in index["namespaces"]:
        raise NotAShop("no_woocommerce")
    if not near and any(payload.text(index, name).lower().startswith("http://") for name in ("url", "home")):
        # Basic auth is ignored by a shop that takes itself for one without TLS.
        raise NotAShop("http_inside")
    return Site(url, " ".join(html.unescape(payload.line(index, "name")).split())[:100], _timezone(index))


def _asked(wire: Outbound, url: str) -> Answer:
    try:
        return wire.call("GET", url, total_s=TRIAL_S)
    except NoAnswer as fault:
        reason = _WIRE.get(fault.reason)
    if reason:
        raise NotAShop(reason)
    raise PlatformBusy("not_reached")


def _no_index(wire: Outbound, url: str, answer: Answer) -> None:
    """Raises the reason why there was no index where it should be."""
    if answer.status >= 500 or answer.status in (408, 425, 429):
        raise PlatformBusy("shop_busy")
    if answer.status in (401, 403) and payload.text(answer.object(), "code"):
        raise NotAShop("rest_closed")
    if answer.status not in (200, 404):
        raise PlatformBusy("firewall")
    # With plain permalinks the index has another address, and `/wc-auth/` and our calls have none at all.
    plain = _asked(wire, f"{url}/?rest_route=/")
    if plain.status == 200 and isinstance(plain.object().get("namespaces"), list):
        raise NotAShop("no_permalinks")
    if answer.status == 200 and is_page(answer) and b"wp-content" not in answer.body and _is_question(answer):
        raise PlatformBusy("firewall")
    raise NotAShop("not_wordpress")


def _is_question(answer: Answer) -> bool:
    """Whether a page asks a visitor to prove that they are a person."""
    return any(
        word in answer.body.lower() for word in (b"captcha", b"challenge", b"are you human", b"checking your browser")
    )


def _final(answer: Answer) -> str:
    """The address that a redirect leads to, when it can be a shop's; never followed, only shown."""
    try:
        found = site.canonical(answer.headers.get("location", "").split("?")[0].split("#")[0])
    except BadValue:
        return ""
    return found.removesuffix("/wp-json")


def _timezone(index: Mapping[str, Any]) -> str:
    name = payload.text(index, "timezone_string")
    hours = payload.text(index, "gmt_offset").removesuffix(".0")
    if not name and re.fullmatch(r"-?1?[0-9]", hours) and hours not in ("0", "-0"):
        name = f"Etc/GMT{-int(hours):+d}"  # POSIX counts westwards
    try:
        ZoneInfo(name)
    except (ValueError, OSError):
        return ""
    return name


def grant_url(key: str, once: str, *, callback_url: str, return_url: str, near: bool = False) -> str:
    """The page of the shop that asks its owner to grant keys. Raises NotAShop.

    The shop passes `app_name` and `user_id` on without encoding them again, so both are plain words.
    """
    if not _ONCE.fullmatch(once):
        raise ValueError("once must be 22 to 64 letters, digits, «-» and «_»")
    if urlsplit(callback_url).scheme != "https" and not near:
        raise NotAShop("callback_not_https")
    asked = {
        "app_name": APP_NAME,
        "scope": SCOPE,
        "user_id": once,
        "return_url": return_url,
        "callback_url": callback_url,
    }
    return f"{key}/wc-auth/v1/authorize?{urlencode(asked)}"


def accept(wire: Outbound, key: str, once: str, body: bytes, *, near: bool = False) -> Grant:
    """The keys that the shop posted, tried at the shop that we asked (`ports.ConnectsByKeys`).

    The post is neither signed nor does it name the shop: only its one-time value, and keys that open *this* shop, prove it.
    """
    said = payload.load(body)
    if said.get("user_id") != once:
        raise NotAuthentic("wrong_once")
    keys = {
        name: value for name, form in _KEY.items() if isinstance(value := said.get(name), str) and form.fullmatch(value)
    }
    if len(keys) < len(_KEY):
        raise Unreadable("odd_keys")
    if said.get("key_permissions") != SCOPE:
        raise AccessLost("key_without_write")
    shop = Shop(wire, key, keys, total_s=TRIAL_S)
    facts = _tried(shop)
    seen = look_at(wire, key, near=near)
    named = {"name": seen.name, "timezone": seen.timezone, **facts}
    return Grant(keys, ("read", "write"), {name: value for name, value in named.items() if value})


def _tried(shop: Shop) -> dict[str, str]:
    """What the shop says of itself to keys that may read and write there. Raises AccessLost, PlatformBusy or NotAShop."""
    shop.rows("orders", per_page="1", status="any", _fields="id")
    try:
        # Nothing is written, but a key without the right to write is refused before the list is looked at.
        shop.make("webhooks/batch", {"create": []})
        status = shop.one("system_status", _fields="environment,settings")
    except (BadValue, NotFound):
        raise NotAShop("old_woocommerce") from None
    if _version(status) < OLDEST:
        raise NotAShop("old_woocommerce")
    environment, settings = payload.mapping(status, "environment"), payload.mapping(status, "settings")
    return {
        "currency": payload.text(settings, "currency"),
        "locale": payload.text(environment, "language").replace("-", "_"),
        "country": _country(shop),
    }


def _version(status: Mapping[str, Any]) -> tuple[int, ...]:
    """WooCommerce's version; a spelling that is none counts as new."""
    found = re.match(r"([0-9]{1,3})\.([0-9]{1,3})", payload.text(payload.mapping(status, "environment"), "version"))
    return tuple(int(part) for part in found.groups()) if found else OLDEST


def _country(shop: Shop) -> str:
    """Where the shop is («US:NY» is kept as US); empty when its settings may not be read."""
    try:
        kept = shop.one("settings/general/woocommerce_default_country", _fields="id,value")
    except (AccessLost, BadValue, NotFound, PlatformBusy):
        return ""
    code = payload.text(kept, "value").partition(":")[0]
    return code if re.fullmatch(r"[A-Z]{2}", code) else ""
