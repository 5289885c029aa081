"""The real house as processes: `serve` on a free port of this machine, with files, secrets and a log of its own."""

import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SHOPIFY_SECRET = "shpss_planted_for_running_tests"
SHOPIFY_SECRET_PREVIOUS = "shpss_planted_before_that"
SECRET_KEY = "planted secret key of the running tests, 0123456789"
UP_WITHIN_S = 40
SETTLED_WITHIN_S = 20


def free_port() -> int:
    """A port of the loopback on which nobody listens now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_open(port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def signature(body: bytes, secret: str = SHOPIFY_SECRET) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def until(condition: Any, within_s: float, every_s: float = 0.05) -> bool:
    """Whether the condition became true in time."""
    end = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(every_s)
    return True


def children(pid: int) -> list[int]:
    """The processes that this one started, and theirs, the oldest first."""
    try:
        found = [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return [descendant for child in found for descendant in (child, *children(child))]


def memory_mb(pid: int) -> float:
    """Resident memory of a process, 0 when it is gone."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    return 0


@dataclass
class Server:
    """One installation in one folder. `start()` and `stop()` may follow each other; the files stay."""

    folder: Path
    limit_kb: int | None = None
    more: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.port = free_port()
        self.log = self.folder / "log.txt"
        self.outbox = self.folder / "outbox"
        self.database = self.folder / "house.db"
        self.process: subprocess.Popen[bytes] | None = None

    @cached_property
    def env(self) -> dict[str, str]:
        bare = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        ours = {
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "DATABASE_URL": f"sqlite:///{self.database}",
            "OUTBOX_DIR": str(self.outbox),
            "SECRET_KEY": SECRET_KEY,
            "SHOPIFY_API_SECRET": SHOPIFY_SECRET,
            "SHOPIFY_API_SECRET_PREVIOUS": SHOPIFY_SECRET_PREVIOUS,
            "PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "PORT": str(self.port),
        }
        return bare | ours | dict(self.more)

    # ---- life -----------------------------------------------------------------------------------------------------

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command of the command line, to its end."""
        command = [sys.executable, "-m", "wsgi", *words]
        return subprocess.run(
            command, cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=60, check=False
        )

    def command(self, *words: str) -> Any:
        """What a command says as JSON."""
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def start(self) -> None:
        limit = self.limit_kb

        def limited() -> None:
            if limit:
                resource.setrlimit(resource.RLIMIT_AS, (limit * 1024, limit * 1024))

        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "wsgi", "serve"],
                cwd=self.folder, env=self.env, stdout=log, stderr=log, preexec_fn=limited,  # noqa: PLW1509 - started before there are threads
            )  # fmt: skip
        assert until(self.is_healthy, UP_WITHIN_S), self.log.read_text()[-2000:]

    def stop(self) -> int:
        """End it in order; its exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def is_healthy(self) -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.ask("GET", "/healthz", timeout=2)[0] == 200
        return False

    def family(self) -> list[int]:
        """Every process of the installation except the first one."""
        return children(self.process.pid) if self.process else []

    def web_memory_mb(self) -> float:
        return max((memory_mb(pid) for pid in self.family()), default=0)

    # ---- the door -------------------------------------------------------------------------------------------------

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None, timeout: float = 30
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        with closing(connection):
            connection.request(method, path, body or None, dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.read()

    def deliver(self, topic: str, body: bytes, delivery_id: str, shop: str, timeout: float = 30) -> int:
        """A truly signed Shopify delivery; the status of the answer."""
        headers = shopify_headers(topic, body, delivery_id, shop)
        return self.ask("POST", "/webhooks/shopify", body, headers, timeout)[0]

    # ---- what it keeps --------------------------------------------------------------------------------------------

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)
        connection.row_factory = sqlite3.Row
        with closing(connection):
            yield connection

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        with self.reading() as connection:
            return connection.execute(query, values).fetchall()

    def count(self, query: str, *values: object) -> int:
        return self.rows(query, *values)[0][0]

    def has_work(self) -> bool:
        """Whether a delivery or a letter is due or being worked on."""
        open_ = self.count("select count(*) from deliveries where due_at is not null")
        moving = self.count(
            "select count(*) from messages where state in ('sending', 'in_doubt', 'approved') "
            # A claim moves the due time on, and gives no reason as every wait does.
            "or (state = 'waiting' and (due_at <= strftime('%Y-%m-%d %H:%M:%f', 'now') or (attempts > 0 and reason = '')))"
        )
        return bool(open_ or moving)

    def settle(self, within_s: float = SETTLED_WITHIN_S) -> None:
        """Wait until nothing is due."""
        assert until(lambda: not self.has_work(), within_s), "work is left over"

    def letters(self) -> list[Path]:
        """The letters that left, as files."""
        return sorted(self.outbox.glob("*.eml")) if self.outbox.is_dir() else []


def shopify_headers(topic: str, body: bytes, delivery_id: str, shop: str) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "X-Shopify-Topic": topic,
        "X-Shopify-Shop-Domain": shop,
        "X-Shopify-Hmac-Sha256": signature(body),
        "X-Shopify-Webhook-Id": delivery_id,
        "X-Shopify-API-Version": "2026-10",
    }
