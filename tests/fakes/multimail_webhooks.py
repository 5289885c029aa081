"""The fake's own webhooks: signed over the raw body, tried four times in all, and unkind when asked to be."""

import hashlib
import hmac
import http.client
import json
from urllib.parse import urlsplit

from tests.fakes.multimail_world import iso

TRIES = 4  # one and up to three retries


def signature(body, secret):
    """The header's value: the whole secret, `whsec_` included, is the key."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def deliver(world, *, twice=False, backwards=False, forged=False):
    """Knock at every subscriber for every queued event, and forget the queue."""
    queued = list(reversed(world.events)) if backwards else list(world.events)
    world.events.clear()
    for event, mail_id, at in queued * (2 if twice else 1):
        mail = world.mails[mail_id]
        for row in list(world.subscriptions.values()):
            if event in row.events and row.mailbox_id in (None, mail.mailbox_id):
                body = _body(world, event, mail, at)
                _knock(world, row, event, body, signature(body, "whsec_other" if forged else row.signing_secret))


def _body(world, event, mail, at):
    family, _, word = event.rpartition(".")
    name = f"email.{word}" if world.switches.vocabulary == "email" and family == "message" else event
    data = {"email_id": mail.id, "mailbox_id": mail.mailbox_id, "from": mail.sender, "to": mail.to, "subject": mail.subject}
    more = {"direction": mail.direction, "has_attachments": bool(mail.attachments)}
    return json.dumps({"event": name, "timestamp": iso(at), "data": data | more}).encode()


def _knock(world, row, event, body, signed):
    record = {"id": world.next_id("wd_"), "event_type": event, "url": row.url, "status": "pending", "attempts": 0}
    record |= {"response_status": None, "created_at": iso(world.now()), "last_attempt_at": None}
    world.deliveries.append(record)
    parts = urlsplit(row.url)
    while record["attempts"] < TRIES and record["status"] != "delivered":
        record["attempts"] += 1
        record["last_attempt_at"] = iso(world.now())
        line = http.client.HTTPConnection(parts.hostname, parts.port, timeout=5)
        try:
            line.request(
                "POST", parts.path or "/", body, {"Content-Type": "application/json", "X-MultiMail-Signature": signed}
            )
            record["response_status"] = line.getresponse().status
        except OSError:
            record["response_status"] = None
        finally:
            line.close()
        record["status"] = "delivered" if 200 <= (record["response_status"] or 0) < 300 else "failed"
