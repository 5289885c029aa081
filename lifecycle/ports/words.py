"""Words: the printer of letters, and the app's own links in them."""

from collections.abc import Sequence
from typing import Protocol

from lifecycle.composing import Story
from lifecycle.figures import Figure
from lifecycle.messages import Letter


class Words(Protocol):
    """The printer: turns a story into the exact letter, and a fact into every form in which a letter may print it."""

    def locale(self, *wishes: str | None) -> str:
        """The first wish that has shipped words, with its region when known («de_AT»), else «en»."""

    def print(self, story: Story) -> Letter:
        """Subject, HTML and Markdown from the mail's templates. Raises Unfilled."""

    def forms(self, figure: Figure, story: Story) -> Sequence[str]:
        """Every form in which this figure may stand in the story's letter, as plain text."""


class Links(Protocol):
    """Makes the app's own signed links."""

    def unsubscribe(self, store_id: str, address: str) -> str:
        """An absolute URL with an opaque token that never expires: GET shows a page, POST unsubscribes at once (RFC 8058)."""
