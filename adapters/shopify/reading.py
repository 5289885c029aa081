"""What every reader here needs: whose body it is, when it happened, and money in the currency that the customer paid in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from adapters import payload
from lifecycle.deliveries import Envelope
from lifecycle.errors import BadValue, Unreadable
from lifecycle.money import Money

Payload = Mapping[str, Any]
_CODE = re.compile(r"[A-Z]{3}", re.ASCII)
# Shopify's own samples, as `shopify app webhook trigger` sends them, carry this text literally (CLI 3.94, 2026-11).
SAMPLE_SHOP = "{shop}.myshopify.com"


def code(source: Payload, *keys: str) -> str:
    """The first of `keys` that holds a currency code; else empty."""
    found = (payload.line(source, key).upper() for key in keys)
    return next((text for text in found if _CODE.fullmatch(text)), "")


def bag(source: Payload, key: str, side: str = "presentment_money") -> Money | None:
    """One side of a money bag (`*_set`). Its currency key is `currency_code`, in `total_unsettled_set` `currency`."""
    inner = payload.mapping(payload.mapping(source, key), side)
    return payload.money(inner, "amount", code(inner, "currency_code", "currency"))


@dataclass(frozen=True, slots=True)
class Purse:
    """Which of Shopify's two currencies a body is read in: `currency` was paid in, `shop` is the shop's own.

    Plain amounts are in the shop's currency and the `*_set` beside them in both (shopify.dev REST order, 2026-11-20).
    """

    currency: str
    shop: str

    @property
    def zero(self) -> Money:
        return Money.zero(self.currency)

    def money(self, source: Payload, key: str) -> Money | None:
        """The amount under `key` in the currency paid in: from `<key>_set`, or plain when there is only one currency."""
        paid = bag(source, f"{key}_set")
        if paid is not None and paid.currency == self.currency:
            return paid
        return payload.money(source, key, self.currency) if self.currency == self.shop else None

    def need(self, source: Payload, key: str) -> Money:
        """As `money`. Raises Unreadable(`no_amount`), also for one below zero."""
        found = self.money(source, key)
        if found is None or found.amount < 0:
            raise Unreadable("no_amount")
        return found

    def or_zero(self, source: Payload, key: str) -> Money:
        return self.money(source, key) or self.zero


def purse(source: Payload) -> Purse:
    """The currencies of an order. One without money bags is read in the shop's. Raises Unreadable(`no_currency`)."""
    shop = code(source, "currency")
    if not shop:
        raise Unreadable("no_currency")
    paid = bag(source, "total_price_set")
    return Purse(paid.currency if paid else shop, shop)


def happened(envelope: Envelope, *own: datetime | None) -> datetime:
    """The fact's own time: the first of `own` that is known, else when the envelope was sent. Raises Unreadable(`no_time`).

    An envelope that claims to be older than its fact is believed: then the letter counts as late and a person looks at it.
    """
    told = next((time for time in own if time is not None), None)
    if told is None and envelope.at is None:
        raise Unreadable("no_time")
    return min(time for time in (told, envelope.at) if time is not None)


def need_list(source: Payload, key: str) -> list[dict[str, Any]]:
    """The list of objects under `key`. Raises Unreadable(`no_<key>`) when it is no list or holds anything else."""
    value = source.get(key)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise Unreadable(f"no_{key}")
    return value


def same_shop(envelope: Envelope, claimed: str) -> None:
    """Raises Unreadable(`other_shop`) when the body names another shop than the unsigned header does."""
    if claimed and claimed != SAMPLE_SHOP and claimed.strip().lower() != envelope.store_key:
        raise Unreadable("other_shop", "The body belongs to another shop than the delivery says.")


def same_shop_by_link(envelope: Envelope, link: object) -> None:
    """As `same_shop`, by an order's status link. It proves something only while the shop's own domain is no other one."""
    try:
        host = (urlsplit(link).hostname or "") if isinstance(link, str) else ""
    except ValueError:
        return
    if host.endswith(".myshopify.com"):
        same_shop(envelope, host)


def known(*amounts: Money | None) -> Money | None:
    """The first that was told; zero is told too."""
    return next((amount for amount in amounts if amount is not None), None)


def added(first: Money, *rest: Money | None) -> Money:
    """The sum. Raises Unreadable(`two_currencies`)."""
    try:
        for one in rest:
            first = first if one is None else first + one
    except BadValue:
        raise Unreadable("two_currencies") from None
    return first
