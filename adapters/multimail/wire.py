"""MultiMail's words: every path, field, status and hint of both dialects. When the service changes, this file does.

`mailbox` is the vendor's OpenAPI 2.0.0, its MCP server and its changelog to 0.13.0; `simple` is the form of its use-case
pages (`/v1/send` with two bodies), which the OpenAPI does not have. All as read on 2026-11-20.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from adapters import payload
from lifecycle.mailboxes import MAILBOX_ID, MailAccount, Mailbox
from lifecycle.oversight import Mode
from lifecycle.ports import Posting

DEFAULT_URL = "https://api.multimail.dev"
HEALTH, ACCOUNT, MAILBOXES, CONTACTS = "/health", "/v1/account", "/v1/mailboxes", "/v1/contacts"
REMEMBERS = timedelta(hours=20)
"""The service keeps an idempotency key 24 h; four are left for skewed clocks and queues."""
GUARD_WINDOW = timedelta(minutes=15)
"""How far back a look-up after a 409 goes: its content guard lasts 60 s; the rest is skewed clocks and our own waiting."""

ACCEPTED = 202
_MOST_TAGS, _LONGEST_TAG_KEY, _LONGEST_TAG = 10, 64, 256


class Dialect(StrEnum):
    """Which form of the service is spoken."""

    MAILBOX = "mailbox"
    SIMPLE = "simple"


class Limit(StrEnum):
    """The three kinds of 429."""

    RATE = "rate_limited"
    WARM_UP = "warm_up"
    QUOTA = "quota"


HELD = frozenset({"pending_send_approval"})
"""Statuses of a mail that waits for a person at MultiMail."""
FAILED = frozenset({"rejected", "cancelled", "send_failed", "spam_flagged", "spam_quarantined", "deleted"})
"""Statuses of an outbound mail that will not leave. Any other unknown word counts as accepted: none is documented for «sent»."""
DUPLICATE = "already_sent"


@dataclass(frozen=True, slots=True)
class Errand:
    """One call about the account: which scope its key needs, and what this call's own 4xx mean (a reason, and a sentence)."""

    method: str
    path: str
    scope: str
    said: Mapping[int, tuple[str, str]] = field(default_factory=dict)


_NO_MAILBOX = "no_mailbox", "MultiMail has no mailbox with this id."
_WRONG_CODE = "wrong_code", "MultiMail does not take this code: it may be mistyped, used already, or older than 24 hours."
ERRANDS: dict[str, Errand] = {
    "account": Errand("GET", ACCOUNT, "read"),
    "mailboxes": Errand("GET", MAILBOXES, "read"),
    "ask_upgrade": Errand("POST", f"{MAILBOXES}/{{}}/request-upgrade", "send", {
        400: ("no_upgrade", "MultiMail does not offer this mode to the mailbox, or it has it already."),
        404: _NO_MAILBOX,
        429: ("too_many_asked", "MultiMail mails at most three codes an hour for one mailbox. Use the newest one, or try again in an hour."),
    }),
    "redeem_upgrade": Errand("POST", f"{MAILBOXES}/{{}}/upgrade", "send", {
        400: _WRONG_CODE,
        403: _WRONG_CODE,
        404: ("no_upgrade", "No upgrade of this mailbox is waiting for a code, or the code is older than 24 hours: ask for a new one."),
    }),
    "create": Errand("POST", MAILBOXES, "admin", {
        400: ("bad_address", "MultiMail does not take this as the part of an address before the @."),
        409: ("address_taken", "This address is taken at MultiMail; choose another."),
        429: ("code_pending", "A code for this was mailed a moment ago: give that one, or try again later."),
    }),
    "create_with_code": Errand("POST", MAILBOXES, "admin", {
        400: _WRONG_CODE,
        403: _WRONG_CODE,
        404: ("no_code", "MultiMail waits for no code about this mailbox: ask for one first, without --code."),
        409: ("address_taken", "This address is taken at MultiMail; choose another."),
    }),
}  # fmt: skip
"""What is asked about the account; the sending itself has its own table. A code's 403 comes without the word «scope»."""

SCOPES = frozenset({"read", "send", "admin", "oversight", "oversight_read"})
HEALTHS = frozenset({"ok", "degraded"})

_HINTS_403: tuple[tuple[str, str], ...] = (
    ("read_only", "mailbox_read_only"),
    ("read-only", "mailbox_read_only"),
    ("upgrade", "mailbox_read_only"),
    ("deactivated", "multimail_account_closed"),
    ("disabled", "multimail_account_closed"),
    ("suspended", "multimail_account_closed"),
)


def send_path(dialect: Dialect, mailbox: str) -> str:
    """Where letters go."""
    return "/v1/send" if dialect is Dialect.SIMPLE else f"{MAILBOXES}/{quote(mailbox, safe='')}/send"


def mails_path(mailbox: str) -> str:
    """A mailbox's mails."""
    return f"{MAILBOXES}/{quote(mailbox, safe='')}/emails"


def tags_path(mailbox: str, mail: str) -> str:
    """One mail's tags."""
    return f"{mails_path(mailbox)}/{quote(mail, safe='')}/tags"


def letter(dialect: Dialect, posting: Posting) -> dict[str, Any]:
    """The body of a send. MultiMail makes the HTML itself from Markdown; its From is the mailbox."""
    words = posting.letter
    if dialect is Dialect.SIMPLE:
        return {
            "from": posting.from_address,
            "to": words.to,
            "subject": words.subject,
            "text_body": words.text,
            "html_body": words.html,
            # No page promises that this dialect reads the key; one that does not ignores it.
            "idempotency_key": posting.key,
        }
    return {"to": [words.to], "subject": words.subject, "markdown": words.text, "idempotency_key": posting.key}


