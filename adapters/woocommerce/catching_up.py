"""Catching up: WooCommerce never sends a webhook twice, so every order that changed since a time is asked for.

`modified_after` in UTC, oldest change first. While pages are read, orders change and move to the end, which would pull one
unread order over each page's edge. So no page number is counted on: the next question begins at the last second that was
read, and what was read already is dropped. Only a second with more orders than a page is paged by number, and then again
until a round brings nothing new. https://woocommerce.github.io/woocommerce-rest-api-docs/#list-all-orders
"""

import heapq
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from adapters import payload
from adapters.woocommerce.api import PAGE, Row, Shop
from lifecycle.errors import PlatformBusy
from lifecycle.ports import Found

# `any` is every status but trash, drafts included, and cuts a list of statuses short: WC_REST_Orders_V2_Controller. 2026-11
STATUSES = ("any", "trash")
TOPIC = "order.updated"
_SECOND = timedelta(seconds=1)
_SMALLER = (PAGE, 20, 4, 1)
_MOST_ROUNDS = 20


def changed(shop: Shop, since: datetime, until: datetime) -> Iterator[Found]:
    """Every order that changed from `since` on, oldest change first, as its order.updated would have told it.

    What changes after `until` may be among them. Raises AccessLost or PlatformBusy, also half way.
    """
    walks = (_Walk(shop, status, since, until).found() for status in STATUSES)
    return heapq.merge(*walks, key=lambda found: found.at)


@dataclass(slots=True)
class _Walk:
    """One status's way through time. `after` only grows; `given` holds what was given from the present second."""

    shop: Shop
    status: str
    since: datetime
    until: datetime
    given: dict[str, datetime] = field(default_factory=dict)
    sizes: tuple[int, ...] = _SMALLER

    def found(self) -> Iterator[Found]:
        after = self.since.astimezone(UTC).replace(microsecond=0) - _SECOND
        while True:
            rows = self._page(after, 1)
            last = _last(rows)
            if last is not None and last < after:
                raise PlatformBusy("filter_ignored", "The shop shows all its orders instead of those that changed.")
            yield from self._news(rows)
            if len(rows) < self._asked or last is None or last > self.until:
                return
            if last - _SECOND > after:
                after = last - _SECOND
                self.given = {order_id: at for order_id, at in self.given.items() if at >= last}
                continue
            yield from self._crowded(after, last)
            after += _SECOND

    @property
    def _asked(self) -> int:
        return self.sizes[0]

    def _crowded(self, after: datetime, second: datetime) -> Iterator[Found]:
        """One second with more orders than a page holds, page by page, until a round brings nothing new."""
        for _ in range(_MOST_ROUNDS):
            news, size = 0, self._asked
            for page in itertools.count(1):
                rows = self._page(after, page)
                fresh = list(self._news(rows))
                news += len(fresh)
                yield from fresh
                last = _last(rows)
                if len(rows) < self._asked or last is None or last > second:
                    break
            if not news and size == self._asked:
                return
        raise PlatformBusy("restless", "The shop's orders change faster than they can be read.")

    def _page(self, after: datetime, page: int) -> Sequence[Row]:
        """A page; a smaller one from here on when an answer grew beyond what is read at all (orders with long lists)."""
        while True:
            try:
                return self.shop.rows(
                    "orders",
                    status=self.status,
                    modified_after=after.strftime("%Y-%m-%dT%H:%M:%S"),
                    dates_are_gmt="true",
                    orderby="modified",
                    order="asc",
                    per_page=str(self._asked),
                    page=str(page),
                )
            except PlatformBusy as busy:
                if busy.reason != "too_big" or len(self.sizes) == 1:
                    raise
                self.sizes = self.sizes[1:]
                page = 1

    def _news(self, rows: Sequence[Row]) -> Iterator[Found]:
        for row in rows:
            order_id, at = payload.identifier(row.said, "id"), _modified(row)
            if at is None or not order_id or self.given.get(order_id) == at:
                continue
            self.given[order_id] = at
            yield Found(TOPIC, f"catch-up-{order_id}-{int(at.timestamp())}", row.body, at)


def _modified(row: Row) -> datetime | None:
    return payload.moment(row.said, "date_modified_gmt", assume_utc=True)


def _last(rows: Sequence[Row]) -> datetime | None:
    return max((at for row in rows if (at := _modified(row)) is not None), default=None)
