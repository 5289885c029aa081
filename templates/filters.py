"""The filters that templates print facts with. Each takes a fact, lets the voice say it and writes it in the letter's ink."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context, Undefined

from lifecycle.errors import Unfilled
from lifecycle.money import Money
from templates import links
from templates.cleaning import has_rtl
from templates.inks import Ink
from templates.voice import Voice

_PLACE = re.compile(r"\{(\w+)\}")

# The voice's word for a fact → whether the ink treats it as a sign (kept together, never turned) or as our own words.
_SIGNS = ("money", "percent")
_WORDS = ("date", "moment", "count")


def filters() -> dict[str, Callable[..., Any]]:
    """Every filter by its name in the templates."""
    spoken: dict[str, Callable[..., Any]] = {name: _spoken(name, sign=name in _SIGNS) for name in (*_SIGNS, *_WORDS)}
    printed: dict[str, Callable[..., Any]] = {
        "code": code,
        "text": text,
        "address": address,
        "changed": changed,
    }
    linked: dict[str, Callable[..., Any]] = {"link": link, "own_link": own_link, "listed": listed}
    return spoken | printed | linked


def _spoken(name: str, *, sign: bool) -> Callable[..., str]:
    @pass_context
    def spoken(context: Context, value: Any) -> str:
        printed = getattr(voice_of(context), name)(filled(value))
        return ink_of(context).sign(printed) if sign else ink_of(context).own(printed)

    return spoken


@pass_context
def link(context: Context, value: str | None) -> str:
    """A foreign address that may stand in a letter, else empty."""
    return ink_of(context).own(links.safe(value))


@pass_context
def own_link(context: Context, value: str | None) -> str:
    """An address that the story vouches for, else empty."""
    return ink_of(context).own(links.own(value))


@pass_context
def listed(context: Context, pieces: Iterable[str]) -> str:
    """Pieces in the ink with the language's comma between them."""
    words = voice_of(context).tongue.one("{one}, {two}")
    return reduce(lambda one, two: fill(context, words, {"one": one, "two": two}), pieces)


@pass_context
def code(context: Context, value: str) -> str:
    """A number or code as the platform gave it: order numbers, tracking numbers, discount codes."""
    return ink_of(context).sign(voice_of(context).text(filled(value)))


@pass_context
def text(context: Context, value: str) -> str:
    """Foreign text on one line."""
    return ink_of(context).text(voice_of(context).text(filled(value)))


@pass_context
def address(context: Context, value: Any) -> list[str]:
    """An address, line by line; one in the letter's own script runs as the letter does, any other keeps together."""
    ink = ink_of(context)
    return [ink.text(line) if has_rtl(line) else ink.sign(line) for line in voice_of(context).address(filled(value))]


@pass_context
def changed(context: Context, value: Any) -> str:
    """The old or new value of a change, by what it is: an amount, a quantity or a text; a dash for none."""
    ink, voice = ink_of(context), voice_of(context)
    if value is None:
        return ink.own("–")
    if isinstance(value, Money):
        return ink.sign(voice.money(value))
    if isinstance(value, int):
        return ink.own(voice.count(value))
    return ink.text(voice.text(value))


def fill(context: Context, words: str, values: Mapping[str, Any]) -> str:
    """The words with their places filled. Values are put in once and never read as places themselves."""
    ink = ink_of(context)
    return ink.join(_piece(ink, part, values, place=n % 2 == 1) for n, part in enumerate(_PLACE.split(words)))


def written(ink: Ink, value: Any) -> str:
    """What `{{ … }}` puts into the letter: ready pieces as they are, anything else escaped, a missing value never."""
    value = filled(value)
    return value if ink.done(value) else ink.text(str(value))


def filled(value: Any) -> Any:
    """The value itself. Raises Unfilled for None and for what is not defined."""
    if value is None or isinstance(value, Undefined):
        raise Unfilled("unfilled", "A fact that this letter needs is missing.")
    return value


def voice_of(context: Context) -> Voice:
    """The voice of the letter that is being printed."""
    voice = context["voice"]
    assert isinstance(voice, Voice)
    return voice


def ink_of(context: Context) -> Ink:
    """The ink of the part that is being printed."""
    ink: Ink = context["ink"]
    return ink


def _piece(ink: Ink, part: str, values: Mapping[str, Any], *, place: bool) -> str:
    if not place:
        return ink.own(part)
    if part not in values:
        raise Unfilled("unfilled", "A translation names a place that the template does not fill.")
    return written(ink, values[part])
