"""Handing over: the one call that may deliver, outside any transaction, and what is written down of its answer."""

from dataclasses import replace
from datetime import datetime, timedelta

from lifecycle.enveloping import posting_of
from lifecycle.errors import PostmanBusy, PostmanClosed, PostmanError, PostmanRefused, PostmanUnsure
from lifecycle.guards import Case
from lifecycle.messages import SENT, Message, State, anew
from lifecycle.oversight import Mode
from lifecycle.ports import AuditLine, Rooms, Transaction

BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4))
_CLOSED_PAUSE = timedelta(minutes=15)


def hand_over(rooms: Rooms, message: Message, case: Case) -> State | None:
    """Call the postman, outside any transaction, and write down what came of it."""
    try:
        receipt = rooms.postman.post(posting_of(rooms, message, case))
    except PostmanError as trouble:
        return _troubled(rooms, message, trouble)
    now = rooms.clock.now()
    state = State.HELD_OUTSIDE if receipt.held_outside else State.HANDED_OVER
    done = replace(message.moved(state), sent_at=now, reference=receipt.reference)
    with rooms.records.transaction() as tx:
        done = _erased_meanwhile(tx, message, done)
        if not tx.messages.save(done):
            return None
        tx.audit.add(AuditLine(done.store_id, done.id, now, "postman", str(state), receipt.detail))
        _copy_for_team(tx, done, case, now)
    return state


def _erased_meanwhile(tx: Transaction, message: Message, after: Message) -> Message:
    """Whose letter it is, was erased while it was handed over: that it left (or did not) is kept, and none of its words."""
    kept = tx.messages.get(message.store_id, message.id)
    if kept is None or kept.reason != "erased" or kept.state is not State.IN_DOUBT:
        return after
    state = after.state if after.state in SENT else State.FAILED
    return replace(kept.moved(state, reason="erased"), sent_at=after.sent_at, reference=after.reference)


def _troubled(rooms: Rooms, message: Message, trouble: PostmanError) -> State | None:
    now = rooms.clock.now()
    if isinstance(trouble, PostmanRefused):
        after = message.moved(State.FAILED, reason=trouble.reason)
    elif isinstance(trouble, PostmanUnsure):
        after = replace(message, reason=trouble.reason)
    else:
        # Surely not sent: this try does not count towards the doubtful ones.
        after = message.moved(State.WAITING, reason=trouble.reason, due_at=now + _pause_after(message, trouble))
        after = replace(after, tries=message.tries - 1, first_try_at=message.first_try_at if message.tries > 1 else None)
    return write(rooms, after, now, "not_sent" if after.state is not State.IN_DOUBT else "unsure")


def _pause_after(message: Message, trouble: PostmanError) -> timedelta:
    if isinstance(trouble, PostmanClosed):
        return _CLOSED_PAUSE
    if isinstance(trouble, PostmanBusy) and trouble.retry_after_s is not None:
        return timedelta(seconds=trouble.retry_after_s)
    return BACK_OFF[min(message.attempts, len(BACK_OFF)) - 1]


def _copy_for_team(tx: Transaction, sent: Message, case: Case, now: datetime) -> None:
    """A monitored letter's copy for the team: a message of its own, never a visible recipient of the customer's."""
    team = case.store.settings.team_address
    if sent.mode is not Mode.MONITORED or not team or sent.copy_of or sent.letter is None:
        return
    key = f"{sent.key}:team" + (f":{sent.again}" if sent.again else "")
    # A click of the team must not unsubscribe the customer.
    shop, way_out = f"https://{case.store.host}/", case.way_out
    words = {
        part: getattr(sent.letter, part).replace(way_out, shop) if way_out else getattr(sent.letter, part)
        for part in ("html", "text")
    }
    letter = replace(sent.letter, to=team, subject=f"[Copy to team] {sent.letter.subject}", **words)
    copy = replace(
        anew(sent, key, now), to=team, mode=Mode.AUTONOMOUS, stale_at=None, reasons=(), letter=letter, copy_of=sent.id
    )
    if tx.messages.add(copy):
        tx.audit.add(AuditLine(copy.store_id, copy.id, now, "house", "planned", "team_copy"))


def write(rooms: Rooms, message: Message, now: datetime, act: str) -> State | None:
    """Keep the message with an audit line; its state, None when another worker holds it."""
    with rooms.records.transaction() as tx:
        message = _erased_meanwhile(tx, message, message)
        if not tx.messages.save(message):
            return None
        tx.audit.add(AuditLine(message.store_id, message.id, now, "house", act, message.reason))
    return message.state
