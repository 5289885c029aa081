"""Connecting a store: by keys that the shop hands out, or by an app that is installed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from lifecycle.ports.kept import Access
from lifecycle.stores import Store


@dataclass(frozen=True, slots=True)
class Site:
    """A shop as it describes itself to anybody: its store key, its name and its time zone (empty when it says none)."""

    key: str
    name: str = ""
    timezone: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """Keys that were tried and work; `facts` are store fields as `choices.store_changed` takes them."""

    keys: Mapping[str, str] = field(repr=False)
    scopes: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)


@runtime_checkable
class ConnectsByKeys(Protocol):
    """A platform whose shops hand out keys themselves: on a page of the shop, which then posts them to us."""

    def check_address(self, text: str) -> Site:
        """The shop at the address that a person typed. Raises NotAShop or PlatformBusy."""

    def grant_url(self, key: str, once: str, *, callback_url: str, return_url: str) -> str:
        """The shop's page that asks its owner; `once` (letters, digits, «-», «_») comes back with the keys. Raises NotAShop."""

    def accept(self, key: str, once: str, body: bytes) -> Grant:
        """The keys in what was posted, proven to read and to write at the shop with this store key and at no other.

        Raises Unreadable or NotAuthentic for what is no answer to `once`; AccessLost, PlatformBusy or NotAShop for keys that
        do not work there.
        """


@dataclass(frozen=True, slots=True)
class Launch:
    """How a platform's admin opened a page of ours. All of it is a claim of the right form; only `id_token` can prove one.

    `host` is the admin's own word for `place`, where in the admin the app is; both empty when the address named none.
    """

    shop: str = ""
    host: str = ""
    place: str = ""
    embedded: bool = False
    locale: str = ""
    id_token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody whom the platform vouches for: the key of the store and the platform's id of the person."""

    store_key: str
    person: str


@dataclass(frozen=True, slots=True)
class Consented:
    """What a merchant brings back from the platform's question: the store's key, our own state, and a code to be redeemed once."""

    store_key: str
    state: str
    code: str = field(repr=False)


@runtime_checkable
class Installs(Protocol):
    """A platform that opens our pages inside its own admin: whoever comes from there is known, and a first visit connects."""

    client_id: str

    def launch(self, query: str) -> Launch:
        """What the address claims. Raises BadValue for anything that the platform does not write."""

    def visitor(self, id_token: str, now: datetime) -> Visit:
        """Raises NotAuthentic; `stale_token` when only its time is over, so that a fresh one will do."""

    def admin_url(self, launch: Launch) -> str:
        """Our app inside the admin, for who came without it. Raises BadValue when the launch names no place."""

    def framers(self, shop: str) -> Sequence[str]:
        """The origins that may frame our pages for this shop, the shop's own first. Raises BadValue."""

    def connect(self, store: Store, id_token: str, now: datetime) -> Access:
        """Access for this store in exchange for a token just proven. Raises NotAuthentic(`stale_token`), AccessLost, PlatformBusy."""

    def covers(self, access: Access) -> bool:
        """Whether every right that we need was granted."""

    def describe(self, store: Store, access: Access) -> Mapping[str, str]:
        """The store as its platform knows it, as texts for `store_changed`. Raises AccessLost or PlatformBusy."""

    def asking(self, query: str, now: datetime) -> str:
        """The key of the store that wants to install, from a link to us. Raises BadValue or NotAuthentic."""

    def consent_url(self, store_key: str, state: str, back: str) -> str:
        """Where the platform asks the merchant; it answers to `back` with `state`."""

    def consented(self, query: str, now: datetime) -> Consented:
        """The platform's signed answer. Raises NotAuthentic."""

    def redeem(self, store: Store, code: str, now: datetime) -> Access:
        """Access for a code. Raises NotAuthentic, AccessLost or PlatformBusy."""
