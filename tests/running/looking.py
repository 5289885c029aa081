"""What an attack left behind, read from the outside: the database's rows, the outbox's files, the pages."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from tests.running.serving import Server

_FACTS_OF = ("facts", "events", "messages")


@dataclass(frozen=True)
class Look:
    """The house at one moment."""

    deliveries: int
    letters: int
    files: frozenset[str]
    of_other_store: int
    rows: Mapping[str, int]
    settings: tuple[str, ...]
    decided: int
    refused_as_forged: int
    memory_mb: float


def look(server: Server, other_store: str) -> Look:
    counted = {table: server.count(f"select count(*) from {table}") for table in (*_FACTS_OF, "consents", "suppressions")}
    return Look(
        deliveries=server.count("select coalesce(max(seq), 0) from deliveries"),
        letters=server.count("select coalesce(max(seq), 0) from messages"),
        files=frozenset(file.name for file in server.letters()),
        of_other_store=sum(
            server.count(f"select count(*) from {table} where store_id = ?", other_store) for table in _FACTS_OF
        ),
        rows=counted,
        settings=tuple(row["settings"] for row in server.rows("select settings from stores order by id")),
        decided=server.count("select count(*) from audit where actor not in ('house', 'postman', 'tester')"),
        refused_as_forged=server.count("select coalesce(sum(count), 0) from counters where name like 'refused_%'"),
        memory_mb=server.web_memory_mb(),
    )


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)


def visible(html: str) -> str:
    """What a reader sees of an HTML letter."""
    words = _Words()
    words.feed(html)
    return " ".join(" ".join(words.found).split())


@dataclass(frozen=True)
class Mail:
    """One .eml file: its bytes, and what a mail program makes of them."""

    raw: bytes
    parsed: EmailMessage
    html: str
    text: str

    @property
    def header_lines(self) -> list[bytes]:
        return self.raw.replace(b"\r\n", b"\n").split(b"\n\n", 1)[0].split(b"\n")

    @property
    def header_names(self) -> list[str]:
        return [line.split(b":")[0].decode("latin-1").lower() for line in self.header_lines if line[:1] not in b" \t"]

    @property
    def recipients(self) -> list[str]:
        return [
            found.addr_spec for name in ("to", "cc", "bcc") if self.parsed[name] for found in self.parsed[name].addresses
        ]


def mail_of(file: Path) -> Mail:
    raw = file.read_bytes()
    parsed = BytesParser(policy=policy.default).parsebytes(raw)
    parts = {kind: parsed.get_body((kind,)) for kind in ("html", "plain")}
    contents = {kind: part.get_content() if part else "" for kind, part in parts.items()}
    return Mail(raw, parsed, contents["html"], contents["plain"])


def mail_faults(mail: Mail, wish: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a letter that left."""
    names, recipients = mail.header_names, mail.recipients
    yield from (f"mail has a header {name}" for name in wish.get("forbid_header", ()) if name in names)
    if len(recipients) > wish.get("max_recipients", 1):
        yield f"mail goes to {len(recipients)}"
    everybody = [
        found.addr_spec
        for field in ("to", "from", "reply-to")
        if mail.parsed[field]
        for found in mail.parsed[field].addresses
    ]
    yield from (f"mail is addressed to {one}" for one in wish.get("forbid_recipient", ()) if one in everybody)
    if wish.get("to_only") and set(recipients) - set(wish["to_only"]):
        yield "mail goes to somebody else"
    if len(mail.raw) > wish.get("max_bytes", 1_000_000):
        yield f"mail of {len(mail.raw)} bytes"
    if max(map(len, mail.header_lines)) > wish.get("header_line_max", 998):
        yield "mail has a longer header line"
    if wish.get("single_subject", True) and names.count("subject") != 1:
        yield f"mail has {names.count('subject')} subjects"
    if mail.parsed.defects:
        yield f"mail is malformed: {mail.parsed.defects}"


def text_faults(html: str, text: str, subject: str, wish: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the words of a letter, whether it left or not."""
    plain = re.sub(r"\\([^\w\s])|\\(_)", r"\1\2", text)
    seen = visible(html)
    yield from (f"HTML has {each[:40]!r}" for each in wish.get("forbid_html", ()) if each in html)
    for each in wish.get("forbid_text", ()):
        yield from (
            f"{where} has {each[:40]!r}"
            for where, words in (("text", plain), ("HTML", seen), ("subject", subject))
            if each in words
        )
    literal = wish.get("must_contain_text", "")
    if literal and literal not in plain:
        yield "text does not say it literally"
    if literal and " ".join(literal.split()) not in seen:
        yield "HTML does not say it literally"
