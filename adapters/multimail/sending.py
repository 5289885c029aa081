"""Handing letters to MultiMail: one request a letter, then its tags and the customer's contact as a courtesy.

A 202 is success in every mode of the mailbox; the letter may still wait there for a person. Nothing is resent from here.
"""

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from adapters import mime, reserved
from adapters.http import Answer, Outbound
from adapters.multimail import wire
from adapters.multimail.account import Office
from adapters.multimail.courtesies import Courtesies
from adapters.multimail.pace import DAY_S, Pace, retry_after_s
from adapters.multimail.wire import Dialect, Limit
from lifecycle.errors import (
    NoAnswer,
    PostmanBusy,
    PostmanClosed,
    PostmanError,
    PostmanRefused,
    PostmanUnsure,
)
from lifecycle.mailboxes import MAILBOX_WORDS
from lifecycle.oversight import Mode
from lifecycle.ports import Posting, Receipt

SEND_S, LOOK_S = 30.0, 10.0
# Faults of our own setting: trying again changes nothing until somebody corrects MULTIMAIL_API_URL.
_MISCONFIGURED = frozenset({"url_refused", "not_https", "port_refused", "address_refused"})


def _closed(reason: str, message: str) -> PostmanClosed:
    return PostmanClosed(reason, message)


_REFUSED = PostmanRefused, "rejected_by_multimail", "MultiMail refused this letter as invalid or by its content filter."
_TABLE: dict[int, tuple[type[PostmanError], str, str]] = {
    400: _REFUSED,
    422: _REFUSED,
    413: (PostmanRefused, "too_large", "MultiMail finds this letter too large."),
    401: (PostmanClosed, "multimail_key", "MultiMail does not know this key: check MULTIMAIL_API_KEY."),
    402: (PostmanClosed, "multimail_plan", "MultiMail wants the account's plan changed before it sends."),
    408: (PostmanUnsure, "no_answer", "MultiMail gave up waiting for the request."),
}
"""Statuses with one meaning. 2xx, 403, 404, 409, 429 and 5xx need a look at the answer; any other closes the door."""


