"""Handing letters to a relay over one kept connection."""

import os
import ssl
import threading
import time
from datetime import timedelta

from adapters import mime, reserved
from adapters.smtp.line import Line, LineLost
from adapters.smtp.relay import Relay, Waits
from lifecycle.errors import PostmanBusy, PostmanError, PostmanRefused
from lifecycle.ports import Posting, Receipt


class SmtpPostman:
    """Gives letters to one relay, one at a time whichever thread asks; hangs up when nothing was sent for a while.

    A relay knows no keys, so nothing is ever safe to hand over again (`remembers` None).
    """

    name = "smtp"
    remembers: timedelta | None = None

    def __init__(self, relay: Relay, waits: Waits | None = None, tls: ssl.SSLContext | None = None) -> None:
        self._relay = relay
        self._waits = waits or Waits()
        self._tls = tls or ssl.create_default_context()
        self._lock = threading.Lock()
        self._line: Line | None = None
        self._used_at = 0.0
        self._owner = 0

    def refuses(self, address: str) -> str | None:
        """`reserved_domain` for addresses at which nobody can be."""
        return reserved.refusal(address)

    def post(self, posting: Posting) -> Receipt:
        """The relay's queue id, or our Message-ID when it names none. Raises the four PostmanErrors."""
        reason = self.refuses(posting.letter.to)
        if reason:
            raise PostmanRefused(reason, "Nobody can be reached at this address: its domain is reserved for examples.")
        raw = mime.build(posting)
        sender, recipient = mime.addr_spec(posting.from_address) or "", mime.addr_spec(posting.letter.to) or ""
        with self._lock:
            try:
                line = self._announced(sender, recipient)
                reply = line.letter(raw)
            except LineLost:
                raise _lost() from None
            finally:
                self._used_at = time.monotonic()
        return Receipt(reference=reply.queue_id or posting.message_id)

    def check(self) -> str:
        """Connects, covers and logs in. Raises PostmanError."""
        with self._lock:
            if not (self._kept() and self._line and self._line.is_alive()):
                self._open()
            self._used_at = time.monotonic()
        return f"smtp: {self._relay.host}:{self._relay.port} answers ({self._relay.cover})"

    def close(self) -> None:
        """Hang up now; the next letter connects again."""
        with self._lock:
            self._hang_up()

    def _announced(self, sender: str, recipient: str) -> Line:
        """A line that has taken sender and recipient: the kept one, or a new one when that turns out to be dead."""
        line = self._kept()
        if line:
            try:
                line.envelope(sender, recipient)
                return line
            except LineLost:
                self._hang_up()  # relays drop idle clients without a word; nothing was under way yet
        line = self._open()
        try:
            line.envelope(sender, recipient)
        except LineLost as lost:
            # A 421 instead of an answer to MAIL looks like a dead line; on a fresh one it is the relay's answer.
            if isinstance(lost.__cause__, PostmanError):
                raise lost.__cause__ from None
            raise
        return line

    def _kept(self) -> Line | None:
        if self._owner != os.getpid():
            self._line = None  # inherited over a fork: the parent's conversation, not ours
        if self._line and not self._line.is_open:
            self._line = None
        return self._line

    def _open(self) -> Line:
        self._hang_up()
        self._line = Line(self._relay, self._waits, self._tls)
        self._owner = os.getpid()
        self._used_at = time.monotonic()
        self._watch(self._line, self._waits.idle_s)
        return self._line

    def _hang_up(self) -> None:
        line, self._line = self._kept(), None
        if line:
            line.close(politely=True)

    def _watch(self, line: Line, after_s: float) -> None:
        """Look after a while whether this line is still used, and close it when not: one timer a line, not one a letter."""
        timer = threading.Timer(after_s, self._look, (line,))
        timer.daemon = True
        timer.start()

    def _look(self, line: Line) -> None:
        with self._lock:
            if self._line is not line or not line.is_open:
                return
            left_s = self._used_at + self._waits.idle_s - time.monotonic()
            if left_s > 0.001:
                self._watch(line, left_s)
            else:
                self._hang_up()


def _lost() -> PostmanBusy:
    return PostmanBusy("relay_lost", "The mail relay ended the connection before the letter was handed over.")
