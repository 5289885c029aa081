"""Installing: which rights this app needs, how a shop is asked for them, and whether a connection is sound.

The subscriptions are the app's own (`shopify.app.toml`), the same for every shop and never deleted by Shopify, so nothing is
created here: what can be wrong is found and told.
https://shopify.dev/docs/apps/build/authentication-authorization, as read on 2026-11-20
"""

from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

from adapters import payload
from adapters.shopify import door
from adapters.shopify.api import API_VERSION, Api, covers
from adapters.shopify.topics import HANDLED
from lifecycle.errors import AccessLost, BadValue
from lifecycle.ports import Access, Health, Launch
from lifecycle.stores import Store

SCOPES = ("read_customers", "read_fulfillments", "read_locales", "read_orders", "read_products")
"""The rights that are asked for, as few as will do; `read_products` is for pictures, `read_locales` for the shop's language."""

COMPLIANCE = frozenset({"customers/data_request", "customers/redact", "shop/redact"})
"""Topics that are declared apart: Shopify delivers them to every app, installed or not."""

SUBSCRIBED = frozenset(HANDLED) - COMPLIANCE
_ENUMS = {name.upper().replace("/", "_"): name for name in SUBSCRIBED}


def consent_url(client_id: str, shop: str, state: str, back: str) -> str:
    """Where the merchant is asked. The shop's name is checked before this: the address is built from it."""
    asked = {"client_id": client_id, "scope": ",".join(SCOPES), "redirect_uri": back, "state": state}
    return f"https://{door.shop(shop)}/admin/oauth/authorize?{urlencode(asked)}"


def admin_url(client_id: str, launch: Launch) -> str:
    """The app inside the admin. Raises BadValue(`no_place`) when the launch names neither a place nor a shop."""
    place = launch.place or (f"{launch.shop}/admin" if launch.shop else "")
    if not place:
        raise BadValue("no_place", "This address names no shop.")
    return f"https://{place}/apps/{client_id}"


def framers(shop: str) -> tuple[str, str]:
    """Who may show our pages in a frame: the one shop's admin, at its old address and its new one."""
    return f"https://{door.shop(shop)}", "https://admin.shopify.com"


def describe(api: Api, store: Store, access: Access) -> Mapping[str, str]:
    """The shop's name, currency, time zone, country and language. Raises AccessLost or PlatformBusy."""
    told = api.ask(store.key, access, "Shop")
    shop = told.object("shop")
    first = next((row for row in payload.mappings(told.data, "shopLocales") if row.get("primary") is True), {})
    found = {
        "name": payload.line(shop, "name"),
        "currency": payload.line(shop, "currencyCode"),
        "timezone": payload.line(shop, "ianaTimezone"),
        "country": payload.line(payload.mapping(shop, "shopAddress"), "countryCodeV2"),
        "locale": payload.line(first, "locale"),
    }
    return {name: value for name, value in found.items() if value}


def check_subscriptions(api: Api, store: Store, access: Access, address: str) -> Health:
    """What is wrong with this connection: `scope_missing:<scope>`, `field_not_approved:<field>`, `api_version_ended`,
    `subscribed_twice:<topic>`. Raises AccessLost or PlatformBusy.
    """
    return Health(
        problems=tuple(dict.fromkeys((*_installation(api, store, access, address), *_protected(api, store, access))))
    )


def _installation(api: Api, store: Store, access: Access, address: str) -> Iterator[tuple[str, str]]:
    told = api.ask(store.key, access, "Installation")
    granted = [
        payload.line(row, "handle") for row in payload.mappings(told.object("currentAppInstallation"), "accessScopes")
    ]
    for scope in SCOPES:
        if not covers(granted, [scope]):
            yield f"scope_missing:{scope}", "Open the app in Shopify's admin and accept what it asks for."
    versions = {
        payload.line(row, "handle"): row.get("supported") for row in payload.mappings(told.data, "publicApiVersions")
    }
    if versions.get(API_VERSION) is not True:
        yield "api_version_ended", f"Shopify does not support its API version {API_VERSION} any more: update this program."
    for row in payload.mappings(told.object("webhookSubscriptions"), "nodes"):
        topic = _ENUMS.get(payload.line(row, "topic"))
        if topic and payload.line(row, "uri") == address:
            yield (
                f"subscribed_twice:{topic}",
                "A webhook of this shop brings what the app's own subscription brings already.",
            )


def _protected(api: Api, store: Store, access: Access) -> Iterator[tuple[str, str]]:
    try:
        kept_back = api.ask(store.key, access, "Protected").kept_back
    except AccessLost as lost:
        if ":" not in lost.reason:
            raise
        kept_back = (lost.reason,)
    for code in kept_back:
        yield code, "Ask for it under Protected customer data in Shopify's dashboard; letters that need it wait until then."
