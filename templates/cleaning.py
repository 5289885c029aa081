"""Foreign text made printable: one line, no controls, no direction tricks, of a bearable length."""

import re
import unicodedata

from lifecycle.orders import LineItem

# What a letter with few, many, or hostile lines may spend on one text; the printer takes the next cap when the letter is too long.
CAPS = (200, 70, 24, 12)

# Embeddings, overrides and isolates turn the words around them; a zero-width blank or a BOM hides what a text says.
_TURNING = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0x2060, 0xFEFF)))
_BLANKS = re.compile(r"[\s\u0085\u2028\u2029]+")
_MARKS = str.maketrans("", "", "\u200e\u200f\u061c")
_NARROW = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " "})


class _Printable(dict[int, str]):
    """What is left of one character, found out once."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        # Cc controls, Cs lone surrogates; the last two code points of each plane and FDD0.. are no characters (HTML forbids them).
        none = unicodedata.category(char) in ("Cc", "Cs") or code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
        kept = "" if none or char in _TURNING else char
        self[code] = " " if _BLANKS.fullmatch(char) else kept
        return self[code]


_PRINTABLE = _Printable()


def clean(text: str, cap: int = CAPS[0]) -> str:
    """One line of printable text, at most `cap` characters with «…» at the cut."""
    # The cut comes first as well: nobody pays for normalising a megabyte.
    line = _BLANKS.sub(" ", text[: cap * 4].translate(_PRINTABLE)).strip()
    return line if len(line) <= cap else line[: cap - 1].rstrip() + "…"


def clean_lines(text: str, cap: int = CAPS[0]) -> list[str]:
    """The lines of a text of several, each clean, the empty ones left out."""
    return [line for line in (clean(part, cap) for part in text[:4000].splitlines()[:12]) if line]


def level(text: str) -> str:
    """The text with plain blanks and without direction marks: for subjects, and for comparing."""
    return _BLANKS.sub(" ", text.translate(_MARKS).translate(_NARROW)).strip()


def has_rtl(text: str) -> bool:
    """Whether any letter in it runs from right to left."""
    return not text.isascii() and any(unicodedata.bidirectional(char) in ("R", "AL") for char in text)


def options(line: LineItem) -> list[str]:
    """What tells this line from others of the same title: variant, then the buyer's own choices, at most six."""
    return [text for text in (line.variant, *line.note[:5]) if text.strip()]
