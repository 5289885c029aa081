"""What a reader sees of a letter: its HTML and its Markdown as plain text, and every form of a digit as one.

Nothing here judges. A text keeps its no-break blanks (they join «1 234»), and blocks stand on lines of their own.
"""

import html as entities
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any

JOINING = "\u00a0"
"""What every no-break blank becomes."""

URL = re.compile(r"(?:https?://|www\.)[^\s<>\"]+", re.IGNORECASE)
_NO_BREAK = frozenset("\u00a0\u202f\u2007")
_SEPARATORS = {"\u066b": ".", "\u066c": ",", "\u2028": "\n", "\u2029": "\n", "\u034f": "", "\ufe0f": ""}
_BLANKS = re.compile(r"[ \t\r\n\f\v]+")
_LINES = re.compile(r"[ \t\r\f\v]*\n[ \t\r\f\v\n]*")
# Bounded everywhere: «[a](» a hundred thousand times must not be tried from each bracket to the end.
_LINK = re.compile(
    r"!?\[((?:\\.|[^\]\[\\]){0,2000})\]\([ \t]{0,9}<?((?:\\.|[^()\s<>\\]){0,2048})>?(?:[ \t][^)\n]{0,200})?\)"
)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_CSS_URL = re.compile(r"url\(\s*['\"]?([^'\")]*)", re.IGNORECASE)
_BLOCKS = frozenset(
    """
    address article aside blockquote body br caption center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header
    hr li main nav ol option p pre section table tbody td tfoot th thead title tr ul
    """.split()  # noqa: SIM905 - a table, on two lines
)
_SPOKEN = ("alt", "title", "aria-label")
_LINKING = frozenset({"href", "src", "action", "background", "poster", "data", "formaction", "longdesc"})


class _Folds(dict[int, str]):
    """One character's plain form, found out once: ASCII digits and separators, no invisible marks."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if char in _SEPARATORS:
            plain = _SEPARATORS[char]
        elif char in _NO_BREAK:
            plain = JOINING
        elif unicodedata.category(char) == "Cf":
            plain = ""
        else:
            plain = "".join(_digit(part) for part in unicodedata.normalize("NFKC", char))
        self[code] = plain
        return plain


def _digit(char: str) -> str:
    value = unicodedata.digit(char, None)
    return char if value is None else str(value)


_FOLDS = _Folds()


def fold(text: str) -> str:
    """The text with every digit as ASCII, no bidi or zero-width marks, and one kind of no-break blank."""
    return text if text.isascii() else text.translate(_FOLDS)


def fold_with_places(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters the place in `text` that it came from."""
    if text.isascii():
        return text, list(range(len(text)))
    chars: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        plain = _FOLDS[ord(char)]
        chars.append(plain)
        places.extend([place] * len(plain))
    return "".join(chars), places


@dataclass(frozen=True, slots=True)
class Datum:
    """One value of a JSON-LD block. `currency` is set for a price that names one; `key` is the property it stands under."""

    key: str
    value: str
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one HTML text holds: its words, its JSON-LD values, its links in the order met."""

    text: str
    data: tuple[Datum, ...]
    links: tuple[str, ...]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.links: list[str] = []
        self.blocks: list[str] = []
        self._head = False
        self._title = False
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.links.extend(value for name, value in given.items() if name in _LINKING and value)
        self.links.extend(part.split()[0] for part in given.get("srcset", "").split(",") if part.split())
        self.links.extend(_CSS_URL.findall(given.get("style", "")))
        self.parts.extend(f"\n{given[name]}\n" for name in _SPOKEN if given.get(name))
        if tag in _BLOCKS:
            self.parts.append("\n")
        if tag == "head":
            self._head = True
        elif tag == "body":
            self._head = False
        elif tag == "title":
            self._title = True
        elif tag in ("script", "style"):
            is_data = given.get("type", "").split(";")[0].strip().lower() == "application/ld+json"
            self._inside = "data" if tag == "script" and is_data else tag
            if self._inside == "data":
                self.blocks.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n")
        if tag == "head":
            self._head = False
        elif tag == "title":
            self._title = False
        elif tag in ("script", "style"):
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "data":
            self.blocks[-1] += data
        elif self._inside == "style":
            self.links.extend(_CSS_URL.findall(data))
        elif not self._inside and (self._title or not self._head):
            self.parts.append(_BLANKS.sub(" ", data))


def _plain_price(value: object) -> bool:
    return isinstance(value, str | int | Decimal) and not isinstance(value, bool)


def _values(node: Any, key: str = "") -> Iterator[Datum]:
    """Every string and number below a JSON-LD node; a price and its currency are one value."""
    if isinstance(node, dict):
        currency = node.get("priceCurrency")
        for name, value in node.items():
            if name == "price" and isinstance(currency, str) and _plain_price(value):
                yield Datum(name, str(value), currency)
            elif name != "@context":
                yield from _values(value, str(name))
    elif isinstance(node, list):
        for value in node:
            yield from _values(value, key)
    elif isinstance(node, str | int | Decimal) and not isinstance(node, bool):
        yield Datum(key, str(node))


def _data_of(block: str) -> tuple[Datum, ...]:
    """The values of one JSON-LD block; a block that cannot be read is one value, so that its figures are looked at."""
    try:
        return tuple(_values(json.loads(block, parse_float=Decimal, parse_constant=str)))
    except (ValueError, RecursionError, ArithmeticError):
        return (Datum("", block),)


# The same letter is looked at by several guards in a row; the last few readings are kept for them.
@lru_cache(maxsize=8)
def read_html(html: str) -> Seen:
    """The words, JSON-LD values and links of an HTML text."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    text = _LINES.sub("\n", re.sub(r"[ \t]+", " ", "".join(reader.parts))).strip(" \n")
    data = tuple(datum for block in reader.blocks for datum in _data_of(block))
    linked = [datum.value for datum in data if URL.fullmatch(datum.value) and "//schema.org/" not in datum.value]
    return Seen(text, data, tuple(dict.fromkeys((*(link.strip() for link in reader.links), *linked))))


def visible(html: str) -> str:
    """The text that a reader sees: words, title, alternative texts, and the values of JSON-LD on lines of their own.

    Style, scripts, comments (conditional ones too) and the rest of the head are left out; blocks separate lines.
    """
    seen = read_html(html)
    return "\n".join((seen.text, *(f"{datum.value} {datum.currency}".strip() for datum in seen.data))).strip()


def plain(markdown: str) -> str:
    """Markdown as a reader sees it: words of links without their addresses, escapes resolved. URLs are left out."""
    return _spoken(_LINK.sub(lambda link: f" {link[1]} ", markdown))


def _spoken(text: str) -> str:
    return _LINES.sub("\n", entities.unescape(_ESCAPED.sub(r"\1", URL.sub(" ", text)))).strip()


def markdown_links(markdown: str) -> tuple[str, ...]:
    """Every address in a Markdown text: of its links and standing bare."""
    linked = [_ESCAPED.sub(r"\1", link[2]) for link in _LINK.finditer(markdown)]
    rest = _LINK.sub(lambda link: f" {link[1]} ", markdown)
    return tuple(entities.unescape(link) for link in (*linked, *bare_links(_ESCAPED.sub(r"\1", rest))))


def bare_links(text: str) -> tuple[str, ...]:
    """Addresses that stand in running text, without the punctuation of the sentence around them."""
    return tuple(url.rstrip(".,;:!?)]}»”'*_") for url in URL.findall(text))
