"""The one spelling of a shop's address."""

import ipaddress
import re
from urllib.parse import urlsplit

from lifecycle.errors import BadValue

_HOST = re.compile(
    r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII
)
_PATH = re.compile(r"(?:/[A-Za-z0-9._~%-]+)*", re.ASCII)
_WANTED = "Write the shop's address as it stands in the browser, for example https://shop.example.com or https://example.com/shop."


def canonical(text: str) -> str:
    """`https://host[:port][/path]` without a trailing slash; `http` stays only for loopback and `.test` hosts.

    Raises BadValue: `not_a_site` or `not_https`.
    """
    wish = text.strip()
    if not wish.isascii() or not wish.isprintable() or "\\" in wish or " " in wish:
        raise BadValue("not_a_site", _WANTED)
    if "://" not in wish:
        wish = f"https://{wish}"
    try:
        parts = urlsplit(wish)
        port = parts.port
    except ValueError:
        raise BadValue("not_a_site", _WANTED) from None
    host = (parts.hostname or "").rstrip(".")
    path = re.sub(r"/+", "/", parts.path).rstrip("/")
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or not _is_host(host):
        raise BadValue("not_a_site", _WANTED)
    if not _PATH.fullmatch(path) or {".", ".."} & set(path.split("/")):
        raise BadValue("not_a_site", _WANTED)
    if parts.scheme == "http" and not _is_near(host):
        raise BadValue(
            "not_https", "The shop's address must begin with https://, else its orders could be read on the way."
        )
    shown = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{shown}{'' if port in (None, usual) else f':{port}'}{path}"


def _is_host(host: str) -> bool:
    address = _address(host)
    if address is not None:
        return address.is_loopback
    last = host.rpartition(".")[2]
    return bool(_HOST.fullmatch(host)) and not last.isdigit() and ("." in host or host == "localhost")


def _is_near(host: str) -> bool:
    """Whether plain http is harmless: this machine, or a name that never leaves it (RFC 6761 §6.2)."""
    return _address(host) is not None or host == "localhost" or host.endswith((".localhost", ".test"))


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
