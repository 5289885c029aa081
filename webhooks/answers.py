"""What the door answers, one row an outcome, and what the sender will do next."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` to send with an empty body; `then` says what the sender does with it."""

    name: str
    status: int
    then: str
    retry_after_s: int | None = None


KEPT = Answer("kept", 200, "done: it is on disk")
REPEATED = Answer("repeated", 200, "done: the very same knock was on disk already")
PROBE = Answer("probe", 200, "WooCommerce takes exactly 200 for «connected» and sends events from now on")
STRANGER = Answer("stranger", 200, "done: signed by the platform for a shop that is not here; nothing is kept")
UNADDRESSED = Answer("unaddressed", 200, "done: signed, but it names no topic or shop; a retry would change nothing")
REFUSED = Answer(
    "refused", 401, "Shopify retries eight times in four hours; WooCommerce counts towards disabling its webhook"
)
NOT_HERE = Answer("not_here", 404, "the address is wrong: no such platform or path token")
SHORT = Answer("short_body", 400, "the connection ended early; Shopify sends it again")
TOO_LARGE = Answer("too_large", 413, "over 8 MiB; the order is found by the platform's API instead")
BUSY = Answer("busy", 503, "nothing was kept: come back", retry_after_s=60)

ANSWERS: tuple[Answer, ...] = (
    KEPT, REPEATED, PROBE, STRANGER, UNADDRESSED, REFUSED, NOT_HERE, SHORT, TOO_LARGE, BUSY,
)  # fmt: skip
