"""Serving: web server and worker under one roof. Each is started again when it dies; both leave in order on SIGTERM."""

import ctypes
import logging
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from lifecycle.desk import Desk
from lifecycle.errors import HouseError, MemoryUnavailable

_log = logging.getLogger("multimail_commerce.serving")
_LOOK_EVERY_S = 0.25
_TICK_EVERY_S = 1.0
_CHORES_END_WITHIN_S = 20
_LEAVE_WITHIN_S = 35
_THREADS = 64  # a slow sender holds one for as long as `threads.SENT_WITHIN_S`


def work_on(desk: Desk, stopping: threading.Event) -> None:
    """Work whenever something is due, until `stopping` is set; a memory that is away is waited for.

    Chores have a thread of their own: a shop whose API hangs must not keep the other shops' letters waiting.
    """
    chores = threading.Thread(target=_keep_at, args=(desk.tick, stopping, _TICK_EVERY_S), name="chores", daemon=True)
    chores.start()
    _keep_at(lambda: desk.work(stopping=stopping.is_set, with_chores=False), stopping, _LOOK_EVERY_S)
    chores.join(_CHORES_END_WITHIN_S)


def _keep_at(verb: Callable[[], int], stopping: threading.Event, every_s: float) -> None:
    while not stopping.is_set():
        try:
            taken = verb()
        except MemoryUnavailable:
            _log.warning("the database is not there; trying again")
            stopping.wait(2)
            continue
        except HouseError as trouble:
            _log.error("work failed: %s", trouble.reason)
            taken = 0
        except Exception as surprise:  # noqa: BLE001 - a thread that ended would leave its work undone, and nobody would know
            _log.error("unexpected %s at work", type(surprise).__name__)
            stopping.wait(2)
            continue
        if not taken:
            stopping.wait(every_s)


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    return stopping


def serve(host: str, port: int) -> int:
    """Run both until told to stop; the exit code: 0 in order, 1 when one would not start."""
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    children = {
        "web": [sys.executable, "-m", "gunicorn", "wsgi:create_app()", "--bind", address,
                "--worker-class", "webhooks.threads.PatientWorker",
                "--workers", "1", "--threads", str(_THREADS), "--graceful-timeout", "30", "--timeout", "60",
                "--keep-alive", "5", "--log-level", "warning", "--worker-tmp-dir", _heartbeat_dir()],
        "worker": [sys.executable, "-m", "wsgi", "work"],
    }  # fmt: skip
    return _Roof(children).run(stop_on_signals())


def _heartbeat_dir() -> str:
    # gunicorn's heartbeat file on a slow disk makes its arbiter kill healthy workers; memory is always fast.
    memory = Path("/dev/shm")  # noqa: S108 - a folder for gunicorn's own, unpredictable file names
    return str(memory) if memory.is_dir() else tempfile.gettempdir()


class _Roof:
    """The two child processes and what is done when one of them ends."""

    def __init__(self, commands: Mapping[str, Sequence[str]]) -> None:
        self._commands = commands
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._started: dict[str, float] = {}
        self._quick_ends = dict.fromkeys(commands, 0)

    def run(self, stopping: threading.Event) -> int:
        for name in self._commands:
            self._start(name)
        code = 0
        while not stopping.wait(0.1):
            if not all(self._look_after(name, stopping) for name in self._commands):
                code = 1
                break
        self._leave()
        return code

    def _start(self, name: str) -> None:
        self._started[name] = time.monotonic()
        self._running[name] = subprocess.Popen(self._commands[name], preexec_fn=_end_with_parent())  # noqa: S603, PLW1509 - own argv

    def _look_after(self, name: str, stopping: threading.Event) -> bool:
        """Start it again when it ended; False when it ends at once, again and again."""
        code = self._running[name].poll()
        if code is None:
            return True
        lived = time.monotonic() - self._started[name]
        self._quick_ends[name] = self._quick_ends[name] + 1 if lived < 2 else 0
        if self._quick_ends[name] >= 5:
            _log.error("%s ended %d times right after its start; giving up", name, self._quick_ends[name])
            return False
        _log.warning("%s ended with %s; starting it again", name, code)
        if not stopping.wait(min(0.2 * 2 ** self._quick_ends[name], 5)):
            self._start(name)
        return True

    def _leave(self) -> None:
        for child in self._running.values():
            if child.poll() is None:
                child.terminate()
        until = time.monotonic() + _LEAVE_WITHIN_S
        for child in self._running.values():
            try:
                child.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()


def _end_with_parent() -> Callable[[], None] | None:
    """On Linux a child gets SIGTERM when this process dies, however it dies, so that nobody holds the port alone."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(1, signal.SIGTERM)
