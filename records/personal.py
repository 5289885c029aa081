"""PERSONAL: every column that holds personal data, how it names a person, how it is shown to them and how it is erased.

Export and erasure walk these same rows, so what is shown and what is erased cannot drift apart. Every text and binary column
stands here or in NOT_PERSONAL with a reason; a test holds that.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Table

from records.tables import (
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
    suppressions,
    tombstones,
)


class Names(StrEnum):
    """How a column names a person."""

    CONTENT = "what it says, or the row that it stands in, is theirs"
    ADDRESS = "their address"
    IDENTITY = "the platform's id of them"
    HASH = "a keyed hash of their address or id"
    STAFF = "the merchant or one of their people"


class Erasing(StrEnum):
    """What becomes of a column when its person is erased. Wherever else the address is quoted, it is struck out."""

    ROW = "the row goes"
    EMPTY = "it is overwritten with nothing"
    PROOF = "it is overwritten with a keyed hash of itself"
    KEEP = "it stays"
    STRIKE = "the address is struck out"
    WITH_STORE = "it goes with the store"


def as_text(value: Any) -> Any:
    """Bytes as the text that they are meant to be; texts, numbers and nothing as they are."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes | memoryview) else value


def as_json(value: Any) -> Any:
    """What a JSON column holds; its text when it is none."""
    try:
        return None if value is None else json.loads(value)
    except ValueError:
        return value


@dataclass(frozen=True, slots=True)
class Personal:
    """One column. `show` None: it says nothing to the person. `empty` is what EMPTY writes, `why` what a kept one is kept for."""

    table: Table
    column: str
    names: Names
    erasing: Erasing
    show: Callable[[Any], Any] | None = as_text
    empty: Any = ""
    why: str = ""

    @property
    def of(self) -> Column[Any]:
        return self.table.c[self.column]


_C, _A, _I, _H, _S = Names.CONTENT, Names.ADDRESS, Names.IDENTITY, Names.HASH, Names.STAFF
_ROW, _EMPTY, _WITH_STORE = Erasing.ROW, Erasing.EMPTY, Erasing.WITH_STORE
_OPT_OUT = "an objection must go on counting (GDPR Art. 21); no address can be read from it"
_PROOF = "that a consent was given, and when, must be provable (GDPR Art. 7(1), 17(3)(e)); no address can be read from it"

PERSONAL: tuple[Personal, ...] = (
    Personal(deliveries, "body", _C, _EMPTY, empty=b""),
    Personal(facts, "body", _C, _ROW, as_json),
    Personal(facts, "email_hash", _H, _ROW, None),
    Personal(facts, "cart_token", _I, _ROW),
    Personal(events, "fact_id", _I, _ROW),
    Personal(events, "revision", _C, _ROW),
    Personal(events, "body", _C, _ROW, as_json),
    Personal(events, "before", _C, _ROW, as_json),
    Personal(events, "note", _C, _ROW),
    Personal(messages, "to_address", _A, _EMPTY),
    Personal(messages, "to_hash", _H, _EMPTY, None, empty=None),
    Personal(messages, "reason", _C, _EMPTY, empty="erased"),
    Personal(messages, "reasons", _C, _EMPTY, as_json, empty="[]"),
    Personal(messages, "letter_to", _A, _EMPTY, empty=None),
    Personal(messages, "letter_subject", _C, _EMPTY, empty=None),
    Personal(messages, "letter_html", _C, _EMPTY, empty=None),
    Personal(messages, "letter_text", _C, _EMPTY, empty=None),
    Personal(messages, "letter_locale", _C, _EMPTY, empty=None),
    Personal(messages, "figures", _C, _EMPTY, as_json, empty="[]"),
    Personal(messages, "before", _C, _EMPTY, as_json, empty=None),
    Personal(messages, "approved_digest", _H, _EMPTY, None),
    Personal(messages, "decided_by", _S, _WITH_STORE, None),
    Personal(audit, "detail", _C, _EMPTY),
    Personal(audit, "actor", _S, _WITH_STORE, None),
    Personal(consents, "address_hash", _H, Erasing.KEEP, None, why=_PROOF),
    Personal(consents, "source", _C, Erasing.PROOF),
    Personal(consents, "wording", _C, Erasing.PROOF),
    Personal(consents, "evidence", _C, Erasing.PROOF),
    Personal(suppressions, "address_hash", _H, Erasing.KEEP, None, why=_OPT_OUT),
    Personal(privacy_requests, "customer_id", _I, _EMPTY),
    Personal(privacy_requests, "address", _A, _EMPTY),
    Personal(privacy_requests, "order_ids", _I, _EMPTY, as_json, empty="[]"),
    Personal(tombstones, "name_hash", _H, Erasing.KEEP, None, why="a late copy must not bring anything back"),
    Personal(notices, "detail", _C, Erasing.STRIKE, None),
    Personal(chores, "mark", _C, Erasing.STRIKE, None),
    Personal(chores, "note", _C, Erasing.STRIKE, None),
    Personal(stores, "name", _S, _WITH_STORE, None),
    Personal(stores, "settings", _S, _WITH_STORE, None),
)  # fmt: skip

