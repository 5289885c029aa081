"""Which relay, how it is reached, and how long to wait for it: `SMTP_URL` taken apart."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from lifecycle.errors import BadSetting

_HOST = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?)*\.?", re.ASCII
)
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_FORM = "expected smtp://user:password@host:587 or smtps://user:password@host:465"


class Cover(StrEnum):
    """How the connection is kept private. `NONE` is for a relay on a private network only, and has to be asked for."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Relay:
    """One SMTP server. `user` is empty when it wants no login; the password never appears in a repr."""

    host: str
    port: int
    cover: Cover
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds. `answer_s` is for the answer to the final dot: giving up sooner makes two copies (RFC 5321 4.5.3.2.6)."""

    connect_s: float = 30
    command_s: float = 60
    block_s: float = 180
    answer_s: float = 600
    idle_s: float = 60


def parse_url(text: str) -> Relay:
    """The relay that `SMTP_URL` names. Raises BadSetting with one line, which never quotes the URL: it holds a password."""
    if not text.strip():
        raise _bad("is empty")
    if not text.isascii() or not text.isprintable() or " " in text:
        raise _bad("holds a blank, a control or a non-ASCII character: percent-encode it")
    try:
        url = urlsplit(text)
    except ValueError:
        raise _bad("has no readable host") from None
    if url.scheme not in ("smtp", "smtps"):
        raise _bad("begins with another scheme than smtp:// or smtps://")
    if url.path not in ("", "/") or url.fragment:
        raise _bad("has a path or a fragment: write / ? # and @ in the password as %2F %3F %23 and %40")
    user, password = _login(url)
    return Relay(_host(url), _port(url), _cover(url), user, password)


def _bad(what: str) -> BadSetting:
    return BadSetting("bad_smtp_url", f"SMTP_URL {what}; {_FORM}.")


def _read(url: SplitResult, part: Callable[[SplitResult], str | int | None], what: str) -> str | int | None:
    try:
        return part(url)
    except ValueError:
        raise _bad(what) from None


def _host(url: SplitResult) -> str:
    host = str(_read(url, lambda parts: parts.hostname, "has no readable host") or "")
    if not host:
        raise _bad("names no host")
    try:
        return str(ip_address(host))
    except ValueError:
        if not _HOST.fullmatch(host) or host.replace(".", "").isdigit():
            raise _bad("has no readable host") from None
    return host


def _port(url: SplitResult) -> int:
    port = _read(url, lambda parts: parts.port, "has a port that is no number from 1 to 65535")
    if port == 0 or (port is None and url.netloc.endswith(":")):
        raise _bad("has a port that is no number from 1 to 65535")
    return int(port or (465 if url.scheme == "smtps" else 587))


def _cover(url: SplitResult) -> Cover:
    pairs = parse_qsl(url.query, keep_blank_values=True)
    if any(pair != ("starttls", "never") for pair in pairs) or len(pairs) > 1 or (url.query and not pairs):
        raise _bad("has a setting after «?» other than starttls=never")
    if url.scheme == "smtps":
        if pairs:
            raise _bad("asks for smtps and for starttls=never at once")
        return Cover.TLS
    return Cover.NONE if pairs else Cover.STARTTLS


def _login(url: SplitResult) -> tuple[str, str]:
    userinfo, at, _ = url.netloc.rpartition("@")
    if not at:
        return "", ""
    user, colon, password = userinfo.partition(":")
    if not user or not colon or not password:
        raise _bad("has only one of user and password")
    if "@" in userinfo or ":" in password or _BAD_PERCENT.search(userinfo):
        raise _bad("has an unreadable user or password: write : / ? # @ and % in it as %3A %2F %3F %23 %40 and %25")
    plain = (unquote(user), unquote(password))
    if not all(part.isascii() and part.isprintable() for part in plain):
        raise _bad("has a user or password with a control or non-ASCII character, which SMTP logins cannot carry")
    return plain
