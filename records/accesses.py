"""Accesses: what lets us ask a store's API, its keys sealed together with the store's id."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from lifecycle.errors import HouseError
from lifecycle.ports import Access
from records import codec
from records.inserts import insert
from records.secrets import Keys
from records.tables import accesses

_TIMES = ("granted_at", "expires_at", "renewable_until")


class Accesses:
    """Implements ports.AccessRows. `locks`: an access read in a writing transaction is nobody else's until its end."""

    def __init__(self, connection: Connection, keys: Keys, *, locks: bool = False) -> None:
        self._connection = connection
        self._keys = keys
        self._locks = locks

    def get(self, store_id: str) -> Access | None:
        query = select(accesses).where(accesses.c.store_id == store_id)
        row = self._connection.execute(query.with_for_update() if self._locks else query).first()
        return None if row is None else self._read(row)

    def put(self, access: Access) -> None:
        pairs = [text for pair in access.keys.items() for text in pair]
        values = {
            "sealed": self._keys.seal([access.store_id, *pairs]),
            "scopes": codec.pack(access.scopes),
            **{name: getattr(access, name) for name in _TIMES},
        }
        row = insert(self._connection, accesses).values(store_id=access.store_id, **values)
        self._connection.execute(row.on_conflict_do_update(index_elements=["store_id"], set_=values))

    def drop(self, store_id: str) -> None:
        self._connection.execute(delete(accesses).where(accesses.c.store_id == store_id))

    def list(self) -> Sequence[Access]:
        """By store id."""
        return [self._read(row) for row in self._connection.execute(select(accesses).order_by(accesses.c.store_id))]

    def _read(self, row: Row[Any]) -> Access:
        sealed_for, *pairs = self._keys.opened(row.sealed)
        # A seal does not say what it belongs to; without this, who can write rows could give one store another's keys.
        if codec.clean(row.store_id) != sealed_for:
            raise HouseError("unreadable_memory", "The access of one store stands in another store's row.")
        scopes = codec.unpack(row.scopes, tuple[str, ...])
        times = {name: getattr(row, name) for name in _TIMES}
        return Access(row.store_id, dict(zip(pairs[::2], pairs[1::2], strict=True)), scopes=scopes, **times)
