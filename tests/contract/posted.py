"""What the other side of a postman got, for `test_postmen.py`.

A postman joins the contract with a file `tests/contract/postmen_<name>.py` that has `open(tmp) -> (postman, posted)`, where
`posted()` lists what arrived, and, when something has to be shut down, `close()`, which ends everything that `open` started.
It is found by its name. What arrived has at least `to`, `subject` and `text`; `Posted` has more.
"""

import importlib
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path


@dataclass(frozen=True)
class Posted:
    """One letter as it arrived: `recipients` is everybody who will get it; `headers` is None where there are none."""

    to: str
    subject: str
    text: str
    recipients: tuple[str, ...]
    headers: tuple[str, ...] | None = None


def of_bytes(raw, recipients=None):
    """The letter in a MIME message; its own To, Cc and Bcc are the recipients unless the envelope said others."""
    letter = message_from_bytes(raw, policy=policy.default)
    named = tuple(
        one.addr_spec for name in ("To", "Cc", "Bcc") for header in letter.get_all(name, []) for one in header.addresses
    )
    return Posted(
        to=str(letter["To"]),
        subject=str(letter["Subject"]),
        text=letter.get_body(("plain",)).get_content(),
        recipients=named if recipients is None else tuple({*named, *recipients}),
        headers=tuple(letter.keys()),
    )


def parties():
    """Name → module of every postman that takes part."""
    files = sorted(Path(__file__).parent.glob("postmen_*.py"))
    return {file.stem.removeprefix("postmen_"): importlib.import_module(f"tests.contract.{file.stem}") for file in files}
