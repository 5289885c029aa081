"""Rotating keys: everything that is sealed is sealed anew with the first key, a batch a transaction."""

from collections.abc import Callable, Mapping

from sqlalchemy import Column, Table, select, update

from records.memory import Memory
from records.tables import accesses, stores

BATCH = 100

SEALED: tuple[tuple[Table, Column[str], Column[str]], ...] = (
    (stores, stores.c.id, stores.c.secrets),
    (accesses, accesses.c.store_id, accesses.c.sealed),
)
"""Every column that `Keys.seal` writes, with the key of its row."""


def rotate(memory: Memory, say: Callable[[str], None] = lambda _line: None) -> Mapping[str, int]:
    """Seal everything with the first key; how many rows were sealed anew, by table. Safe to run again and while serving.

    Raises BadSetting when something was sealed with a key that is missing: what was done until then stays done.
    """
    counts = {table.name: 0 for table, _, _ in SEALED}
    for table, key, column in SEALED:
        last: str | None = ""
        while last is not None:
            last, renewed = _batch(memory, table, key, column, last)
            counts[table.name] += renewed
            if renewed:
                say(f"{table.name}: {counts[table.name]} sealed with the newest key")
    with memory.transaction() as tx:
        tx.privacy.scrub_disk()
    return counts


def _batch(memory: Memory, table: Table, key: Column[str], column: Column[str], after: str) -> tuple[str | None, int]:
    """The key of the last row that was looked at, None when there are no more, and how many rows were sealed anew."""
    with memory.connected() as (connection, keys):
        rows = connection.execute(select(key, column).where(key > after).order_by(key).limit(BATCH).with_for_update())
        found = [(ident, sealed) for ident, sealed in rows]
        renewed = [(ident, fresh) for ident, sealed in found if (fresh := keys.resealed(sealed)) is not None]
        for ident, fresh in renewed:
            connection.execute(update(table).where(key == ident).values({column: fresh}))
    return (found[-1][0] if len(found) == BATCH else None), len(renewed)
