"""The fake's table of paths: the part of multimail.dev's OpenAPI 2.0.0 that a shop's program meets (read on 2026-11-20)."""

from tests.fakes import multimail_mails as mails
from tests.fakes import multimail_office as office
from tests.fakes import multimail_reading as reading

_BOX, _MAIL, _PART = r"/v1/mailboxes/([^/]+)", r"/v1/mailboxes/([^/]+)/emails/([^/]+)", r"([^/]+)"
# Method, path, any of these scopes (None: public), what answers.
ROUTES = [
    ("GET", "/health", None, office.health),
    ("GET", "/v1/openapi.json", None, office.openapi),
    ("GET", "/v1/account", "read", office.account),
    ("GET", "/v1/usage", "read", office.usage),
    ("GET", "/v1/audit-log", "admin", office.audit),
    ("GET", "/v1/api-keys", "admin", office.keys),
    ("POST", "/v1/api-keys", "admin", office.new_key),
    ("GET", "/v1/mailboxes", "read", office.mailboxes),
    ("POST", "/v1/mailboxes", "admin", office.new_mailbox),
    ("PATCH", _BOX, "admin", office.patch_mailbox),
    ("POST", f"{_BOX}/request-upgrade", "send", office.request_upgrade),
    ("POST", f"{_BOX}/upgrade", "send", office.upgrade),
    ("GET", f"{_BOX}/allowlist", "read", office.allowlist),
    ("POST", f"{_BOX}/allowlist", "admin", office.allow),
    ("POST", f"{_BOX}/send", "send", mails.send),
    ("POST", f"{_BOX}/reply/{_PART}", "send", mails.reply),
    ("POST", "/v1/send", "send", mails.send_simple),
    ("GET", f"{_BOX}/emails", "read", reading.listing),
    ("GET", _MAIL, "read", reading.read),
    ("GET", f"{_BOX}/threads/{_PART}", "read", reading.thread),
    ("GET", f"{_MAIL}/attachments/{_PART}", "read", reading.attachment),
    ("GET", f"{_MAIL}/tags", "read", reading.get_tags),
    ("PUT", f"{_MAIL}/tags", "send", reading.put_tags),
    ("DELETE", f"{_MAIL}/tags/{_PART}", "send", reading.delete_tag),
    ("POST", f"{_MAIL}/cancel", "send", reading.cancel),
    ("GET", "/v1/emails", "read", reading.spam),
    ("POST", f"/v1/emails/{_PART}/report-spam", "send", reading.report("spam_quarantined", "spam")),
    ("POST", f"/v1/emails/{_PART}/not-spam", "send", reading.report("unread", "not_spam")),
    ("GET", "/v1/oversight/pending", "oversight oversight_read", reading.pending),
    ("POST", "/v1/oversight/decide", "oversight", reading.decide_call),
    ("GET", "/v1/contacts", "read", office.contacts),
    ("POST", "/v1/contacts", "send", office.add_contact),
    ("DELETE", f"/v1/contacts/{_PART}", "admin", office.drop_contact),
    ("GET", "/v1/suppression", "admin", office.suppressions),
    ("DELETE", f"/v1/suppression/{_PART}", "admin", office.lift),
    ("GET", "/v1/webhooks", "admin", office.subscriptions),
    ("POST", "/v1/webhooks", "admin", office.subscribe),
    ("GET", f"/v1/webhooks/{_PART}", "admin", office.subscription),
    ("DELETE", f"/v1/webhooks/{_PART}", "admin", office.unsubscribe),
    ("GET", "/v1/webhook-deliveries", "admin", office.deliveries),
]
