"""Words: the printer that turns a story into the exact letter, in six languages.

Reading order: `emails/` (the letters; `_base/` is what they share), `tongues` (languages), `voice` (how a fact is said),
`inks` (how it is written so that it stays text), `filters` and `functions` (both, as the templates know them), `printing` (the press),
`forms` (every form of a figure, for the check that a letter only says facts), `structured` (JSON-LD), `links`, `cleaning`.
"""

from collections.abc import Sequence
from pathlib import Path

from lifecycle.composing import Story
from lifecycle.figures import Figure
from lifecycle.messages import Letter
from lifecycle.ports import Words
from templates import forms, printing, tongues


class Printer:
    """The words of this house (`lifecycle.ports.Words`)."""

    def __init__(self, emails: Path) -> None:
        self._press = printing.Press(emails)

    def locale(self, *wishes: str | None) -> str:
        return tongues.match(*wishes)

    def print(self, story: Story) -> Letter:
        return self._press.print(story)

    def forms(self, figure: Figure, story: Story) -> Sequence[str]:
        return forms.forms(figure, story)


def open_words(emails: Path = printing.EMAILS) -> Words:
    """The printer of the letters in this folder, ready to print; templates and catalogs are read at first use."""
    return Printer(emails)
