"""Reading: what the letters pages look up. Every query names its store, and a store comes from the signed key alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lifecycle.errors import NotFound
from lifecycle.house import House
from lifecycle.mails import MAILS
from lifecycle.messages import Message, State
from lifecycle.ports import AuditLine, Heard, Transaction
from lifecycle.stores import Store

LONGEST_LIST = 200


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asked for; a word that is none of ours is no filter."""

    store: str = ""
    state: State | None = None
    mail: str = ""
    order: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "Filters":
        state, mail = asked.get("state", ""), asked.get("mail", "")
        return cls(
            store=asked.get("store", "")[:100],
            state=State(state) if state in list(State) else None,
            mail=mail if mail in MAILS else "",
            order=asked.get("order", "").strip()[:100],
        )

    def __bool__(self) -> bool:
        return bool(self.store or self.state or self.mail or self.order)


@dataclass(frozen=True, slots=True)
class Reading:
    """One letter with everything that is known about it."""

    store: Store
    message: Message
    audit: Sequence[AuditLine]
    heard: Heard | None


def stores_in(tx: Transaction, store_ids: Sequence[str]) -> list[Store]:
    """The stores of a key that are still there, in its order."""
    return [store for store in map(tx.stores.get, store_ids) if store is not None]


def letters_in(tx: Transaction, stores: Sequence[Store], filters: Filters) -> list[tuple[Store, Message]]:
    """The newest letters of these stores that fit, newest first, at most LONGEST_LIST."""
    found = [
        (store, message)
        for store in stores
        if filters.store in ("", store.id)
        for message in tx.messages.list(
            store.id,
            state=filters.state,
            mail=filters.mail or None,
            order=filters.order or None,
            limit=LONGEST_LIST,
        )
    ]
    return sorted(found, key=lambda pair: pair[1].created_at, reverse=True)[:LONGEST_LIST]


def letter_in(house: House, store_ids: Sequence[str], message_id: str) -> Reading:
    """One letter of these stores. Raises NotFound."""
    with house.records.reading() as tx:
        for store in stores_in(tx, store_ids):
            message = tx.messages.get(store.id, message_id)
            if message is not None:
                return reading_of(tx, store, message)
    raise NotFound("no_letter", "There is no such letter in the stores of this link.")


def reading_of(tx: Transaction, store: Store, message: Message) -> Reading:
    """The letter with its history and the event that made it."""
    heard = (
        tx.events.list(store.id, order_id=message.order_id, limit=200)
        if message.order_id
        else tx.events.list(store.id, limit=500)
    )
    event = next((each for each in heard if each.event.id == message.event_id), None)
    return Reading(store, message, tx.audit.of(store.id, message.id), event)
