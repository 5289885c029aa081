"""Tracing: each figure of a finished letter is matched with a form of a fact, or it traces nowhere.

A form counts only where it stands by itself: «50» is not found inside «12.50», «$5» not inside «CA$5», «3» not inside
«3-5», and a bare quantity only where a quantity stands («2 ×», a cell of its own, «Quantity: 2»), so that «in 2 days» is
not proved by two mugs.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from lifecycle.codes import CURRENCIES
from lifecycle.messages import Letter, TracedFigure
from lifecycle.money import Money
from lifecycle.seen import JOINING, URL, Datum, fold, fold_with_places, plain, read_html

if TYPE_CHECKING:
    from lifecycle.figures import Figure

_DIGITS = re.compile(r"[0-9]+")
_WORD = re.compile(r"[A-Z]{3}\b")
_JOINS = frozenset(".,'’:/-–—−\u2044" + JOINING)
_GAP = re.compile(r"[^\W\d_]{0,20}|[.,'’:/\-–—−+x×\u00a0\u2044#]{1,2}")
_ARROWS = frozenset("×→←⇒➜➝⟶")
_COUNTS = frozenset({"amount", "quantity", "percent", "phrase"})


@dataclass(frozen=True, slots=True)
class _Form:
    text: str
    lead: int
    path: str
    kind: str
    currency: str
    bare: bool


def _forms(pairs: Iterable[tuple["Figure", Sequence[str]]]) -> dict[str, list[_Form]]:
    """Forms by their first run of digits, longest first. A text of several lines counts line by line too."""
    index: dict[str, dict[str, _Form]] = defaultdict(dict)
    for figure, shapes in pairs:
        currency = figure.value.currency if isinstance(figure.value, Money) else ""
        for shape in shapes:
            for line in {shape, *shape.splitlines()}:
                text = " ".join(fold(line).replace(JOINING, " ").split())
                first = _DIGITS.search(text)
                # A bare amount («1234.50») is how machines write it; among words it would prove any number at all.
                unsigned = figure.kind == "amount" and not any(char.isalpha() or _is_sign(char) for char in text)
                if first is not None and not unsigned:
                    bare = figure.kind == "quantity" and not any(char.isalpha() or char in _ARROWS for char in text)
                    form = _Form(text, first.start(), figure.path, figure.kind, currency, bare)
                    known = index[first[0]].setdefault(text, form)
                    if known.bare and not bare:
                        index[first[0]][text] = form
    return {run: sorted(forms.values(), key=lambda form: -len(form.text)) for run, forms in index.items()}


def _sticks(char: str) -> bool:
    """Letters of scripts that put blanks between words, digits and `_`: what may not touch a form."""
    return char == "_" or char.isdigit() or (char.isalpha() and char < "\u0590")


def _is_sign(char: str) -> bool:
    return unicodedata.category(char) == "Sc"


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Nothing next to the form makes it a part of a longer word, number, range or time."""
    before, beyond = text[start - 1 : start] or "\n", text[start - 2 : start - 1] if start > 1 else "\n"
    after, further = text[end : end + 1] or "\n", text[end + 1 : end + 2] or "\n"
    first, last = text[start], text[end - 1]
    if _sticks(before) and (_sticks(first) or _is_sign(first)):
        return False
    if _sticks(after) and (_sticks(last) or _is_sign(last)):
        return False
    if first.isdigit() and ((before in _JOINS and beyond.isdigit()) or (before == "-" and _sticks(beyond))):
        return False
    return not (last.isdigit() and ((after in _JOINS and further.isdigit()) or (after == "-" and _sticks(further))))


def _own_currency(form: _Form, text: str, start: int, end: int, covered: int) -> bool:
    """No other currency's sign or code, and no percent sign, belongs to this number."""
    before, after = text[max(covered, start - 4) : start], text[end : end + 5]
    near, next_ = before[-1:], after[:1]
    if text[start].isdigit() and near and (_is_sign(near) or (near.isspace() and _is_sign(before[-2:-1] or " "))):
        return False
    rest = after.lstrip(" " + JOINING)
    if text[end - 1].isdigit() and rest and ("%" in rest[0] or (_is_sign(rest[0]) and not rest[1:2].isdigit())):
        return False
    if next_ and _is_sign(next_):
        return False
    code = rest[:3] if _WORD.match(rest) else ""
    if code in CURRENCIES and code != form.currency and not text[end + 4 : end + 6].strip()[:1].isdigit():
        return False
    named = before.rstrip(" " + JOINING)[-3:]
    return not (named in CURRENCIES and named != form.currency)


def _is_a_count(text: str, start: int, end: int) -> bool:
    """A bare number stands where a quantity stands: beside «×» or an arrow, alone in its line, after a colon, in brackets."""
    before = text[max(0, start - 4) : start].rstrip(" " + JOINING)[-1:]
    after = text[end : end + 4].lstrip(" " + JOINING)[:1]
    if before in _ARROWS or after in _ARROWS:
        return True
    ends = after in ("", "\n", ",", ";", ".", ")", "*", "|")
    opens = before in ("", "\n", ":", "：", "(", "*", "|")
    return ends and opens


def _match(forms: Sequence[_Form], text: str, smooth: str, at: int, covered: int) -> tuple[int, int, str] | None:
    for form in forms:
        start, end = at - form.lead, at - form.lead + len(form.text)
        if start < covered or not smooth.startswith(form.text, start) or not _stands_alone(text, start, end):
            continue
        if form.kind in _COUNTS and not _own_currency(form, text, start, end, covered):
            continue
        if not form.bare or _is_a_count(text, start, end):
            return start, end, form.path
    return None


