"""The demo: recorded deliveries, re-dated so that they happen now, signed like the real ones, sent over HTTP to the front door.

A platform takes part by a package `demo/`: `manifest.json` (its store, and one entry a delivery) beside the exact bodies, and
`headers()`, which says how the platform sends them. Dates count from the store's own first day, so that a second run sends the very same
bytes and proves that nothing is doubled.
"""

import hashlib
import json
import pkgutil
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module, resources
from typing import Any

import requests

from lifecycle.deliveries import DeliveryState, Envelope
from lifecycle.errors import BadSetting, HouseError
from lifecycle.house import Knock, Say
from lifecycle.opening import opened
from lifecycle.ports import Rooms
from lifecycle.posting import LEASE
from lifecycle.stores import Store

_MOMENT = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)")
_UNIX = re.compile(rb'("date_shipped":")(\d{10})(")')
_TIMEOUT_S = 10
_SETTLED_WITHIN_S = 20
# A letter that a worker has in hand is due again at the end of its lease, so that is no rest yet.
_IN_HAND = LEASE + timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Recorded:
    """One delivery ready to be sent. `again`: the same knock as one before; `forged`: signed with somebody else's secret."""

    what: str
    topic: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    again: bool = False
    forged: bool = False


def manifests() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The platforms that have a demo, with their manifests."""
    package = import_module("adapters")
    for found in sorted(pkgutil.iter_modules(package.__path__), key=lambda module: module.name):
        if found.ispkg:
            manifest = resources.files(f"adapters.{found.name}") / "demo" / "manifest.json"
            if manifest.is_file():
                yield found.name, json.loads(manifest.read_text("utf-8"))


def recorded(store: Store, secrets: Sequence[bytes], since: datetime) -> list[Recorded]:
    """The demo deliveries of this store's platform in the order to send them; the newest happened at `since`."""
    folder = resources.files(f"adapters.{store.platform}") / "demo"
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    headers = import_module(f"adapters.{store.platform}.demo").headers
    found = []
    for entry in manifest["deliveries"]:
        at = since - timedelta(minutes=entry["minutes_ago"])
        body = _redated((folder / entry["file"]).read_bytes(), datetime.fromisoformat(entry["recorded_at"]), at)
        forged = entry.get("forged", False)
        secret = b"somebody else's secret" if forged else secrets[0]
        path, named = headers(store, entry["topic"], body, secret, at, entry["file"].partition(".")[0])
        found.append(Recorded(entry["what"], entry["topic"], path, named, body, bool(entry.get("again")), forged))
    return found


def _redated(body: bytes, recorded_at: datetime, at: datetime) -> bytes:
    """The same bytes with every time moved by as much as lies between the recording and `at`; nothing is parsed or re-encoded."""
    moved = at - recorded_at

    def iso(match: re.Match[bytes]) -> bytes:
        return (datetime.fromisoformat(match[1].decode()) + moved).strftime("%Y-%m-%dT%H:%M:%S").encode()

    def unix(match: re.Match[bytes]) -> bytes:
        return match[1] + str(int((datetime.fromtimestamp(int(match[2]), UTC) + moved).timestamp())).encode() + match[3]

    return _UNIX.sub(unix, _MOMENT.sub(iso, body))


def run(rooms: Rooms, base_url: str, say: Say) -> list[Knock]:
    """Send every demo store's deliveries to the server at `base_url`, each after the work of the last one is done.

    An empty database gets the demo stores first. Raises BadSetting for a database that holds other stores only, and
    MemoryUnavailable; HouseError(`no_server`) when nobody answers.
    """
    knocks: list[Knock] = []
    for store in _stores(rooms):
        platform = rooms.platforms[store.platform]
        secrets = platform.secrets(Envelope(store.platform, store.key, "", ""), store)
        since = (store.created_at or rooms.clock.now()).replace(microsecond=0)
        deliveries = recorded(store, secrets, since)
        for number, delivery in enumerate(deliveries, start=1):
            say(f"{store.name} {number}/{len(deliveries)}: {delivery.what}")
            answer = send(base_url, delivery)
            _until_settled(rooms)
            knocks.append(_knock(rooms, store, delivery, answer))
    return knocks


def _stores(rooms: Rooms) -> list[Store]:
    """The demo stores, added when there is no store at all."""
    with rooms.records.transaction() as tx:
        known = {(store.platform, store.key): store for store in tx.stores.all()}
        wanted = {(name, manifest["store"]["key"]): manifest["store"] for name, manifest in manifests()}
        if not known:
            for (name, key), chosen in wanted.items():
                choices = {setting: text for setting, text in chosen.items() if setting != "key"}
                known[name, key] = opened(rooms.platforms[name], key, choices, rooms.clock.now())
                tx.stores.add(known[name, key])
    found = [known[names] for names in wanted if names in known]
    if not found:
        raise BadSetting(
            "no_demo",
            "This database holds other stores. Try the demo on an empty one: DATABASE_URL=sqlite:///instance/demo.db",
        )
    return found


def _until_settled(rooms: Rooms) -> None:
    """Wait until the worker has nothing due: in a shop hours lie between an order and its parcel."""
    until = time.monotonic() + _SETTLED_WITHIN_S
    while time.monotonic() < until:
        with rooms.records.reading() as tx:
            due = tx.messages.next_due()
            unread = tx.deliveries.list(state=DeliveryState.WAITING, limit=1)
        if not unread and (due is None or due > rooms.clock.now() + _IN_HAND):
            return
        time.sleep(0.05)


def _knock(rooms: Rooms, store: Store, delivery: Recorded, answer: int) -> Knock:
    """The delivery as it is kept now; a copy and a forgery have no row of their own."""
    name = f"{store.platform} {delivery.topic}: {delivery.what}"
    if delivery.again or delivery.forged:
        return Knock(name, answer, store.id)
    # WooCommerce sends one state under two topics: the body alone does not tell a delivery.
    told = (delivery.topic, hashlib.sha256(delivery.body).hexdigest())
    with rooms.records.reading() as tx:
        kept = [row for row in tx.deliveries.list(store.id, limit=1000) if (row.envelope.topic, row.digest) == told]
    return Knock(name, answer, store.id, kept[0].id if kept else "")


def send(base_url: str, delivery: Recorded) -> int:
    """Knock at the front door; the status answered. Raises HouseError(`no_server`) when nobody is there."""
    with requests.Session() as session:
        session.trust_env = False
        try:
            answer = session.post(
                f"{base_url}{delivery.path}",
                data=delivery.body,
                headers=dict(delivery.headers),
                timeout=_TIMEOUT_S,
                allow_redirects=False,
            )
        except requests.RequestException:
            raise HouseError(
                "no_server", f"Nobody answers at {base_url}. Start `multimail-commerce serve` first."
            ) from None
        return answer.status_code


def is_answering(base_url: str) -> bool:
    """Whether a server of ours answers at this address."""
    try:
        with requests.Session() as session:
            session.trust_env = False
            return session.get(f"{base_url}/healthz", timeout=2, allow_redirects=False).text == "ok"
    except OSError:
        return False
