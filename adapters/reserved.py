"""Domains that belong to nobody: letters to them are kept in a folder, never given to a postman that reaches the world."""

import re

# RFC 2606 §2–3 and RFC 6761 §6: no mail server will ever answer for these, and a relay counts every try against us.
_TOP = frozenset({"test", "example", "invalid", "localhost"})
_SECOND = frozenset({"example.com", "example.net", "example.org"})
_DOTS = re.compile("[.\u3002\uff0e\uff61]")  # what IDNA takes for a dot (RFC 3490 §3.1)


def is_reserved(address: str) -> bool:
    """Whether the address's domain, or one above it, is reserved for examples and tests (any case, a final dot included)."""
    labels = [label for label in _DOTS.split(address.rpartition("@")[2].strip().casefold()) if label]
    return bool(labels) and (labels[-1] in _TOP or ".".join(labels[-2:]) in _SECOND)


def refusal(address: str) -> str | None:
    """`reserved_domain` when no real letter may go there, else None: a postman's whole `refuses()`."""
    return "reserved_domain" if is_reserved(address) else None
