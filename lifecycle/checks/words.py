"""Checks on the finished words, for every letter: whatever wrote them, a template or a person."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from urllib.parse import urlsplit

from lifecycle import cards, carriers
from lifecycle.cases import Answer, Case, Send, Stop
from lifecycle.links import links_in, links_of, unknown_links
from lifecycle.messages import Letter
from lifecycle.oversight import Mode, Raised
from lifecycle.seen import plain, visible
from lifecycle.tracing import has_figures

LARGEST = 102 * 1024
"""Gmail cuts letters near this many bytes of HTML; measured figures in email-craft §2, as read on 2026-11-20."""

_NAMING = ("id", "number", "token", "url")
_UNFILLED = re.compile(r"\{\{|\}\}|\{%|%\}|\b(?:None|undefined|NaN)\b")


def _facts(case: Case) -> tuple[object, ...]:
    return (case.order, case.fulfillment, case.refund, case.checkout, case.message.before)


def _texts(fact: object) -> Iterator[str]:
    """Every text in a fact and what it holds."""
    if isinstance(fact, str):
        yield str(fact)
    elif isinstance(fact, tuple):
        for part in fact:
            yield from _texts(part)
    elif is_dataclass(fact):
        for field in fields(fact):
            yield from _texts(getattr(fact, field.name))


def _numbers(fact: object) -> Iterator[str]:
    """Every text in a fact that names something: ids, numbers, tokens and links; not what people wrote, like titles."""
    if isinstance(fact, tuple):
        for part in fact:
            yield from _numbers(part)
    elif is_dataclass(fact):
        for field in fields(fact):
            value = getattr(fact, field.name)
            if isinstance(value, str) and field.name.endswith(_NAMING):
                yield str(value)
            else:
                yield from _numbers(value)


def _shown(letter: Letter) -> tuple[str, ...]:
    return (letter.subject, visible(letter.html), plain(letter.text))


def no_card_number(case: Case) -> Answer:
    """Stop for anything like a card number, links included, unless it names something of this order outside card words."""
    if case.letter is None:
        return Send()
    texts = (*_shown(case.letter), *links_in(case.letter))
    if not any(cards.find(text) for text in texts):
        return Send()
    known = (case.message.order_id or "", case.message.order_number, *_numbers(_facts(case)), *_texts(case.store.settings))
    return Stop("card_number") if any(cards.find(text, known) for text in texts) else Send()


def nothing_unfilled(case: Case) -> Answer:
    """Raise for a placeholder that nobody filled, unless the customer or the shop wrote it so themselves."""
    if case.letter is None:
        return Send()
    left = {token for text in _shown(case.letter) for token in _UNFILLED.findall(text)}
    if left:
        left -= {token for text in _texts((*_facts(case), case.store.name)) for token in _UNFILLED.findall(text)}
    return Raised(Mode.GATED_SEND, "unfilled", ", ".join(sorted(left))) if left else Send()


def figures_trace(case: Case) -> Answer:
    """Raise for every figure that no fact proves, and for a letter with figures that nobody traced."""
    if case.letter is None:
        return Send()
    loose = tuple(dict.fromkeys(figure.shown for figure in case.figures if not figure.fact))
    if not loose and not case.figures and has_figures(case.letter):
        return Raised(Mode.GATED_SEND, "figures_untraced")
    return Raised(Mode.GATED_SEND, "figure_untraced", ", ".join(loose)) if loose else Send()


def links_known(case: Case) -> Answer:
    """Raise for a link that leads neither to the shop, nor a carrier, nor us, nor where the platform's event itself led."""
    if case.letter is None:
        return Send()
    settings = case.store.settings
    origin = f"{case.store.key.split('://')[0]}://{urlsplit(case.store.key).netloc}" if "://" in case.store.key else ""
    ours = urlsplit(case.way_out) if case.way_out else None
    allowed = {
        case.store.host,
        origin,
        f"{ours.scheme}://{ours.netloc}" if ours else "",
        settings.reply_to,
        settings.sender_address,
    }
    allowed |= {*carriers.hosts(), *links_of(_facts(case))}
    strange = unknown_links(case.letter, filter(None, allowed))
    return Raised(Mode.GATED_SEND, "link_unknown", ", ".join(_host(link) for link in strange)) if strange else Send()


def _host(link: str) -> str:
    try:
        return urlsplit(link).hostname or link[:80]
    except ValueError:
        return link[:80]


def small_enough(case: Case) -> Answer:
    """Raise for a letter that mail programs would cut."""
    if case.letter is None:
        return Send()
    size = max(len(case.letter.html.encode("utf-8", "replace")), len(case.letter.text.encode("utf-8", "replace")))
    return Raised(Mode.GATED_SEND, "letter_too_large", f"{size // 1024} KB") if size > LARGEST else Send()
