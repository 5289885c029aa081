"""Posting: a due letter is composed, checked once more, marked `in_doubt` in the same transaction, and handed over.

A crash before that mark leaves the letter surely not sent; after it, perhaps sent. There is no third case, and `doubt`
decides what the second one means (reliability: «exactly-once honesty»).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lifecycle import doubt
from lifecycle.cards import mask
from lifecycle.errors import Unfilled
from lifecycle.figures import figures_of, trace
from lifecycle.gathering import gather
from lifecycle.guards import Case, Stage, Verdict, check
from lifecycle.handing import hand_over, write
from lifecycle.messages import Letter, Message, State, TracedFigure, anew
from lifecycle.oversight import Mode, raised
from lifecycle.overtaking import overtaken
from lifecycle.planning import case_mode
from lifecycle.ports import AuditLine, Rooms, Transaction
from lifecycle.telling import tell

LEASE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Composed:
    """The words, what their figures trace to, and the story they tell (equal stories make equal words)."""

    letter: Letter
    figures: tuple[TracedFigure, ...]


def compose(rooms: Rooms, case: Case) -> Composed:
    """The letter of this case as it would leave now. Raises Unfilled."""
    message = case.message
    if message.copy_of and message.letter is not None:
        return Composed(message.letter, message.figures)
    # A person's words stay theirs, and a second try in doubt must repeat the first to the letter.
    frozen = message.letter if message.edited or message.state is State.IN_DOUBT else None
    customer = case.order.customer if case.order else case.checkout.customer if case.checkout else None
    locale = rooms.words.locale(customer.locale if customer else None, case.store.locale)
    story = tell(case, locale)
    letter = frozen or rooms.words.print(story)
    forms = [(figure, rooms.words.forms(figure, story)) for figure in figures_of(story)]
    return Composed(letter, trace(letter, forms))


def post(rooms: Rooms, claimed: Message) -> State | None:
    """Take one claimed message as far as it goes now; its new state, None when another worker holds it."""
    now = rooms.clock.now()
    if claimed.state is State.IN_DOUBT and claimed.reason == "erased":
        return write(rooms, claimed.moved(State.FAILED, reason="erased"), now, "doubt")
    if claimed.state is State.IN_DOUBT and not _may_try_again(rooms, claimed, now):
        return write(rooms, doubt.given_up(claimed), now, "doubt")
    with rooms.records.transaction() as tx:
        message = tx.messages.get(claimed.store_id, claimed.id)
        if message is None or message.attempts != claimed.attempts or message.state is not claimed.state:
            return None
        case = gather(tx, rooms, message, now)
        judged, composed = _judge(rooms, case)
        if judged is not None:
            _replace_outdated(tx, judged, now)
            return _keep(tx, judged, now)
        assert composed is not None
        marked = _marked(rooms, case, composed)
        if not tx.messages.save(marked):
            return None
        tx.audit.add(AuditLine(marked.store_id, marked.id, now, "house", "handing_over", f"try {marked.tries}"))
    return hand_over(rooms, marked, case)


def _may_try_again(rooms: Rooms, message: Message, now: datetime) -> bool:
    return doubt.may_try_again(message, rooms.postman.remembers, now)


def _judge(rooms: Rooms, case: Case) -> tuple[Message | None, Composed | None]:
    """Either the message as it now rests (stopped, held, waiting), or the words that may leave."""
    message = case.message
    if message.state is State.HELD and message.stale_at is not None and message.stale_at <= case.now:
        return message.moved(State.STALE, reason="stale"), None
    facts = check(case, Stage.FACTS)
    stop = overtaken(case) or facts.stop
    if stop is not None:
        return _ended(message, stop.reason), None
    if facts.wait is not None:
        return _later(message, facts.wait.reason, facts.wait.until), None
    try:
        composed = compose(rooms, case)
    except Unfilled as unfilled:
        return _unfilled(message, unfilled.reason), None
    words = check(replace(case, letter=composed.letter, figures=composed.figures), Stage.WORDS)
    if words.stop is not None:
        shown = _blotted(composed) if words.stop.reason == "card_number" else composed
        return _ended(replace(message, letter=shown.letter, figures=shown.figures), words.stop.reason), None
    rests = _rest(case, facts, words, composed)
    return (rests, None) if rests is not None else (None, composed)


def _blotted(composed: Composed) -> Composed:
    """The words as they may be kept and shown: every possible card number down to its last four digits."""
    letter = composed.letter
    masked = {part: mask(getattr(letter, part)) for part in ("subject", "html", "text")}
    return Composed(replace(letter, **masked), ())


def _ended(message: Message, reason: str) -> Message:
    """Stopped; a letter in doubt cannot be called back, so it is failed with the reason instead."""
    state = State.FAILED if message.state is State.IN_DOUBT else State.STALE if reason == "stale" else State.STOPPED
    if state is State.STALE and message.state is State.APPROVED:
        state = State.STOPPED
    return message.moved(state, reason=reason)


def _later(message: Message, reason: str, until: datetime) -> Message:
    if message.state is State.IN_DOUBT:
        message = message.moved(State.WAITING)
    return replace(message, reason=reason, due_at=message.stale_at if message.state is State.HELD else until)


def _unfilled(message: Message, reason: str) -> Message:
    if message.state is State.APPROVED:
        return message.moved(State.STOPPED, reason=reason)
    return _held(message, (*message.reasons, reason), reason)


def _held(message: Message, reasons: tuple[str, ...], reason: str) -> Message:
    # One line a reason; of two, the one with the newer figures.
    reasons = tuple({each.partition(":")[0]: each for each in reasons}.values())
    if message.state is State.HELD:
        return replace(message, reasons=reasons, reason=reason, due_at=message.stale_at)
    return replace(message.moved(State.HELD, reason=reason, due_at=message.stale_at), reasons=reasons)


def _rest(case: Case, facts: Verdict, words: Verdict, composed: Composed) -> Message | None:
    """The message held or kept back under its mode; None when it may leave."""
    message = case.message
    if message.copy_of or message.state is State.IN_DOUBT:
        return None
    raises = (*raised(case), *facts.raises, *words.raises)
    mode = case_mode(case, raises)
    reasons = tuple(map(str, raises))
    written = replace(message, mode=mode, letter=composed.letter, figures=composed.figures, to=composed.letter.to)
    if mode is Mode.READ_ONLY:
        return replace(_ended(written, "read_only"), reasons=reasons)
    if message.state is State.HELD:
        doubtful = message.reason == "may_have_been_sent"
        return _held(message if doubtful else written, (*message.reasons, *reasons), message.reason)
    if message.approved_digest:
        return None if _still_true(message, composed) else written.moved(State.STOPPED, reason="facts_changed")
    if not mode.holds:
        return None
    strictest = next((each.reason for each in raises if each.mode is mode), "held_by_mode")
    return _held(written, reasons, strictest)


def _still_true(message: Message, composed: Composed) -> bool:
    """Whether the words leaving now are the approved ones, with every figure tracing to what it traced to then."""
    return message.approved_digest == composed.letter.digest and message.figures == composed.figures


def _replace_outdated(tx: Transaction, ended: Message, now: datetime) -> None:
    """Approved words that are not true any more never leave; a letter with today's facts is written in their place."""
    if ended.reason != "facts_changed":
        return
    key = f"{ended.key}:renewed:{ended.attempts}"
    fresh = replace(anew(ended, key, now), letter=None, figures=(), decided_by="", decided_at=None, edited=False)
    if tx.messages.add(fresh):
        tx.audit.add(AuditLine(fresh.store_id, fresh.id, now, "house", "planned", "facts_changed"))


def _marked(rooms: Rooms, case: Case, composed: Composed) -> Message:
    """The message in doubt, with the words that leave and when to look whether they did."""
    message, raises = case.message, raised(case)
    decided = message.copy_of or message.approved_digest
    moving = message.moved(State.WAITING) if message.state is State.IN_DOUBT else message
    look_at = case.now + doubt.pause(rooms.postman.remembers, message.tries)
    return replace(
        moving.moved(State.SENDING).moved(State.IN_DOUBT, due_at=look_at),
        mode=message.mode if decided else case_mode(case, raises),
        letter=composed.letter,
        figures=composed.figures,
        to=composed.letter.to,
        reasons=message.reasons or tuple(map(str, raises)),
        tries=message.tries + 1,
        first_try_at=message.first_try_at or case.now,
    )


def _keep(tx: Transaction, message: Message, now: datetime) -> State | None:
    if not tx.messages.save(message):
        return None
    tx.audit.add(AuditLine(message.store_id, message.id, now, "house", str(message.state), message.reason))
    return message.state
