"""docs/mails.md: the table of letters."""

from lifecycle.mails import MAILS, NO_LETTER, Mail
from lifecycle.oversight import MODE_WORDS, Mode
from tests.docs.writing import MADE, span, table

_TOP = (
    "Every kind of letter. A store may choose another mode, never a looser one than `loosest`; it may set other waits for the "
    "reminders of carts and for changes of orders. Service letters belong to an order; marketing needs consent, a way out "
    "and a postal address. `stale after` counts from when the letter is due."
)


def _row(mail: Mail) -> tuple[str, ...]:
    return (
        f"`{mail.name}`",
        mail.title,
        f"`{mail.when}`",
        span(mail.wait),
        f"`{mail.mode.name.lower()}`",
        f"`{mail.loosest.name.lower()}`",
        str(mail.purpose),
        ", ".join(f"`{kind}`" for kind in sorted(mail.stops_on)) or "nothing",
        span(mail.stale),
    )


def page() -> str:
    head = ("letter", "title", "when", "waits", "mode", "loosest", "purpose", "stops on", "stale after")
    lines = [
        "# Letters",
        MADE,
        _TOP,
        "\n".join(table(head, map(_row, MAILS.values()))),
        "## Modes",
        "\n".join(table(("mode", "what it means"), ((f"`{mode.name.lower()}`", MODE_WORDS[mode]) for mode in Mode))),
        "## Events that make no letter",
        "\n".join(table(("event", "because"), ((f"`{kind}`", why) for kind, why in NO_LETTER.items()))),
    ]
    return "\n\n".join(lines) + "\n"
