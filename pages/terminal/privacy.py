"""`privacy`: what customers asked about their data, what is kept about one of them, and how it is erased."""

import json
import secrets
from pathlib import Path
from typing import Any

import click

from lifecycle import forgetting
from lifecycle.errors import BadSetting, NotFound
from lifecycle.ports import Request, Transaction
from lifecycle.privacy import PrivacyRequest
from pages import told
from pages.terminal.speaking import Terminal, clean, json_option, pairs, store_of, table, terminal

_KINDS = {"export": "asks what is kept", "erase": "asks to be forgotten", "erase_store": "the shop asks to be forgotten"}


def request_facts(request: Request) -> dict[str, Any]:
    """One request as JSON."""
    return {
        "id": request.id,
        "store": request.store_id,
        "kind": request.kind,
        "customer_id": request.customer_id,
        "address": request.address,
        "order_ids": list(request.order_ids),
        "received_at": told.iso(request.received_at),
        "due_at": told.iso(request.due_at),
        "done_at": told.iso(request.done_at),
        "receipt": json.loads(request.receipt) if request.receipt else None,
    }


def request_of(tx: Transaction, wanted: str) -> Request:
    """The request with this id. Raises NotFound."""
    found = next((request for request in tx.privacy.list() if request.id == wanted), None)
    if found is None:
        raise NotFound("no_request", "There is no such request. `multimail-commerce privacy list` shows those that are.")
    return found


def _person(command: Any) -> Any:
    """The options that name one customer of one store."""
    for option in (
        click.option(
            "--order", "orders", multiple=True, metavar="ID", help="An order's id on the platform; may be repeated."
        ),
        click.option("--customer-id", default="", metavar="ID", help="The platform's id of the customer."),
        click.option("--address", default="", metavar="EMAIL", help="The customer's e-mail address."),
    ):
        command = option(command)
    return command


@click.group
def privacy() -> None:
    """Customers' requests about their data, and your own on their behalf."""


@privacy.command("list")
@click.option("--store", default="", metavar="ID", help="Of this store only.")
@json_option
@terminal
def list_requests(room: Terminal, store: str) -> None:
    """List the requests, newest first, with what became of each."""
    with room.house.records.reading() as tx:
        found = tx.privacy.list(store_of(tx, store).id if store else None)
    now = room.house.clock.now()
    rows = [
        (
            request.id,
            request.store_id,
            _KINDS.get(request.kind, request.kind),
            told.column_time(request.received_at, None, now),
            f"done {told.age(request.done_at, now)}" if request.done_at else f"due {told.age(request.due_at, now)}",
        )
        for request in found
    ]
    lines = table(("id", "store", "what", "received", "state"), rows, bends=(1,))
    room.give([request_facts(request) for request in found], lines or ["No requests."])


@privacy.command("show")
@click.argument("request_id", metavar="ID")
@json_option
@terminal
def show(room: Terminal, request_id: str) -> None:
    """Show a request and its receipt."""
    with room.house.records.reading() as tx:
        request = request_of(tx, request_id)
    _answer(room, request)


@privacy.command("export")
@click.argument("request_id", metavar="[ID]", default="")
@click.option("--store", default="", metavar="ID", help="Instead of a request: the store whose customer it is.")
@_person
@click.option(
    "--file", "path", type=click.Path(dir_okay=False, path_type=Path), help="Write it there (for you alone to read)."
)
@json_option
@terminal
def export(
    room: Terminal, request_id: str, store: str, address: str, customer_id: str, orders: tuple[str, ...], path: Path | None
) -> None:
    """Give everything that is kept about one customer, as JSON, to be passed on to them."""
    with room.house.records.reading() as tx:
        if request_id:
            request = request_of(tx, request_id)
            if request.kind == "erase_store":
                raise BadSetting("not_a_person", "This request is about a whole shop, not about one customer.")
        else:
            request = _asked_for(room, tx, "export", store, address, customer_id, orders)
        found = forgetting.exported(tx, request)
    text = json.dumps(found, indent=2, ensure_ascii=False, default=str)
    if path is not None:
        _write(path, text)
        counts = {name: len(rows) for name, rows in found.items()}
        room.give({"file": str(path), "found": counts}, [f"Written to {path}: {_counted(counts)}."])
    else:
        room.give(json.loads(text), [clean(text, lines=True)])
    if request_id:
        with room.house.records.transaction() as tx:
            tx.notices.clear(request.store_id, forgetting.DATA_ASKED_FOR)


@privacy.command("erase")
@click.option("--store", required=True, metavar="ID", help="The store whose customer it is.")
@_person
@click.option("--yes", is_flag=True, help="Do not ask: what is erased cannot be brought back.")
@json_option
@terminal
def erase(room: Terminal, store: str, address: str, customer_id: str, orders: tuple[str, ...], yes: bool) -> None:
    """Erase everything that is kept about one customer. Their opt-out stays, as a hash that nobody can read."""
    house = room.house
    with house.records.reading() as tx:
        request = _asked_for(room, tx, "erase", store, address, customer_id, orders)
        counts = {name: len(rows) for name, rows in forgetting.exported(tx, request).items()}
        whose = store_of(tx, store)
    if not yes:
        if room.wants_json or not room.is_asked():
            raise BadSetting("not_confirmed", "Erasing cannot be undone: say --yes.")
        click.echo(f"Kept about this customer of {clean(whose.name)}: {_counted(counts)}.")
        if not click.confirm("Erase it all? It cannot be brought back."):
            raise BadSetting("left_as_it_was", "Nothing was erased.")
    with house.records.transaction() as tx:
        forgetting.keep(tx, request)
    _answer(room, forgetting.perform(house.desk.rooms, whose, request))


def _asked_for(
    room: Terminal, tx: Transaction, kind: str, store: str, address: str, customer_id: str, orders: tuple[str, ...]
) -> Request:
    """A request that the operator makes on a customer's behalf. Raises BadSetting when it names nobody."""
    if not store or not (address.strip() or customer_id.strip() or orders):
        raise BadSetting("nobody_named", "Name the store (--store) and its customer: --address, --customer-id or --order.")
    who = PrivacyRequest("", customer_id.strip() or None, address.strip() or None, orders)
    return forgetting.request_of(store_of(tx, store), kind, who, secrets.token_hex(10), room.house.clock.now())


def _answer(room: Terminal, request: Request) -> None:
    now, facts = room.house.clock.now(), request_facts(request)
    shown = {
        "id": request.id,
        "store": request.store_id,
        "what": _KINDS.get(request.kind, request.kind),
        "customer": clean(request.customer_id),
        "address": clean(request.address),
        "orders": clean(", ".join(request.order_ids)),
        "received": told.clock_time(request.received_at, None, now),
        "due": told.clock_time(request.due_at, None, now) if request.done_at is None else "",
        "done": told.clock_time(request.done_at, None, now),
    }
    receipt = [f"{name}: {json.dumps(value)}" for name, value in (facts["receipt"] or {}).items()]
    room.give(facts, [*pairs(shown), *(["", *receipt] if receipt else [])])


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items()) or "nothing"


def _write(path: Path, text: str) -> None:
    """For its owner alone to read, and never over something that is there."""
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(text + "\n", encoding="utf-8")
