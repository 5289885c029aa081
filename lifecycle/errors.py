"""The whole error tree.

`reason` is a short stable word for counters and tables; the message tells the reader what to do.
No payload, address or secret ever goes into either.
"""


class HouseError(Exception):
    """Anything this program says went wrong, with a stable `reason` and a sentence for a person."""

    reason: str

    def __init__(self, reason: str, message: str = "") -> None:
        super().__init__(message or reason.replace("_", " "))
        self.reason = reason


class BadSetting(HouseError):
    """A configuration or store setting has a value that cannot be used; the message names it and what would."""


class BadValue(HouseError):
    """A noun refuses a value: an amount that is no number, a currency that is no code."""


class Unaddressed(HouseError):
    """A request does not even claim who it is from: a needed header is missing or malformed."""


class NotAuthentic(HouseError):
    """The signature is missing or wrong. The door answers 401 and keeps nothing but a count."""


class Unreadable(HouseError):
    """Authentic, but not understood. The delivery is quarantined: kept, shown to the merchant, replayable."""


class MemoryUnavailable(HouseError):
    """The database cannot be reached, is locked for too long or cannot write (disk full). Nothing was kept; try again later."""

    def __init__(self, reason: str = "memory_unavailable", message: str = "") -> None:
        super().__init__(reason, message or "The database cannot be read or written at the moment.")


class IllegalMove(HouseError):
    """A message may not go from its state to that one (`messages.MOVES`)."""


class LostClaim(HouseError):
    """Another worker holds this row now; what was done for it is rolled back, and nobody needs to be told."""


class NotDecidable(HouseError):
    """A decision came too late or for another text: the message is not held, or its digest differs."""


class NotFound(HouseError):
    """There is no such row in this store."""


class Unfilled(HouseError):
    """A letter could not be composed: a placeholder had no value."""


class PostmanError(HouseError):
    """Whatever a postman reports instead of a receipt."""


class PostmanBusy(PostmanError):
    """Surely not sent; try again after `retry_after_s` seconds (None: the desk's own back-off). The only kind that retries."""

    def __init__(self, reason: str, message: str = "", *, retry_after_s: int | None = None) -> None:
        super().__init__(reason, message)
        self.retry_after_s = retry_after_s


class PostmanRefused(PostmanError):
    """Surely not sent, and never will be: the address or the letter itself was refused."""


class PostmanUnsure(PostmanError):
    """Perhaps sent: the connection ended after the letter was handed over and before the answer came."""


class PostmanClosed(PostmanError):
    """Surely not sent: our access is refused (401, 403). Letters wait and the merchant is told once."""


class NoAnswer(HouseError):
    """An outside party could not be called, or gave no usable answer. `perhaps_heard`: the request may have reached it."""

    def __init__(self, reason: str, message: str = "", *, perhaps_heard: bool = False) -> None:
        super().__init__(reason, message)
        self.perhaps_heard = perhaps_heard


class AccessLost(HouseError):
    """The platform refuses our key (uninstalled, revoked, expired, rights taken). `reason` is the notice for the merchant."""


class PlatformBusy(HouseError):
    """The platform's API cannot answer now; try again after `retry_after_s` seconds (None: the desk's own back-off)."""

    def __init__(self, reason: str, message: str = "", *, retry_after_s: int | None = None) -> None:
        super().__init__(reason, message)
        self.retry_after_s = retry_after_s


class NotAShop(HouseError):
    """The address leads to no shop that can be connected; `reason` picks the words that the merchant reads."""
