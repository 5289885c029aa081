"""Links: what opens a page to somebody without a password. Signed or sealed with SECRET_KEY; a list of keys may rotate."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer

from lifecycle.errors import BadSetting, NotFound
from lifecycle.house import House

LETTERS_KEEP_S = 7 * 24 * 3600
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Leaving:
    """Who leaves which mailing of which store, as an unsubscribe link says it."""

    store_id: str
    address: str
    mailing: str


class _ClockSigner(TimestampSigner):
    """Signs with the house's clock, so that a test can let a week pass."""

    def __init__(self, *args: Any, now: Callable[[], datetime], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._now = now

    def get_timestamp(self) -> int:
        return int(self._now().timestamp())


class Links:
    """Makes and opens links. `secrets` newest first: the newest makes new links, the others still open old ones."""

    def __init__(self, secrets: Sequence[str], public_url: str, now: Callable[[], datetime]) -> None:
        if not secrets or not all(secrets):
            raise BadSetting("bad_setting", "SECRET_KEY is empty, so no link can be signed.")
        self._public_url = public_url.rstrip("/")
        self._sealers = [AESSIV(_derived(secret)) for secret in secrets]
        self._secrets, self._now = list(reversed(secrets)), now
        self._signer = self._signer_for("letters")

    def _signer_for(self, purpose: str) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(
            self._secrets,
            salt=purpose,
            signer=_ClockSigner,
            signer_kwargs={"now": self._now, "digest_method": hashlib.sha256},
        )

    def signed(self, purpose: str, said: Mapping[str, str]) -> str:
        """A text that only this installation can write, for one purpose: what was signed for another opens nothing."""
        return self._signer_for(purpose).dumps(dict(said))

    def said(self, purpose: str, text: str, keep_s: int) -> dict[str, str]:
        """What `signed` was given. Raises NotFound when the text is not ours, for another purpose, or older than `keep_s`."""
        try:
            found = self._signer_for(purpose).loads(text[:_LONGEST], max_age=keep_s)
        except (BadData, UnicodeError):
            raise NotFound("wrong_link", "This link is wrong or too old.") from None
        return {str(name): str(value) for name, value in found.items()}

    def unsubscribe(self, store_id: str, address: str, mailing: str = "marketing") -> str:
        """The link that ends a mailing for this address. It never expires and does not show the address.

        The same in, the same link out: a letter that is composed again keeps its digest.
        """
        sealed = self._sealers[0].encrypt("\x1f".join((store_id, mailing, address)).encode(), [b"unsubscribe"])
        return f"{self._public_url}/unsubscribe/{base64.urlsafe_b64encode(sealed).rstrip(b'=').decode()}"

    def leaving(self, token: str) -> Leaving:
        """Who leaves, from the last part of an unsubscribe link. Raises NotFound for any other text."""
        for sealer in self._sealers:
            try:
                padded = token[:_LONGEST].encode() + b"=" * (-len(token[:_LONGEST]) % 4)
                sealed = base64.b64decode(padded, altchars=b"-_", validate=True)
                store_id, mailing, address = sealer.decrypt(sealed, [b"unsubscribe"]).decode().split("\x1f", 2)
            except (InvalidTag, binascii.Error, ValueError):
                continue
            return Leaving(store_id, address, mailing)
        raise NotFound("wrong_link", "This link is not one of ours, or it was cut short on its way.")

    def letters(self, store_ids: Sequence[str]) -> str:
        """The address of the page on which the letters of these stores can be read, for seven days."""
        return self.page("letters", store_ids)

    def page(self, name: str, store_ids: Sequence[str], rest: str = "") -> str:
        """The address of another page that opens with the same key as the letters of these stores."""
        return f"{self._public_url}/{name}/{self._signer.dumps(list(store_ids))}/{rest}"

    def stores_of(self, key: str) -> tuple[str, ...]:
        """The stores that a letters link opens. Raises NotFound when it is wrong or older than seven days."""
        try:
            store_ids = self._signer.loads(key[:_LONGEST], max_age=LETTERS_KEEP_S)
        except (BadData, UnicodeError):
            raise NotFound("wrong_link", "This link is wrong or older than seven days.") from None
        return tuple(str(store_id) for store_id in store_ids)


def links_of(house: House) -> Links:
    """The links of this installation."""
    return Links((house.settings.secret_key,), house.settings.public_url, house.clock.now)


def letters_link(house: House, store_ids: Sequence[str]) -> str:
    """The address of the page on which the letters of these stores can be read, for seven days."""
    return links_of(house).letters(store_ids)


def _derived(secret: str) -> bytes:
    return HKDF(algorithm=SHA512(), length=64, salt=None, info=b"unsubscribe").derive(secret.encode())
