"""Handing a letter to a folder: the file first, then its line in the index, both under one lock.

Whoever holds the lock marks it before touching anything and wipes the mark at the end. A mark that is found means that
somebody died in between; then the index is made to agree with the files. The key's hash is part of the file's name, so
the files alone know which letters there are.
"""

import hashlib
import os
import re
import tempfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from adapters import mime
from adapters.outbox.index import Index, Line
from lifecycle.errors import PostmanBusy, PostmanUnsure
from lifecycle.ports import Posting, Receipt

_NOT_SLUG = re.compile(r"[^a-z0-9]+", re.ASCII)


class OutboxPostman:
    """Writes letters into a folder. A folder never forgets a key, so the same letter may be handed over at any time."""

    name = "outbox"
    remembers: timedelta | None = timedelta(days=36_500)

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self._index = Index(self.folder)

    def refuses(self, address: str) -> str | None:
        """None: a folder takes every address, reserved ones too."""
        return None

    def post(self, posting: Posting) -> Receipt:
        """The letter's file name. Raises PostmanRefused (`mime.build`), PostmanBusy or PostmanUnsure."""
        raw = mime.build(posting)
        try:
            self._index.prepare()
            with self._index.held() as known:
                file = known.get(digest(posting.key))
                if file is None:
                    file = file_name(posting)
                    self._write(file, raw)
                    self._enter(file, posting)
        except OSError:
            raise _unwritable() from None
        return Receipt(reference=file)

    def check(self) -> str:
        """How many letters the folder holds. Raises PostmanBusy when it cannot be written."""
        try:
            self._index.prepare()
            with tempfile.TemporaryFile(dir=self.folder) as probe:
                probe.write(b"probe")
                probe.flush()
                os.fsync(probe.fileno())
            with self._index.held() as known:
                return f"outbox: {len(known)} letters in {self.folder}"
        except OSError:
            raise _unwritable() from None

    def _write(self, file: str, raw: bytes) -> None:
        """The whole file on disk under its name, or no file. Raises OSError (no file) or PostmanUnsure."""
        descriptor, draft = tempfile.mkstemp(prefix=".draft-", dir=self.folder)
        try:
            with os.fdopen(descriptor, "wb") as out:
                out.write(raw)
                out.flush()
                os.fsync(out.fileno())
            Path(draft).replace(self.folder / file)
        except BaseException:
            with suppress(OSError):
                Path(draft).unlink()
            raise
        try:
            self._index.sync_folder()
        except OSError:
            raise _unsure() from None

    def _enter(self, file: str, posting: Posting) -> None:
        letter = posting.letter
        try:
            self._index.append(
                Line(
                    time=posting.date.isoformat(),
                    mail=posting.mail,
                    to=letter.to,
                    subject=mime.foreign(letter.subject),
                    file=file,
                    key=digest(posting.key),
                )
            )
        except OSError:
            raise _unsure() from None


def digest(key: str) -> str:
    """The part of a file's name that stands for the posting's key; 20 hex digits."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:20]


def file_name(posting: Posting) -> str:
    """Date, mail, order (when a tag names it) and the key's hash: sorts by day and says what it is."""
    words = (f"{posting.date:%Y-%m-%d}", _slug(posting.mail), _slug(posting.tags.get("order", "")), digest(posting.key))
    return "_".join(word for word in words if word) + ".eml"


def _slug(text: str) -> str:
    return _NOT_SLUG.sub("-", text.lower()).strip("-")[:40].strip("-")


def _unwritable() -> PostmanBusy:
    return PostmanBusy(
        "outbox_unwritable", "The outbox folder cannot be written: disk full, or not allowed.", retry_after_s=60
    )


def _unsure() -> PostmanUnsure:
    return PostmanUnsure("outbox_unsure", "The letter's file is there, and the disk did not confirm it.")
