"""What a relay's answers mean: one table from where we were and what it said to the error that the desk understands.

RFC 5321 §4.2 and §4.5.3.2, RFC 3463, RFC 4954, as read on 2026-11-20.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from lifecycle.errors import PostmanBusy, PostmanClosed, PostmanError, PostmanRefused

_ENHANCED = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b", re.ASCII)
_WAIT = re.compile(
    r"(?:again|retry|back|wait|delay(?:ed)?|greylist(?:ed|ing)?|try)\b[^0-9]{0,40}?\b([0-9]{1,5})\s*"
    r"(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?)\b",
    re.ASCII | re.IGNORECASE,
)
_QUEUED = re.compile(r"(?:queued (?:as|with id)|\bid[=:])\s*<?([A-Za-z0-9._-]{4,80})", re.ASCII | re.IGNORECASE)
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_LONGEST_WAIT_S = 24 * 3600


class Stage(StrEnum):
    """Where in the conversation an answer came."""

    GREETING = "greeting"
    LOGIN = "login"
    SENDER = "sender"
    RECIPIENT = "recipient"
    LETTER = "letter"


_REFUSED: dict[Stage, Callable[[str], PostmanError]] = {
    Stage.GREETING: lambda message: PostmanClosed("relay_refuses_us", message),
    Stage.LOGIN: lambda message: PostmanClosed("smtp_login", message),
    Stage.SENDER: lambda message: PostmanRefused("letter_refused", message),
    Stage.RECIPIENT: lambda message: PostmanRefused("address_refused", message),
    Stage.LETTER: lambda message: PostmanRefused("letter_refused", message),
}
# RFC 4954 §6: login needed, login wrong, too weak, encryption needed. They concern us, whatever we had just asked.
_LOGIN_CODES = frozenset({530, 534, 535, 538})


@dataclass(frozen=True, slots=True)
class Reply:
    """A relay's answer; `code` is -1 when it was none."""

    code: int
    text: str

    @property
    def is_good(self) -> bool:
        return 200 <= self.code < 400

    @property
    def queue_id(self) -> str:
        """The relay's own name for the letter, empty when it gave none."""
        found = _QUEUED.search(self.text)
        return found.group(1) if found else ""


def error_of(stage: Stage, reply: Reply) -> PostmanError:
    """What a negative answer means. The message holds codes only: relays like to repeat addresses in their texts."""
    enhanced = _ENHANCED.search(reply.text)
    code = f"{reply.code} {enhanced.group()}" if enhanced else str(reply.code)
    message = f"The mail relay answered {code}."
    if reply.code in _LOGIN_CODES:
        return PostmanClosed("smtp_login", message)
    if not 500 <= reply.code < 600:
        return PostmanBusy("relay_busy", message, retry_after_s=wait_s(reply.text))
    if enhanced and enhanced.group() == "5.7.515":
        # Large receivers: SPF, DKIM or DMARC of the sender's domain does not pass. Another letter will not either.
        return PostmanRefused("authentication_policy", message)
    return _REFUSED[stage](message)


def wait_s(text: str) -> int | None:
    """The seconds in a «try again in 5 minutes», from 1 second to a day; None when nothing of the kind is said."""
    found = _WAIT.search(text)
    if not found:
        return None
    return min(max(int(found.group(1)) * _SECONDS[found.group(2)[0].lower()], 1), _LONGEST_WAIT_S)
