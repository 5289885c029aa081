"""Looking: a whole order as Shopify has it now, in the words of its webhook."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from adapters import payload
from adapters.shopify import shaping
from adapters.shopify.api import Api
from lifecycle.ports import Access

MOST_LINES = 1000
"""Rows of an order that are asked for; Shopify's own checkout ends at 500."""


def whole_order(api: Api, shop: str, access: Access, order_id: str) -> dict[str, Any] | None:
    """The body of `orders/updated` for this order, None when the shop has no such order. Raises AccessLost or PlatformBusy."""
    gid = shaping.gid("Order", order_id)
    node = api.ask(shop, access, "Order", id=gid).object("order")
    if not node:
        return None
    lines = [*shaping.nodes(node, "lineItems"), *_more_lines(api, shop, access, gid, node)]
    fulfillments = _each(api, shop, access, "Fulfillment", node, "fulfillments")
    refunds = _each(api, shop, access, "Refund", node, "refunds")
    return shaping.order(node, lines, list(fulfillments), list(refunds))


def as_body(told: Mapping[str, Any]) -> bytes:
    """The bytes of a body: the same order gives the same bytes."""
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=str).encode()


def next_page(source: Mapping[str, Any], key: str) -> str:
    """The cursor after which a connection goes on; empty at its end."""
    info = payload.mapping(payload.mapping(source, key), "pageInfo")
    return payload.text(info, "endCursor") if info.get("hasNextPage") is True else ""


def _more_lines(api: Api, shop: str, access: Access, gid: str, node: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    after, found = next_page(node, "lineItems"), 0
    while after and found < MOST_LINES:
        page = api.ask(shop, access, "MoreLines", id=gid, after=after).object("order")
        rows = shaping.nodes(page, "lineItems")
        yield from rows
        found += len(rows) or MOST_LINES
        after = next_page(page, "lineItems")


def _each(
    api: Api, shop: str, access: Access, document: str, node: Mapping[str, Any], key: str
) -> Iterator[dict[str, Any]]:
    for row in payload.mappings(node, key):
        found = api.ask(shop, access, document, id=row.get("id")).object(document.lower())
        if found:
            yield found
