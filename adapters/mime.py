"""The envelope that the folder and the SMTP postman share: a letter as the bytes of one RFC 5322 message.

The bytes are written here rather than by `email`: its default policy costs 2–3 ms a letter, and up to 3.11.9 it can be made
to write a header that nobody asked for (CVE-2024-6923). `email` reads them back as the last check.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from email.parser import BytesHeaderParser
from email.utils import format_datetime, getaddresses

from email_validator import EmailNotValidError, validate_email

from lifecycle.errors import PostmanClosed, PostmanRefused
from lifecycle.ports import Posting

LONGEST_FOREIGN = 200
_LONGEST_LINE = 990  # RFC 5322 2.1.1 allows 998 without the line end
_FOLD_AT = 76
_WORD_BYTES = 36  # an encoded word of 60 characters: with the header's name the line stays under 76

_SPACES = re.compile("[\t\n\x0b\x0c\r\x85\u2028\u2029\\s]+")
# C0, C1, lone surrogates, bidi overrides and isolates, BOM: nothing that a name or a subject needs.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
_ADDR_SPEC = re.compile(
    r"(?!\.)(?!.*\.\.)[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}(?<!\.)"
    r"@(?=.{1,253}\Z)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+",
    re.ASCII,
)
_MESSAGE_ID = re.compile(r"<[!#-'*+\-/-9=?A-Z^-~.]{1,200}@[A-Za-z0-9.-]{1,200}>", re.ASCII)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,60}", re.ASCII)
_OURS = re.compile(
    r"from|to|cc|bcc|sender|reply-to|subject|date|message-id|in-reply-to|references|return-path|received|dkim-.*|arc-.*"
    r"|mime-version|content-.*|resent-.*|delivered-to|apparently-to|disposition-notification-to|authentication-results",
)


def foreign(text: str) -> str:
    """Somebody else's words made fit for a header: one line, no controls or direction tricks, at most 200 characters.

    The start of an encoded word (`=?`) is broken up: what decodes it would find whatever was hidden inside.
    """
    plain = " ".join(_FORBIDDEN.sub("", _SPACES.sub(" ", text)).split()).replace("=?", "= ?")
    return plain if len(plain) <= LONGEST_FOREIGN else plain[: LONGEST_FOREIGN - 1].rstrip() + "…"


def addr_spec(text: str) -> str | None:
    """The one plain ASCII address that `text` is, or None: no list, no display name, no quotes, no comment.

    A domain in another script becomes its ASCII form; a local part in another script has none (SMTPUTF8 is not spoken).
    """
    bare = text.strip(" \t\r\n")
    if not bare.isascii() and len(bare) <= 254 and not _FORBIDDEN.search(bare):
        try:
            bare = validate_email(bare, check_deliverability=False, strict=True).ascii_email or ""
        except EmailNotValidError:
            return None
    if len(bare) > 254 or not _ADDR_SPEC.fullmatch(bare):
        return None
    return bare


def build(posting: Posting) -> bytes:
    """The whole message, CRLF, 7 bit, no line over 998: the same bytes for the same posting.

    Raises PostmanRefused: `no_usable_address`, or `header_guard` when the headers read back are not exactly those that
    were meant; PostmanClosed(`no_usable_sender`), for the store's setting can be mended and the letters wait for that.
    """
    recipient = addr_spec(posting.letter.to)
    if recipient is None:
        raise PostmanRefused("no_usable_address", "The customer's address is not one plain e-mail address.")
    headers = _headers(posting, recipient)
    boundary = "=_" + hashlib.sha256(posting.key.encode("utf-8", "replace")).hexdigest()[:32]
    headers.append(("MIME-Version", "1.0"))
    headers.append(("Content-Type", f'multipart/alternative;\r\n boundary="{boundary}"'))
    top = "".join(f"{name}: {value}\r\n" for name, value in headers).encode("ascii")
    guard(top, [name for name, _ in headers], recipient)
    parts = (_part("plain", posting.letter.text), _part("html", posting.letter.html))
    # «=_» occurs in no base64 and no quoted-printable text, so no letter can end its own part early.
    line = b"\r\n--" + boundary.encode()
    return top + b"".join(line + b"\r\n" + part for part in parts) + line + b"--\r\n"


def guard(top: bytes, names: list[str], recipient: str) -> None:
    """Read the headers back and compare: exactly these names in this order, one sender, one recipient, no long line.

    Raises PostmanRefused(`header_guard`).
    """
    read = BytesHeaderParser().parsebytes(top + b"\r\n")
    fits = (
        read.keys() == names
        and not read.defects
        and not read.get_payload()
        and [address for _, address in getaddresses([str(read["To"])])] == [recipient]
        and len(getaddresses([str(read["From"])])) == 1
        and all(len(line) <= _LONGEST_LINE for line in top.split(b"\r\n"))
        and top.count(b"\r\n") == top.count(b"\n") == top.count(b"\r")
    )
    if not fits:
        raise PostmanRefused("header_guard", "The letter's headers read back differently from how they were meant.")


def _headers(posting: Posting, recipient: str) -> list[tuple[str, str]]:
    sender = addr_spec(posting.from_address)
    if sender is None:
        raise PostmanClosed("no_usable_sender", "The store's sender address is not one plain e-mail address.")
    headers = [("From", _mailbox(posting.from_name, sender)), ("To", recipient)]
    if posting.reply_to:
        answer_to = addr_spec(posting.reply_to)
        if answer_to is None:
            raise PostmanClosed("no_usable_sender", "The store's reply address is not one plain e-mail address.")
        headers.append(("Reply-To", answer_to))
    headers.append(("Subject", _unstructured("Subject", foreign(posting.letter.subject))))
    headers.append(("Date", format_datetime(posting.date)))
    headers.append(("Message-ID", _ids(posting.message_id)[-1]))
    if posting.references and posting.references.strip() != posting.message_id:
        roots = _ids(posting.references)
        headers += [("In-Reply-To", roots[-1]), ("References", "\r\n ".join(roots))]
    return headers + _fixed(posting.headers)


def _ids(text: str) -> list[str]:
    found = text.split()
    if not 1 <= len(found) <= 50 or not all(_MESSAGE_ID.fullmatch(one) for one in found):
        raise PostmanRefused("header_guard", "A message id is not of the form <left@right>.")
    return found


def _fixed(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    """Our own further headers; one that the envelope itself writes, or that holds a control character, is a fault."""
    seen: set[str] = set()
    for name, value in headers.items():
        low = name.lower()
        odd = not _NAME.fullmatch(name) or _OURS.fullmatch(low) or low in seen
        if odd or not value.strip() or _FORBIDDEN.search(value) or "=?" in value:
            raise PostmanRefused("header_guard", "A fixed header has a name or a value that it may not have.")
        seen.add(low)
    return [(name, _unstructured(name, " ".join(value.split()))) for name, value in headers.items()]


def _mailbox(name: str, address: str) -> str:
    shown = foreign(name)
    if not shown:
        return address
    if shown.isascii():
        quoted = '"' + shown.replace("\\", "\\\\").replace('"', '\\"') + '"'
        return (
            f"{_fold('From', quoted)}\r\n <{address}>" if len(quoted) + len(address) > _FOLD_AT else f"{quoted} <{address}>"
        )
    return f"{_encoded(shown)}\r\n <{address}>"


def _unstructured(name: str, value: str) -> str:
    return _fold(name, value) if value.isascii() else _encoded(value)


def _encoded(value: str) -> str:
    """The value as encoded words (RFC 2047), one a line, no character cut in two. `email.header` takes half a millisecond."""
    chunks, room = [""], _WORD_BYTES
    for sign in value:
        room -= len(sign.encode())
        if room < 0:
            chunks.append("")
            room = _WORD_BYTES - len(sign.encode())
        chunks[-1] += sign
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(chunk.encode()).decode()}?=" for chunk in chunks)


def _fold(name: str, value: str) -> str:
    """The value over several lines, broken only where a blank is (RFC 5322 2.2.3)."""
    lines, current = [], name + ":"
    for word in value.split(" "):
        if len(current) + 1 + len(word) > _FOLD_AT and current.strip() not in ("", name + ":"):
            lines.append(current)
            current = ""
        current += " " + word
    return "\r\n".join([*lines, current]).removeprefix(name + ":").lstrip(" ")


def _part(subtype: str, text: str) -> bytes:
    """One body part: quoted-printable while people could read it that way, base64 when it is mostly another script."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n") + "\n"
    data = lines.replace("\n", "\r\n").encode("utf-8", "replace")
    readable = len(data) - len(lines) < len(data) // 5 + lines.count("\n")
    body = binascii.b2a_qp(data, istext=True) if readable else base64.encodebytes(data).replace(b"\n", b"\r\n")
    encoding = "quoted-printable" if readable else "base64"
    head = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode("ascii") + body
