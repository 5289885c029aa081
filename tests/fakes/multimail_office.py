"""The fake's office: account, mailboxes, contacts, keys, webhook subscriptions, suppression, audit, and approval by code."""

from datetime import timedelta

from tests.fakes.multimail_world import LADDER, Mailbox, Refuse, Subscription, is_address, iso, ms

_HOUR = timedelta(hours=1)


def coded(world, name, body):
    """The operator's consent to an admin write: 202 and a code by mail at first, then the same call with the code."""
    code = body.get("approval_code")
    if code is None:
        if name in world.codes:
            raise Refuse(429, "An approval is pending already")
        world.codes[name] = f"C{len(world.operator_inbox) + 1:02d}-9KX"
        world.operator_inbox.append((name, world.codes[name]))
        return False
    if name not in world.codes:
        raise Refuse(404, "No approval is pending")
    if code != world.codes[name]:
        raise Refuse(403, "Wrong approval code")
    del world.codes[name]
    return True


_PENDING = 202, {"status": "pending_approval", "message": "A code was sent to the oversight address"}


# ---- account ---------------------------------------------------------------------------------------------------------


def health(world, ask):
    return 200, {"status": "ok"}


def account(world, ask):
    month = world.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    counts = {"monthly_email_quota": world.switches.quota, "emails_sent_this_month": world.sent_since(month)}
    return 200, world.account | counts


def usage(world, ask):
    sent = sum(mail.direction == "outbound" for mail in world.mails.values())
    counts = {"emails_sent": sent, "emails_received": len(world.mails) - sent, "api_calls": 0, "oversight_actions": 0}
    return 200, {"from": int(ask.query.get("from", "0")), "to": int(ask.query.get("to", str(ms(world.now()))))} | counts


def audit(world, ask):
    limit = int(ask.query.get("limit", "50"))
    return 200, {"entries": list(reversed(world.audit))[:limit], "cursor": None}


def keys(world, ask):
    rows = [
        {"prefix": key[:12], "created_at": None, "last_used_at": None, "is_active": True} | about
        for key, about in world.keys.items()
    ]
    return 200, {"api_keys": rows}


def new_key(world, ask):
    scopes = ask.body.get("scopes", ["read"])
    if {"send", "oversight"} <= set(scopes):
        raise Refuse(400, "A key cannot have both send and oversight")
    if not coded(world, f"key:{ask.body.get('name')}", ask.body):
        return _PENDING
    key = f"mm_live_{world.next_id('new_')}"
    world.keys[key] = {"id": world.next_id("key_"), "name": str(ask.body.get("name")), "scopes": scopes}
    return 201, world.keys[key] | {"api_key": key, "prefix": key[:12]}


# ---- mailboxes -------------------------------------------------------------------------------------------------------


def _shown(mailbox):
    base = {"id": mailbox.id, "tenant_id": "01JMXKTENANT", "address": mailbox.address, "display_name": mailbox.display_name}
    flags = {"oversight_mode": mailbox.oversight_mode, "auto_cc": None, "auto_bcc": None, "forward_inbound": 0}
    hooks = {"webhook_url": None, "oversight_webhook_url": None, "signature_block": None, "created_at": 1763600000000}
    return base | flags | hooks | {"is_active": mailbox.is_active, "ai_disclosure": 1} | mailbox.extras


def mailboxes(world, ask):
    return 200, {"mailboxes": [_shown(mailbox) for mailbox in world.mailboxes.values()]}


def new_mailbox(world, ask):
    local = ask.body.get("address_local")
    if not isinstance(local, str) or not local or " " in local:
        raise Refuse(400, "address_local is required")
    address = local if "@" in local else f"{local}@nordlicht.multimail.dev"
    if any(mailbox.address == address for mailbox in world.mailboxes.values()):
        raise Refuse(409, "Address is in use")
    if len(world.mailboxes) >= world.account["max_mailboxes"]:
        raise Refuse(403, "Plan limit reached")
    if not coded(world, f"mailbox:{address}", ask.body):
        return _PENDING
    made = Mailbox(world.next_id("01JMXK"), address, "gated_send", ask.body.get("display_name"))
    world.mailboxes[made.id] = made
    return 201, {"id": made.id, "address": address}


def patch_mailbox(world, ask, mailbox_id):
    mailbox, mode = world.mailbox(mailbox_id), ask.body.get("oversight_mode")
    if ask.body.get("ai_disclosure") is False:
        raise Refuse(400, "ai_disclosure cannot be switched off")
    if mode is not None:
        if mode not in LADDER or LADDER.index(mode) > LADDER.index(mailbox.oversight_mode):
            raise Refuse(400, "oversight_mode can only be made stricter; request an upgrade")
        mailbox.oversight_mode = mode
    if len(ask.body.get("signature_block") or "") > 200:
        raise Refuse(400, "signature_block is limited to 200 characters")
    mailbox.display_name = ask.body.get("display_name", mailbox.display_name)
    return 200, {"status": "updated"}


