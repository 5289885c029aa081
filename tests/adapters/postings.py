"""Letters for the postmen's tests."""

from dataclasses import replace
from datetime import UTC, datetime

from lifecycle.mails import Purpose
from lifecycle.messages import Letter
from lifecycle.ports import Posting

# Not reserved, so that every postman takes it; nothing here ever leaves the machine.
TO = "ann@customers-of-the-shop.net"

PLAIN = Posting(
    key="s1:order_confirmation:1001",
    store_id="s1",
    mail="order_confirmation",
    purpose=Purpose.SERVICE,
    message_id="<order_confirmation.0123456789abcdef.1@shop.example.com>",
    from_name="Müller & Söhne",
    from_address="orders@shop.example.com",
    reply_to="help@shop.example.com",
    letter=Letter(
        to=TO,
        subject="Your order #1001 — thank you",
        html="<html><body><p>Total: 10,00 €</p></body></html>",
        text="# Thank you\n\nTotal: 10,00 €\n\n.a line with a dot\n",
        locale="de_AT",
    ),
    date=datetime(2026, 11, 20, 14, 30, tzinfo=UTC),
    headers={"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF, AutoReply"},
    tags={"order": "#1001"},
    customer_name="Ann",
)


def posting(**changes):
    """PLAIN with other fields; `to`, `subject`, `text` and `html` are the letter's."""
    words = {name: changes.pop(name) for name in ("to", "subject", "text", "html") if name in changes}
    return replace(PLAIN, letter=replace(PLAIN.letter, **words), **changes)
