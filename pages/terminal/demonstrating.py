"""The demo's table: delivery → event → letter → mode → state, with the reason wherever nothing was sent."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from lifecycle.house import Knock
from lifecycle.messages import SENT, Message, State
from lifecycle.ports import Transaction
from pages import told
from pages.terminal.speaking import WIDTH, because, clean, cut, state, table

_UNKEPT = {
    401: "refused: its signature is wrong, so nothing of it is kept",
    200: "a copy of a delivery that is kept already",
}


def demo_facts(tx: Transaction, knocks: Sequence[Knock], now: datetime) -> list[dict[str, Any]]:
    """One row for each delivery, event and letter, in the order in which the deliveries were sent."""
    return [row for knock in knocks for row in _rows(tx, knock, now)]


def _rows(tx: Transaction, knock: Knock, now: datetime) -> list[dict[str, Any]]:
    first = {"delivery": knock.name, "answer": knock.answer, "id": knock.delivery_id, "event": "", "letter": "", "mode": ""}
    if not knock.delivery_id:
        return [first | {"state": "not kept", "reason": _UNKEPT.get(knock.answer, "not kept")}]
    delivery = tx.deliveries.get(knock.store_id, knock.delivery_id)
    if delivery is None:
        return [first | {"state": "not kept", "reason": "this delivery is not kept any more"}]
    heard = tx.events.list(knock.store_id, delivery_id=delivery.id)
    if not heard:
        reason = told.said(delivery.reason) if delivery.reason else "it tells nothing new that a letter could be about"
        return [first | {"state": str(delivery.state), "reason": reason}]
    rows = []
    for each in heard:
        event = first | {"event": str(each.event.kind)}
        letters = [one for one in tx.messages.list(knock.store_id, event_id=each.event.id) if not one.copy_of]
        if not letters:
            note = told.said(each.note) if each.note else "it makes no letter"
            rows.append(event | {"state": "no letter", "reason": note})
        rows += [event | _fate(one, now) for one in sorted(letters, key=lambda one: one.mail)]
    return rows


def _fate(one: Message, now: datetime) -> dict[str, Any]:
    """What became of a letter, and why it did not leave; a waiting one says when it is due."""
    reason = told.first_reason(one)
    words = told.said(reason) if reason else "" if one.state in SENT else f"It {told.STATE_WORDS[one.state]}"
    due = f", {told.age(one.due_at, now)}" if one.state is State.WAITING and one.due_at else ""
    end = "" if not words or words.endswith(".") else f"{due}."
    return {"letter": one.mail, "mode": str(one.mode), "state": str(one.state), "message": one.id, "reason": words + end}


def demo_table(rows: Sequence[dict[str, Any]]) -> list[str]:
    """The rows, aligned under their deliveries; a reason stands below its row, where it has room to be read."""
    cells = [(f"  {row['event']}", row["letter"], row["mode"], state(row["state"])) for row in rows]
    head, *lines = table(("delivery → event", "letter", "mode", "state"), cells, bends=(0,)) or [""]
    shown, last = [head], ""
    for row, line in zip(rows, lines, strict=True):
        if row["delivery"] != last:
            last = row["delivery"]
            shown.append(clean(cut(last, WIDTH)))
        shown.append(line)
        shown += because(row["reason"])
    return shown
