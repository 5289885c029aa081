"""Searching: which rows of a store are one person's, from an address, a customer's id, orders, or any of these.

Our own rows are found by what they say in known places; raw bodies by looking for the address in every way in which JSON may
spell it, and for the ids where platforms write them, because nobody may have read them yet.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from sqlalchemy import Column, ColumnElement, Connection, Table, and_, func, or_, select, tuple_

from lifecycle.carts import Checkout
from lifecycle.errors import HouseError
from lifecycle.orders import Order
from records import codec
from records.secrets import Keys
from records.tables import audit, consents, deliveries, events, facts, messages, privacy_requests, suppressions

_BODIES_AT_ONCE = 100
_NOBODY = frozenset({"", "0"})
"""What platforms write for the customer of a guest's order."""

_POSITION = {"sqlite": func.instr, "postgresql": func.strpos}
_ESCAPED = re.compile(r"\\(?:u([0-9a-f]{4})|(.))", re.DOTALL)
_ESCAPES = dict(zip("nrtbf", "\n\r\t\b\f", strict=True))
_BEFORE, _AFTER = r"(?<![\w.+\-])", r"(?![\w\-]|\.\w)"


@dataclass(frozen=True, slots=True)
class Person:
    """Everything by which one person of one store is known. Addresses are case-folded."""

    store_id: str
    addresses: frozenset[str] = frozenset()
    customer_ids: frozenset[str] = frozenset()
    order_ids: frozenset[str] = frozenset()
    cart_tokens: frozenset[str] = frozenset()

    def hashes(self, keys: Keys) -> list[str]:
        """The keyed hashes of the addresses."""
        return sorted(found for each in self.addresses if (found := keys.address_hash(self.store_id, each)))


def folded(address: str) -> str:
    """An address as it is compared."""
    return codec.clean(address).strip().casefold()


def quotes(addresses: Collection[str]) -> re.Pattern[str]:
    """Where one of these addresses, and no longer one that holds it, stands in a text: bare, or as Markdown or HTML write it."""
    spelled = ("".join(map(_spelled, each)) for each in sorted(addresses, key=len, reverse=True))
    return re.compile(f"{_BEFORE}(?:{'|'.join(spelled)}){_AFTER}", re.IGNORECASE)


def _spelled(letter: str) -> str:
    return letter if letter.isalnum() else rf"(?:\\?{re.escape(letter)}|&#?\w{{1,8}};)"


def like(address: str) -> str:
    """A LIKE pattern that lets pass whatever may quote the address, in lower case; `quotes` looks closer."""
    return f"%{''.join(letter if letter.isalnum() else '%' for letter in address.lower())}%"


def person_of(
    connection: Connection, keys: Keys, store_id: str, *, address: str, customer_id: str, order_ids: Sequence[str]
) -> Person:
    """The person with all that their orders and carts say: one step further, and not from there to others."""
    named = Person(store_id, _some([folded(address)]), _some([customer_id]), _some(order_ids))
    bodies = list(connection.execute(select(facts).where(*_facts(connection, keys, named))))
    known = [fact.customer for row in bodies if isinstance(fact := _fact(row), Order | Checkout)]
    person = Person(
        store_id,
        named.addresses | _some(folded(customer.email or "") for customer in known),
        named.customer_ids | _some(customer.id or "" for customer in known),
        named.order_ids,
    )
    theirs = list(connection.execute(select(facts).where(*_facts(connection, keys, person))))
    orders = person.order_ids | _some(row.order_id or "" for row in theirs)
    return Person(store_id, person.addresses, person.customer_ids, orders, _some(row.cart_token or "" for row in theirs))


