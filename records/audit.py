"""Audit: who did what to which letter. Lines are added and read, never changed."""

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select

from lifecycle.ports import AuditLine
from records.tables import audit

_COLUMNS = ("store_id", "message_id", "at", "actor", "act", "detail")


class Audit:
    """Implements ports.AuditRows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, line: AuditLine) -> None:
        self._connection.execute(insert(audit).values(**{name: getattr(line, name) for name in _COLUMNS}))

    def of(self, store_id: str, message_id: str) -> Sequence[AuditLine]:
        """In the order in which it happened."""
        query = select(*(audit.c[name] for name in _COLUMNS)).order_by(audit.c.seq)
        rows = self._connection.execute(query.where(audit.c.store_id == store_id, audit.c.message_id == message_id))
        return [AuditLine(*row) for row in rows]
