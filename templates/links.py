"""Which addresses may stand in a letter."""

import re
from urllib.parse import quote, urlsplit

# Without blanks, quotes, angle brackets, backslashes and controls: nothing that ends an attribute or an autolink.
_WHOLE = re.compile(r"https?://[^\s\"'<>\\^`{|}\x00-\x20\x7f]+", re.IGNORECASE)
_LONGEST = 2000
_KEPT = "/?%:@!$&()*+,;=~-._"


def safe(url: str | None) -> str:
    """A foreign address in ASCII when it is https and without user info, else empty."""
    return _checked(url, ("https",))


def own(url: str | None) -> str:
    """An address that the story made or vouches for; also plain http, since a first trial runs on this computer."""
    return _checked(url, ("https", "http"))


def _checked(url: str | None, schemes: tuple[str, ...]) -> str:
    if not url or len(url) > _LONGEST or not _WHOLE.fullmatch(url):
        return ""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode()
        port = parts.port
    except (ValueError, UnicodeError):
        return ""
    if not host or parts.username is not None or parts.scheme.lower() not in schemes:
        return ""
    if url.isascii():
        return url
    place = f"{host}:{port}" if port else host
    query = f"?{quote(parts.query, safe=_KEPT)}" if parts.query else ""
    return f"{parts.scheme.lower()}://{place}{quote(parts.path, safe=_KEPT)}{query}"
