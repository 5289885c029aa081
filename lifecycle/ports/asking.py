"""Asking a platform's API: what a payload left out, what was missed, whether it still tells us."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from lifecycle.events import Event
from lifecycle.ports.kept import Access
from lifecycle.stores import Store


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that a platform's API shows, as its webhook would have told it: goes through the same intake."""

    topic: str
    delivery_id: str
    body: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Health:
    """What a subscription check found and mended. `problems` are notice codes with details; empty means healthy."""

    created: tuple[str, ...] = ()
    revived: tuple[str, ...] = ()
    problems: tuple[tuple[str, str], ...] = ()


@runtime_checkable
class Completes(Protocol):
    """A platform that can ask its API for what a payload left out. Worker only; network allowed."""

    def complete(self, event: Event, store: Store, access: Access) -> Event:
        """The event with what was missing, or itself. Raises AccessLost or PlatformBusy."""


@runtime_checkable
class CatchesUp(Protocol):
    """A platform whose API shows what changed since a time."""

    def catch_up(self, store: Store, access: Access, since: datetime, until: datetime) -> Iterator[Found]:
        """Oldest change first, paged inside. Raises AccessLost or PlatformBusy, also half way."""


@runtime_checkable
class Subscribes(Protocol):
    """A platform whose webhooks are made and looked after over its API."""

    def check_subscriptions(self, store: Store, access: Access, address: str) -> Health:
        """Make what is missing, revive what is disabled; `address` is the full delivery URL. Raises AccessLost or PlatformBusy."""


@runtime_checkable
class Renews(Protocol):
    """A platform whose access expires."""

    def renew(self, store: Store, access: Access, now: datetime) -> Access:
        """Fresh access; the same refresh token may be used again after a lost reply. Raises AccessLost or PlatformBusy."""
