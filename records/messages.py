"""Messages: one row a letter, from the plan to what the other side said of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select, update

from lifecycle.mails import MAILS, Purpose
from lifecycle.messages import OPEN, SENT, Message, State
from records import claims
from records.inserts import insert_new
from records.letters import read, written
from records.secrets import Keys
from records.tables import messages

WATCHED = (State.WAITING, State.HELD, State.APPROVED, State.SENDING, State.IN_DOUBT)
"""States in which the worker has something to do when the row is due: send, let go stale, or find out what became of it."""

_FIXED = frozenset({"id", "store_id", "key", "attempts"})


class Messages:
    """Implements ports.MessageRows.

    `locks`: a message read in a writing transaction stays as it was read until its end (PostgreSQL: FOR UPDATE; SQLite has
    one writer anyway), so that a decision, a stop and a hand-over of the same letter cannot both win.
    """

    def __init__(self, connection: Connection, keys: Keys, *, locks: bool = False) -> None:
        self._connection = connection
        self._keys = keys
        self._locks = locks

    def add(self, message: Message) -> bool:
        return insert_new(self._connection, messages, self._values(message))

    def get(self, store_id: str, message_id: str) -> Message | None:
        return self._one(messages.c.store_id == store_id, messages.c.id == message_id)

    def find(self, message_id: str) -> Message | None:
        return self._one(messages.c.id == message_id)

    def by_key(self, store_id: str, key: str) -> Message | None:
        return self._one(messages.c.store_id == store_id, messages.c.key == key)

    def open_about(self, store_id: str, fact_kind: str, fact_id: str) -> Sequence[Message]:
        return self._open(store_id, messages.c.fact_kind == fact_kind, messages.c.fact_id == fact_id)

    def open_of_order(self, store_id: str, order_id: str) -> Sequence[Message]:
        return self._open(store_id, messages.c.order_id == order_id)

    def claim(self, now: datetime, limit: int, lease: timedelta) -> Sequence[Message]:
        taken = claims.take(self._connection, messages, now, limit, lease, messages.c.state.in_(WATCHED))
        return [read(row) for row in taken]

    def save(self, message: Message) -> bool:
        values = {name: value for name, value in self._values(message).items() if name not in _FIXED}
        held = claims.held_by(messages, message.store_id, message.id, message.attempts)
        return self._connection.execute(update(messages).where(*held).values(**values)).rowcount == 1

    def list(
        self,
        store_id: str | None = None,
        *,
        state: State | None = None,
        mail: str | None = None,
        order: str | None = None,
        event_id: str | None = None,
        limit: int = 100,
        newest_first: bool = True,
    ) -> Sequence[Message]:
        conditions: list[ColumnElement[bool]] = []
        wanted = {"store_id": store_id, "state": state, "mail": mail, "event_id": event_id}
        conditions += [messages.c[name] == value for name, value in wanted.items() if value is not None]
        if order is not None:
            bare = order.removeprefix("#")
            conditions.append(or_(messages.c.order_id.in_((order, bare)), messages.c.order_number.in_((bare, f"#{bare}"))))
        written_in = messages.c.seq.desc() if newest_first else messages.c.seq
        return self._all(select(messages).where(*conditions).order_by(written_in).limit(limit))

    def count_to(self, store_id: str, to: str, since: datetime, *, marketing: bool = False) -> int:
        query = select(func.count()).where(*self._sent_to(store_id, to), messages.c.sent_at >= since)
        if marketing:
            query = query.where(messages.c.purpose == Purpose.MARKETING)
        return self._connection.scalar(query) or 0

    def last_marketing_at(self, store_id: str, to: str) -> datetime | None:
        query = select(func.max(messages.c.sent_at, type_=messages.c.sent_at.type))
        newest = query.where(*self._sent_to(store_id, to), messages.c.purpose == Purpose.MARKETING)
        at: datetime | None = self._connection.scalar(newest)
        return at

    def any_sent(self, store_id: str, mail: str) -> bool:
        """Team copies are no letters of this kind."""
        query = select(messages.c.seq).where(messages.c.store_id == store_id, messages.c.mail == mail, *_LEFT).limit(1)
        return self._connection.execute(query).first() is not None

    def next_due(self) -> datetime | None:
        query = select(messages.c.due_at).where(messages.c.due_at.is_not(None), messages.c.state.in_(WATCHED))
        return self._connection.scalar(query.order_by(messages.c.due_at).limit(1))

    def _sent_to(self, store_id: str, to: str) -> tuple[ColumnElement[bool], ...]:
        hashed = self._keys.address_hash(store_id, to)
        return (messages.c.store_id == store_id, messages.c.to_hash == hashed, *_LEFT)

    def _open(self, store_id: str, *conditions: ColumnElement[bool]) -> Sequence[Message]:
        query = select(messages).where(messages.c.store_id == store_id, *conditions, messages.c.state.in_(sorted(OPEN)))
        return self._all(self._locked(query.order_by(messages.c.seq)))

    def _one(self, *conditions: ColumnElement[bool]) -> Message | None:
        row = self._connection.execute(self._locked(select(messages).where(*conditions))).first()
        return None if row is None else read(row)

    def _locked(self, query: Select[Any]) -> Select[Any]:
        return query.with_for_update() if self._locks else query

    def _all(self, query: Select[Any]) -> Sequence[Message]:
        return [read(row) for row in self._connection.execute(query)]

    def _values(self, message: Message) -> dict[str, Any]:
        row = MAILS.get(message.mail)
        return written(message) | {
            "to_hash": self._keys.address_hash(message.store_id, message.to),
            "purpose": row.purpose if row else Purpose.SERVICE,
        }


_LEFT = (messages.c.state.in_(sorted(SENT)), messages.c.copy_of.is_(None))
