"""Erasing: what PERSONAL says, done to one person's rows or to a whole store's."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    LargeBinary,
    Table,
    and_,
    case,
    delete,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    text,
    true,
    update,
)

from lifecycle.deliveries import DeliveryState
from lifecycle.messages import OPEN, State
from lifecycle.people import ConsentState
from lifecycle.stores import StoreSettings
from records import codec
from records.inserts import insert_new
from records.personal import PERSONAL, Erasing, Names, columns_of
from records.searching import Person, like, quotes
from records.secrets import Keys
from records.tables import (
    accesses,
    audit,
    chores,
    consents,
    deliveries,
    events,
    facts,
    messages,
    notices,
    privacy_requests,
    stores,
)

STRUCK = "[erased]"
_PROOF = "hmac-sha256:"
_PATIENCE = ("SET LOCAL statement_timeout = '120s'",)
"""PostgreSQL: a big store takes longer than a door may wait."""


def be_patient(connection: Connection) -> None:
    """Let the statements of this transaction take their time."""
    if connection.dialect.name == "postgresql":
        for statement in _PATIENCE:
            connection.execute(text(statement))


# ---- one person ------------------------------------------------------------------------------------------------------


def erase_deliveries(connection: Connection, rows: ColumnElement[bool]) -> int:
    """Empty the bodies. What waits is settled, and its worker's token made old, so that it cannot finish what it read."""
    waits = deliveries.c.state == DeliveryState.WAITING
    settled = {
        "state": case((waits, literal(DeliveryState.IGNORED)), else_=deliveries.c.state),
        "reason": case((waits, literal("erased")), else_=deliveries.c.reason),
        "attempts": case((waits, deliveries.c.attempts + 1), else_=deliveries.c.attempts),
        "due_at": None,
    }
    emptied = update(deliveries).where(rows, or_(deliveries.c.body != b"", waits))
    return connection.execute(emptied.values(**_emptied(deliveries), **settled)).rowcount


def erase_rows(
    connection: Connection, keys: Keys, person: Person, rows: Mapping[Table, ColumnElement[bool]], at: datetime
) -> dict[str, int]:
    """Everything but the deliveries; how many rows, by table."""
    counts = {"messages": _erase_messages(connection, rows[messages])}
    for table in (audit, privacy_requests):
        counts[table.name] = connection.execute(_not_empty(table, rows[table])).rowcount
    for table in (facts, events):
        counts[table.name] = connection.execute(delete(table).where(rows[table])).rowcount
    counts["consents"] = _prove_consents(connection, keys, person, rows[consents], at)
    return counts


def _erase_messages(connection: Connection, rows: ColumnElement[bool]) -> int:
    """What has not left is stopped, and every worker's token made old: nobody writes the words back."""
    is_open = messages.c.state.in_(sorted(OPEN))
    settled = {
        "state": case((is_open, literal(State.STOPPED)), else_=messages.c.state),
        "attempts": messages.c.attempts + 1,
        "due_at": None,
    }
    again = or_(messages.c.reason != "erased", messages.c.to_address != "", messages.c.letter_to.is_not(None))
    return connection.execute(update(messages).where(rows, again).values(**_emptied(messages), **settled)).rowcount


def _emptied(table: Table) -> dict[str, Any]:
    return {each.column: each.empty for each in columns_of(table, Erasing.EMPTY)}


def _not_empty(table: Table, rows: ColumnElement[bool]) -> Any:
    """An update of the rows that still say something."""
    says = or_(*(table.c[name] != empty for name, empty in _emptied(table).items()))
    return update(table).where(rows, says).values(**_emptied(table))


def _prove_consents(connection: Connection, keys: Keys, person: Person, rows: ColumnElement[bool], at: datetime) -> int:
    """Consents stay as proof without their words; one that would still count as a yes is followed by «unknown»."""
    kept = connection.execute(select(consents).where(rows)).all()
    proofs = [each.column for each in columns_of(consents, Erasing.PROOF)]
    for row in kept:
        told = {name: getattr(row, name) for name in proofs}
        hashed = {
            name: keys.proof_hash(person.store_id, said) if said and not said.startswith(_PROOF) else said
            for name, said in told.items()
        }
        connection.execute(update(consents).where(consents.c.seq == row.seq).values(**hashed))
    newest: dict[str, Any] = {}
    for row in sorted(kept, key=lambda row: (row.counts_at, row.seq)):
        newest[row.address_hash] = row
    for hashed_address, row in newest.items():
        if row.state in (ConsentState.SUBSCRIBED, ConsentState.PENDING):
            ended = {"state": ConsentState.UNKNOWN, "at": at, "source": "erased", "wording": "", "evidence": ""}
            known = {"store_id": person.store_id, "address_hash": hashed_address, "counts_at": at, "recorded_at": at}
            insert_new(connection, consents, ended | known)
    return len(kept)


