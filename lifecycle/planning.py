"""Planning: which letters an event makes, when they are due, under whose eyes, and which ones it ends."""

from dataclasses import replace
from datetime import datetime

from lifecycle.carts import Checkout
from lifecycle.events import Event, Kind
from lifecycle.gathering import POSSIBLE_IMPORT, gather, hours_late
from lifecycle.guards import Case, Stage, check
from lifecycle.mails import MAILS, NO_LETTER, Mail, rows_for
from lifecycle.messages import Message, State, message_id
from lifecycle.orders import Order
from lifecycle.oversight import Mode, Raised, mode_for, raised
from lifecycle.overtaking import ENDS, overtaken
from lifecycle.ports import AuditLine, Rooms, Transaction
from lifecycle.reasons import in_words
from lifecycle.stores import Store

# What may happen to one fact more than once makes a letter each time; everything else makes one for ever.
_REPEATS = frozenset({Kind.ORDER_CHANGED, Kind.FULFILLMENT_UPDATED, Kind.FULFILLMENT_FAILED})

# A reminder that ended for one of these may be planned anew by the next touch of its cart.
_REVIVED_BY_A_TOUCH = frozenset({
    "no_consent", "consent_pending", "consent_unproven", "consent_unconfirmed", "consent_expired",
    "no_address", "no_postal_address", "empty_cart", "no_recovery_link", "nothing_to_pay", "switched_off",
})  # fmt: skip

# A change is no news to somebody who has not read the first letter yet: the first one tells the newest state.
_SHOWN_BY = {"order_change": "order_confirmation", "tracking_update": "shipping_notice"}


def plan(tx: Transaction, rooms: Rooms, store: Store, event: Event, now: datetime, *, caught_up: bool = False) -> str:
    """Add the letters of this event. The answer says why there is none (empty when there is one).

    `caught_up`: our own look at the shop found it. What is older than a day then is perhaps an import: a person decides.
    """
    rows = rows_for(event.kind)
    if not rows:
        return NO_LETTER.get(event.kind, "")
    age = hours_late(event.occurred_at, now) if caught_up else None
    reasons = (f"{POSSIBLE_IMPORT}: {age}",) if age else ()
    notes = [_plan_row(tx, rooms, store, event, row, now, reasons) for row in rows]
    return "" if "" in notes else notes[0]


def _plan_row(
    tx: Transaction, rooms: Rooms, store: Store, event: Event, row: Mail, now: datetime, reasons: tuple[str, ...]
) -> str:
    about = tx.messages.open_about(store.id, event.fact_kind, event.fact_id)
    waiting = next((each for each in about if each.mail == row.name and not each.copy_of), None)
    if row.debounces and waiting is not None:
        return _move(tx, rooms, store, event, row, waiting, now)
    first = _SHOWN_BY.get(row.name)
    if first and any(each.mail == first for each in (*about, *tx.messages.open_of_order(store.id, event.order_id or ""))):
        return f"the letter «{MAILS[first].title}» has not left yet and will show it"
    key, before = _free_key(tx, store, row, event)
    if not key:
        return "this letter was already made"
    message = replace(_message(store, event, row, key, now), reasons=reasons)
    planned = _judged(gather(tx, rooms, message, now, store))
    if before is not None and (planned.state, planned.reason) == (before.state, before.reason):
        return f"as before: {in_words(planned.reason)}"
    if tx.messages.add(planned):
        tx.audit.add(AuditLine(store.id, planned.id, now, "house", "planned", planned.reason))
    return ""


def _message(store: Store, event: Event, row: Mail, key: str, now: datetime) -> Message:
    wait = store.wait_of(row.name, row.wait, row.step)
    # A cart's clock runs from its last touch, whenever that was heard; every other letter answers what was just heard.
    due = (event.fact.touched_at if isinstance(event.fact, Checkout) else now) + wait
    return Message(
        id=message_id(store.id, key),
        store_id=store.id,
        key=key,
        mail=row.name,
        event_id=event.id,
        event_kind=event.kind,
        fact_kind=event.fact_kind,
        fact_id=event.fact_id,
        occurred_at=event.occurred_at,
        created_at=now,
        order_id=event.order_id,
        order_number=_number(event),
        due_at=due,
        stale_at=max(due, now) + row.stale,
        before=event.before,
    )


def _number(event: Event) -> str:
    return event.fact.number if isinstance(event.fact, Order | Checkout) else ""


