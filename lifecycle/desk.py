"""The desk: the verbs of the house. Hear what came in, post what is due, decide with a person, replay what was kept."""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import TypeVar

from lifecycle import chores, deciding, hearing, posting
from lifecycle.deliveries import Delivery, DeliveryState
from lifecycle.errors import HouseError, LostClaim, MemoryUnavailable, NotFound
from lifecycle.handing import BACK_OFF
from lifecycle.messages import Message, State
from lifecycle.ports import AuditLine, Chore, Rooms

_log = logging.getLogger("multimail_commerce.desk")
_LEASE = timedelta(minutes=2)
_BATCH = 20
_MOST_TRIES = 5
_CHORES = 4
_LOOK_EVERY = timedelta(seconds=1)
_PLAN_EVERY = timedelta(seconds=30)
_T = TypeVar("_T")


@dataclass(slots=True)
class _Pace:
    """When this worker last looked for chores. `starting`: it does not know what was missed while nobody worked."""

    looked_at: datetime | None = None
    planned_at: datetime | None = None
    starting: bool = True

    def may_look(self, now: datetime) -> bool:
        return self.looked_at is None or not timedelta(0) <= now - self.looked_at < _LOOK_EVERY

    def must_plan(self, now: datetime) -> bool:
        return self.starting or self.planned_at is None or not timedelta(0) <= now - self.planned_at < _PLAN_EVERY


@dataclass(frozen=True, slots=True)
class Desk:
    """One worker's hands. Several desks on one memory are harmless: every row is claimed with a lease and a token."""

    rooms: Rooms
    _pace: _Pace = field(default_factory=_Pace, init=False, repr=False, compare=False)

    def hear_due(self) -> int:
        """Read the deliveries that are due; how many were taken."""
        with self.rooms.records.transaction() as tx:
            claimed = tx.deliveries.claim(self.rooms.clock.now(), _BATCH, _LEASE)
        for delivery in claimed:
            self._guarded(hearing.hear, delivery, self._hearing_failed)
        return len(claimed)

    def post_due(self) -> int:
        """Take the letters that are due as far as they go; how many were taken."""
        with self.rooms.records.transaction() as tx:
            claimed = tx.messages.claim(self.rooms.clock.now(), _BATCH, posting.LEASE)
        for message in claimed:
            self._guarded(posting.post, message, self._posting_failed)
        return len(claimed)

    def tick(self) -> int:
        """Do the returning work that is due, for whichever store; how many chores were taken. May call out and take its time."""
        now = self.rooms.clock.now()
        self._pace.looked_at = now
        try:
            if self._pace.must_plan(now):
                chores.plan_missing(self.rooms, starting=self._pace.starting)
                self._pace.planned_at, self._pace.starting = now, False
            with self.rooms.records.transaction() as tx:
                claimed = tx.chores.claim(now, _CHORES, chores.LEASE)
            for chore in claimed:
                self._guarded(chores.do, chore, self._chore_failed)
        except MemoryUnavailable:
            # What was refused at the doors meanwhile is found by catching up.
            self._pace.starting = True
            raise
        return len(claimed)

    def work(self, *, stopping: Callable[[], bool] = lambda: False, with_chores: bool = True) -> int:
        """Hear, post and do chores until nothing is due or `stopping` says so; how many rows were taken.

        Chores are looked for once a second, and once more when all that was heard is worked through: it may have planned some.
        """
        done, looked = 0, False
        while not stopping():
            taken = self.hear_due() + self.post_due()
            looked = looked and not taken
            if with_chores and (self._pace.may_look(self.rooms.clock.now()) or not (taken or looked)):
                found = self.tick()
                taken, looked = taken + found, not found
            if not taken:
                break
            done += taken
        return done

    def decide(self, store_id: str, message_id: str, decision: deciding.Decision) -> Message:
        """A person's decision about a held letter (`deciding.decide`)."""
        return deciding.decide(self.rooms, store_id, message_id, decision)

    def replay(self, store_id: str, delivery_id: str) -> Delivery:
        """Make a kept delivery due once more; what it told already is told no second time. Raises NotFound."""
        with self.rooms.records.transaction() as tx:
            if not tx.deliveries.replay(store_id, delivery_id, self.rooms.clock.now()):
                raise NotFound("no_delivery", "There is no such delivery in this store, or it is being read right now.")
            found = tx.deliveries.get(store_id, delivery_id)
        assert found is not None
        return found

    # ---- what may go wrong --------------------------------------------------------------------------------------------

    def _guarded(self, verb: Callable[[Rooms, _T], object], row: _T, failed: Callable[[_T, str], None]) -> None:
        """One row's trouble never stops the others, and never loops: the row waits, then ends where a person sees it."""
        try:
            verb(self.rooms, row)
        except LostClaim:
            return
        except MemoryUnavailable:
            raise
        except HouseError as trouble:
            _log.warning("row failed", extra={"reason": trouble.reason})
            failed(row, trouble.reason)
        except Exception as surprise:  # noqa: BLE001 - a bug in one reader or letter must not stop the shop's other letters
            _log.error("unexpected %s in %s", type(surprise).__name__, verb.__name__, exc_info=_where(surprise))
            failed(row, "unexpected")

    def _hearing_failed(self, delivery: Delivery, reason: str) -> None:
        with self.rooms.records.transaction() as tx:
            if delivery.attempts >= _MOST_TRIES:
                tx.deliveries.finish(delivery, DeliveryState.QUARANTINED, reason)
            else:
                tx.deliveries.retry(delivery, self.rooms.clock.now() + timedelta(minutes=2**delivery.attempts), reason)

    def _chore_failed(self, chore: Chore, reason: str) -> None:
        with suppress(LostClaim):
            chores.failed(self.rooms, chore, reason)

    def _posting_failed(self, message: Message, reason: str) -> None:
        """Before the mark it is surely not sent: later again, then a person. In doubt it stays in doubt."""
        with self.rooms.records.transaction() as tx:
            current = tx.messages.get(message.store_id, message.id)
            if current is None or current.attempts != message.attempts or current.state is State.IN_DOUBT:
                return
            now = self.rooms.clock.now()
            pause = BACK_OFF[min(current.attempts, len(BACK_OFF)) - 1]
            after = replace(current, reason=reason, due_at=now + pause)
            if current.attempts >= _MOST_TRIES and current.state is State.WAITING:
                after = current.moved(State.HELD, reason=reason)
            tx.messages.save(after)
            tx.audit.add(AuditLine(current.store_id, current.id, now, "house", "failed", reason))


def _where(surprise: Exception) -> tuple[type[BaseException], BaseException, TracebackType | None]:
    """The trace without the exception's own text, which may quote a customer's data."""
    return (RuntimeError, RuntimeError(type(surprise).__name__), surprise.__traceback__)
