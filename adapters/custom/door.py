"""Who knocks: Standard Webhooks 1.0.0, symmetric signatures (`v1`), as read on 2026-11-20.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hmac
import re
import secrets as random
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

from adapters.signing import digest
from lifecycle.deliveries import Envelope
from lifecycle.errors import BadValue, NotAuthentic, Unaddressed
from lifecycle.ports import RawRequest

PREFIX = "whsec_"
TOLERANCE_S = 300
MOST_SIGNATURES = 10
_KEY_BYTES = range(16, 129)  # the specification asks for 24 to 64
# The id is joined to the time by a dot: one inside it would let the two be moved against each other.
_ID = re.compile(r"[!-\-/-~]{1,200}", re.ASCII)
_TIME = re.compile(r"[0-9]{1,11}", re.ASCII)
_TOPIC = re.compile(r"[a-z0-9_]+(?:\.[a-z0-9_]+)*", re.ASCII)
_TOKEN = re.compile(r"[!-~]{1,200}", re.ASCII)
_KEY = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,98}[a-z0-9])?", re.ASCII)


def address(raw: RawRequest) -> Envelope:
    """What path and headers claim. The topic is `webhook-topic` when the shop sends that header, else `event`.

    Raises Unaddressed: `no_token`, `no_webhook_id`, `odd_topic`.
    """
    if not _TOKEN.fullmatch(raw.token):
        raise Unaddressed("no_token")
    webhook_id, topic = raw.header("webhook-id"), raw.header("webhook-topic") or "event"
    if not _ID.fullmatch(webhook_id):
        raise Unaddressed(
            "no_webhook_id", "The header webhook-id is missing or holds other than 1 to 200 signs without a dot."
        )
    if len(topic) > 100 or not _TOPIC.fullmatch(topic):
        raise Unaddressed("odd_topic", "The header webhook-topic holds no topic.")
    return Envelope("custom", raw.token, topic, webhook_id, at=_moment(raw.header("webhook-timestamp")))


def verify(raw: RawRequest, keys: Sequence[bytes], now: datetime) -> None:
    """Accept when one of the first ten signatures is a `v1` over «id.timestamp.body» by one of `keys`, not 300 s away from `now`.

    Raises NotAuthentic: `no_secret`, `no_webhook_id`, `no_timestamp`, `wrong_time`, `no_signature`, `wrong_signature`.
    """
    usable = [key for key in keys if key]
    webhook_id, timestamp = raw.header("webhook-id"), raw.header("webhook-timestamp")
    if not usable:
        raise NotAuthentic("no_secret")
    if not _ID.fullmatch(webhook_id):
        raise NotAuthentic("no_webhook_id")
    if not _TIME.fullmatch(timestamp):
        raise NotAuthentic("no_timestamp")
    if abs(int(timestamp) - now.timestamp()) > TOLERANCE_S:
        raise NotAuthentic("wrong_time")
    claimed = _signatures(raw.header("webhook-signature"))
    message = f"{webhook_id}.{timestamp}.".encode("ascii") + raw.body
    # One digest a key, not one a signature: ten claims over 8 MiB must not cost ten times as much.
    true = [digest(key, message) for key in usable]
    if not any([hmac.compare_digest(one, other) for one in claimed for other in true]):
        raise NotAuthentic("wrong_signature")


def _signatures(header: str) -> list[bytes]:
    """The digests among the first ten signatures; other versions (`v1a` is Ed25519) and other lengths are passed over."""
    if not header.strip():
        raise NotAuthentic("no_signature")
    found = []
    for text in header.split(" ", MOST_SIGNATURES)[:MOST_SIGNATURES]:
        version, _, value = text.partition(",")
        if version == "v1" and len(value) == 44:
            try:
                found.append(base64.b64decode(value.encode("ascii"), validate=True))
            except (UnicodeEncodeError, binascii.Error, ValueError):
                continue
    return [one for one in found if len(one) == 32]


def key_of(secret: str) -> bytes:
    """The signing key in a `whsec_…` secret (the prefix may be missing); empty when there is none of a sensible length."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX).encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        return b""
    return key if len(key) in _KEY_BYTES else b""


def new_secret() -> str:
    """A new secret: `whsec_` and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(random.token_bytes(32)).decode("ascii")


def store_key(text: str) -> str:
    """A short name (`my-shop`) or the host of a URL, in lower case. Raises BadValue(`not_a_store_key`)."""
    typed = text.strip().lower()
    if "://" in typed:
        try:
            typed = urlsplit(typed).hostname or ""
        except ValueError:
            typed = ""
    if not _KEY.fullmatch(typed):
        raise BadValue(
            "not_a_store_key", "Expected a short name of letters, digits, dots and hyphens, or the shop's address."
        )
    return typed


def _moment(text: str) -> datetime | None:
    """The time in seconds since 1970, None when it is none that a calendar has."""
    return datetime.fromtimestamp(int(text), UTC) if _TIME.fullmatch(text) and int(text) < 2**33 else None