def _judged(case: Case) -> Message:
    """The message with its mode, its first reasons and, where a guard already says so, its end or a later time."""
    verdict = check(case, Stage.PLAN)
    raises = (*raised(case), *verdict.raises)
    message = replace(case.message, to=case.to, mode=case_mode(case, raises), reasons=tuple(map(str, raises)))
    stop = overtaken(case) or verdict.stop
    if stop is not None:
        return message.moved(State.STOPPED, reason=stop.reason)
    if verdict.wait is not None and message.due_at is not None:
        return replace(message, due_at=max(message.due_at, verdict.wait.until), reason=verdict.wait.reason)
    return message


def case_mode(case: Case, raises: tuple[Raised, ...]) -> Mode:
    """The mode of this case: the strictest of its row or the store's choice, the row's floor, and the raises."""
    chosen = case.store.settings.modes.get(case.row.name)
    return mode_for(case.row.mode, chosen, case.row.loosest, raises)


def _free_key(tx: Transaction, store: Store, row: Mail, event: Event) -> tuple[str, Message | None]:
    """The key of this event's letter, and the ended one that it may revive; empty when it exists and is not to be made again."""
    base = f"{row.name}:{event.fact_kind}:{event.fact_id}"
    if event.kind in _REPEATS:
        return f"{base}:{event.revision}", None
    key, turn, before = base, 1, None
    while (old := tx.messages.by_key(store.id, key)) is not None:
        if not (row.debounces and old.state is State.STOPPED and old.reason in _REVIVED_BY_A_TOUCH) or turn > 20:
            return "", None
        turn, before = turn + 1, old
        key = f"{base}:{turn}"
    return key, before


def _move(tx: Transaction, rooms: Rooms, store: Store, event: Event, row: Mail, waiting: Message, now: datetime) -> str:
    """A later touch or edit moves the waiting letter; what the customer last knew (`before`) stays the first one's."""
    if waiting.state is not State.WAITING:
        return "a letter about this waits for a person and was written anew"
    fresh = _message(store, event, row, waiting.key, now)
    moved = replace(waiting, due_at=fresh.due_at, stale_at=fresh.stale_at, occurred_at=fresh.occurred_at)
    if not tx.messages.save(_judged(replace(gather(tx, rooms, moved, now, store), message=moved))):
        return "the letter is just leaving"
    return "the letter that waits for this was moved"


def stop_overtaken(tx: Transaction, store: Store, event: Event, now: datetime) -> None:
    """End every open letter that this event makes pointless (`Mail.stops_on`)."""
    reason = ENDS.get(event.kind)
    if reason is None:
        return
    for message in _concerned(tx, store, event):
        if event.kind in MAILS[message.mail].stops_on and message.event_id != event.id:
            stop(tx, message, reason, now)


def _concerned(tx: Transaction, store: Store, event: Event) -> list[Message]:
    fact = event.fact
    found = list(tx.messages.open_about(store.id, event.fact_kind, event.fact_id))
    if isinstance(fact, Order):
        found += [each for each in tx.messages.open_of_order(store.id, fact.id) if each.fact_kind != "checkout"]
    if event.kind is Kind.ORDER_PLACED and isinstance(fact, Order) and fact.customer.email:
        carts = tx.facts.checkouts_of(store.id, email=fact.customer.email)
        for cart in carts:
            if cart.is_open and cart.touched_at <= fact.placed_at:
                found += tx.messages.open_about(store.id, "checkout", cart.token)
    return list({message.id: message for message in found}.values())


def stop(tx: Transaction, message: Message, reason: str, now: datetime) -> bool:
    """End one open letter with a reason that the merchant reads; False when it is leaving at this moment."""
    kept = tx.messages.save(message.moved(State.STOPPED, reason=reason))
    if kept:
        tx.audit.add(AuditLine(message.store_id, message.id, now, "house", "stopped", reason))
    return kept


def look_again(tx: Transaction, store: Store, event: Event, now: datetime) -> None:
    """New facts: letters that waited for the order become due, and held words are checked against what is true now."""
    if event.order_id is None:
        return
    for message in tx.messages.open_of_order(store.id, event.order_id):
        waits_for_it = message.state is State.WAITING and message.reason == "order_unknown"
        if waits_for_it or (message.state is State.HELD and message.event_id != event.id):
            tx.messages.save(replace(message, due_at=now))
