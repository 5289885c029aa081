"""The web server's worker: gunicorn's threads, with a deadline for whoever sends slowly, and an orderly last call.

gunicorn 27.0.1, as read in 2026-11: a thread waits for a slow sender without end, and a worker that was told to stop keeps its
listening socket open while it finishes, so that whoever connects meanwhile is reset when it closes.
"""

import ctypes
import os
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]

SENT_WITHIN_S = 15
"""How long a request may take to arrive. Shopify itself gives up after 5 s."""

_STACK = 1024 * 1024
_M_ARENA_MAX = -8  # malloc.h


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """Many small threads; a request that has not arrived in time is read as cut short."""

    def get_thread_pool(self) -> ThreadPoolExecutor:
        # Many threads are cheap, their usual 8 MB of address space each are not.
        threading.stack_size(_STACK)
        with suppress(AttributeError, OSError):
            # glibc reserves 64 MB for each of the places from which threads allocate; a few places are enough.
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 4)
        self._begun: dict[TConn, float] = {}
        return ThreadPoolExecutor(max_workers=self.cfg.threads)

    def handle(self, conn: TConn) -> Any:
        self._begun[conn] = time.monotonic()
        try:
            return super().handle(conn)
        finally:
            self._begun.pop(conn, None)

    def murder_pending(self) -> None:
        """Gunicorn's own look at who is waiting, at least once a second."""
        super().murder_pending()
        latest = time.monotonic() - SENT_WITHIN_S
        for conn, begun in list(self._begun.items()):
            if begun < latest:
                # Nothing more is read; an answer that is on its way still leaves.
                with suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RD)

    def set_accept_enabled(self, enabled: bool) -> None:
        """When it stops: take everybody who has connected, then close the door, so that later ones are refused at once."""
        super().set_accept_enabled(enabled)
        if enabled or (self.alive and self.ppid == os.getppid()):
            return
        for listener in self.sockets:
            before = -1
            while before != self.nr_conns:
                before = self.nr_conns
                self.accept(listener)
            listener.close()
