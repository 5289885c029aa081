"""Every form in which a figure may stand in a letter: the same voice and the same caps as the printing itself."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from lifecycle.composing import Story
from lifecycle.figures import Figure, FigureKind
from lifecycle.money import Money
from templates.cleaning import CAPS, level
from templates.inks import Subject
from templates.voice import Voice


def forms(figure: Figure, story: Story) -> tuple[str, ...]:
    """The forms without repeats, as a reader sees them, each also as a subject writes it (plain blanks, no direction marks)."""
    rule, subject = _FORMS[figure.kind], Subject(rtl=False)
    said: dict[str, None] = {}
    for cap in CAPS if figure.kind in _CAPPED else CAPS[:1]:
        for form in rule(Voice(story, cap), figure):
            said |= dict.fromkeys((form, level(form), str(subject.text(form))))
    return tuple(form for form in said if form.strip())


def _amount(voice: Voice, figure: Figure) -> Iterator[str]:
    value = figure.value
    assert isinstance(value, Money)
    # A discount is a positive fact that is printed with its minus.
    for amount in (value, -value) if "discount" in figure.path else (value,):
        yield voice.money(amount, coded=True)
        yield voice.money(amount, coded=False)
        yield voice.plain(amount)


def _quantity(voice: Voice, figure: Figure) -> Iterator[str]:
    assert isinstance(figure.value, int)
    yield voice.count(figure.value)
    yield voice.counted(figure.value, "")


def _date(voice: Voice, figure: Figure) -> Iterator[str]:
    assert isinstance(figure.value, date)
    if isinstance(figure.value, datetime):
        yield voice.moment(figure.value)
    yield voice.date(figure.value)
    yield voice.iso(figure.value)


def _text(voice: Voice, figure: Figure) -> Iterator[str]:
    value = str(figure.value)
    yield voice.text(value)
    yield from voice.lines(value)


def _percent(voice: Voice, figure: Figure) -> Iterator[str]:
    value: Any = figure.value
    yield voice.percent(Decimal(str(value)))


def _phrase(voice: Voice, figure: Figure) -> Iterator[str]:
    assert isinstance(figure.value, tuple)
    if len(figure.value) == 2:
        yield voice.share(*figure.value)
    elif figure.value == (voice.further,):
        # Only the number of further lines has a phrase; any other sum of items is not printed.
        yield voice.more(voice.further)


_CAPPED = (FigureKind.CODE, FigureKind.TEXT)
_FORMS: dict[FigureKind, Callable[[Voice, Figure], Iterator[str]]] = {
    FigureKind.AMOUNT: _amount,
    FigureKind.QUANTITY: _quantity,
    FigureKind.DATE: _date,
    FigureKind.CODE: _text,
    FigureKind.TEXT: _text,
    FigureKind.PERCENT: _percent,
    FigureKind.PHRASE: _phrase,
}
