"""Platforms: what a shop system offers, and what it may offer besides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from lifecycle.deliveries import Envelope
from lifecycle.events import Event
from lifecycle.stores import Store


@dataclass(frozen=True, slots=True)
class RawRequest:
    """A request as it came: lower-case header names (repeated ones joined by a comma), the path's token, the exact body bytes."""

    headers: Mapping[str, str]
    body: bytes
    token: str = ""

    def header(self, name: str) -> str:
        """The header's value, empty when it is missing."""
        return self.headers.get(name.lower(), "")


@dataclass(frozen=True, slots=True)
class Topic:
    """What becomes of a platform's topic: read by `reader`, or ignored because of `ignored`. `lane` 0 is served first."""

    name: str
    reader: Any = None
    ignored: str = ""
    lane: int = 1


class Platform(Protocol):
    """A shop system. `topics`: handled and known-ignored; an absent one is unknown: counted and shown, never a crash."""

    name: str
    title: str
    topics: Mapping[str, Topic]

    def store_key(self, text: str) -> str:
        """The one spelling of a store's key from what a person typed. Raises BadValue saying what is expected."""

    def is_probe(self, raw: RawRequest) -> bool:
        """Whether this is the platform's unsigned «are you there?», to be answered 200 and forgotten."""

    def address(self, raw: RawRequest) -> Envelope:
        """What the headers claim; looks at nothing else. Raises Unaddressed."""

    def secrets(self, envelope: Envelope, store: Store | None) -> Sequence[bytes]:
        """The secrets that may have signed this, newest first; may be empty (then nothing verifies)."""

    def verify(self, raw: RawRequest, secrets: Sequence[bytes], now: datetime) -> None:
        """Total on any input. Raises NotAuthentic, or Unreadable for what is truly signed and yet no delivery: the door keeps it."""

    def read(self, envelope: Envelope, body: bytes) -> Sequence[Event]:
        """Bytes to events, in the order told. Pure: no network, clock or database. Raises Unreadable."""

    def scrub(self, body: bytes) -> bytes:
        """The same shape with nobody's data in it. Raises Unreadable."""


@runtime_checkable
class MakesSecrets(Protocol):
    """A platform whose webhooks are signed with a secret of the one store, in a form that the platform prescribes."""

    def new_secret(self) -> str:
        """A fresh secret, as the shop's owner pastes it into the platform."""


@runtime_checkable
class ChecksSecrets(Protocol):
    """A platform whose signing secret has a form, so that one brought by hand can be refused before it verifies nothing."""

    def check_secret(self, secret: str) -> None:
        """Raises BadSetting saying what is expected, never repeating the secret."""


@dataclass(frozen=True, slots=True)
class Example:
    """A program that sends one true webhook as it stands: `language` names its interpreter (`bash`, `python3`)."""

    language: str
    title: str
    text: str = field(repr=False)


@runtime_checkable
class ShowsExamples(Protocol):
    """A platform whose webhooks are written by the shop's own people, who want to see how."""

    def schema(self) -> str:
        """The JSON Schema of a body, as JSON text."""

    def examples(self, store: Store, url: str) -> Sequence[Example]:
        """Programs that tell `url` (absolute) of a new order of this store. Raises BadSetting when its secret signs nothing."""
