"""Postmen: whatever hands letters over, and whoever has mailboxes to show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from lifecycle.mailboxes import MailAccount, Mailbox
from lifecycle.mails import Purpose
from lifecycle.messages import Letter
from lifecycle.oversight import Mode


@dataclass(frozen=True, slots=True)
class Posting:
    """A letter ready to be handed over. `key` is the same for every try of the same text (idempotency key, ASCII ≤ 200).

    `message_id` is a full RFC 5322 id with angle brackets, fixed before the first try; `references` the order's root id.
    `headers` holds only our own fixed headers (Auto-Submitted, List-Unsubscribe …). `mailbox` is the store's own, empty for
    the postman's.
    """

    key: str
    store_id: str
    mail: str
    purpose: Purpose
    message_id: str
    from_name: str
    from_address: str
    reply_to: str
    letter: Letter
    date: datetime
    references: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    customer_name: str = ""
    mailbox: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The postman took it. `reference` is its own id; `held_outside`: its own gate holds the letter now."""

    reference: str
    held_outside: bool = False
    detail: str = ""


class Postman(Protocol):
    """Whatever hands letters over. `remembers`: how long the same `key` is safe to hand over again (None: never safe)."""

    name: str
    remembers: timedelta | None

    def refuses(self, address: str) -> str | None:
        """A reason (`reasons.REASONS`) to refuse this address without trying, or None."""

    def post(self, posting: Posting) -> Receipt:
        """Hand one letter over. Raises PostmanBusy, PostmanRefused, PostmanUnsure or PostmanClosed; nothing else."""

    def check(self) -> str:
        """One line for `doctor` saying that the other side answers. Raises PostmanError."""


@runtime_checkable
class HasMailboxes(Protocol):
    """A postman whose letters leave from the mailboxes of an account. `mailbox` is the one for stores without their own."""

    mailbox: str

    @property
    def office(self) -> "MailOffice":
        """Where account and mailboxes are asked for and changed."""


class MailOffice(Protocol):
    """An account's mailboxes. Everything raises PostmanError, with a message for who typed the command."""

    def account(self) -> MailAccount: ...
    def mailboxes(self) -> Sequence[Mailbox]: ...
    def ask_upgrade(self, mailbox_id: str, mode: Mode) -> None:
        """Have a code mailed to the account's oversight address; at most three an hour for one mailbox."""

    def redeem_upgrade(self, mailbox_id: str, code: str) -> None: ...
    def create(self, local_part: str, display_name: str = "", code: str = "") -> Mailbox | None:
        """The new mailbox, or None when a code was mailed first: call again with it."""
