"""Secrets at rest: store secrets and accesses are sealed (MultiFernet, a ring of keys), people are found by keyed hashes."""

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
    """Everything that needs a secret. Raises BadSetting when one is shorter than SHORTEST bytes.

    New text is sealed with the first of `keys`, and with `secret` when there are none; each of them opens what it sealed.
    Hashes of names depend on `secret` alone: opt-outs and tombstones outlive every rotation of `keys`.
    """

    def __init__(self, secret: bytes, keys: Sequence[bytes] = ()) -> None:
        if min(map(len, (secret, *keys))) < SHORTEST:
            raise BadSetting("secret_too_short", f"A secret key must have at least {SHORTEST} bytes of random text.")
        ring = [Fernet(base64.urlsafe_b64encode(_derived(each, b"store secrets"))) for each in (*keys, secret)]
        self._newest = ring[0]
        self._seals = MultiFernet(ring)
        self._name_key = _derived(secret, b"addresses")

    def seal(self, texts: Sequence[str]) -> str:
        """The texts, readable only with the first key."""
        return self._seals.encrypt(pack(list(texts)).encode()).decode("ascii")

    def opened(self, sealed: str) -> tuple[str, ...]:
        """What `seal` was given. Raises BadSetting when none of the keys sealed it."""
        try:
            text = self._seals.decrypt(sealed.encode("ascii"))
        except InvalidToken:
            raise BadSetting(
                "wrong_secret_key",
                "The database was written with a key that is missing here; set SECRET_KEY and ENCRYPTION_KEYS as they were.",
            ) from None
        return unpack(text.decode(), tuple[str, ...])

    def resealed(self, sealed: str) -> str | None:
        """The same, sealed with the first key; None when it is already. Raises BadSetting when none of the keys sealed it."""
        try:
            self._newest.decrypt(sealed.encode("ascii"))
        except InvalidToken:
            return self.seal(self.opened(sealed))
        return None

    def address_hash(self, store_id: str, address: str | None) -> str | None:
        """How a store's rows about this address are found, the same for any spelling of its case; None for no address."""
        folded = unicodedata.normalize("NFC", clean(address or "").strip().casefold())
        if not folded:
            return None
        return self._hash(store_id, folded)

    def name_hash(self, store_id: str, kind: str, name: str) -> str:
        """How a tombstone names a customer id, an order id (`kind`) or, by `address_hash`, an address."""
        return self._hash(store_id, f"{kind}\x1f{clean(name)}")

    def proof_hash(self, store_id: str, text: str) -> str:
        """A text that can be recognised and not read: «hmac-sha256:» and 64 hex digits."""
        return "hmac-sha256:" + self._hash(store_id, f"proof\x1f{clean(text)}")

    def _hash(self, store_id: str, name: str) -> str:
        return hmac.new(self._name_key, f"{clean(store_id)}\x1f{name}".encode(), hashlib.sha256).hexdigest()
