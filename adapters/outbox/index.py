"""`index.jsonl`: one line a letter, for people, pages and tests; the files are the truth, and the index follows them."""

import fcntl
import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Line:
    """One letter. `time` is ISO 8601, `file` the name in the folder, `key` the hash of the posting's key."""

    time: str
    mail: str
    to: str
    subject: str
    file: str
    key: str


class Index:
    """The folder's index and its lock, good for many threads and processes at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "index.jsonl"
        self._threads = threading.Lock()
        self._known: dict[str, str] = {}
        self._read_up_to = -1

    def prepare(self) -> None:
        """Make the folder, readable by nobody else: it holds customers' letters. Raises OSError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextmanager
    def held(self) -> Iterator[Mapping[str, str]]:
        """Key hash → file of every letter, while nobody else writes. Raises OSError."""
        with self._threads:
            lock = os.open(self._folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                self._learn(someone_died=os.fstat(lock).st_size > 0)
                os.pwrite(lock, b"writing", 0)
                yield self._known
                os.ftruncate(lock, 0)
            except BaseException:
                self._read_up_to = -1
                raise
            finally:
                os.close(lock)

    def append(self, line: Line) -> None:
        """One more line, on disk when this returns. Raises OSError, and then leaves at most a torn line behind."""
        data = json.dumps(asdict(line), ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        with self._path.open("ab") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        self._known[line.key] = line.file
        self._read_up_to += len(data)

    def sync_folder(self) -> None:
        """Make the names in the folder as durable as the bytes. Raises OSError."""
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _learn(self, *, someone_died: bool) -> None:
        """Read what others appended; read everything anew and mend it when that is not all that can have happened."""
        size = self._path.stat().st_size if self._path.exists() else 0
        if someone_died or self._read_up_to < 0 or size < self._read_up_to:
            self._mend()
        elif size > self._read_up_to:
            with self._path.open("rb") as lines:
                lines.seek(self._read_up_to)
                self._take(lines.read())

    def _mend(self) -> None:
        """Cut off a line torn by a crash, drop half-written drafts, and add the lines of files that have none."""
        self._known, self._read_up_to = {}, 0
        data = self._path.read_bytes() if self._path.exists() else b""
        whole = data[: data.rfind(b"\n") + 1]
        if len(whole) < len(data):
            os.truncate(self._path, len(whole))
        self._take(whole)
        for draft in self._folder.glob(".draft-*"):
            draft.unlink()
        listed = set(self._known.values())
        for file in sorted(self._folder.glob("*.eml")):
            if file.name not in listed:
                self.append(_line_of(file))

    def _take(self, data: bytes) -> None:
        self._read_up_to += len(data)
        for text in data.splitlines():
            try:
                line = json.loads(text)
                self._known[str(line["key"])] = str(line["file"])
            except (ValueError, TypeError, KeyError):
                continue  # somebody's edit; the file it stood for gets a new line at the next mending


def _line_of(file: Path) -> Line:
    """The line of a letter that has none, from its own headers and name."""
    with file.open("rb") as letter:
        headers = BytesHeaderParser().parse(letter)
    words = file.stem.split("_")
    return Line(
        time=_time(str(headers["Date"])),
        mail=words[1].replace("-", "_") if len(words) > 2 else "",
        to=str(headers["To"] or ""),
        subject=_subject(str(headers["Subject"] or "")),
        file=file.name,
        key=words[-1],
    )


def _time(text: str) -> str:
    try:
        return parsedate_to_datetime(text).isoformat()
    except ValueError:
        return ""


def _subject(text: str) -> str:
    unfolded = text.replace("\n", "").replace("\r", "")
    try:
        return str(make_header(decode_header(unfolded)))
    except (ValueError, LookupError):
        return unfolded