def mail_id(answer: Mapping[str, Any]) -> str:
    """The id of a mail, empty when the answer has none that fits into a path and a column."""
    found = payload.text(answer, "id", "email_id")
    return found if len(found) <= 128 and found.isascii() and found.isprintable() and " " not in found else ""


def status(answer: Mapping[str, Any]) -> str:
    """The status word of a mail or of the service, in lower case."""
    return payload.text(answer, "status").lower()


def limit(answer: Mapping[str, Any]) -> Limit:
    """Which 429 this is, told apart as the vendor's own client does."""
    if "warmup_stage" in answer:
        return Limit.WARM_UP
    return Limit.QUOTA if "quota" in payload.text(answer, "error").lower() else Limit.RATE


def refusal(answer: Mapping[str, Any]) -> str:
    """The reason behind a 403."""
    said = " ".join((payload.text(answer, "error"), payload.text(answer, "hint"), payload.text(answer, "message"))).lower()
    return next((reason for word, reason in _HINTS_403 if word in said), "multimail_key")


def lacks_scope(answer: Mapping[str, Any]) -> bool:
    """Whether a 403 is about the key and not about what was asked."""
    return "scope" in payload.text(answer, "error", "message").lower()


def scope_named(answer: Mapping[str, Any], usual: str) -> str:
    """The scope that a 403 names, else the usual one: the vendor's pages disagree on who may upgrade (`send` or `admin`)."""
    words = re.findall(r"[a-z_]+", payload.text(answer, "error", "message").lower())
    return next((word for word in words if word in SCOPES), usual)


def at_plans_end(answer: Mapping[str, Any]) -> bool:
    """Whether a 403 is the plan's limit."""
    return "plan" in payload.text(answer, "error", "message").lower()


def recent_query(posting: Posting, now: datetime) -> dict[str, str]:
    """Asks for mails that left with this subject lately."""
    since = (now - GUARD_WINDOW).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"direction": "outbound", "subject_contains": posting.letter.subject, "date_after": since, "limit": "100"}


def same_mail(answer: Mapping[str, Any], posting: Posting, now: datetime) -> dict[str, Any]:
    """The newest mail of a list that is this letter and has not failed; empty when there is none."""
    to, subject = posting.letter.to.casefold(), posting.letter.subject
    for row in payload.mappings(answer, "emails"):
        known = row.get("to")
        receivers = [item.casefold() for item in known if isinstance(item, str)] if isinstance(known, list) else []
        received = payload.moment(row, "received_at")
        fresh = received is not None and received >= now - GUARD_WINDOW
        if to in receivers and row.get("subject") == subject and fresh and status(row) not in FAILED and mail_id(row):
            return row
    return {}


def merged(held: Any, posting: Posting) -> dict[str, str]:
    """The tags that a mail has, with ours over them: its kind and whatever the desk gave."""
    known = {key: value for key, value in held.items() if isinstance(value, str)} if isinstance(held, dict) else {}
    ours = {"kind": posting.mail.replace("_", "-"), **posting.tags}
    return known | {key[:_LONGEST_TAG_KEY]: value[:_LONGEST_TAG] for key, value in list(ours.items())[:_MOST_TAGS]}


def contact(dialect: Dialect, posting: Posting) -> dict[str, Any]:
    """The body that adds a contact. Only the simple dialect has a place for what was last written about."""
    to = posting.letter.to
    body: dict[str, Any] = {"email": to, "name": payload.clean(posting.customer_name) or to.partition("@")[0]}
    if dialect is Dialect.SIMPLE:
        order = {"last_order_id": posting.tags["order"]} if posting.tags.get("order") else {}
        body["metadata"] = {**order, "last_letter": posting.mail, "last_letter_at": posting.date.isoformat()}
    return body


def has_contact(answer: Mapping[str, Any], address: str) -> bool:
    """Whether a search found exactly this address."""
    rows = payload.mappings(answer, "contacts")
    return any(payload.text(row, "email").casefold() == address.casefold() for row in rows)


def mailbox(answer: Mapping[str, Any], wanted: str) -> dict[str, Any]:
    """The mailbox with this id in a list, empty when it is not there."""
    return next((row for row in payload.mappings(answer, "mailboxes") if row.get("id") == wanted), {})


def mode(row: Mapping[str, Any]) -> Mode | None:
    """A mailbox's mode; None for a word that is none of the five."""
    try:
        return Mode(payload.text(row, "oversight_mode").lower())
    except ValueError:
        return None


def mailbox_told(row: Mapping[str, Any]) -> Mailbox | None:
    """One row of the mailbox list, None when its id is none that a path can carry. The warm-up's figures only where told."""
    number = payload.text(row, "id")
    if not MAILBOX_ID.fullmatch(number):
        return None
    return Mailbox(
        id=number,
        address=payload.line(row, "address"),
        name=payload.line(row, "display_name"),
        mode=mode(row),
        is_active=row.get("is_active") not in (False, 0),
        daily_limit=_number(row, "daily_limit"),
        daily_sent=_number(row, "daily_sent"),
    )


def account_told(row: Mapping[str, Any]) -> MailAccount:
    """The account as `/v1/account` says it."""
    return MailAccount(
        name=payload.line(row, "name"),
        plan=payload.line(row, "plan"),
        oversight_address=payload.line(row, "oversight_email"),
        postal_address=payload.line(row, "physical_address"),
        quota=_number(row, "monthly_email_quota"),
        sent_this_month=_number(row, "emails_sent_this_month"),
        most_mailboxes=_number(row, "max_mailboxes"),
        may_send=row.get("is_active") not in (False, 0) and not row.get("sending_disabled"),
        why_not=payload.line(row, "sending_disabled_reason"),
    )


def _number(row: Mapping[str, Any], key: str) -> int | None:
    value = row.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
