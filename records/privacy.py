"""Privacy: requests with their receipts, and the walk over PERSONAL that exports, erases and remembers that it did."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from lifecycle.ports import Request
from records import codec, erasing
from records.inserts import insert, insert_new
from records.personal import shown
from records.searching import Person, person_of, rows_of
from records.secrets import Keys
from records.tables import deliveries, privacy_requests, tombstones

_PLAIN = ("id", "store_id", "kind", "customer_id", "address", "received_at", "due_at", "done_at", "receipt")


class Privacy:
    """Implements ports.PrivacyRows.

    Erase in a transaction of its own, not while the request's own delivery is being heard: what waits is settled.
    `wants_scrub`: the disk is to be scrubbed once the transaction is kept.
    """

    def __init__(self, connection: Connection, keys: Keys) -> None:
        self._connection = connection
        self._keys = keys
        self.wants_scrub = False

    # ---- requests ----------------------------------------------------------------------------------------------------

    def add(self, request: Request) -> bool:
        values = {name: getattr(request, name) for name in _PLAIN} | {"order_ids": codec.pack(request.order_ids)}
        return insert_new(self._connection, privacy_requests, values)

    def get(self, store_id: str, request_id: str) -> Request | None:
        asked = privacy_requests.c
        query = select(privacy_requests).where(asked.store_id == store_id, asked.id == request_id)
        row = self._connection.execute(query).first()
        return None if row is None else _read(row)

    def list(self, store_id: str | None = None) -> Sequence[Request]:
        """Newest first."""
        query = select(privacy_requests).order_by(privacy_requests.c.received_at.desc(), privacy_requests.c.seq.desc())
        if store_id is not None:
            query = query.where(privacy_requests.c.store_id == store_id)
        return [_read(row) for row in self._connection.execute(query)]

    def finish(self, request: Request) -> None:
        """Writes when it was done and the receipt, and nothing else: whom it was about may be erased by now."""
        asked = privacy_requests.c
        row = update(privacy_requests).where(asked.store_id == request.store_id, asked.id == request.id)
        self._connection.execute(row.values(done_at=request.done_at, receipt=request.receipt))

    # ---- the walk ----------------------------------------------------------------------------------------------------

    def export(self, store_id: str, *, address: str, customer_id: str, order_ids: Sequence[str]) -> Mapping[str, Any]:
        """By table, each row with the columns that say something to a person; tables without a row are left out."""
        erasing.be_patient(self._connection)
        person = self._person(store_id, address, customer_id, order_ids)
        found = {
            table.name: [shown(table, row) for row in self._connection.execute(select(table).where(rows))]
            for table, rows in rows_of(self._connection, self._keys, person).items()
        }
        return {name: rows for name, rows in found.items() if rows}

    def erase(
        self, store_id: str, *, address: str, customer_id: str, order_ids: Sequence[str], at: datetime
    ) -> Mapping[str, int]:
        """«quotes» counts others' texts that the address was struck out of. What stays, and why, PERSONAL says.

        Deliveries first: then no worker can finish one that it holds, and what it finished before is searched for anew.
        """
        erasing.be_patient(self._connection)
        emptied = 0
        for looks_through in (True, False):
            person = self._person(store_id, address, customer_id, order_ids)
            rows = rows_of(self._connection, self._keys, person, bodies=looks_through)
            emptied += erasing.erase_deliveries(self._connection, rows[deliveries])
        counts = {"deliveries": emptied} | erasing.erase_rows(self._connection, self._keys, person, rows, at)
        counts["quotes"] = erasing.strike_out(self._connection, person)
        self._bury(person, at)
        return counts

    def erase_store(self, store_id: str, at: datetime, *, older_than: datetime | None = None) -> Mapping[str, int]:
        erasing.be_patient(self._connection)
        return erasing.erase_store_rows(self._connection, self._keys, store_id, at, older_than)

    def is_erased(
        self, store_id: str, *, address: str = "", customer_id: str = "", order_id: str = "", at: datetime | None = None
    ) -> bool:
        """Whether any of the names that are given has a tombstone (with `at`: one set then or later)."""
        names = self._names(Person(store_id, frozenset({address}), frozenset({customer_id}), frozenset({order_id})))
        query = select(tombstones.c.at).where(tombstones.c.store_id == store_id, tombstones.c.name_hash.in_(names))
        if at is not None:
            query = query.where(tombstones.c.at >= at)
        return self._connection.execute(query.limit(1)).first() is not None

    def scrub_disk(self) -> None:
        """Takes place when this transaction or reading is over; raises MemoryUnavailable there while a reader prevents it."""
        self.wants_scrub = True

    def _person(self, store_id: str, address: str, customer_id: str, order_ids: Sequence[str]) -> Person:
        return person_of(
            self._connection, self._keys, store_id, address=address, customer_id=customer_id, order_ids=order_ids
        )

    def _bury(self, person: Person, at: datetime) -> None:
        for name in self._names(person):
            row = insert(self._connection, tombstones).values(store_id=person.store_id, name_hash=name, at=at)
            later = row.on_conflict_do_update(
                index_elements=["store_id", "name_hash"],
                set_={"at": row.excluded.at},
                where=tombstones.c.at < row.excluded.at,
            )
            self._connection.execute(later)

    def _names(self, person: Person) -> Sequence[str]:
        named = [("customer", each) for each in person.customer_ids] + [("order", each) for each in person.order_ids]
        hashed = [self._keys.name_hash(person.store_id, kind, name) for kind, name in named if name]
        return sorted([*person.hashes(self._keys), *hashed])


def _read(row: Row[Any]) -> Request:
    plain = {name: getattr(row, name) for name in _PLAIN}
    return Request(order_ids=codec.unpack(row.order_ids, tuple[str, ...]), **plain)