CONTEXT: dict[str, tuple[str, ...]] = {
    "deliveries": ("party", "topic", "received_at", "state"),
    "facts": ("fact_kind", "fact_id", "order_id", "happened_at", "updated_at"),
    "events": ("kind", "fact_kind", "order_id", "occurred_at", "heard_at"),
    "messages": ("mail", "purpose", "state", "mode", "order_number", "created_at", "sent_at"),
    "audit": ("act", "at"),
    "consents": ("state", "at", "recorded_at"),
    "suppressions": ("reason", "marketing_only", "at"),
    "privacy_requests": ("id", "kind", "received_at", "done_at", "receipt"),
}
"""What else an export shows of a row, so that a person can make sense of it."""

_OURS = "an id of ours or of the store"
_WORD = "one of our own words"
_ORDER = "names an order or a parcel, kept so that nothing is sent twice about it; whose it was is gone"
_CLAIM = "what a platform says of a delivery, not of a person"
_SHOP = "the shop, not a person"
_SEALED = "sealed; keys and secrets of the shop"

NOT_PERSONAL: dict[str, dict[str, str]] = {
    "stores": dict.fromkeys(("id", "platform"), _OURS)
    | dict.fromkeys(("key", "token", "currency", "timezone", "locale", "country"), _SHOP)
    | {"secrets": _SEALED},
    "deliveries": dict.fromkeys(("id", "store_id"), _OURS)
    | dict.fromkeys(("party", "state", "reason"), _WORD)
    | dict.fromkeys(("store_key", "topic", "delivery_id", "details"), _CLAIM)
    | {"digest": "sha256 of a whole body, kept so that a late copy is known again"},
    "facts": {"store_id": _OURS, "fact_kind": _WORD, "fact_id": _ORDER, "order_id": _ORDER},
    "events": dict.fromkeys(("store_id", "event_id", "delivery_id"), _OURS)
    | {"kind": _WORD, "fact_kind": _WORD, "order_id": _ORDER},
    "messages": dict.fromkeys(("id", "store_id", "event_id", "copy_of"), _OURS)
    | dict.fromkeys(("mail", "purpose", "event_kind", "fact_kind", "state", "mode"), _WORD)
    | {"reference": "the postman's id of the letter: by it the letter is found, and deleted, there"}
    | dict.fromkeys(("key", "fact_id", "order_id", "order_number"), _ORDER),
    "suppressions": {"store_id": _OURS, "reason": _WORD},
    "consents": {"store_id": _OURS, "state": _WORD},
    "audit": {"store_id": _OURS, "message_id": _OURS, "act": _WORD},
    "counters": {"name": _WORD, "scope": _OURS},
    "accesses": {"store_id": _OURS, "sealed": _SEALED, "scopes": _SHOP},
    "notices": {"store_id": _OURS, "code": _WORD},
    "chores": {"store_id": _OURS, "name": _WORD},
    "privacy_requests": {"store_id": _OURS, "id": "the platform's or our id of a request", "kind": _WORD,
                         "receipt": "counts and reasons of what was done"},
    "tombstones": {"store_id": _OURS},
}  # fmt: skip


def columns_of(table: Table, *erasing: Erasing) -> tuple[Personal, ...]:
    """The rows of PERSONAL for this table, all or those that are erased in one of these ways."""
    return tuple(row for row in PERSONAL if row.table is table and (not erasing or row.erasing in erasing))


def shown(table: Table, row: Any) -> dict[str, Any]:
    """One row as its person may read it."""
    context = {name: _plain(getattr(row, name)) for name in CONTEXT[table.name]}
    return context | {each.column: each.show(getattr(row, each.column)) for each in columns_of(table) if each.show}


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
