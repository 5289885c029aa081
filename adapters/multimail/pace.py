"""How fast we ask: MultiMail publishes no number, so we keep to two requests a second (as read on 2026-11-20)."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

DAY_S = 24 * 60 * 60


class Pace:
    """Turns at least `gap_s` apart, in one process."""

    def __init__(
        self,
        gap_s: float = 0.5,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._gap_s = gap_s
        self._clock = clock
        self._sleep = sleep
        self._free_at = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        return self._clock()

    def take(self, until: float | None = None) -> bool:
        """Wait for the next turn; False, without waiting or taking one, when it comes only after `until`."""
        with self._lock:
            now = self._clock()
            turn = max(now, self._free_at)
            if until is not None and turn > until:
                return False
            self._free_at = turn + self._gap_s
        if turn > now:
            self._sleep(turn - now)
        return True


def retry_after_s(text: str, now: datetime) -> int | None:
    """The header's seconds or date (RFC 9110 §10.2.3) as 1 to 86,400 seconds; None when it says nothing."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return max(1, min(int(text[:9]), DAY_S))
    try:
        wait = (parsedate_to_datetime(text).astimezone(UTC) - now).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return None
    return max(1, min(int(wait), DAY_S))
