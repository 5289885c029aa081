"""The fake's mails as they are looked at: lists, threads, tags, cancelling and the reviewer's calls."""

import base64
from datetime import datetime

from tests.fakes.multimail_mails import decide
from tests.fakes.multimail_world import FILTERS, PENDING, Refuse, iso, ms


def summary(mail):
    return {
        "id": mail.id,
        "from": mail.sender,
        "to": mail.to,
        "subject": mail.subject,
        "direction": mail.direction,
        "status": mail.status,
        "spam_score": None,
        "spam_verdict": None,
        "received_at": iso(mail.received_at),
        "thread_id": mail.thread_id,
        "has_attachments": bool(mail.attachments),
        "delivered_at": iso(mail.delivered_at),
        "bounced_at": iso(mail.bounced_at),
        "bounce_type": mail.bounce_type,
    }


def _page(mails, query):
    limit = query.get("limit", "20")
    if not limit.isdigit() or not 1 <= int(limit) <= 100:
        raise Refuse(400, "limit must be between 1 and 100")
    rows = sorted(mails, key=lambda mail: mail.received_at, reverse=True)
    if "cursor" in query:
        rows = [mail for mail in rows if ms(mail.received_at) < int(query["cursor"])]
    page = rows[: int(limit)]
    more = len(rows) > len(page)
    return 200, {"emails": [summary(mail) for mail in page], "cursor": str(ms(page[-1].received_at)) if more else None}


def listing(world, ask, mailbox_id):
    world.mailbox(mailbox_id)
    query = ask.query
    if query.get("status", "unread") not in FILTERS:
        raise Refuse(400, "Unknown status")
    since = world.mails.get(query.get("since_id", ""))
    tests = {
        "status": lambda mail, wish: mail.status == wish,
        "direction": lambda mail, wish: mail.direction == wish,
        "sender": lambda mail, wish: wish.lower() in mail.sender.lower(),
        "subject_contains": lambda mail, wish: wish.lower() in mail.subject.lower(),
        "date_after": lambda mail, wish: mail.received_at >= datetime.fromisoformat(wish),
        "date_before": lambda mail, wish: mail.received_at <= datetime.fromisoformat(wish),
        "has_attachments": lambda mail, wish: bool(mail.attachments) == (wish == "true"),
        "since_id": lambda mail, _: since is None or mail.received_at > since.received_at,
    }
    mine = [mail for mail in world.mails.values() if mail.mailbox_id == mailbox_id]
    return _page([m for m in mine if all(tests[name](m, wish) for name, wish in query.items() if name in tests)], query)


def spam(world, ask):
    if ask.query.get("status") not in ("spam_flagged", "spam_quarantined"):
        raise Refuse(400, "status must be spam_flagged or spam_quarantined")
    return _page([mail for mail in world.mails.values() if mail.status == ask.query["status"]], ask.query)


def read(world, ask, mailbox_id, mail_id):
    mail = world.mail(mailbox_id, mail_id)
    if mail.status == "unread":
        mail.status = "read"
    files = [{"name": f["name"], "size": len(f["content"]), "content_type": f["content_type"]} for f in mail.attachments]
    more = {"cc": mail.cc, "markdown": mail.markdown, "attachments": files, "approved_at": iso(mail.approved_at)}
    return 200, summary(mail) | more | {"approved_by": mail.approved_by, "tags": mail.tags}


def thread(world, ask, mailbox_id, thread_id):
    world.mailbox(mailbox_id)
    mails = [mail for mail in world.mails.values() if (mail.mailbox_id, mail.thread_id) == (mailbox_id, thread_id)]
    if not mails:
        raise Refuse(404, "Thread not found")
    mails.sort(key=lambda mail: mail.received_at)
    people = sorted({person for mail in mails for person in (mail.sender, *mail.to)})
    return 200, {
        "thread_id": thread_id,
        "message_count": len(mails),
        "participants": people,
        "last_activity": iso(mails[-1].received_at),
        "has_unanswered_inbound": mails[-1].direction == "inbound",
        "emails": [summary(mail) for mail in mails],
    }


def attachment(world, ask, mailbox_id, mail_id, name):
    for file in world.mail(mailbox_id, mail_id).attachments:
        if file["name"] == name:
            if world.switches.attachment_json:
                return 200, {"name": name, "content_base64": base64.b64encode(file["content"]).decode()}
            return 200, (file["content"], file["content_type"])
    raise Refuse(404, "Attachment not found")


# ---- tags, cancel, oversight -----------------------------------------------------------------------------------------


def get_tags(world, ask, mailbox_id, mail_id):
    return 200, {"tags": world.mail(mailbox_id, mail_id).tags}


def put_tags(world, ask, mailbox_id, mail_id):
    mail, tags = world.mail(mailbox_id, mail_id), ask.body.get("tags")
    if not isinstance(tags, dict) or not all(isinstance(value, str) for value in tags.values()):
        raise Refuse(400, "tags must map strings to strings")
    mail.tags = mail.tags | tags if world.switches.tags_merge else tags
    return 200, {"tags": mail.tags}


def delete_tag(world, ask, mailbox_id, mail_id, name):
    if world.mail(mailbox_id, mail_id).tags.pop(name, None) is None:
        raise Refuse(404, "Tag not found")
    return 200, {"deleted": True}


def cancel(world, ask, mailbox_id, mail_id):
    mail = world.mail(mailbox_id, mail_id)
    if mail.status not in (*PENDING, "pending_scan", "scheduled", "cancelled"):
        raise Refuse(409, "Email was already sent")
    mail.status = "cancelled"
    return 200, {"id": mail.id, "status": "cancelled"}


def pending(world, ask):
    held = [mail for mail in world.mails.values() if mail.status in PENDING]
    names = ("id", "from", "to", "subject", "direction", "status", "received_at")
    rows = [{name: summary(mail)[name] for name in names} for mail in held]
    more = [{"mailbox_id": mail.mailbox_id, "body_markdown": mail.markdown} for mail in held]
    return 200, {world.switches.pending_key: [row | rest for row, rest in zip(rows, more, strict=True)]}


def decide_call(world, ask):
    mail = world.mails.get(ask.body.get("email_id"))
    if mail is None:
        raise Refuse(404, "Email not found")
    if ask.body.get("action") not in ("approve", "reject"):
        raise Refuse(400, "action must be approve or reject")
    return 200, {"status": decide(world, mail, ask.body["action"], by="api")}


def report(status, label):
    """An answer to «this is spam» or «this is none»."""

    def answer(world, ask, mail_id):
        if mail_id not in world.mails:
            raise Refuse(404, "Email not found")
        world.mails[mail_id].status = status
        return 200, {"id": mail_id, "status": status, "user_label": label}

    return answer
