"""People: who is not to be written to, and what they agreed to. No address is kept here, only its keyed hash."""

from datetime import datetime

from sqlalchemy import Connection, select

from lifecycle.mails import Purpose
from lifecycle.people import Consent, ConsentState
from records.inserts import insert_new
from records.secrets import Keys
from records.tables import consents, suppressions


class People:
    """Implements ports.PeopleRows. An empty address is nobody: nothing is kept and nothing is found for it."""

    def __init__(self, connection: Connection, keys: Keys) -> None:
        self._connection = connection
        self._keys = keys

    def suppressed(self, store_id: str, address: str, purpose: Purpose) -> str:
        found = suppressions.c
        query = select(found.reason).where(found.store_id == store_id, found.address_hash == self._hash(store_id, address))
        if purpose is not Purpose.MARKETING:
            query = query.where(found.marketing_only.is_(False))
        row = self._connection.execute(query.order_by(found.marketing_only)).first()
        return "" if row is None else row.reason or "suppressed"

    def suppress(
        self,
        store_id: str,
        address: str,
        reason: str,
        at: datetime,
        *,
        marketing_only: bool = True,
    ) -> None:
        """The first reason stays, with its time; a later one never loosens it."""
        if hashed := self._hash(store_id, address):
            values = {
                "store_id": store_id,
                "address_hash": hashed,
                "marketing_only": marketing_only,
                "reason": reason,
                "at": at,
            }
            insert_new(self._connection, suppressions, values)

    def consent(self, store_id: str, address: str) -> Consent | None:
        known = consents.c
        query = select(consents).where(known.store_id == store_id, known.address_hash == self._hash(store_id, address))
        row = self._connection.execute(query.order_by(known.counts_at.desc(), known.seq.desc()).limit(1)).first()
        return None if row is None else Consent(ConsentState(row.state), row.at, row.source, row.wording, row.evidence)

    def note_consent(self, store_id: str, address: str, consent: Consent, recorded_at: datetime) -> None:
        """A time of its own that lies ahead counts as now: else a wrong clock would outvote every later «no»."""
        if hashed := self._hash(store_id, address):
            values = {
                "store_id": store_id,
                "address_hash": hashed,
                "state": consent.state,
                "at": consent.at,
                "source": consent.source,
                "wording": consent.wording,
                "evidence": consent.evidence,
                "counts_at": min(consent.at or recorded_at, recorded_at),
                "recorded_at": recorded_at,
            }
            insert_new(self._connection, consents, values)

    def _hash(self, store_id: str, address: str) -> str | None:
        return self._keys.address_hash(store_id, address)
