"""Requests about personal data, as a platform passes them on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PrivacyRequest:
    """The fact of `privacy.*`: which customer (by id, address or both) and which orders. An empty customer is the whole store."""

    id: str
    customer_id: str | None = None
    email: str | None = None
    order_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoreChange:
    """The fact of `store.*`: the store itself came or left."""

    id: str
