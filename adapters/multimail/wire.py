"""MultiMail's words: every path, field, status and hint of both dialects. When the service changes, this file does.

`mailbox` is the vendor's OpenAPI 2.0.0, its MCP server and its changelog to 0.13.0; `simple` is the form of its use-case
pages (`/v1/send` with two bodies), which the OpenAPI does not have. All as read on 2026-11-20.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from adapters import payload
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

MODES: dict[str, str] = {
    "read_only": "",
    "gated_all": "every letter waits there for a person",
    "gated_send": "every letter waits there for a person, unless its recipient is on the mailbox's allowlist",
    "monitored": "letters leave after its scan, with a copy to the oversight address",
    "autonomous": "letters leave after its scan",
}
"""What a mailbox's mode does to our letters; empty: it sends nothing."""

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
