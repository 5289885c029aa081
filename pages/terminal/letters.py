"""`letters`: every letter, why it is where it is, and the page on which it can be read."""

from collections.abc import Sequence

import click

from lifecycle.mails import MAILS
from lifecycle.messages import Message, State
from lifecycle.stores import Store
from pages import told
from pages.links import letters_link
from pages.reading import Reading, reading_of
from pages.terminal.speaking import (
    Terminal,
    clean,
    json_option,
    letter_of,
    pairs,
    state,
    store_of,
    stores_by_id,
    table,
    terminal,
    with_reasons,
)


@click.group
def letters() -> None:
    """What was written, to whom, and what became of it."""


@letters.command("list")
@click.option("--store", default="", metavar="ID", help="Of this store only.")
@click.option("--state", "wanted", type=click.Choice(list(map(str, State))), help="In this state only.")
@click.option("--kind", type=click.Choice(list(MAILS)), help="Of this kind only.")
@click.option("--order", default="", metavar="NUMBER", help="About this order only: its number or id.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10_000))
@json_option
@terminal
def list_letters(room: Terminal, store: str, wanted: str | None, kind: str | None, order: str, limit: int) -> None:
    """List letters, newest first."""
    with room.house.records.reading() as tx:
        known = stores_by_id(tx)
        found = tx.messages.list(
            store_of(tx, store).id if store else None,
            state=State(wanted) if wanted else None,
            mail=kind,
            order=order or None,
            limit=limit,
        )
    room.give([told.letter_line(one) for one in found], letter_table(room, found, known) or ["No letters."])


def letter_table(room: Terminal, found: Sequence[Message], known: dict[str, Store]) -> list[str]:
    """Letters as aligned lines, each followed by the reason why it is where it is."""
    now = room.house.clock.now()
    rows = [
        (
            one.id,
            told.column_time(one.created_at, known.get(one.store_id), now),
            f"{one.mail} (copy)" if one.copy_of else one.mail,
            str(one.mode),
            state(one.state),
            clean(one.order_number),
        )
        for one in found
    ]
    reasons = [told.said(told.first_reason(one)) if told.first_reason(one) else "" for one in found]
    return (
        with_reasons(table(("id", "made", "letter", "state", "order", "subject"), rows, bends=(4, 5)), reasons)
        if rows
        else []
    )


@letters.command("show")
@click.argument("letter_id", metavar="ID")
@json_option
@terminal
def show(room: Terminal, letter_id: str) -> None:
    """Show a letter: its words, why it is where it is, its figures and the facts that they trace to."""
    read = read_letter(room, letter_id)
    room.give(told.letter_whole(read.message, read.audit, read.heard), letter_lines(room, read))


def read_letter(room: Terminal, letter_id: str) -> Reading:
    """The letter with its history. Raises NotFound."""
    with room.house.records.reading() as tx:
        message = letter_of(tx, letter_id)
        store = store_of(tx, message.store_id)
        return reading_of(tx, store, message)


def letter_lines(room: Terminal, read: Reading, *, html: bool = True) -> list[str]:
    """A letter for a person's eyes, safe for a terminal."""
    message, store, now = read.message, read.store, room.house.clock.now()
    shown = told.letter_whole(message, read.audit, read.heard)
    head = {
        "id": message.id,
        "store": clean(store.name),
        "letter": told.title_of(message.mail) + (" (team copy)" if message.copy_of else ""),
        "to": clean(message.to) or "nobody yet",
        "order": clean(message.order_number),
        "subject": clean(shown["subject"]),
        "mode": f"{message.mode}: {shown['mode_words']}",
        "state": f"{state(message.state)}: {shown['state_words']}",
        "reasons": "; ".join(map(clean, shown["reasons_words"])),
        "event": f"{message.event_kind}, {told.clock_time(message.occurred_at, store, now)}",
        "looked at next": told.clock_time(message.due_at, store, now),
        "left": told.clock_time(message.sent_at, store, now),
        "decided by": clean(message.decided_by),
        "digest": message.digest,
    }
    figures = [
        (clean(one.shown), one.where, one.fact or click.style("traces nowhere", fg="red")) for one in message.figures
    ]
    history = [
        (told.clock_time(row.at, store, now), clean(row.actor), clean(row.act), clean(row.detail)) for row in read.audit
    ]
    lines = pairs(head)
    if message.letter is None:
        return [*lines, "", "Not written yet: a letter is composed when it is due.", *_block("History", _plain(history))]
    return [
        *lines,
        *_block("Text", clean(message.letter.text, lines=True).splitlines()),
        *(_block("HTML", clean(message.letter.html, lines=True).splitlines()) if html else []),
        *_block("Figures", table(("in the letter", "where", "the fact"), figures, bends=(0, 2))),
        *_block("History", _plain(history)),
    ]


def _plain(history: Sequence[Sequence[str]]) -> list[str]:
    return table(("when", "who", "what", "why"), history, bends=(1, 3))


def _block(title: str, lines: Sequence[str]) -> list[str]:
    return ["", click.style(f"── {title} ", bold=True), *lines] if lines else []


@letters.command("link")
@click.option("--store", "wanted", multiple=True, metavar="ID", help="Of these stores only; all of them otherwise.")
@json_option
@terminal
def link(room: Terminal, wanted: tuple[str, ...]) -> None:
    """Print the address of the page on which the letters can be read, for seven days."""
    with room.house.records.reading() as tx:
        chosen = [store_of(tx, one).id for one in wanted] or [store.id for store in tx.stores.all()]
    url = letters_link(room.house, chosen)
    room.give({"url": url, "stores": chosen}, [url])