class MultiMail:
    """The postman. `wants_contact` says for which letters a contact is kept; by default those that name their customer."""

    name = "multimail"

    def __init__(
        self,
        outbound: Outbound,
        *,
        base: str,
        key: str,
        mailbox: str = "",
        dialect: Dialect = Dialect.MAILBOX,
        pace: Pace | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        wants_contact: Callable[[Posting], bool] = lambda posting: bool(posting.customer_name),
    ) -> None:
        self._outbound = outbound
        self._base = base
        self._headers = {"Authorization": f"Bearer {key}"}
        self.mailbox = mailbox
        self._dialect = dialect
        self._pace = pace or Pace()
        self._now = now
        self._courtesies = Courtesies(
            outbound,
            self._pace,
            base=base,
            headers=self._headers,
            dialect=dialect,
            wants_contact=wants_contact,
        )
        self.office = Office(outbound, self._pace, base=base, headers=self._headers)
        # Nothing says that `/v1/send` honours the key, so a second try there may be a second letter.
        self.remembers: timedelta | None = wire.REMEMBERS if dialect is Dialect.MAILBOX else None

    def refuses(self, address: str) -> str | None:
        return reserved.refusal(address)

    def post(self, posting: Posting) -> Receipt:
        posting = self._fit(posting)
        path = wire.send_path(self._dialect, posting.mailbox)
        answer = self._ask("POST", path, content=wire.letter(self._dialect, posting), total_s=SEND_S)
        receipt = self._receipt(answer, posting)
        # The letter is out of our hands: whatever goes wrong from here on is no reason to say otherwise.
        with suppress(NoAnswer):
            self._courtesies.after(posting, receipt.reference)
        return receipt

    def check(self) -> str:
        """Whether the service answers, the key is good, the account may send, and what the mailbox's mode does to letters."""
        health = self._ask("GET", wire.HEALTH, total_s=LOOK_S)
        if health.status >= 500:
            raise PostmanBusy("multimail_down", "MultiMail says of itself that it is down.")
        account = self._look(wire.ACCOUNT)
        if account.get("sending_disabled") or account.get("is_active") in (False, 0):
            raise _closed("multimail_account_closed", "MultiMail has switched off sending for this account.")
        word = wire.status(health.object())
        said = [f"MultiMail answers ({word if word in wire.HEALTHS else 'no word on its health'})"]
        if self.mailbox:
            said.append(self._mode(wire.mailbox(self._look(wire.MAILBOXES), self.mailbox)))
        elif self._dialect is Dialect.MAILBOX:
            said.append("there is no MULTIMAIL_MAILBOX_ID, so the letters of stores without a mailbox of their own wait")
        if account and not account.get("physical_address"):
            said.append("the account has no postal address, which marketing letters need")
        return "; ".join(said) + "."

    def close(self) -> None:
        """Hang up."""
        self._outbound.close()

    def _fit(self, posting: Posting) -> Posting:
        """The posting with one plain receiver and a subject of one line. Raises PostmanRefused."""
        words, sender = posting.letter, posting.from_address
        to = mime.addr_spec(words.to)
        if to is None:
            raise PostmanRefused("no_usable_address", "The customer's address is not one plain e-mail address.")
        if reason := self.refuses(to):
            raise PostmanRefused(reason, "Nobody can be reached at this address: its domain is reserved for examples.")
        if self._dialect is Dialect.SIMPLE and mime.addr_spec(sender) is None:
            raise _closed("no_usable_sender", "The store's sender address is not one plain e-mail address.")
        mailbox = posting.mailbox or self.mailbox
        if not mailbox and self._dialect is Dialect.MAILBOX:
            raise _closed("no_mailbox", "The store has no mailbox: set its mailbox_id or MULTIMAIL_MAILBOX_ID.")
        return replace(posting, mailbox=mailbox, letter=replace(words, to=to, subject=mime.foreign(words.subject)))

    # ---- one request -------------------------------------------------------------------------------------------------

    def _ask(self, method: str, path: str, *, total_s: float, **more: Any) -> Answer:
        self._pace.take()
        try:
            return self._outbound.call(method, self._base + path, headers=self._headers, total_s=total_s, **more)
        except NoAnswer as fault:
            heard, reason = fault.perhaps_heard, fault.reason
        if heard:
            raise PostmanUnsure("no_answer", f"MultiMail was called and gave no whole answer ({reason}).")
        if reason in _MISCONFIGURED:
            raise _closed("multimail_url", f"MULTIMAIL_API_URL leads where no letter may go ({reason}).")
        raise PostmanBusy("multimail_unreachable", f"MultiMail could not be reached ({reason}).")

    def _look(self, path: str) -> dict[str, Any]:
        answer = self._ask("GET", path, total_s=LOOK_S)
        if answer.status != 200:
            self._refuse(answer)
        return answer.object()

    def _mode(self, mailbox: Mapping[str, Any]) -> str:
        if not mailbox:
            raise _closed(
                "no_mailbox", "MultiMail has no mailbox with the id in MULTIMAIL_MAILBOX_ID: `mailbox` lists those it has."
            )
        if mailbox.get("is_active") in (False, 0):
            raise _closed("no_mailbox", "The mailbox is switched off at MultiMail.")
        if wire.mode(mailbox) is Mode.READ_ONLY:
            raise _closed("mailbox_read_only", "The mailbox is read_only at MultiMail: `mailbox upgrade` asks for more.")
        known = wire.mode(mailbox)
        return f"the mailbox is {known}: {MAILBOX_WORDS[known]}" if known else "the mailbox's mode is unknown to us"

    # ---- what an answer means ----------------------------------------------------------------------------------------

    def _receipt(self, answer: Answer, posting: Posting) -> Receipt:
        if answer.status == 409:
            return self._duplicate(posting)
        if answer.status == 429:
            self._wait(answer, posting.key)
        if not 200 <= answer.status < 300:
            self._refuse(answer)
        said = answer.object()
        found, status = wire.mail_id(said), wire.status(said)
        if status in wire.FAILED:
            raise PostmanRefused("rejected_by_multimail", "MultiMail took this letter and refused it at once.")
        if not found:
            # A page of somebody else's server is 200 too; with the key a second try does no harm.
            raise PostmanUnsure("odd_answer", "MultiMail's answer was a success without the id of a mail.")
        return Receipt(found, held_outside=status in wire.HELD, detail=status if status == wire.DUPLICATE else "")

    def _refuse(self, answer: Answer) -> NoReturn:
        status = answer.status
        if status in _TABLE:
            kind, reason, message = _TABLE[status]
            raise kind(reason, message)
        if status == 403:
            raise _closed(wire.refusal(answer.object()), "MultiMail refuses this key, mailbox or account (403).")
        if status == 404:
            reason = "no_mailbox" if self._dialect is Dialect.MAILBOX else "no_such_dialect"
            raise _closed(
                reason,
                "MultiMail knows no such path: check the store's mailbox_id, MULTIMAIL_MAILBOX_ID and MULTIMAIL_DIALECT.",
            )
        if status == 429:
            self._wait(answer, "")
        if status >= 500 or status < 300:
            raise PostmanUnsure("multimail_failed", f"MultiMail answered {status}: perhaps it took the letter.")
        raise _closed("multimail_url", f"MultiMail answered {status}: check MULTIMAIL_API_URL.")

    def _wait(self, answer: Answer, key: str) -> NoReturn:
        """Raise PostmanBusy for a 429, spread by the letter's key so that not all come back in the same second."""
        now, limit = self._now(), wire.limit(answer.object())
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        if limit is Limit.RATE:
            asked = retry_after_s(answer.headers.get("retry-after", ""), now)
            wait = None if asked is None else asked + _spread(key, 1 + asked // 5)
        elif limit is Limit.WARM_UP:
            wait = int((midnight - now).total_seconds()) + 1 + _spread(key, 600)
        else:
            first = (now.replace(day=1) + timedelta(days=32)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
            # The plan may be upgraded before, so it is asked again every day.
            wait = min(int((first - now).total_seconds()) + 1, DAY_S)
        raise PostmanBusy(limit.value, "MultiMail asks us to wait (429).", retry_after_s=wait)

    def _duplicate(self, posting: Posting) -> Receipt:
        """The mail that a 409 took ours for. It is no error to try again: the same words left a moment ago."""
        found: dict[str, Any] = {}
        if posting.mailbox:
            now = self._now()
            with suppress(PostmanError):
                asked = wire.recent_query(posting, now)
                answer = self._ask("GET", wire.mails_path(posting.mailbox), params=asked, total_s=LOOK_S)
                found = wire.same_mail(answer.object(), posting, now) if answer.status == 200 else {}
        if not found:
            raise PostmanUnsure("duplicate_guard", "MultiMail says that these words left already, but does not show where.")
        return Receipt(wire.mail_id(found), held_outside=wire.status(found) in wire.HELD, detail="found_after_duplicate")


def _spread(key: str, width: int) -> int:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big") % width
