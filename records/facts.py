"""Facts: orders, parcels, refunds and checkouts as they were last heard of."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from lifecycle.carts import Checkout
from lifecycle.events import FACT_KINDS
from lifecycle.orders import Fulfillment, Order, Refund
from records import codec
from records.inserts import insert
from records.secrets import Keys
from records.tables import facts

Kept = TypeVar("Kept", Order, Fulfillment, Refund, Checkout)
_KEY = ("store_id", "fact_kind", "fact_id")
_ORDERS_AT_MOST = 50


class Facts:
    """Implements ports.FactRows."""

    def __init__(self, connection: Connection, keys: Keys) -> None:
        self._connection = connection
        self._keys = keys

    def lock(self, store_id: str, subject: str) -> None:
        """PostgreSQL's lock ends with the transaction; on SQLite every transaction is alone from its beginning."""
        if self._connection.dialect.name == "postgresql":
            name = hashlib.sha256(f"{codec.clean(store_id)}\x1f{codec.clean(subject)}".encode()).digest()[:8]
            self._connection.execute(select(func.pg_advisory_xact_lock(int.from_bytes(name, signed=True))))

    def get_order(self, store_id: str, order_id: str) -> Order | None:
        return self._get(Order, store_id, order_id)

    def get_fulfillment(self, store_id: str, fulfillment_id: str) -> Fulfillment | None:
        return self._get(Fulfillment, store_id, fulfillment_id)

    def get_refund(self, store_id: str, refund_id: str) -> Refund | None:
        return self._get(Refund, store_id, refund_id)

    def get_checkout(self, store_id: str, token: str) -> Checkout | None:
        return self._get(Checkout, store_id, token)

    def put(self, store_id: str, fact: Order | Fulfillment | Refund | Checkout) -> None:
        values = {
            "store_id": store_id,
            "fact_kind": FACT_KINDS[type(fact)],
            "fact_id": fact.id,
            "order_id": fact.id if isinstance(fact, Order) else fact.order_id,
            "email_hash": self._keys.address_hash(store_id, _email(fact)),
            "cart_token": fact.cart_token if isinstance(fact, Order | Checkout) else None,
            "body": codec.pack(fact),
        } | _times(fact)
        row = insert(self._connection, facts).values(**values)
        news = {name: value for name, value in values.items() if name not in _KEY}
        self._connection.execute(row.on_conflict_do_update(index_elements=_KEY, set_=news))

    def fulfillments_of(self, store_id: str, order_id: str) -> Sequence[Fulfillment]:
        """Oldest first."""
        return self._all(Fulfillment, store_id, facts.c.order_id == order_id)

    def refunds_of(self, store_id: str, order_id: str) -> Sequence[Refund]:
        """Oldest first."""
        return self._all(Refund, store_id, facts.c.order_id == order_id)

    def checkouts_of(self, store_id: str, *, cart_token: str | None = None, email: str | None = None) -> Sequence[Checkout]:
        """Oldest first; none when neither is given."""
        hashed = self._keys.address_hash(store_id, email)
        ways = [facts.c.cart_token == cart_token] if cart_token else []
        ways += [facts.c.email_hash == hashed] if hashed else []
        return self._all(Checkout, store_id, or_(*ways)) if ways else []

    def orders_of(self, store_id: str, email: str) -> Sequence[Order]:
        hashed = self._keys.address_hash(store_id, email)
        if hashed is None:
            return []
        query = _rows(Order, store_id).where(facts.c.email_hash == hashed)
        query = query.order_by(facts.c.happened_at.desc(), facts.c.fact_id.desc()).limit(_ORDERS_AT_MOST)
        return [codec.unpack(body, Order) for body in self._connection.scalars(query)]

    def _get(self, kind: type[Kept], store_id: str, fact_id: str) -> Kept | None:
        body = self._connection.scalar(_rows(kind, store_id).where(facts.c.fact_id == fact_id))
        return None if body is None else codec.unpack(body, kind)

    def _all(self, kind: type[Kept], store_id: str, condition: ColumnElement[bool]) -> Sequence[Kept]:
        # A missing time sorts first on SQLite and last on PostgreSQL unless it is said.
        order = (facts.c.happened_at.asc().nulls_last(), facts.c.fact_id)
        bodies = self._connection.scalars(_rows(kind, store_id).where(condition).order_by(*order))
        return [codec.unpack(body, kind) for body in bodies]


def _rows(kind: type[Any], store_id: str) -> Select[str]:
    return select(facts.c.body).where(facts.c.store_id == store_id, facts.c.fact_kind == FACT_KINDS[kind])


def _email(fact: Order | Fulfillment | Refund | Checkout) -> str | None:
    return fact.customer.email if isinstance(fact, Order | Checkout) else None


def _times(fact: Order | Fulfillment | Refund | Checkout) -> dict[str, datetime | None]:
    """When it came to be and when it last changed, as its platform says."""
    if isinstance(fact, Order):
        return {"happened_at": fact.placed_at, "updated_at": fact.updated_at}
    if isinstance(fact, Fulfillment):
        return {"happened_at": fact.shipped_at, "updated_at": fact.updated_at}
    if isinstance(fact, Refund):
        return {"happened_at": fact.refunded_at, "updated_at": fact.refunded_at}
    return {"happened_at": fact.touched_at, "updated_at": fact.touched_at}