def rows_of(
    connection: Connection, keys: Keys, person: Person, *, bodies: bool = True
) -> Mapping[Table, ColumnElement[bool]]:
    """Which rows are this person's, as one condition a table. `bodies`: every raw body of the store is looked through."""
    found_facts = connection.execute(select(facts.c.fact_kind, facts.c.fact_id).where(*_facts(connection, keys, person)))
    their_facts = [tuple(row) for row in found_facts]
    found_events = connection.execute(
        select(events.c.seq, events.c.event_id, events.c.delivery_id).where(*_events(connection, person, their_facts))
    ).all()
    letters = _messages(connection, keys, person, their_facts, [row.event_id for row in found_events])
    known = {row.delivery_id for row in found_events}
    knocks = list(connection.scalars(select(deliveries.c.seq).where(deliveries.c.id.in_(sorted(known)))))
    knocks += _bodies(connection, person) if bodies else []
    hashes, store_id = person.hashes(keys), person.store_id
    return {
        deliveries: _among(deliveries, store_id, deliveries.c.seq, knocks),
        facts: and_(facts.c.store_id == store_id, tuple_(facts.c.fact_kind, facts.c.fact_id).in_(their_facts)),
        events: _among(events, store_id, events.c.seq, [row.seq for row in found_events]),
        messages: _among(messages, store_id, messages.c.id, letters),
        audit: _among(audit, store_id, audit.c.message_id, letters),
        consents: _among(consents, store_id, consents.c.address_hash, hashes),
        suppressions: _among(suppressions, store_id, suppressions.c.address_hash, hashes),
        privacy_requests: and_(privacy_requests.c.store_id == store_id, or_(*_requests(connection, person))),
    }


# ---- our own rows ----------------------------------------------------------------------------------------------------


def _facts(connection: Connection, keys: Keys, person: Person) -> tuple[ColumnElement[bool], ...]:
    kept = facts.c
    return kept.store_id == person.store_id, or_(
        kept.email_hash.in_(person.hashes(keys)),
        kept.order_id.in_(sorted(person.order_ids)),
        kept.cart_token.in_(sorted(person.cart_tokens)),
        *_holding(connection, kept.body, _customers(person)),
    )


def _events(
    connection: Connection, person: Person, their_facts: Sequence[tuple[Any, ...]]
) -> tuple[ColumnElement[bool], ...]:
    heard = events.c
    ids = [f'"customer_id":{codec.pack(each)}' for each in sorted(person.customer_ids)]
    return heard.store_id == person.store_id, or_(
        heard.order_id.in_(sorted(person.order_ids)),
        tuple_(heard.fact_kind, heard.fact_id).in_(their_facts),
        and_(heard.fact_kind.in_(("consent", "privacy")), heard.fact_id.in_(sorted(person.customer_ids))),
        *_holding(connection, heard.body, [*_customers(person), *ids]),
        *_holding(connection, heard.before, _customers(person)),
        *_holding(connection, func.lower(heard.body), _emails(person)),
        *_holding(connection, func.lower(heard.before), _emails(person)),
    )


def _messages(
    connection: Connection, keys: Keys, person: Person, their_facts: Sequence[tuple[Any, ...]], event_ids: Sequence[str]
) -> list[str]:
    """The team's copies too. A copy's own recipient is the team, so it tells nothing about whose letter it is."""
    kept = messages.c
    theirs = or_(
        and_(kept.to_hash.in_(person.hashes(keys)), kept.copy_of.is_(None)),
        kept.order_id.in_(sorted(person.order_ids)),
        tuple_(kept.fact_kind, kept.fact_id).in_(their_facts),
        kept.event_id.in_(event_ids),
    )
    found = list(connection.scalars(select(kept.id).where(kept.store_id == person.store_id, theirs)))
    copies = connection.scalars(select(kept.id).where(kept.store_id == person.store_id, kept.copy_of.in_(found)))
    return sorted({*found, *copies})


def _requests(connection: Connection, person: Person) -> list[ColumnElement[bool]]:
    asked = privacy_requests.c
    return [
        func.lower(asked.address).in_(sorted(person.addresses)),
        asked.customer_id.in_(sorted(person.customer_ids)),
        *_holding(connection, asked.order_ids, [codec.pack(each) for each in sorted(person.order_ids)]),
    ]


