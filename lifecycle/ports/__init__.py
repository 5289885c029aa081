"""What this room asks of the others, as shapes: they meet it only as arguments.

Reading order: platforms, postmen, words, rows and memory, rooms; then what connecting needs: kept, asking, connecting.
"""

from lifecycle.ports.asking import CatchesUp, Completes, Found, Health, Renews, Subscribes
from lifecycle.ports.connecting import ConnectsByKeys, Consented, Grant, Installs, Launch, Site, Visit
from lifecycle.ports.kept import Access, AccessRows, Chore, ChoreRows, Notice, NoticeRows, PrivacyRows, Request
from lifecycle.ports.memory import Records, Transaction
from lifecycle.ports.platforms import ChecksSecrets, Example, MakesSecrets, Platform, RawRequest, ShowsExamples, Topic
from lifecycle.ports.postmen import HasMailboxes, MailOffice, Posting, Postman, Receipt
from lifecycle.ports.rooms import Clock, Rooms
from lifecycle.ports.rows import (
    AuditLine,
    AuditRows,
    Counters,
    DeliveryRows,
    EventRows,
    FactRows,
    Heard,
    MessageRows,
    PeopleRows,
    StoreRows,
)
from lifecycle.ports.words import Links, Words

__all__ = [
    "Access",
    "AccessRows",
    "AuditLine",
    "AuditRows",
    "CatchesUp",
    "ChecksSecrets",
    "Chore",
    "ChoreRows",
    "Clock",
    "Completes",
    "ConnectsByKeys",
    "Consented",
    "Counters",
    "DeliveryRows",
    "EventRows",
    "Example",
    "FactRows",
    "Found",
    "Grant",
    "HasMailboxes",
    "Health",
    "Heard",
    "Installs",
    "Launch",
    "Links",
    "MailOffice",
    "MakesSecrets",
    "MessageRows",
    "Notice",
    "NoticeRows",
    "PeopleRows",
    "Platform",
    "Posting",
    "Postman",
    "PrivacyRows",
    "RawRequest",
    "Receipt",
    "Records",
    "Renews",
    "Request",
    "Rooms",
    "ShowsExamples",
    "Site",
    "StoreRows",
    "Subscribes",
    "Topic",
    "Transaction",
    "Visit",
    "Words",
]
