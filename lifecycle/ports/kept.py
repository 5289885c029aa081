"""Kept for the connection of a store: keys, notices, returning work, and the walk over personal data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Access:
    """What lets us ask a store's API: `keys` are the platform's own (tokens, consumer key and secret), sealed at rest.

    `expires_at`: the short-lived key's end; `renewable_until`: the refresh token's; both None where keys do not expire.
    """

    store_id: str
    keys: Mapping[str, str] = field(repr=False)
    granted_at: datetime
    scopes: tuple[str, ...] = ()
    expires_at: datetime | None = None
    renewable_until: datetime | None = None


class AccessRows(Protocol):
    """The keys of connected stores, sealed at rest."""

    def get(self, store_id: str) -> Access | None:
        """Inside `transaction()` the row stays locked until its end, so that only one worker renews it."""

    def put(self, access: Access) -> None: ...
    def drop(self, store_id: str) -> None: ...
    def list(self) -> Sequence[Access]:
        """Every store's, for the operator's key rotation and the weekly renewal."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the merchant must know and do something about; one a store and code, renewed by the next of its kind."""

    store_id: str
    code: str
    at: datetime
    detail: str = ""


class NoticeRows(Protocol):
    """What a store's merchant must know."""

    def put(self, notice: Notice) -> None: ...
    def clear(self, store_id: str, code: str) -> None: ...
    def of(self, store_id: str) -> Sequence[Notice]: ...


@dataclass(frozen=True, slots=True)
class Chore:
    """Work that comes back: catch-up, subscription check, renewal, privacy. `mark` is where the last one got to.

    Claimed like a message: the lease is `due_at`, `attempts` the token. `due_at` None = done for good.
    """

    store_id: str
    name: str
    due_at: datetime | None
    mark: str = ""
    note: str = ""
    attempts: int = 0
    done_at: datetime | None = None


class ChoreRows(Protocol):
    """Work that comes back, a store and name."""

    def plan(self, store_id: str, name: str, due_at: datetime, mark: str = "") -> None:
        """Add it, or bring the one there is forward to `due_at` when that is earlier; its mark stays."""

    def claim(self, now: datetime, limit: int, lease: timedelta) -> Sequence[Chore]: ...
    def finish(self, chore: Chore) -> bool:
        """Write mark, note, done_at and the next due_at where the token still fits."""

    def of(self, store_id: str) -> Sequence[Chore]: ...
    def drop(self, store_id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Request:
    """One privacy request and its receipt: kind (`export`, `erase`, `erase_store`), when it came, until when it must be done.

    `receipt` is JSON text of what was done (counts, kept with the reason), never the data itself.
    """

    id: str
    store_id: str
    kind: str
    customer_id: str
    address: str
    order_ids: tuple[str, ...]
    received_at: datetime
    due_at: datetime
    done_at: datetime | None = None
    receipt: str = ""


class PrivacyRows(Protocol):
    """The walk over personal data (`records/personal.py`): every column that holds any, how to show it, how to erase it."""

    def add(self, request: Request) -> bool: ...
    def get(self, store_id: str, request_id: str) -> Request | None: ...
    def list(self, store_id: str | None = None) -> Sequence[Request]: ...
    def finish(self, request: Request) -> None: ...
    def export(self, store_id: str, *, address: str, customer_id: str, order_ids: Sequence[str]) -> Mapping[str, Any]:
        """Everything kept about this person, by table and column, as JSON values."""

    def erase(
        self, store_id: str, *, address: str, customer_id: str, order_ids: Sequence[str], at: datetime
    ) -> Mapping[str, int]:
        """Overwrite or delete it everywhere (raw bodies too), leave a tombstone and the opt-out's hash; counts by table."""

    def erase_store(self, store_id: str, at: datetime, *, older_than: datetime | None = None) -> Mapping[str, int]:
        """Everything of the store, or what is older than a re-install."""

    def is_erased(
        self, store_id: str, *, address: str = "", customer_id: str = "", order_id: str = "", at: datetime | None = None
    ) -> bool:
        """Whether a tombstone names it: a late copy must not bring it back.

        With `at`, only a tombstone set at or after then: an erased person who comes back and buys anew is a customer again.
        """

    def scrub_disk(self) -> None:
        """Make erased bytes leave the file too (SQLite: truncating checkpoint); nothing on PostgreSQL."""