def request_upgrade(world, ask, mailbox_id):
    mailbox, target = world.mailbox(mailbox_id), ask.body.get("target_mode")
    if target not in LADDER or target == mailbox.oversight_mode:
        raise Refuse(400, "target_mode is invalid or already set")
    mailbox.upgrade_asks = [at for at in mailbox.upgrade_asks if world.now() - at < _HOUR]
    if len(mailbox.upgrade_asks) >= 3:
        raise Refuse(429, "Too many upgrade requests", {"Retry-After": "3600"})
    mailbox.upgrade_asks.append(world.now())
    mailbox.upgrade = (f"A7X-{len(world.operator_inbox) + 10}K", target, world.now())
    world.operator_inbox.append((f"upgrade:{mailbox_id}", mailbox.upgrade[0]))
    return 200, {"status": "upgrade_requested"}


def upgrade(world, ask, mailbox_id):
    mailbox = world.mailbox(mailbox_id)
    if mailbox.upgrade is None or world.now() - mailbox.upgrade[2] > timedelta(hours=24):
        raise Refuse(404, "No upgrade is pending")
    if ask.body.get("code") != mailbox.upgrade[0]:
        raise Refuse(403, "Wrong code")
    mailbox.oversight_mode, mailbox.upgrade = mailbox.upgrade[1], None
    return 200, {"status": "upgraded"}


def allowlist(world, ask, mailbox_id):
    entries = world.mailbox(mailbox_id).allowlist
    return 200, {"entries": entries, "mailbox_id": mailbox_id, "count": len(entries)}


def allow(world, ask, mailbox_id):
    mailbox, pattern = world.mailbox(mailbox_id), ask.body.get("pattern")
    if not isinstance(pattern, str) or "@" not in pattern or len(pattern) > 254:
        raise Refuse(400, "pattern must be an address or *@domain")
    if any(entry["pattern"] == pattern for entry in mailbox.allowlist):
        raise Refuse(409, "Pattern exists")
    if not coded(world, f"allow:{pattern}", ask.body):
        return _PENDING
    entry = {"id": world.next_id("al_"), "pattern": pattern, "added_by": "operator", "added_at": ms(world.now())}
    mailbox.allowlist.append(entry | {"note": ask.body.get("note")})
    return 201, {name: mailbox.allowlist[-1][name] for name in ("id", "pattern", "note", "added_at")}


# ---- contacts, suppression -------------------------------------------------------------------------------------------


def add_contact(world, ask):
    name, email = ask.body.get("name"), ask.body.get("email")
    if not isinstance(name, str) or not name or not is_address(email):
        raise Refuse(400, "name and email are required")
    same = [row for row in world.contacts.values() if row["email"].lower() == email.lower()]
    if same and world.switches.contact_twice_is_409:
        raise Refuse(409, "Contact exists")
    row = {"id": world.next_id("co_"), "name": name, "email": email, "tags": ask.body.get("tags", [])}
    row["created_at"] = ms(world.now())
    if world.switches.simple:
        row["metadata"] = ask.body.get("metadata", {})
    world.contacts[row["id"]] = row
    return 201, row


def contacts(world, ask):
    wish = ask.query.get("q", "").lower()
    return 200, {"contacts": [row for row in world.contacts.values() if wish in (row["email"] + " " + row["name"]).lower()]}


def drop_contact(world, ask, contact_id):
    if world.contacts.pop(contact_id, None) is None:
        raise Refuse(404, "Contact not found")
    return 200, {"deleted": True}


def suppressions(world, ask):
    rows = [
        {
            "id": f"su_{address}",
            "email_address": address,
            "reason": reason,
            "mailbox_id": None,
            "created_at": iso(world.now()),
        }
        for address, reason in world.suppressed.items()
    ]
    return 200, {"suppressions": rows}


def lift(world, ask, address):
    if world.suppressed.pop(address.lower(), None) is None:
        raise Refuse(404, "Not suppressed")
    return 200, {"deleted": True}


# ---- webhook subscriptions -------------------------------------------------------------------------------------------


def subscribe(world, ask):
    url, events = ask.body.get("url"), ask.body.get("events")
    near = isinstance(url, str) and url.startswith("http://127.0.0.1:")  # a test's own listener
    if not isinstance(url, str) or not (url.startswith("https://") or near) or not isinstance(events, list) or not events:
        raise Refuse(400, "url must be https and events must name at least one event")
    if not coded(world, f"webhook:{url}", ask.body):
        return _PENDING
    number = world.next_id("wh_")
    made = Subscription(number, url, events, ask.body.get("mailbox_id"), f"whsec_{number}secret", iso(world.now()))
    world.subscriptions[made.id] = made
    return 201, vars(made)


def subscriptions(world, ask):
    rows = [
        {name: value for name, value in vars(row).items() if name != "signing_secret"}
        for row in world.subscriptions.values()
    ]
    return 200, {world.switches.webhooks_key: rows}


def subscription(world, ask, number):
    if number not in world.subscriptions:
        raise Refuse(404, "Webhook not found")
    return 200, vars(world.subscriptions[number])


def unsubscribe(world, ask, number):
    if world.subscriptions.pop(number, None) is None:
        raise Refuse(404, "Webhook not found")
    return 200, {"status": "deleted"}


def deliveries(world, ask):
    return 200, {"deliveries": list(reversed(world.deliveries))[: int(ask.query.get("limit", "50"))], "cursor": None}


def openapi(world, ask):
    return 200, {"openapi": "3.0.3", "info": {"title": "MultiMail API", "version": "2.0.0"}, "paths": {}}
