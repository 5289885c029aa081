"""Links: where a letter may lead. Everything else is shown to a person before the letter leaves."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import SplitResult, urlsplit

from lifecycle.carts import Checkout
from lifecycle.messages import Letter
from lifecycle.orders import Fulfillment, Order
from lifecycle.seen import bare_links, markdown_links, read_html

_HOST = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]", re.ASCII)
_INSIDE = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home", ".corp", ".arpa", ".onion")
_UNCLEAN = re.compile(r"[\x00-\x20\x7f\\<>\"`{}|^]")


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return None if _UNCLEAN.search(url) or "@" in parts.netloc else parts


def is_public(url: str | None) -> bool:
    """Whether this is an https address on a plain public host name: no login, port, number, inner network or odd character."""
    parts = _split(url) if url and len(url) <= 2048 else None
    if parts is None or parts.scheme != "https" or ":" in parts.netloc:
        return False
    host = (parts.hostname or "").lower()
    return bool(_HOST.fullmatch(host)) and not host.endswith(_INSIDE)


def links_in(letter: Letter) -> tuple[str, ...]:
    """Every address in subject, HTML (links, images, styles, JSON-LD, running text) and Markdown, each once."""
    seen = read_html(letter.html)
    found = (*seen.links, *bare_links(seen.text), *markdown_links(letter.text), *bare_links(letter.subject))
    return tuple(dict.fromkeys(link for link in found if not link.startswith("#")))


def _is_known(link: str, hosts: frozenset[str]) -> bool:
    if link in hosts:
        return True
    if link.lower().startswith("mailto:"):
        return link[7:].split("?", 1)[0].lower() in hosts
    parts = _split(link)
    if parts is None:
        return False
    if f"{parts.scheme}://{parts.netloc}".lower() in hosts:
        return True
    return parts.scheme == "https" and parts.netloc.lower().removeprefix("www.") in hosts


def unknown_links(letter: Letter, allowed_hosts: Iterable[str]) -> tuple[str, ...]:
    """The letter's links that lead nowhere we know.

    An allowed entry is a host (https only, with or without `www.`), an origin («http://127.0.0.1:8000»), one whole
    address, or a mail address for `mailto:` links.
    """
    hosts = frozenset(entry if "/" in entry.split("://", 1)[-1].rstrip("/") else _plain(entry) for entry in allowed_hosts)
    return tuple(link for link in links_in(letter) if not _is_known(link, hosts))


def _plain(entry: str) -> str:
    return entry.lower().rstrip("/").removeprefix("www.")


def links_of(facts: Iterable[object]) -> Iterator[str]:
    """The addresses that a signed event itself named: order page, payment, way back, pictures and parcels. Public https only."""
    for fact in facts:
        yield from (url for url in _urls(fact) if url is not None and is_public(url))


def _urls(fact: object) -> Iterator[str | None]:
    if isinstance(fact, Order):
        yield from (fact.status_url, fact.pay_url)
        for parcel in fact.fulfillments:
            yield from _urls(parcel)
    if isinstance(fact, Checkout):
        yield fact.recovery_url
    if isinstance(fact, Order | Checkout):
        yield from (line.image_url for line in fact.lines)
    if isinstance(fact, Fulfillment):
        yield from (tracking.url for tracking in fact.trackings)
