"""Enveloping: the frozen words with everything around them that the postman needs, the same at every try."""

import hashlib
import hmac
from collections.abc import Mapping

from lifecycle.guards import Case
from lifecycle.mails import Purpose
from lifecycle.messages import Message
from lifecycle.ports import Posting, Rooms


def posting_of(rooms: Rooms, message: Message, case: Case) -> Posting:
    """What the postman gets: the frozen words and headers that are the same at every try."""
    assert message.letter is not None
    settings = case.store.settings
    sender = settings.sender_address or f"orders@{case.store.host}"
    domain = sender.rsplit("@", 1)[-1]
    key = f"{message.id}" + (f".{message.again}" if message.again else "")
    customer = case.order.customer if case.order else case.checkout.customer if case.checkout else None
    thread = message.order_id and not case.row.is_marketing and not message.copy_of
    return Posting(
        key=key,
        store_id=message.store_id,
        mail=message.mail,
        purpose=case.row.purpose,
        message_id=f"<{message.mail}.{_mark(rooms, key)}@{domain}>",
        from_name=settings.sender_name or case.store.name,
        from_address=sender,
        reply_to=settings.reply_to,
        letter=message.letter,
        date=message.first_try_at or case.now,
        references=f"<order.{_mark(rooms, f'{message.store_id}:{message.order_id}')}@{domain}>" if thread else "",
        headers=_headers(case, message),
        tags={"kind": message.mail.replace("_", "-"), **({"order": message.order_number} if message.order_number else {})},
        customer_name=customer.name if customer and not message.copy_of else "",
        mailbox=settings.mailbox_id,
    )


def _mark(rooms: Rooms, text: str) -> str:
    return hmac.new(rooms.secret, text.encode(), hashlib.sha256).hexdigest()[:16]


def _headers(case: Case, message: Message) -> Mapping[str, str]:
    """Our own fixed headers (email-craft §4); RFC 8058 one-click on marketing, never on service mail."""
    headers = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF, AutoReply"}
    if case.row.purpose is Purpose.MARKETING and not message.copy_of:
        headers["List-Unsubscribe"] = f"<{case.way_out}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        headers["List-Id"] = f"<recovery.{case.store.host}>"
    return headers
