"""Carriers: the page where a parcel can be followed, or none. Never guessed from the number, never built from a customer's text.

In this order: the address that the platform or merchant gave (https on a plain public host); the page of the carrier that
was named, where it is known with high or medium confidence; no link, the number as text. Rules and pages: carriers.json.
"""

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from urllib.parse import quote

from lifecycle.composing import Link
from lifecycle.links import is_public
from lifecycle.orders import Tracking

_NUMBER = re.compile(r"[A-Z0-9]{4,40}", re.ASCII)
_POSTCODE = re.compile(r"[A-Z0-9]{2,10}", re.ASCII)
_GAPS = re.compile(r"[\s\-‐‑–]+")


@dataclass(frozen=True, slots=True)
class Carrier:
    """One carrier's page. `only` names the recipient countries in which its name is this carrier's; empty is all.

    `short` is the address when the postcode is not known; empty when there is none then.
    """

    name: str
    url: str
    short: str
    hosts: frozenset[str]
    only: frozenset[str]


@lru_cache(maxsize=1)
def _carriers() -> tuple[dict[str, tuple[Carrier, ...]], frozenset[str]]:
    """Carriers by every name they go by, and all their hosts. Read once, when first asked."""
    known = json.loads(resources.files("lifecycle").joinpath("carriers.json").read_text(encoding="utf-8"))
    named: dict[str, list[Carrier]] = defaultdict(list)
    for row in known["carriers"]:
        hosts, only = frozenset(row["hosts"]), frozenset(row.get("only", ()))
        carrier = Carrier(row["carrier"], row["url"], row.get("short", ""), hosts, only)
        for name in {_bare(name) for name in row["names"]}:
            named[name].append(carrier)
    every = frozenset(host for carriers in named.values() for carrier in carriers for host in carrier.hosts)
    return {name: tuple(carriers) for name, carriers in named.items()}, every


def _bare(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())


def hosts() -> frozenset[str]:
    """Every host that a carrier link of ours may lead to."""
    return _carriers()[1]


def _named(name: str, country: str) -> Carrier | None:
    """The one carrier of that name in that country; None when it is unknown or there are several."""
    found = [carrier for carrier in _carriers()[0].get(_bare(name), ()) if not carrier.only or country in carrier.only]
    return found[0] if len(found) == 1 else None


def _filled(carrier: Carrier, number: str, country: str, postcode: str) -> str | None:
    """The carrier's page for this parcel; None when it needs what is not known."""
    given = {"number": number, "postcode": postcode, "country": country}
    for template in (carrier.url, carrier.short):
        needs = re.findall(r"\{(\w+)\}", template)
        if needs and all(given.get(name) for name in needs):
            return re.sub(r"\{(\w+)\}", lambda place: quote(given[place[1]], safe=""), template)
    return None


def _shown(name: str, carrier: Carrier | None) -> str:
    """The name as the carrier writes it, when it only differs by its letters' case: plugins say «usps»."""
    same = carrier is not None and carrier.name.casefold() == name.casefold() and not any(char.isdigit() for char in name)
    return carrier.name if carrier is not None and same else name


def link_for(tracking: Tracking, country: str, postcode: str) -> Link:
    """The parcel with its carrier's name and, when it is sure, the page to follow it. `country` and `postcode` are the recipient's."""
    country = country.strip().upper()
    carrier = _named(tracking.carrier, country)
    shown = _shown(tracking.carrier, carrier)
    if is_public(tracking.url):
        return Link(tracking, shown, tracking.url)
    if carrier is None:
        return Link(tracking, shown, None)
    number, code = (_GAPS.sub("", text).upper() for text in (tracking.number, postcode))
    code = code if _POSTCODE.fullmatch(code) else ""
    url = _filled(carrier, number, country, code) if _NUMBER.fullmatch(number) else None
    return Link(tracking, shown, url)
