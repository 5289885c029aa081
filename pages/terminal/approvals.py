"""`approvals`: the letters that wait for a person, and the three things a person may do with them."""

from pathlib import Path

import click

from lifecycle.deciding import Act, Decision
from lifecycle.errors import BadSetting, NotDecidable
from lifecycle.messages import Message, State
from pages import told
from pages.reading import Reading
from pages.terminal.letters import letter_lines, letter_table, read_letter
from pages.terminal.speaking import Terminal, json_option, store_of, stores_by_id, terminal

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_person = click.option(
    "--person", default="operator", show_default=True, help="Who decides; it stands in the letter's history."
)
_digest = click.option("--digest", default="", metavar="SHA256", help="The digest of the text that you read.")


@click.group
def approvals() -> None:
    """Letters that wait for a person."""


@approvals.command("list")
@click.option("--store", default="", metavar="ID", help="Of this store only.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10_000))
@json_option
@terminal
def list_held(room: Terminal, store: str, limit: int) -> None:
    """List the letters that wait for a decision, longest waiting first."""
    with room.house.records.reading() as tx:
        known = stores_by_id(tx)
        only = store_of(tx, store).id if store else None
        found = tx.messages.list(only, state=State.HELD, limit=limit, newest_first=False)
    facts = [told.letter_line(one) | {"digest": one.digest} for one in found]
    room.give(facts, letter_table(room, found, known) or ["Nothing waits for a person."])


@approvals.command("show")
@click.argument("letter_id", metavar="ID")
@json_option
@terminal
def show(room: Terminal, letter_id: str) -> None:
    """Show a letter as `letters show` does; its digest is what an approval names."""
    read = read_letter(room, letter_id)
    room.give(told.letter_whole(read.message, read.audit, read.heard), letter_lines(room, read))


@approvals.command("approve")
@click.argument("letter_id", metavar="ID")
@_digest
@_person
@json_option
@terminal
def approve(room: Terminal, letter_id: str, digest: str, person: str) -> None:
    """Let a letter leave, exactly as it was read: name its digest, or read it here and say yes."""
    read = read_letter(room, letter_id)
    seen = _seen(room, read, digest, "Let this letter leave?")
    after = room.house.desk.decide(read.store.id, read.message.id, Decision(Act.APPROVE, person, seen))
    _answer(room, after, "is approved; the worker sends it next")


@approvals.command("reject")
@click.argument("letter_id", metavar="ID")
@click.option("--reason", default="", help="Why, for the letter's history.")
@_digest
@_person
@json_option
@terminal
def reject(room: Terminal, letter_id: str, reason: str, digest: str, person: str) -> None:
    """End a letter: it never leaves."""
    read = read_letter(room, letter_id)
    decision = Decision(Act.REJECT, person, digest or read.message.digest, reason=reason)
    _answer(room, room.house.desk.decide(read.store.id, read.message.id, decision), "is rejected and never leaves")


@approvals.command("edit")
@click.argument("letter_id", metavar="ID")
@click.option("--subject", default=None, help="Another subject.")
@click.option("--text", "text_file", type=_FILE, help="A file with the whole letter in Markdown.")
@click.option("--html", "html_file", type=_FILE, help="A file with the whole letter in HTML.")
@_digest
@_person
@json_option
@terminal
def edit(
    room: Terminal,
    letter_id: str,
    subject: str | None,
    text_file: Path | None,
    html_file: Path | None,
    digest: str,
    person: str,
) -> None:
    """Give a held letter other words. It stays held, under a new digest, and its figures are traced again."""
    read = read_letter(room, letter_id)
    decision = Decision(
        Act.EDIT,
        person,
        digest or read.message.digest,
        subject=subject,
        html=_content(html_file),
        text=_content(text_file),
    )
    after = room.house.desk.decide(read.store.id, read.message.id, decision)
    _answer(room, after, f"has new words and still waits; its digest is now {after.digest}")


def _seen(room: Terminal, read: Reading, digest: str, question: str) -> str:
    """The digest that was named, or the one of the text that a person just read here and said yes to."""
    if read.message.state is not State.HELD:
        raise NotDecidable(
            "not_held", f"This letter {told.STATE_WORDS[read.message.state]}; only a held letter can be decided about."
        )
    if digest:
        return digest
    if room.wants_json or not room.is_asked():
        raise BadSetting("digest_needed", "Name the text you read with --digest; `approvals show ID` prints its digest.")
    for line in letter_lines(room, read, html=False):
        click.echo(line)
    if not click.confirm(f"\n{question}"):
        raise NotDecidable("left_as_it_was", "Nothing was decided; the letter still waits.")
    return read.message.digest


def _answer(room: Terminal, message: Message, became: str) -> None:
    room.give(told.letter_line(message) | {"digest": message.digest}, [f"Letter {message.id} {became}."])


def _content(file: Path | None) -> str | None:
    if file is None:
        return None
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BadSetting("not_utf8", "The file is not UTF-8 text.") from None
