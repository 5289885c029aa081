"""Stores: kept whole, their secrets sealed."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select, update

from lifecycle.errors import BadValue, NotFound
from lifecycle.stores import Store, StoreSettings
from records import codec
from records.inserts import insert_new
from records.secrets import Keys
from records.tables import stores


class Stores:
    """Implements ports.StoreRows."""

    def __init__(self, connection: Connection, keys: Keys) -> None:
        self._connection = connection
        self._keys = keys

    def add(self, store: Store) -> None:
        """Raises BadValue when its id, its key or its token is taken on its platform."""
        if not insert_new(self._connection, stores, self._values(store)):
            raise BadValue("store_exists", "This store is there already.")

    def get(self, store_id: str) -> Store | None:
        return self._one(stores.c.id == store_id)

    def by_key(self, platform: str, key: str) -> Store | None:
        return self._one(stores.c.platform == platform, stores.c.key == key)

    def by_token(self, platform: str, token: str) -> Store | None:
        """None for an empty token, whoever has none."""
        return self._one(stores.c.platform == platform, stores.c.token == token) if token else None

    def all(self) -> Sequence[Store]:
        """Oldest first."""
        rows = self._connection.execute(select(stores).order_by(stores.c.created_at, stores.c.id))
        return [self._read(row) for row in rows]

    def save(self, store: Store) -> None:
        """Raises NotFound when it was never added."""
        done = self._connection.execute(update(stores).where(stores.c.id == store.id).values(**self._values(store)))
        if not done.rowcount:
            raise NotFound("no_such_store", "There is no such store.")

    def _one(self, *conditions: ColumnElement[bool]) -> Store | None:
        row = self._connection.execute(select(stores).where(*conditions)).first()
        return None if row is None else self._read(row)

    def _values(self, store: Store) -> dict[str, Any]:
        plain = (
            "id",
            "platform",
            "key",
            "name",
            "currency",
            "timezone",
            "locale",
            "country",
            "created_at",
            "uninstalled_at",
        )
        return {
            **{name: getattr(store, name) for name in plain},
            "token": store.token or None,
            "settings": codec.pack(store.settings),
            "secrets": self._keys.seal(store.secrets),
        }

    def _read(self, row: Row[Any]) -> Store:
        values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
        values["token"] = row.token or ""
        values["settings"] = codec.unpack(row.settings, StoreSettings)
        values["secrets"] = self._keys.opened(row.secrets)
        return Store(**values)
