"""Notices: what a merchant must know and do something about, one a store and code."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select

from lifecycle.ports import Notice
from records.inserts import insert
from records.tables import notices


class Notices:
    """Implements ports.NoticeRows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, notice: Notice) -> None:
        row = insert(self._connection, notices).values(
            store_id=notice.store_id, code=notice.code, at=notice.at, detail=notice.detail
        )
        news = {"at": row.excluded.at, "detail": row.excluded.detail}
        self._connection.execute(row.on_conflict_do_update(index_elements=["store_id", "code"], set_=news))

    def clear(self, store_id: str, code: str) -> None:
        self._connection.execute(delete(notices).where(notices.c.store_id == store_id, notices.c.code == code))

    def of(self, store_id: str) -> Sequence[Notice]:
        """Newest first."""
        query = select(notices).where(notices.c.store_id == store_id).order_by(notices.c.at.desc(), notices.c.code)
        return [Notice(row.store_id, row.code, row.at, row.detail) for row in self._connection.execute(query)]
