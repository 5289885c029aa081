"""The recorded deliveries, by number."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from adapters.woocommerce import WooCommerce
from lifecycle.events import Event
from lifecycle.ports import RawRequest

FOLDER = Path(__file__).parents[2] / "fixtures" / "woocommerce"
SECRETS: dict[str, str] = json.loads((FOLDER / "secrets.json").read_text("utf-8"))
PLATFORM = WooCommerce()


@dataclass(frozen=True)
class Recording:
    number: int
    name: str
    raw: RawRequest
    verifies: bool | None

    @property
    def secret(self) -> bytes:
        return SECRETS[self.raw.header("x-wc-webhook-id")].encode()

    @property
    def json(self) -> Any:
        return json.loads(self.raw.body)

    def __str__(self) -> str:
        return self.name


def _load(file: Path) -> Recording:
    kept = json.loads(file.read_text("utf-8"))
    headers = {name.lower(): value for name, value in kept["headers"]}
    raw = RawRequest(headers, base64.b64decode(kept["body_b64"]), token="path-token")
    return Recording(kept["n"], file.stem, raw, kept["signature_verifies"])


@cache
def recordings() -> dict[int, Recording]:
    found = [_load(file) for file in sorted(FOLDER.glob("[0-9][0-9][0-9]_*.json"))]
    return {recording.number: recording for recording in found}


def read(number: int) -> Sequence[Event]:
    recording = recordings()[number]
    return PLATFORM.read(PLATFORM.address(recording.raw), recording.raw.body)


def fact(number: int) -> Any:
    """The fact of the recording's only event."""
    (event,) = read(number)
    return event.fact


def read_as(topic: str, body: Any) -> Sequence[Event]:
    """What a body of our own making reads to."""
    raw = RawRequest({"x-wc-webhook-topic": topic, "x-wc-webhook-delivery-id": "d" * 32}, b"", token="path-token")
    written = body if isinstance(body, bytes) else json.dumps(body).encode()
    return PLATFORM.read(PLATFORM.address(raw), written)


def changed(number: int, **parts: Any) -> dict[str, Any]:
    """A recorded body with some of its parts replaced; one that is `...` is left out."""
    body = recordings()[number].json | parts
    return {key: value for key, value in body.items() if value is not ...}
