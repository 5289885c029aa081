"""The one HMAC check. Total: whatever rubbish the signature is, the answer is NotAuthentic and never another error."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence

from lifecycle.errors import NotAuthentic


def digest(secret: bytes, message: bytes) -> bytes:
    """HMAC-SHA256 (RFC 2104), 32 bytes."""
    return hmac.new(secret, message, hashlib.sha256).digest()


def check(signature: str, message: bytes, secrets: Sequence[bytes]) -> None:
    """Accept when `signature` is the standard base64 of the HMAC-SHA256 under any of `secrets`.

    Every secret is tried, so the time taken does not tell which one fits. Empty secrets count as none.
    Raises NotAuthentic: `no_secret`, `no_signature` or `wrong_signature`.
    """
    usable = [secret for secret in secrets if secret]
    if not usable:
        raise NotAuthentic("no_secret")
    if not signature:
        raise NotAuthentic("no_signature")
    try:
        claimed = base64.b64decode(signature.strip(" \t").encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        raise NotAuthentic("wrong_signature") from None
    if len(claimed) != 32 or not any([hmac.compare_digest(claimed, digest(secret, message)) for secret in usable]):
        raise NotAuthentic("wrong_signature")