def _customers(person: Person) -> list[str]:
    return [f'"customer":{{"id":{codec.pack(each)}' for each in sorted(person.customer_ids)]


def _emails(person: Person) -> list[str]:
    return [f'"email":{codec.pack(each)}' for each in sorted(person.addresses)]


def _holding(connection: Connection, column: ColumnElement[Any], texts: Sequence[str]) -> list[ColumnElement[bool]]:
    position = _POSITION[connection.dialect.name]
    return [position(column, text) > 0 for text in texts]


def _among(table: Table, store_id: str, column: Column[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    return and_(table.c.store_id == store_id, column.in_(values))


def _fact(row: Any) -> object:
    try:
        return codec.unpack_fact(row.body, row.fact_kind)
    except HouseError:
        return None


def _some(texts: Any) -> frozenset[str]:
    return frozenset(texts) - _NOBODY


# ---- raw bodies ------------------------------------------------------------------------------------------------------


def _bodies(connection: Connection, person: Person) -> list[int]:
    is_theirs = named_in(person)
    return [row.seq for row in _every(connection, person.store_id) if is_theirs(row.topic, row.body)]


def _every(connection: Connection, store_id: str) -> Iterator[Any]:
    """Every delivery of the store that has a body, some at a time."""
    last = -1
    while True:
        query = select(deliveries.c.seq, deliveries.c.topic, deliveries.c.body)
        query = query.where(deliveries.c.store_id == store_id, deliveries.c.seq > last, deliveries.c.body != b"")
        rows = connection.execute(query.order_by(deliveries.c.seq).limit(_BODIES_AT_ONCE)).all()
        yield from rows
        if len(rows) < _BODIES_AT_ONCE:
            return
        last = rows[-1].seq


def named_in(person: Person) -> Callable[[str, bytes], bool]:
    """A check (topic, body) → whether the body names the person; total on any bytes."""
    ways: list[tuple[str, frozenset[str], re.Pattern[str]]] = []
    if person.addresses:
        runs = frozenset(max(re.split(r"[\W_]+", each.partition("@")[0]), key=len) for each in person.addresses)
        ways.append(("", runs, quotes(person.addresses)))
    for word, ids in (("order", person.order_ids), ("customer", person.customer_ids)):
        if ids:
            folds = frozenset(each.casefold() for each in ids)
            named = _any(folds) + r"(?![\w\-])"
            places = rf'"{word}_id"\s*:\s*"?|/{word}/|"{word}"\s*:\s*\{{\s*"id"\s*:\s*"?'
            ways.append(("", folds, re.compile(f"(?:{places}){named}")))
            ways.append((word, folds, re.compile(rf'\A\s*\{{\s*"id"\s*:\s*"?{named}')))

    def check(topic: str, body: bytes) -> bool:
        text = plain(bytes(body))
        # Looking for a plain piece first is many times faster than the patterns, and nearly every body ends there.
        return any(
            topic.startswith(start) and any(each in text for each in pieces) and pattern.search(text)
            for start, pieces, pattern in ways
        )

    return check


def plain(body: bytes) -> str:
    """A body as searchable text: JSON's escapes and URL's percents undone, in lower case."""
    text = body.decode("utf-8", "replace").casefold()
    if "\\" in text:
        text = _ESCAPED.sub(_meant, text)
    return unquote(text).casefold() if "%40" in text else text


def _meant(escape: re.Match[str]) -> str:
    code, letter = escape.groups()
    return chr(int(code, 16)).casefold() if code else _ESCAPES.get(letter, letter)


def _any(texts: Collection[str]) -> str:
    return f"(?:{'|'.join(re.escape(each) for each in sorted(texts, key=len, reverse=True))})"
