"""`deliveries`: what came in, what became of it, and once more please."""

import click

from lifecycle.deliveries import Delivery, DeliveryState
from lifecycle.errors import NotFound
from lifecycle.ports import Heard, Transaction
from pages import told
from pages.terminal.speaking import (
    Terminal,
    clean,
    json_option,
    pairs,
    state,
    store_of,
    stores_by_id,
    table,
    terminal,
    with_reasons,
)


def delivery_of(tx: Transaction, wanted: str) -> Delivery:
    """The delivery with this id, body and all. Raises NotFound."""
    found = tx.deliveries.find(wanted)
    if found is None:
        raise NotFound(
            "no_delivery", "There is no such delivery. `multimail-commerce deliveries list` shows those that are."
        )
    return found


@click.group
def deliveries() -> None:
    """What the shops' platforms sent."""


@deliveries.command("list")
@click.option("--store", default="", metavar="ID", help="Of this store only.")
@click.option("--state", "wanted", type=click.Choice(list(map(str, DeliveryState))), help="In this state only.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10_000))
@json_option
@terminal
def list_deliveries(room: Terminal, store: str, wanted: str | None, limit: int) -> None:
    """List deliveries, newest first."""
    with room.house.records.reading() as tx:
        known = stores_by_id(tx)
        only = store_of(tx, store).id if store else None
        found = tx.deliveries.list(only, DeliveryState(wanted) if wanted else None, limit)
    now = room.house.clock.now()
    rows = [
        (
            one.id,
            told.column_time(one.received_at, known.get(one.store_id), now),
            one.envelope.party,
            clean(one.envelope.topic),
            state(one.state),
        )
        for one in found
    ]
    lines = table(("id", "received", "party", "topic", "state"), rows, bends=(3,))
    reasons = [told.said(one.reason) if one.reason else "" for one in found]
    room.give([told.delivery_line(one) for one in found], with_reasons(lines, reasons) if found else ["No deliveries."])


@deliveries.command("show")
@click.argument("delivery_id", metavar="ID")
@click.option("--body", is_flag=True, help="The body too; it holds customers' data.")
@json_option
@terminal
def show(room: Terminal, delivery_id: str, body: bool) -> None:
    """Show a delivery: what its headers claim, its state, and the events that it told."""
    with room.house.records.reading() as tx:
        found = delivery_of(tx, delivery_id)
        store = tx.stores.get(found.store_id)
        heard = tx.events.list(found.store_id, delivery_id=found.id)
    envelope, now = found.envelope, room.house.clock.now()
    text = found.body.decode("utf-8", "replace")
    headers = {"sent_at": told.iso(envelope.at), **envelope.details}
    facts = told.delivery_line(found) | {"headers": headers, "digest": found.digest, "bytes": len(found.body)}
    facts["events"] = [_event(each) for each in heard]
    if body:
        facts["body"] = text
    shown = {
        "id": found.id,
        "store": clean(store.name) if store else found.store_id,
        "party": envelope.party,
        "topic": clean(envelope.topic),
        "delivery id": clean(envelope.delivery_id),
        "received": told.clock_time(found.received_at, store, now),
        **{name: clean(str(value)) for name, value in headers.items() if value},
        "state": f"{state(found.state)}: {told.DELIVERY_WORDS[found.state]}",
        "reason": clean(told.said(found.reason)) if found.reason else "",
        "body": f"{len(found.body)} bytes, sha256 {found.digest[:16]}… (--body shows it)",
    }
    events = [
        f"{each.event.kind} {clean(each.event.fact_id)}{f': {clean(each.note)}' if each.note else ''}" for each in heard
    ]
    shown["events"] = "; ".join(events) or "none"
    room.give(facts, [*pairs(shown), *(["", clean(text, lines=True)] if body else [])])


@deliveries.command("replay")
@click.argument("delivery_id", metavar="ID")
@json_option
@terminal
def replay(room: Terminal, delivery_id: str) -> None:
    """Read a delivery once more; what it told already is told no second time."""
    with room.house.records.reading() as tx:
        found = delivery_of(tx, delivery_id)
    again = room.house.desk.replay(found.store_id, found.id)
    room.give(told.delivery_line(again), [f"Delivery {again.id} is due again; the worker reads it next."])


def _event(heard: Heard) -> dict[str, str | None]:
    event = heard.event
    return {
        "id": event.id,
        "kind": str(event.kind),
        "fact": f"{event.fact_kind} {event.fact_id}",
        "occurred_at": told.iso(event.occurred_at),
        "note": heard.note,
    }
