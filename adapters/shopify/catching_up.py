"""Catching up: the orders that changed since a time, as the webhooks that may not have come would have told them.

Shopify promises no delivery and advises to look by `updated_at`.
https://shopify.dev/docs/apps/build/webhooks, as read on 2026-11-20
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from adapters import payload
from adapters.shopify import looking, shaping
from adapters.shopify.api import Api
from lifecycle.ports import Access, Found

MOST_PAGES = 2_000


def orders(api: Api, shop: str, access: Access, since: datetime, until: datetime) -> Iterator[Found]:
    """What changed from `since` to `until`, oldest change first: `orders/create` for orders made in that time, and
    `orders/updated` for all. Raises AccessLost or PlatformBusy, also half way.
    """
    for row in _changed(api, shop, access, since, until):
        order_id, changed = shaping.number(row.get("id")), payload.moment(row, "updatedAt")
        told = looking.whole_order(api, shop, access, str(order_id)) if order_id and changed else None
        if told is not None and changed is not None:
            made = payload.moment(row, "createdAt") or changed
            if since <= made <= until:
                yield _found("orders/create", told, made)
            yield _found("orders/updated", told, changed)


def _changed(api: Api, shop: str, access: Access, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
    search = f"updated_at:>='{_said(since)}' AND updated_at:<='{_said(until)}'"
    after: str | None = None
    for _ in range(MOST_PAGES):
        told = api.ask(shop, access, "Changed", search=search, after=after).data
        yield from shaping.nodes(told, "orders")
        after = looking.next_page(told, "orders") or None
        if after is None:
            return


def _said(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _found(topic: str, told: dict[str, Any], at: datetime) -> Found:
    """The id is the same for the same state of the same order, so that windows may overlap."""
    state = payload.line(told, "updated_at")
    return Found(topic=topic, delivery_id=f"catch-up:{told['id']}:{state}", body=looking.as_body(told), at=at)
