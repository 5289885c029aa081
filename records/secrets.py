"""Secrets at rest: store secrets are sealed (MultiFernet), addresses are found by a keyed hash, both from one given secret."""

import base64
import hashlib
import hmac
import unicodedata
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lifecycle.errors import BadSetting
from records.codec import clean, pack, unpack

SHORTEST = 16
"""Bytes that the given secret must have."""


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"multimail-commerce " + purpose).derive(secret)


class Keys:
    """Everything that needs the secret. Raises BadSetting when it is shorter than SHORTEST bytes.

    `older` secrets still open what they sealed; new text is always sealed with `secret`.
    """

    def __init__(self, secret: bytes, older: Sequence[bytes] = ()) -> None:
        if len(secret) < SHORTEST:
            raise BadSetting("secret_too_short", f"The secret key must have at least {SHORTEST} bytes of random text.")
        seals = (Fernet(base64.urlsafe_b64encode(_derived(each, b"store secrets"))) for each in (secret, *older))
        self._seals = MultiFernet(list(seals))
        self._address_key = _derived(secret, b"addresses")

    def seal(self, texts: Sequence[str]) -> str:
        """The texts, readable only with the secret."""
        return self._seals.encrypt(pack(list(texts)).encode()).decode("ascii")

    def opened(self, sealed: str) -> tuple[str, ...]:
        """What `seal` was given. Raises BadSetting when another secret sealed it."""
        try:
            text = self._seals.decrypt(sealed.encode("ascii"))
        except InvalidToken:
            raise BadSetting(
                "wrong_secret_key",
                "The secret key is not the one this database was written with; set SECRET_KEY to that one.",
            ) from None
        return unpack(text.decode(), tuple[str, ...])

    def address_hash(self, store_id: str, address: str | None) -> str | None:
        """How a store's rows about this address are found, the same for any spelling of its case; None for no address."""
        folded = unicodedata.normalize("NFC", clean(address or "").strip().casefold())
        if not folded:
            return None
        return hmac.new(self._address_key, f"{clean(store_id)}\x1f{folded}".encode(), hashlib.sha256).hexdigest()
