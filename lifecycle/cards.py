"""Card numbers: found in any text, however they are written, so that none is ever sent, kept or shown whole.

Method: one plain form for digits and blanks, then runs of digits, then groups in them that a card could be written in,
then brand and length, then the Luhn digit, then the words around it. `find` gives everything that may be a card; `sure`
tells apart what surely is one. Figures reached on the labelled texts stand in the test.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lifecycle.seen import fold_with_places

LONGEST = 256 * 1024
"""Characters that are looked at; the guard `small_enough` holds what is longer."""


@dataclass(frozen=True, slots=True)
class Found:
    """One number that may be a card's: where it stands in the text, whose range it is in, and whether it surely is one."""

    start: int
    end: int
    brand: str
    last_four: str
    sure: bool


# Brand, first digits from-to, lengths. As the networks publish them, read on 2026-11-20.
BRANDS: tuple[tuple[str, int, int, frozenset[int]], ...] = (
    ("visa", 4, 4, frozenset({13, 16, 19})),
    ("mastercard", 51, 55, frozenset({16})),
    ("mastercard", 2221, 2720, frozenset({16})),
    ("amex", 34, 34, frozenset({15})),
    ("amex", 37, 37, frozenset({15})),
    ("diners", 300, 305, frozenset({14, 16, 19})),
    ("diners", 3095, 3095, frozenset({14, 16, 19})),
    ("diners", 36, 36, frozenset({14, 16, 19})),
    ("diners", 38, 39, frozenset({14, 16, 19})),
    ("discover", 6011, 6011, frozenset({16, 19})),
    ("discover", 644, 659, frozenset({16, 19})),
    ("jcb", 3528, 3589, frozenset({16, 17, 18, 19})),
    ("unionpay", 62, 62, frozenset({16, 17, 18, 19})),
    ("unionpay", 810, 817, frozenset({16, 17, 18, 19})),
    ("maestro", 50, 50, frozenset({16, 18, 19})),
    ("maestro", 56, 58, frozenset({16, 18, 19})),
    ("maestro", 60, 61, frozenset({16, 18, 19})),
    ("maestro", 63, 63, frozenset({16, 18, 19})),
    ("maestro", 67, 69, frozenset({16, 18, 19})),
    ("mir", 2200, 2204, frozenset({16, 17, 18, 19})),
    ("troy", 9792, 9792, frozenset({16})),
)
_SHAPES = re.compile(r"(?:4,){3}[1-7]|(?:4,){4}[1-3]|4,6,[45]|6,(?:7|10|13)|8,8|5,5,[56]")
_BETWEEN = r"[ \t\r\n\f\v\u00a0.,:;/_|*+\\()\[\]'\"–—‒‐‑−·•・-]"
_RUN = re.compile(rf"[0-9](?:{_BETWEEN}{{0,4}}[0-9]){{11,}}")
# Account and parcel numbers of 20 and more digits that say what they are: four of their groups are no card.
_LONG_NUMBER = re.compile(r"(?<![a-z])(?:iban[^a-z0-9]{0,4}[a-z]{2}[0-9]|usps[^a-z0-9]{0,4}9)\Z", re.IGNORECASE)
_DIGITS = re.compile(r"[0-9]+")
_TAG = re.compile(r"<[^<>]{0,2000}>")
_CARD_WORDS = re.compile(
    r"(?<![a-z])(?:(?:credit|debit)?[ -]?cards?|visa|master ?card|amex|american express|diners|discover|jcb|maestro|union ?pay|cvv2?|cvc2?"
    r"|exp(?:iry|ires|iration)?|pan|(?:kredit|bank|giro)?karten?(?:nummer)?|tarjetas?|cartes?|carta|cart[aã]o|kaart|kort)(?![a-z])"
    r"|カード|卡|카드|بطاقة|карт",
    re.IGNORECASE,
)
_LOOK_UP = re.compile(
    r"(?<![a-z])(?:track(?:ing)?|parcel|shipment|awbs?|ean|gtin(?:-1[34])?|upc|isbn|barcode|imei|sku|case code|variant|iban|vat|eori"
    r"|order|bestellung|sendung(?:snummer)?|paket|colis|suivi|ref(?:erence)?|invoice|ts|dhl|dpd|gls|ups|usps|fedex|evri)"
    r"(?: ?(?:number|no|nr|code|id))?[^a-z0-9]{0,4}\Z",
    re.IGNORECASE,
)
_EXPIRY = re.compile(r"(?:0[1-9]|1[0-2])(?:2[4-9]|3[0-9])")


def _luhn(digits: str) -> bool:
    total = sum(int(digit) for digit in digits[-1::-2])
    return (total + sum((0, 2, 4, 6, 8, 1, 3, 5, 7, 9)[int(digit)] for digit in digits[-2::-2])) % 10 == 0


def brand_of(digits: str) -> str:
    """The network whose numbers look so, Luhn digit included; empty when there is none."""
    if len(set(digits)) < 2:
        return ""
    for brand, low, high, lengths in BRANDS:
        if len(digits) in lengths and low <= int(digits[: len(str(low))]) <= high:
            return brand if _luhn(digits) else ""
    return ""


@dataclass(frozen=True, slots=True)
class _Window:
    """Digits of neighbouring groups from `start` to `end`, and the lengths of the groups."""

    start: int
    end: int
    digits: str
    shape: str


