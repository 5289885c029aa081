"""MultiMail: a mail service that shows a person each letter before it leaves, if its mailbox is set so.

Read `wire.py` (all its words), `sending.py` (the postman), `account.py` (account and mailboxes), `pace.py` (two requests a
second). `postman()` makes one.
"""

import re
from typing import Any
from urllib.parse import urlsplit

from adapters.http import Outbound, gate_for
from adapters.multimail import wire
from adapters.multimail.sending import MultiMail
from adapters.multimail.wire import Dialect
from lifecycle.errors import BadSetting
from lifecycle.mailboxes import MAILBOX_ID

_KEY = re.compile(r"[\x21-\x7e]{8,512}")


def postman(settings: Any) -> MultiMail:
    """The postman that the settings describe; calls nobody yet. Raises BadSetting naming the variable, never its value."""
    base = _base(_setting(settings, "multimail_api_url"))
    dialect = _dialect(_setting(settings, "multimail_dialect"))
    key = _setting(settings, "multimail_api_key")
    if not _KEY.fullmatch(key):
        raise _bad("MULTIMAIL_API_KEY", "is missing or has blanks in it; it wants a key with the scopes read and send")
    mailbox = _setting(settings, "multimail_mailbox_id")
    if mailbox and not MAILBOX_ID.fullmatch(mailbox):
        raise _bad("MULTIMAIL_MAILBOX_ID", "is no mailbox id; it wants the id that the mailbox list shows, not an address")
    return MultiMail(Outbound(base, read_s=30), base=base, key=key, mailbox=mailbox, dialect=dialect)


def _setting(settings: Any, name: str) -> str:
    return str(getattr(settings, name, None) or "").strip()


def _bad(variable: str, what: str) -> BadSetting:
    return BadSetting(variable.lower(), f"{variable} {what}.")


def _dialect(text: str) -> Dialect:
    try:
        return Dialect(text.lower() or Dialect.MAILBOX)
    except ValueError:
        raise _bad("MULTIMAIL_DIALECT", "is neither `mailbox` nor `simple`") from None


def _base(text: str) -> str:
    """The service's address without a final slash or `/v1` (its use-case pages write it with that)."""
    base = (text or wire.DEFAULT_URL).rstrip("/").removesuffix("/v1")
    try:
        parts = urlsplit(base)
        whole = (
            parts.hostname and parts.port != 0 and not (parts.query or parts.fragment or parts.username or parts.password)
        )
    except ValueError:
        whole = False
    if not whole or re.search(r"[^\x21-\x7e]|\\", base):
        raise _bad("MULTIMAIL_API_URL", "is no web address; it wants one like https://api.multimail.dev")
    if parts.scheme != "https" and not (parts.scheme == "http" and gate_for(base).own_is_near):
        raise _bad("MULTIMAIL_API_URL", "must begin with https:// (http:// only to this very machine)")
    return base
