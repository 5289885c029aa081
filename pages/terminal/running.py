"""Running the house: `serve`, `work`, `migrate`, `rotate-keys`, `demo`."""

import threading
from contextlib import suppress

import click

from lifecycle.settings import VARIABLES
from pages import told
from pages.links import letters_link
from pages.terminal.demonstrating import demo_facts, demo_table
from pages.terminal.speaking import Terminal, json_option, terminal

_DEFAULTS = {row.name: row.default for row in VARIABLES}


@click.command()
@click.option("--host", default="", help=f"The address to listen on (else HOST, else {_DEFAULTS['HOST']}).")
@click.option("--port", type=click.IntRange(1, 65535), help=f"The port to listen on (else PORT, else {_DEFAULTS['PORT']}).")
@json_option
@click.pass_context
def serve(ctx: click.Context, host: str, port: int | None) -> None:
    """Run the web server and the worker until Ctrl-C."""
    house = ctx.find_object(Terminal).house  # type: ignore[union-attr]
    ctx.exit(house.serve(host or house.settings.host, port or house.settings.port))


@click.command()
@click.option("--once", is_flag=True, help="End as soon as nothing is due.")
@json_option
@click.pass_context
def work(ctx: click.Context, once: bool) -> None:
    """Run the worker alone: read what came in, write what is due."""
    room = ctx.find_object(Terminal)
    assert room is not None
    if not once:
        ctx.exit(room.house.work())
    done = room.house.desk.work()
    with room.house.records.reading() as tx:
        due = tx.messages.next_due()
    later = f" The next letter is due {told.age(due, room.house.clock.now())}." if due else ""
    room.give({"done": done, "next_due_at": told.iso(due)}, [f"Done: {done} deliveries and letters.{later}"])


@click.command()
@json_option
@terminal
def migrate(room: Terminal) -> None:
    """Bring the database to this version's form; safe to run again."""
    line = room.house.migrate()
    room.give({"migrated": line}, [line])


@click.command("rotate-keys")
@json_option
@terminal
def rotate_keys(room: Terminal) -> None:
    """Seal every secret with the first of ENCRYPTION_KEYS; safe to run again, and while the server runs.

    Put the new key first, keep the old one behind it, start anew, run this, and then remove the old one.
    """
    counts = room.house.rotate_keys(room.progress)
    told_of = ", ".join(f"{count} of {table}" for table, count in counts.items())
    room.give({"sealed_anew": dict(counts)}, [f"Sealed with the newest key: {told_of}. All else was already."])


@click.command()
@click.option("--stay", is_flag=True, help="Leave the server running until Ctrl-C.")
@json_option
@terminal
def demo(room: Terminal, stay: bool) -> None:
    """Send the recorded deliveries through the front door, and show what became of each."""
    house = room.house
    room.progress(house.migrate())
    with house.served():
        knocks = house.demo(room.progress)
        with house.records.reading() as tx:
            rows = demo_facts(tx, knocks, house.clock.now())
            url = letters_link(house, [store.id for store in tx.stores.all()])
        folder = house.settings.outbox_dir if house.settings.postman == "outbox" else None
        where = [f"Each is an .eml file in {folder}/ too."] if folder else []
        room.give({"deliveries": rows, "letters_url": url}, [*demo_table(rows), "", "Read every letter at", url, *where])
        if stay:
            room.progress(f"The server stays on {house.settings.public_url}. Ctrl-C stops it.")
            with suppress(KeyboardInterrupt):
                threading.Event().wait()