def _glued(digits: str, rest: str) -> Iterator[int]:
    """How many leading digits may be the card when month and year of expiry, or a code, are glued to it."""
    yield len(digits)
    for length in range(min(19, len(digits) - 2), 12, -1):
        tail = digits[length:]
        month = len(tail) == 2 and 1 <= int(tail) <= 12 and re.match(r"[/.-][0-9]{2}(?![0-9])", rest)
        if month or (len(tail) in (4, 7, 8) and _EXPIRY.match(tail)):
            yield length


def _windows(text: str, groups: list[re.Match[str]], *, any_shape: bool) -> Iterator[tuple[int, list[_Window]]]:
    """For each group of a run, what may be a card from there on, longest first."""
    singles = all(len(group[0]) == 1 for group in groups[:40])
    for first in range(len(groups)):
        found: list[_Window] = []
        digits, lengths = "", []
        free = (any_shape and len(groups) <= 40) or (singles and first == 0)
        for group in groups[first : first + (20 if free else 5)]:
            digits += group[0]
            lengths.append(str(len(group[0])))
            shape = ",".join(lengths)
            if len(lengths) == 1 or free or _SHAPES.fullmatch(shape):
                here = group.end()
                for length in _glued(digits, text[here : here + 4]) if len(digits) > 12 else ():
                    cut = len(digits) - length
                    if 13 <= length <= 19 and cut < len(group[0]):
                        found.append(_Window(groups[first].start(), here - cut, digits[:length], shape))
            if len(digits) > 27:
                break
        yield first, sorted(found, key=lambda window: -len(window.digits))


def _in_word(text: str, window: _Window) -> bool:
    """Letters of an id touch the digits («ch_3N4186…abc»)."""
    around = text[window.start - 1 : window.start] + text[window.end : window.end + 1]
    return any(char.isascii() and char.isalpha() for char in around)


def _judged(text: str, window: _Window) -> Found | None:
    brand = brand_of(window.digits)
    if not brand:
        return None
    before = text[max(0, window.start - 40) : window.start]
    card = bool(_CARD_WORDS.search(before) or _CARD_WORDS.search(text[window.end : window.end + 25]))
    looked_up = bool(_LOOK_UP.search(before))
    whole = "," not in window.shape
    # Nobody writes «EAN» before a card, and cards of 13 and 14 digits have all but died out.
    if not card and whole and ((looked_up and len(window.digits) < 15) or _in_word(text, window)):
        return None
    sure = card or (not looked_up and len(window.digits) > 14)
    return Found(window.start, window.end, brand, window.digits[-4:], sure)


def _close(text: str, found: Found) -> bool:
    """Card words stand right before the number, in its own line, or a code or expiry right after it."""
    line = re.split(r"[\n.;]", text[max(0, found.start - 30) : found.start])[-1]
    after = text[found.end : found.end + 12].split("\n", 1)[0]
    return bool(_CARD_WORDS.search(line) or re.search(r"(?<![a-z])(?:cvv|cvc|exp)", after, re.IGNORECASE))


def _plain(text: str) -> tuple[str, list[int]]:
    folded, places = fold_with_places(text[:LONGEST])
    # Tags and blanks keep their place; a whole tag counts as two, so that cells of a table are one run.
    out: list[str] = []
    kept: list[int] = []
    last = 0
    for tag in _TAG.finditer(folded):
        out.append(folded[last : tag.start()])
        kept.extend(places[last : tag.start()])
        if not out[-1].endswith(" ") or out[-1] == "":
            out.append(" ")
            kept.append(places[tag.start()])
        last = tag.end()
    out.append(folded[last:])
    kept.extend(places[last:])
    return "".join(out), kept


def find(text: str, known: Iterable[str] = ()) -> tuple[Found, ...]:
    """Every stretch of the text that may be a card number, from left to right.

    `known` are numbers of the same order (parcels, ids): they pass where no card word stands right beside them.
    Only the first 256 K characters are read.
    """
    if sum(char.isdigit() for char in text[:LONGEST]) < 13:
        return ()
    plain, places = _plain(text)
    ours = _numbers(known)
    found: list[Found] = []
    for run in _RUN.finditer(plain):
        around = plain[max(0, run.start() - 40) : run.start()], plain[run.end() : run.end() + 25]
        groups = list(_DIGITS.finditer(plain, run.start(), run.end()))
        begun = plain[max(0, run.start() - 10) : run.start() + 1]
        if _LONG_NUMBER.search(begun) and sum(len(group[0]) for group in groups) in range(20, 35):
            continue
        done = -1
        for _, windows in _windows(plain, groups, any_shape=any(_CARD_WORDS.search(side) for side in around)):
            hit = next((each for window in windows if window.start > done and (each := _judged(plain, window))), None)
            if hit is None:
                continue
            done = hit.end - 1
            digits = "".join(_DIGITS.findall(plain[hit.start : hit.end]))
            if digits not in ours or _close(plain, hit):
                found.append(Found(places[hit.start], places[hit.end - 1] + 1, hit.brand, hit.last_four, hit.sure))
    return tuple(found)


def _numbers(known: Iterable[str]) -> frozenset[str]:
    """Each known text's digits, whole and run by run."""
    numbers: set[str] = set()
    for text in known:
        runs = _DIGITS.findall(text)
        numbers.update(runs)
        numbers.add("".join(runs))
    return frozenset(numbers)


def mask(text: str) -> str:
    """The text with every possible card number down to its last four digits («**** 1234»)."""
    parts: list[str] = []
    last = 0
    for found in find(text):
        parts.extend((text[last : found.start], f"**** {found.last_four}"))
        last = found.end
    return "".join((*parts, text[last:]))
