"""Memory: every fact, letter and knock, in SQLite or PostgreSQL, by one code path.

Reading order: `tables` (what is kept), `codec` and `secrets` (in which form), `engines` and `connecting` (how a database is
opened), `claims` (the one way to take due work), then one file per table family, and `memory`, which puts them together.
`personal` says where people's data stands, `searching` finds it, `erasing` and `privacy` export and erase it.
`migrating` and `migrations/` bring a database up to `tables`, `rotating` seals what it keeps with the newest key.
"""

from collections.abc import Sequence

from records.connecting import Line
from records.engines import engine_for, in_memory, url_of
from records.memory import Memory
from records.rotating import rotate
from records.secrets import Keys


def open(url: str, *, secret: bytes, keys: Sequence[bytes] = ()) -> Memory:  # noqa: A001 - `records.open()` says what it does, and nobody imports it bare
    """The memory at a database address: `sqlite:///file.db`, `sqlite://` (gone when closed) or `postgresql://user@host/name`.

    Nothing is opened before it is used, and nothing migrated, except a database in memory, which begins complete.
    The first of `keys` seals store secrets and accesses, all of them open; `secret` does so too, and alone keys the hashes
    of names. Raises BadSetting.
    """
    ring = Keys(secret, keys)
    place = url_of(url)
    engine = engine_for(place)
    shared = in_memory(place)
    if shared:
        from records.migrating import bring_up

        bring_up(engine, shared=True)
    return Memory(Line(engine, shared=shared), ring)


def migrate(url: str) -> None:
    """Bring the database at this address up to the schema of this program; a SQLite file is made when there is none.

    Safe to run again and by several processes at once. Raises BadSetting, HouseError or MemoryUnavailable.
    """
    from records.migrating import bring_up, make_room

    place = url_of(url)
    engine = engine_for(place)
    if place.get_backend_name() == "sqlite" and not in_memory(place):
        make_room(place)
    try:
        bring_up(engine)
    finally:
        engine.dispose()


__all__ = ["migrate", "open", "rotate"]
