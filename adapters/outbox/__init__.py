"""The folder as a postman: every letter is one `.eml` file, and `index.jsonl` says in one line each what is there."""

from pathlib import Path
from typing import Protocol

from adapters.outbox.posting import OutboxPostman


class OutboxSettings(Protocol):
    """What this postman needs to know."""

    @property
    def outbox_dir(self) -> Path: ...


def postman(settings: OutboxSettings) -> OutboxPostman:
    """The postman of `outbox_dir`; the folder is made when the first letter comes."""
    return OutboxPostman(settings.outbox_dir)
