"""The functions that templates call: our words with facts in them, and what becomes of lists and offers."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context

from lifecycle.composing import Story
from lifecycle.errors import Unfilled
from lifecycle.money import Money
from lifecycle.stores import Reward
from templates.filters import fill, filled, ink_of, listed, text, voice_of

_MOST_LINES = 100


def functions() -> dict[str, Callable[..., Any]]:
    """Every function by its name in the templates."""
    named: dict[str, Callable[..., Any]] = {
        "say": say,
        "share": share,
        "counted": counted,
        "offered": offered,
        "postal_lines": postal_lines,
    }
    more: dict[str, Callable[..., Any]] = {
        "shown_lines": shown_lines,
        "left_out": left_out,
        "described": described,
        "must": must,
    }
    return named | more


@pass_context
def say(context: Context, words: str, /, **values: Any) -> str:
    """Our words in the reader's language, their `{places}` filled with facts that went through a filter."""
    return fill(context, voice_of(context).tongue.one(words), values)


@pass_context
def share(context: Context, part: int, whole: int) -> str:
    """«2 of 3» in the letter's ink."""
    return ink_of(context).own(voice_of(context).share(part, whole))


@pass_context
def counted(context: Context, count: int, what: str) -> str:
    """«2 × Mug» in the letter's ink."""
    ink, voice = ink_of(context), voice_of(context)
    values = {"count": ink.own(voice.number(count)), "what": ink.text(voice.text(what))}
    return fill(context, voice.tongue.one("{count} × {what}"), values)


@pass_context
def described(context: Context, named: str, details: Iterable[str]) -> str:
    """What is named already in the ink, with the foreign texts that describe it after commas."""
    return listed(context, (named, *(text(context, detail) for detail in details if detail.strip())))


@pass_context
def offered(context: Context, story: Story) -> str:
    """What the incentive takes off, as percent or amount; empty for free shipping."""
    offer, voice, ink = story.incentive, voice_of(context), ink_of(context)
    if offer is None or offer.reward is Reward.FREE_SHIPPING:
        return ink.own("")
    value = filled(offer.value)
    said = voice.percent(value) if offer.reward is Reward.PERCENT else voice.money(Money(value, story.store.currency))
    return ink.sign(said)


@pass_context
def postal_lines(context: Context, story: Story) -> list[str]:
    """The sender's postal address, line by line. Raises Unfilled when a marketing letter has none (CAN-SPAM)."""
    lines = voice_of(context).lines(story.store.settings.postal_address)
    if story.mail.is_marketing and not lines:
        raise Unfilled("no_postal_address", "A marketing letter needs the postal address of the shop.")
    return [ink_of(context).text(line) for line in lines]


def shown_lines(lines: Sequence[Any]) -> Sequence[Any]:
    """The lines that are printed; how many more there are is a fact of the story."""
    return lines[:_MOST_LINES]


@pass_context
def left_out(context: Context, lines: Sequence[Any]) -> str:
    """What stands for the lines that are not printed; a number only when the story counted them. Empty for none."""
    ink, voice, story = ink_of(context), voice_of(context), context["story"]
    more = len(lines) - _MOST_LINES
    if story.more_lines and (more <= 0 or more == story.more_lines) and lines in _counted(story):
        return ink.own(voice.more(story.more_lines))
    return ink.own(voice.tongue.one("and further items")) if more > 0 else ink.own("")


def must(value: str) -> str:
    """The value itself. Raises Unfilled when it is empty: a letter without it must not leave."""
    if not value:
        raise Unfilled("unfilled", "An address that this letter needs is missing or is not one that may stand in a letter.")
    return value


def _counted(story: Story) -> tuple[Sequence[Any], ...]:
    """The lists whose further lines `Story.more_lines` counts: those of the order, else those of the checkout."""
    return (story.order.lines,) if story.order else (story.checkout.lines,) if story.checkout else ()
