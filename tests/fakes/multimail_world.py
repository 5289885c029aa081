"""What the fake MultiMail knows: its clock, switches, mailboxes, mails, contacts, subscriptions."""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

RUNTIME_KEY, ADMIN_KEY, REVIEWER_KEY = "mm_live_runtime_0001", "mm_live_admin_0001", "mm_live_reviewer_0001"
MAILBOX_ID, MAILBOX_ADDRESS = "01JMXK5T9FAKEMAILBOX0001", "orders@nordlicht.multimail.dev"
LADDER = ("read_only", "gated_all", "gated_send", "monitored", "autonomous")
HELD_MODES = ("gated_all", "gated_send")
PENDING = ("pending_send_approval", "pending_inbound_approval")
# OpenAPI's filter: `pending_scan` and whatever a sent mail is called are not in it.
FILTERS = (
    *("unread", "read", "archived", "deleted", "pending_send_approval", "pending_inbound_approval", "rejected"),
    *("cancelled", "send_failed", "scheduled", "spam_flagged", "spam_quarantined"),
)
_ADDRESS = re.compile(r"[^\s@<>\"(),;:\\]+@[^\s@.]+(\.[^\s@.]+)+")


class Refuse(Exception):
    """An answer that is not a success."""

    def __init__(self, status, error, headers=None, **more):
        super().__init__(error)
        self.status, self.body, self.headers = status, {"error": error, **more}, headers or {}


@dataclass
class Switches:
    """Where no source says what the service does, or sources disagree; the defaults are the likelier side."""

    simple: bool = False  # whether /v1/send exists at all
    simple_honours_key: bool = False
    sent_status: str = "sent"
    guard_on_send: bool = False
    guard_on_reply: bool = True
    scan_rejects: bool = False
    first_status: str = "pending_scan"
    suppressed_is_400: bool = False
    tags_merge: bool = False
    pending_key: str = "emails"
    webhooks_key: str = "subscriptions"
    vocabulary: str = "message"
    attachment_json: bool = False
    contact_twice_is_409: bool = False
    rate_per_s: int | None = None
    retry_after: str | None = "2"
    warmup_limit: int | None = None
    quota: int = 5000


@dataclass
class Mail:
    id: str
    mailbox_id: str
    direction: str
    sender: str
    to: list
    subject: str
    markdown: str
    status: str
    thread_id: str
    received_at: datetime
    cc: list = field(default_factory=list)
    bcc: list = field(default_factory=list)
    attachments: list = field(default_factory=list)
    tags: dict = field(default_factory=dict)
    html: str = ""
    send_at: datetime | None = None
    gate_timing: str = "gate_first"
    approved_at: datetime | None = None
    approved_by: str | None = None
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    bounced_at: datetime | None = None
    bounce_type: str | None = None
    key: str = ""


@dataclass
class Mailbox:
    id: str
    address: str
    oversight_mode: str = "monitored"
    display_name: str | None = None
    is_active: int = 1
    extras: dict = field(default_factory=dict)
    allowlist: list = field(default_factory=list)
    upgrade: tuple | None = None
    upgrade_asks: list = field(default_factory=list)


@dataclass
class Subscription:
    id: str
    url: str
    events: list
    mailbox_id: str | None
    signing_secret: str
    created_at: str


@dataclass
class World:
    """All of it. `offset` is how far the fake's clock is ahead; `starts_at` freezes it."""

    starts_at: datetime | None = None
    offset: timedelta = timedelta(0)
    switches: Switches = field(default_factory=Switches)
    keys: dict = field(default_factory=dict)
    mailboxes: dict = field(default_factory=dict)
    mails: dict = field(default_factory=dict)
    contacts: dict = field(default_factory=dict)
    subscriptions: dict = field(default_factory=dict)
    events: list = field(default_factory=list)
    deliveries: list = field(default_factory=list)
    suppressed: dict = field(default_factory=dict)
    audit: list = field(default_factory=list)
    codes: dict = field(default_factory=dict)
    operator_inbox: list = field(default_factory=list)
    idempotent: dict = field(default_factory=dict)
    recent_content: dict = field(default_factory=dict)
    asked_at: list = field(default_factory=list)
    account: dict = field(default_factory=dict)
    count: int = 0

    def __post_init__(self):
        self.keys = {
            RUNTIME_KEY: {"id": "key_1", "name": "shop", "scopes": ["read", "send"]},
            ADMIN_KEY: {"id": "key_2", "name": "set-up", "scopes": ["read", "admin"]},
            REVIEWER_KEY: {"id": "key_3", "name": "reviewer", "scopes": ["oversight"]},
        }
        self.mailboxes = {MAILBOX_ID: Mailbox(MAILBOX_ID, MAILBOX_ADDRESS)}
        self.account = {
            "id": "01JMXKTENANT",
            "name": "Nordlicht",
            "slug": "nordlicht",
            "plan": "builder",
            "oversight_email": "team@nordlicht-shop.de",
            "physical_address": "Kai 1, 20457 Hamburg",
            "max_mailboxes": 5,
            "storage_used_bytes": 0,
            "max_storage_bytes": 10 * 2**30,
            "is_active": True,
            "sending_disabled": False,
            "sending_disabled_reason": None,
        }

    def now(self):
        return (self.starts_at or datetime.now(UTC)) + self.offset

    def next_id(self, prefix):
        self.count += 1
        return f"{prefix}{self.count:06d}"

    def mailbox(self, mailbox_id):
        if mailbox_id not in self.mailboxes:
            raise Refuse(404, "Mailbox not found")
        return self.mailboxes[mailbox_id]

    def mail(self, mailbox_id, mail_id):
        self.mailbox(mailbox_id)
        mail = self.mails.get(mail_id)
        if mail is None or mail.mailbox_id != mailbox_id:
            raise Refuse(404, "Email not found")
        return mail

    def moment(self):
        """Now, later than every mail's, so that the cursor (a mail's time in ms) never points at two."""
        latest = max((mail.received_at for mail in self.mails.values()), default=None)
        now = self.now().replace(microsecond=self.now().microsecond // 1000 * 1000)
        return now if latest is None or now > latest else latest + timedelta(milliseconds=1)

    def sent_since(self, start, mailbox_id=None):
        return sum(
            mail.direction == "outbound" and mail.received_at >= start and mailbox_id in (None, mail.mailbox_id)
            for mail in self.mails.values()
        )

    def note(self, action, kind, resource_id):
        row = {"id": self.next_id("au_"), "action": action, "resource_type": kind, "resource_id": resource_id}
        self.audit.append(row | {"actor_key_id": None, "metadata": None, "created_at": iso(self.now())})

    def tell(self, event, mail):
        """Queue a webhook event for whoever subscribed to it."""
        self.events.append((event, mail.id, self.now()))


def is_address(value):
    return isinstance(value, str) and len(value) <= 254 and _ADDRESS.fullmatch(value) is not None


def iso(at):
    return at and at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def ms(at):
    return round(at.timestamp() * 1000)


def need_text(body, name, most):
    value = body.get(name)
    if not isinstance(value, str) or not value or len(value) > most:
        raise Refuse(400, f"{name} is required and must be a string of at most {most} characters")
    return value


def content_hash(*parts):
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()
