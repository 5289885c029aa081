"""The fake's mails: send, reply, scan, schedule, decide. multimail.dev's OpenAPI 2.0.0, read on 2026-11-20."""

import base64
import binascii
from datetime import datetime, timedelta

from tests.fakes.multimail_world import (
    HELD_MODES,
    PENDING,
    Mail,
    Refuse,
    content_hash,
    is_address,
    need_text,
)

_DAY = timedelta(hours=24)


# ---- send and reply --------------------------------------------------------------------------------------------------


def send(world, ask, mailbox_id):
    mailbox, body = world.mailbox(mailbox_id), ask.body
    to = body.get("to")
    if not isinstance(to, list) or not 1 <= len(to) <= 50 or not all(map(is_address, to)):
        raise Refuse(400, "to must be an array of 1 to 50 email addresses")
    subject, markdown = need_text(body, "subject", 998), need_text(body, "markdown", 262144)
    return _accept(world, mailbox, body, to, subject, markdown, guard=world.switches.guard_on_send)


def send_simple(world, ask):
    if not world.switches.simple:
        raise Refuse(404, "Not found")
    body, mailbox = ask.body, next(iter(world.mailboxes.values()))
    if not is_address(body.get("from")) or not is_address(body.get("to")):
        raise Refuse(400, "from and to must be email addresses")
    subject, text = need_text(body, "subject", 998), need_text(body, "text_body", 262144)
    html = body.get("html_body", "")
    if not isinstance(html, str):
        raise Refuse(400, "html_body must be a string")
    body = body if world.switches.simple_honours_key else {}
    status, answer = _accept(world, mailbox, body, [ask.body["to"]], subject, text, guard=world.switches.guard_on_send)
    mail = world.mails[answer["id"]]
    mail.html, mail.sender = html, ask.body["from"]
    return status, answer


def reply(world, ask, mailbox_id, mail_id):
    parent, markdown = world.mail(mailbox_id, mail_id), need_text(ask.body, "markdown", 262144)
    to, subject = [parent.sender], f"Re: {parent.subject}"
    on = world.switches.guard_on_reply
    return _accept(world, world.mailbox(mailbox_id), ask.body, to, subject, markdown, guard=on, thread=parent.thread_id)


def _accept(world, mailbox, body, to, subject, markdown, *, guard, thread=""):
    if mailbox.oversight_mode == "read_only":
        raise Refuse(403, "Mailbox is read_only", hint="Call request-upgrade and have the operator send you the code")
    if world.account["sending_disabled"] or not world.account["is_active"]:
        raise Refuse(403, "Account is deactivated")
    extras = _extras(world, body)
    key, now = body.get("idempotency_key"), world.now()
    if key is not None and not isinstance(key, str):
        raise Refuse(400, "idempotency_key must be a string")
    if key and key in world.idempotent and now - world.idempotent[key][1] < _DAY:
        return 200, {"id": world.idempotent[key][0], "status": "already_sent", "idempotent": True}
    _limits(world, mailbox)
    digest = content_hash(mailbox.id, *to, subject, markdown)
    if guard and now - world.recent_content.get(digest, now - _DAY) < timedelta(seconds=60):
        raise Refuse(409, "Duplicate content within 60 seconds")
    if world.switches.suppressed_is_400 and any(item.lower() in world.suppressed for item in to):
        raise Refuse(400, "Recipient is suppressed")
    mail = Mail(
        world.next_id("em_"), mailbox.id, "outbound", mailbox.address, to, subject, markdown, world.switches.first_status,
        thread or world.next_id("th_"), world.moment(), key=key or "", **extras,
    )  # fmt: skip
    world.mails[mail.id] = mail
    world.recent_content[digest] = now
    if key:
        world.idempotent[key] = (mail.id, now)
    world.note("email.send", "email", mail.id)
    return 202, {"id": mail.id, "status": mail.status, "thread_id": mail.thread_id}