def _found(text: str, index: dict[str, list[_Form]]) -> Iterator[tuple[int, int, str]]:
    """Every figure of a folded text from left to right with the path it traces to, empty when it traces nowhere."""
    smooth = text.replace(JOINING, " ")
    covered = 0
    loose: tuple[int, int] | None = None
    for run in _DIGITS.finditer(text):
        if run.start() < covered:
            continue
        hit = _match(index.get(run[0], ()), text, smooth, run.start(), covered)
        if loose is not None and (hit is not None or not _GAP.fullmatch(text, loose[1], run.start())):
            yield *_widened(text, loose, covered, hit[0] if hit else run.start()), ""
            covered, loose = max(covered, loose[1]), None
        if hit is not None:
            yield hit
            covered = hit[1]
        else:
            loose = (loose[0] if loose else run.start(), run.end())
    if loose is not None:
        yield *_widened(text, loose, covered, len(text)), ""


def _widened(text: str, span: tuple[int, int], low: int, high: int) -> tuple[int, int]:
    """The span with the letters that touch it and the currency or percent sign beside it."""
    start, end = span
    while start > low and start > span[0] - 20 and (text[start - 1].isalpha() or text[start - 1] in "#-_"):
        start -= 1
    while end < high and end < span[1] + 20 and (text[end].isalpha() or text[end] == "_"):
        end += 1
    for place in (start - 1, start - 2):
        if place >= low and _is_sign(text[place]) and not text[place + 1 : start].strip():
            start = place
    for place in (end, end + 1):
        if place < high and (text[place] == "%" or _is_sign(text[place])) and not text[end:place].strip():
            end = place + 1
    return start, end


def _same_day(value: str, fact: date | datetime) -> bool:
    try:
        told = datetime.fromisoformat(value)
    except ValueError:
        return False
    if "T" not in value and " " not in value:
        return told.date() == (fact.date() if isinstance(fact, datetime) else fact)
    return isinstance(fact, datetime) and told.tzinfo is not None and fact.tzinfo is not None and told == fact


def _same_number(datum: Datum, figure: "Figure") -> bool:
    try:
        number = Decimal(datum.value)
    except InvalidOperation:
        return False
    if isinstance(figure.value, Money):
        money = datum.currency == figure.value.currency or (not datum.currency and "price" in datum.key.lower())
        return money and number == figure.value.amount
    if datum.currency:
        return False
    numbers = figure.value if isinstance(figure.value, tuple) else (figure.value,)
    return figure.kind in _COUNTS and any(isinstance(one, int) and number == one for one in numbers)


def _fact_of(datum: Datum, pairs: Sequence[tuple["Figure", Sequence[str]]]) -> str:
    """The path of the fact that a JSON-LD value states as machines write it; empty when there is none."""
    for figure, _ in pairs:
        if isinstance(figure.value, date) and _same_day(datum.value, figure.value):
            return figure.path
        if isinstance(figure.value, str) and figure.kind != "percent" and datum.value == figure.value:
            return figure.path
        if _same_number(datum, figure):
            return figure.path
    return ""


def _texts(letter: Letter) -> Iterator[tuple[str, str]]:
    yield "subject", fold(URL.sub(" ", letter.subject))
    yield "html", fold(URL.sub(" ", read_html(letter.html).text))
    yield "text", fold(plain(letter.text))


def trace(letter: Letter, forms: Sequence[tuple["Figure", Sequence[str]]]) -> tuple[TracedFigure, ...]:
    """Every figure of subject, HTML and text, each once, with the path of its fact; an empty fact traces nowhere.

    Looks at the finished words alone, so it also holds for what a person edited. Addresses of links are not figures:
    `links.unknown_links` looks at them.
    """
    index = _forms(forms)
    found: dict[TracedFigure, None] = {}
    for where, text in _texts(letter):
        for start, end, path in _found(text, index):
            found[TracedFigure(text[start:end].replace(JOINING, " "), where, path)] = None
    for datum in read_html(letter.html).data:
        value = fold(URL.sub(" ", datum.value))
        if _DIGITS.search(value):
            path = _fact_of(datum, forms)
            spans = [(0, len(value), path)] if path or datum.currency else list(_found(value, index))
            for start, end, fact in spans:
                found[TracedFigure(f"{value[start:end]} {datum.currency}".strip(), "html", fact)] = None
    return tuple(found)


def has_figures(letter: Letter) -> bool:
    """Whether any digit stands in what a reader sees."""
    return any(_DIGITS.search(text) for _, text in _texts(letter))


def marks(text: str, figures: Iterable[TracedFigure]) -> tuple[tuple[int, int], ...]:
    """Where in `text` the figures stand that trace nowhere: (start, end), in order, for a page to show them marked."""
    shown = sorted({figure.shown for figure in figures if not figure.fact}, key=len, reverse=True)
    folded, places = fold_with_places(text)
    if not shown or not folded:
        return ()
    known = re.compile("|".join(rf"(?<![0-9]){re.escape(one)}(?![0-9])" for one in shown))
    smooth = folded.replace(JOINING, " ")
    return tuple((places[hit.start()], places[hit.end() - 1] + 1) for hit in known.finditer(smooth))
