"""Doubt: what to do with a letter that was perhaps sent. One table, by what the postman remembers and what a double would cost."""

from dataclasses import replace
from datetime import datetime, timedelta

from lifecycle.mails import MAILS
from lifecycle.messages import Message, State

_SOON = timedelta(minutes=2)
_SMTP_PAUSE = timedelta(minutes=15)
_MARKETING_LIMIT = timedelta(hours=1)


def pause(remembers: timedelta | None, tries: int) -> timedelta:
    """How long after a call a letter in doubt is looked at again: SMTP servers may take ten minutes to answer (RFC 5321)."""
    return _SMTP_PAUSE if remembers is None else _SOON * (2 ** min(tries, 5))


def may_try_again(message: Message, remembers: timedelta | None, now: datetime) -> bool:
    """Whether handing it over once more cannot double it, or the double is the smaller harm.

    With a remembering postman the same key is safe while it remembers (marketing: within the hour). Without one, a service
    letter is tried once more under the same Message-ID and marketing never: a double is a complaint, a miss is nothing.
    """
    marketing = MAILS[message.mail].is_marketing
    age = now - (message.first_try_at or now)
    if remembers is not None:
        return age < (min(remembers, _MARKETING_LIMIT) if marketing else remembers)
    return not marketing and message.tries < 2


def given_up(message: Message) -> Message:
    """Nobody can know: a person decides about a service letter, a marketing letter is let go."""
    if MAILS[message.mail].is_marketing:
        return message.moved(State.FAILED, reason="may_have_been_sent")
    held = message.moved(State.HELD, reason="may_have_been_sent")
    return replace(held, reasons=tuple(dict.fromkeys((*message.reasons, "may_have_been_sent"))))