def _extras(world, body):
    found = {}
    for name in ("cc", "bcc"):
        if name in body and (not isinstance(body[name], list) or not all(map(is_address, body[name]))):
            raise Refuse(400, f"{name} must be an array of email addresses")
        found[name] = list(body.get(name, ()))
    found["attachments"] = [_attachment(item) for item in body.get("attachments", ())]
    if "send_at" in body:
        found["send_at"] = _future(world, body["send_at"])
    if body.get("gate_timing", "gate_first") not in ("gate_first", "schedule_first"):
        raise Refuse(400, "gate_timing must be gate_first or schedule_first")
    return found | {"gate_timing": body.get("gate_timing", "gate_first")}


def _attachment(item):
    try:
        content = base64.b64decode(item["content_base64"], validate=True)
        return {"name": str(item["name"]), "content_type": str(item["content_type"]), "content": content}
    except (TypeError, KeyError, ValueError, binascii.Error):
        raise Refuse(400, "attachments need name, content_base64 and content_type") from None


def _future(world, text):
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) and text.endswith("Z") else None
    except ValueError:
        at = None
    if at is None or at <= world.now():
        raise Refuse(400, "send_at must be a future ISO 8601 time that ends in Z")
    return at


def _limits(world, mailbox):
    now, switches = world.now(), world.switches
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    today = world.sent_since(midnight, mailbox.id)
    if switches.warmup_limit is not None and today >= switches.warmup_limit:
        shape = {"warmup_stage": 1, "daily_sent": today, "daily_limit": switches.warmup_limit}
        raise Refuse(429, "Daily warmup limit reached", **shape, hint="The limit rises as the mailbox ages")
    if world.sent_since(midnight.replace(day=1)) >= switches.quota:
        raise Refuse(429, "Monthly email quota exceeded")


# ---- what happens to a mail afterwards -------------------------------------------------------------------------------


def scan(world):
    """The scan of every waiting mail, in order."""
    for mail in list(world.mails.values()):
        if mail.status == "pending_scan" and mail.direction == "outbound":
            _scanned(world, mail)


def _scanned(world, mail):
    mailbox = world.mailbox(mail.mailbox_id)
    allowed = mailbox.oversight_mode == "gated_send" and all(_allowlisted(mailbox, to) for to in mail.to)
    if world.switches.scan_rejects:
        mail.status = "rejected"
    elif (
        mailbox.oversight_mode in HELD_MODES and not allowed and not (mail.send_at and mail.gate_timing == "schedule_first")
    ):
        mail.status = "pending_send_approval"
        world.tell("oversight.pending", mail)
    else:
        depart(world, mail)


def _allowlisted(mailbox, address):
    patterns = [entry["pattern"].lower() for entry in mailbox.allowlist]
    return address.lower() in patterns or "*@" + address.lower().rpartition("@")[2] in patterns


def depart(world, mail):
    """Let it go: schedule it, bounce it at a suppressed address, or send it."""
    if mail.send_at and mail.send_at > world.now():
        mail.status = "scheduled"
        return
    mail.status, mail.sent_at = world.switches.sent_status, world.now()
    if any(to.lower() in world.suppressed for to in mail.to):
        mail.bounced_at, mail.bounce_type = world.now(), "hard"
        world.tell("message.bounced", mail)
        return
    world.tell("message.sent", mail)


def run_due(world):
    """Every scheduled mail whose time has come."""
    for mail in world.mails.values():
        if mail.status == "scheduled" and mail.send_at <= world.now():
            gated = world.mailbox(mail.mailbox_id).oversight_mode in HELD_MODES
            if gated and mail.gate_timing == "schedule_first" and not mail.approved_at:
                mail.status = "pending_send_approval"
                world.tell("oversight.pending", mail)
            else:
                depart(world, mail)


def decide(world, mail, action, by="operator"):
    """Approve or reject a held mail; the answer's status word."""
    if mail.status not in PENDING:
        raise Refuse(409, "Email is not pending approval")
    if action == "reject":
        mail.status = "rejected"
        world.tell("oversight.rejected", mail)
        return "rejected"
    mail.approved_at, mail.approved_by = world.now(), by
    world.tell("oversight.approved", mail)
    if mail.direction == "inbound":
        mail.status = "unread"
        return "approved"
    depart(world, mail)
    return "approved" if mail.status == "scheduled" else "approved_and_sent"
