"""Counting what no webhook brought: the truth about lost deliveries, per store, and how it is said to a merchant."""

from collections.abc import Mapping

from lifecycle.deliveries import Delivery
from lifecycle.events import Event, Kind
from lifecycle.intake import was_caught_up
from lifecycle.ports import CatchesUp, Rooms, Transaction
from lifecycle.stores import Store

CAUGHT_UP = "caught_up"
CAUGHT_UP_ORDERS = "caught_up_orders"
BY_CATCH_UP = "no webhook brought it; our own look at the shop found it"


def told(tx: Transaction, store: Store, event: Event, delivery: Delivery, note: str) -> None:
    """Write down what came of a new event and, when no webhook brought it, that; both show in `deliveries show`."""
    found = was_caught_up(delivery)
    note = "; ".join(filter(None, (note, BY_CATCH_UP if found else "")))
    if note:
        tx.events.note(store.id, event.id, note)
    if found:
        _count(tx, store, event, 1)


def retold(tx: Transaction, rooms: Rooms, store: Store, event: Event, delivery: Delivery) -> None:
    """A webhook tells what catching up had found first: it was late and not lost, so it counts no longer."""
    if was_caught_up(delivery) or not isinstance(rooms.platforms.get(store.platform), CatchesUp):
        return
    if event.order_id is None or tx.access.get(store.id) is None:
        return
    heard = tx.events.list(store.id, order_id=event.order_id)
    note = next((each.note for each in heard if each.event.id == event.id), "")
    if note.endswith(BY_CATCH_UP):
        tx.events.note(store.id, event.id, note.removesuffix(BY_CATCH_UP).removesuffix("; "))
        _count(tx, store, event, -1)


def _count(tx: Transaction, store: Store, event: Event, by: int) -> None:
    tx.counters.bump(CAUGHT_UP, store.id, by)
    if event.kind is Kind.ORDER_PLACED:
        tx.counters.bump(CAUGHT_UP_ORDERS, store.id, by)


def caught_up(counts: Mapping[tuple[str, str], int], store_id: str) -> tuple[int, int]:
    """How many orders, and how many things altogether, arrived only by catch-up."""
    return counts.get((CAUGHT_UP_ORDERS, store_id), 0), counts.get((CAUGHT_UP, store_id), 0)


def caught_up_words(orders: int, everything: int) -> str:
    """«3 orders arrived only by catch-up», with other news behind; empty when every webhook came."""
    others = everything - orders
    parts = [_many(orders, "order")] if orders else []
    parts += [_many(others, "other piece" if orders else "piece") + " of news"] if others > 0 else []
    return f"{' and '.join(parts)} arrived only by catch-up" if parts else ""


def _many(count: int, name: str) -> str:
    if count == 1:
        return f"1 {name}"
    return f"{count} {name}s"
