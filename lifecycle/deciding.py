"""Deciding: a person approves, rejects or edits exactly the words that they saw."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from lifecycle.errors import BadSetting, NotDecidable, NotFound
from lifecycle.gathering import gather
from lifecycle.guards import Case, Stage, check
from lifecycle.messages import Letter, Message, State
from lifecycle.overtaking import overtaken
from lifecycle.ports import AuditLine, Rooms, Transaction
from lifecycle.posting import Composed, compose


class Act(StrEnum):
    """What a person may do with a held letter."""

    APPROVE = "approve"
    REJECT = "reject"
    EDIT = "edit"


@dataclass(frozen=True, slots=True)
class Decision:
    """One person's word about one held letter. `digest` names the text they saw; None fields of an edit stay as they are."""

    act: Act
    person: str
    digest: str
    reason: str = ""
    subject: str | None = None
    html: str | None = None
    text: str | None = None


def decide(rooms: Rooms, store_id: str, message_id: str, decision: Decision) -> Message:
    """Carry out the decision and return the message as it now is.

    Raises NotFound (not in this store), NotDecidable: `not_held`, `other_text` (the digest is not today's text),
    `text_renewed` (the facts changed: the letter was written anew and must be read again), or the guard's reason.
    """
    now = rooms.clock.now()
    with rooms.records.transaction() as tx:
        message = tx.messages.get(store_id, message_id)
        if message is None:
            raise NotFound("no_letter", "There is no such letter in this store.")
        if message.state is not State.HELD:
            raise NotDecidable("not_held", f"This letter is {message.state}; only a held letter can be decided about.")
        if message.letter is not None and decision.digest != message.digest:
            raise NotDecidable("other_text", "The text has changed since it was shown. Read it again and decide then.")
        after, refusal = _ACTS[decision.act](rooms, gather(tx, rooms, message, now), decision)
        if not tx.messages.save(after):
            raise NotDecidable("other_text", "Somebody else is deciding about this letter. Look again.")
        _audit(tx, after, decision, now, refusal)
    if refusal is not None:
        raise refusal
    return after


def _audit(tx: Transaction, message: Message, decision: Decision, now: datetime, refusal: NotDecidable | None) -> None:
    act = f"{decision.act}_refused" if refusal else str(decision.act)
    detail = refusal.reason if refusal else decision.reason
    tx.audit.add(
        AuditLine(message.store_id, message.id, now, decision.person, act, f"{detail} {decision.digest[:12]}".strip())
    )


def _approve(rooms: Rooms, case: Case, decision: Decision) -> tuple[Message, NotDecidable | None]:
    message = case.message
    stop = overtaken(case) or check(case, Stage.FACTS).stop
    if stop is not None:
        ended = message.moved(State.STALE if stop.reason == "stale" else State.STOPPED, reason=stop.reason)
        return ended, NotDecidable(stop.reason, f"This letter cannot leave any more: {stop.reason.replace('_', ' ')}.")
    composed = compose(rooms, case)
    words = check(replace(case, letter=composed.letter, figures=composed.figures), Stage.WORDS)
    if words.stop is not None:
        return replace(message, reason=words.stop.reason), NotDecidable(
            words.stop.reason, f"These words must not leave: {words.stop.reason.replace('_', ' ')}. Edit them first."
        )
    if composed.letter.digest != decision.digest:
        return _rewritten(message, composed), NotDecidable(
            "text_renewed", "The order has changed, so the letter was written anew. Read the new text and decide then."
        )
    again = message.again + 1 if message.reason == "may_have_been_sent" else message.again
    approved = message.moved(State.APPROVED, due_at=case.now)
    return replace(
        approved,
        approved_digest=decision.digest,
        decided_by=decision.person,
        decided_at=case.now,
        again=again,
        tries=0 if again != message.again else message.tries,
        first_try_at=None if again != message.again else message.first_try_at,
    ), None


def _rewritten(message: Message, composed: Composed) -> Message:
    return replace(message, letter=composed.letter, figures=composed.figures, to=composed.letter.to)


def _reject(_rooms: Rooms, case: Case, decision: Decision) -> tuple[Message, NotDecidable | None]:
    rejected = case.message.moved(State.REJECTED, reason=decision.reason or "rejected")
    return replace(rejected, decided_by=decision.person, decided_at=case.now), None


def _edit(rooms: Rooms, case: Case, decision: Decision) -> tuple[Message, NotDecidable | None]:
    """New words for the same recipient, held under a new digest, their figures traced like any other's."""
    message = case.message
    if message.letter is None:
        raise NotDecidable("not_written", "This letter has no text yet.")
    wished = (decision.subject, decision.html, decision.text)
    if all(part is None for part in wished):
        raise BadSetting("nothing_to_edit", "Give a new --subject, --text or --html.")
    if any(part is not None and not part.strip() for part in wished):
        raise BadSetting("empty_text", "A letter cannot have an empty subject or body.")
    letter = _changed(message.letter, decision)
    composed = compose(rooms, replace(case, message=replace(message, letter=letter, edited=True)))
    edited = replace(_rewritten(message, composed), edited=True, decided_by=decision.person, decided_at=case.now)
    untraced = [figure.shown for figure in composed.figures if not figure.fact]
    reasons = [reason for reason in message.reasons if reason.partition(":")[0] != "figure_untraced"]
    found = [f"figure_untraced: {', '.join(untraced)}"] if untraced else []
    return replace(edited, reasons=(*reasons, *found)), None


def _changed(letter: Letter, decision: Decision) -> Letter:
    return replace(
        letter,
        subject=" ".join((decision.subject or letter.subject).split()),
        html=letter.html if decision.html is None else decision.html,
        text=letter.text if decision.text is None else decision.text,
    )


_ACTS = {Act.APPROVE: _approve, Act.REJECT: _reject, Act.EDIT: _edit}