def strike_out(connection: Connection, person: Person) -> int:
    """Strike the person's addresses out of whatever of others quotes them; how many texts."""
    if not person.addresses:
        return 0
    pattern, struck = quotes(person.addresses), 0
    for each in PERSONAL:
        if each.names is not Names.CONTENT or isinstance(each.of.type, LargeBinary):
            continue
        key = list(each.table.primary_key.columns)
        quoting = or_(*(func.lower(each.of).like(like(address)) for address in sorted(person.addresses)))
        found = connection.execute(
            select(*key, each.of.label("says")).where(each.table.c.store_id == person.store_id, quoting)
        )
        for row in found.all():
            fresh = pattern.sub(STRUCK, row.says)
            if fresh != row.says:
                same = (column == getattr(row, column.name) for column in key)
                connection.execute(update(each.table).where(*same).values({each.column: fresh}))
                struck += 1
    return struck


# ---- a whole store ---------------------------------------------------------------------------------------------------

_LEARNT: tuple[tuple[Table, Column[Any]], ...] = (
    (deliveries, deliveries.c.received_at),
    (messages, messages.c.created_at),
    (audit, audit.c.at),
    (consents, consents.c.recorded_at),
    (accesses, accesses.c.granted_at),
    (notices, notices.c.at),
)
"""What goes with its store, and when each row was written. Deliveries first: a worker that holds one must not finish it."""


def erase_store_rows(
    connection: Connection, keys: Keys, store_id: str, at: datetime, older_than: datetime | None
) -> Mapping[str, int]:
    """Everything of the store; with `older_than` what was written before, and the store itself stays as it is.

    Opt-outs, tombstones and receipts stay; so do chores, which are the desk's, without their words.
    """
    counts: dict[str, int] = {}
    for table, learnt_at in _LEARNT:
        old = true() if older_than is None else learnt_at < older_than
        counts[table.name] = connection.execute(delete(table).where(table.c.store_id == store_id, old)).rowcount
    counts["facts"] = connection.execute(
        delete(facts).where(facts.c.store_id == store_id, _unheard_since(older_than))
    ).rowcount
    old = true() if older_than is None else events.c.heard_at < older_than
    counts["events"] = connection.execute(delete(events).where(events.c.store_id == store_id, old)).rowcount
    old = true() if older_than is None else privacy_requests.c.received_at < older_than
    asked = and_(privacy_requests.c.store_id == store_id, old)
    counts["privacy_requests"] = connection.execute(_not_empty(privacy_requests, asked)).rowcount
    if older_than is None:
        connection.execute(update(chores).where(chores.c.store_id == store_id).values(mark="", note=""))
        counts["stores"] = _erase_shop(connection, keys, store_id, at)
    return counts


def _unheard_since(older_than: datetime | None) -> ColumnElement[bool]:
    """Facts carry the platform's times alone, so what was heard since a re-install is known by its events."""
    if older_than is None:
        return true()
    same = (getattr(events.c, name) == getattr(facts.c, name) for name in ("store_id", "fact_kind", "fact_id"))
    heard = exists().where(*same, events.c.heard_at >= older_than)
    return and_(not_(heard), or_(facts.c.updated_at.is_(None), facts.c.updated_at < older_than))


def _erase_shop(connection: Connection, keys: Keys, store_id: str, at: datetime) -> int:
    """The row stays with its key, so that a re-install is known; nothing in it says who the merchant was."""
    bare = {
        "name": "",
        "token": None,
        "settings": codec.pack(StoreSettings()),
        "secrets": keys.seal(()),
        "uninstalled_at": func.coalesce(stores.c.uninstalled_at, literal(at, stores.c.uninstalled_at.type)),
    }
    return connection.execute(update(stores).where(stores.c.id == store_id).values(**bare)).rowcount
