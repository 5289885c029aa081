"""The other rooms as the desk meets them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from lifecycle.ports.memory import Records
from lifecycle.ports.platforms import Platform
from lifecycle.ports.postmen import Postman
from lifecycle.ports.words import Links, Words


class Clock(Protocol):
    """The only time this room knows."""

    def now(self) -> datetime:
        """Aware UTC."""


@dataclass(frozen=True, slots=True)
class Rooms:
    """The other rooms as the desk meets them. `secret` keys the Message-IDs; `public_url` is where platforms reach us."""

    records: Records
    platforms: Mapping[str, Platform]
    postman: Postman
    words: Words
    links: Links
    clock: Clock
    secret: bytes = field(repr=False)
    public_url: str = ""
