"""How a store's connection stands: what its merchant must know, what came only by catch-up, and its chores."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import click

from lifecycle.counting import caught_up, caught_up_words
from lifecycle.ports import Transaction
from lifecycle.stores import Store
from pages import told
from pages.terminal.speaking import clean, pairs


def connection_of(tx: Transaction, store: Store) -> dict[str, Any]:
    """The connection as JSON; no key is in it."""
    access = tx.access.get(store.id)
    orders, everything = caught_up(tx.counters.all(), store.id)
    return {
        "connected": access is not None and store.is_active,
        "since": told.iso(access.granted_at) if access else None,
        "scopes": list(access.scopes) if access else [],
        "uninstalled_at": told.iso(store.uninstalled_at),
        "notices": [
            {"code": each.code, "words": told.said(each.code), "at": told.iso(each.at), "detail": each.detail}
            for each in tx.notices.of(store.id)
        ],
        "caught_up": everything,
        "caught_up_orders": orders,
        "caught_up_words": caught_up_words(orders, everything),
        "chores": [
            {
                "name": each.name,
                "due_at": told.iso(each.due_at),
                "done_at": told.iso(each.done_at),
                "note": each.note,
                "note_words": told.said(each.note) if each.note else "",
            }
            for each in tx.chores.of(store.id)
        ],
    }


def connection_words(stands: Mapping[str, Any]) -> list[str]:
    """What a merchant must know of it, a line each."""
    notices = [
        f"{each['words']}{' (' + clean(each['detail']) + ')' if each['detail'] else ''}" for each in stands["notices"]
    ]
    return [*notices, *filter(None, [stands["caught_up_words"]])]


def connection_lines(stands: Mapping[str, Any]) -> list[str]:
    """The same for `stores show`: with the chores, and nothing for a store that nobody connected."""
    shown = {
        each["name"]: each["note_words"] or f"done {each['done_at'] or 'never'}, next {each['due_at'] or 'when needed'}"
        for each in stands["chores"]
    }
    words = [f"{click.style('note', fg='yellow')}  {line}" for line in connection_words(stands)]
    since = [f"connected since {stands['since']}"] if stands["connected"] else []
    lines = [*since, *words, *pairs(shown)]
    return ["", *lines] if lines else []


def overdue_requests(tx: Transaction, now: datetime) -> int:
    """How many requests about personal data nobody has done in time."""
    return sum(request.done_at is None and request.due_at < now for request in tx.privacy.list())
