"""Connections for `http.py` that look up a name once, refuse neighbours, and know whether a byte of the request has left.

The checks stand where the socket is opened, so no difference between two readings of a URL can lead around them, and TLS
still asks for the name (SNI and certificate), because only the socket knows the address.
"""

import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from adapters.addresses import Address, is_loopback, is_public, parse
from lifecycle.errors import NoAnswer

Found = tuple[socket.AddressFamily, tuple[Any, ...]]
_PORTS = frozenset({443})
_TRIED_ADDRESSES = 4


def resolve(host: str, port: int) -> list[Found]:
    """Every address that this machine's resolver knows for the name. Raises OSError or ValueError."""
    return [(row[0], row[4]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def dial(found: Found, timeout: float | None) -> socket.socket:
    """A connected socket to exactly this address. Raises OSError."""
    family, place = found
    line = socket.socket(family, socket.SOCK_STREAM)
    try:
        line.settimeout(timeout)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.connect(place)
    except BaseException:
        line.close()
        raise
    return line


@dataclass(slots=True)
class Call:
    """One request on its way: whether any of it left (`out`), and the thread-safe way to end it when its time is up."""

    out: bool = False
    expired: bool = False
    line: socket.socket | None = None
    orphaned: bool = False

    def cut(self) -> None:
        """End the call from another thread: whatever waits on its socket wakes with an error."""
        self.expired = True
        if self.line is not None:
            with suppress(OSError):
                self.line.shutdown(socket.SHUT_RDWR)

    def orphan(self, line: socket.socket) -> None:
        """Close this handle: at once, or at the end when it is ours. http.client closes a connection that ends with its
        answer before that answer is read, and the watch must reach it until then.
        """
        if line is self.line:
            self.orphaned = True
        else:
            line.close()

    def end(self) -> None:
        """Nothing more is read."""
        if self.orphaned and self.line is not None:
            self.line.close()
        self.line = None


@dataclass(slots=True)
class Gate:
    """What may be called. `own` is the operator's own host and port: any port, and when `own_is_near`, this very machine.

    `look_up`, `connect` and `permits` are the real ones unless a test brings its own.
    """

    own: tuple[str, int] | None = None
    own_is_near: bool = False
    look_up: Callable[[str, int], Sequence[Found]] = resolve
    connect: Callable[[Found, float | None], socket.socket] = dial
    permits: Callable[[Address], bool] = is_public
    calls: threading.local = field(default_factory=threading.local)

    @property
    def call(self) -> Call:
        return getattr(self.calls, "call", None) or Call()

    def open(self, host: str, port: int, timeout: float | None, *, secure: bool) -> socket.socket:
        """A socket to a permitted address of this host.

        Raises NoAnswer, surely not heard: `not_https`, `port_refused`, `name_unknown`, `address_refused`, `not_reached`.
        """
        own = (host.rstrip(".").lower(), port) == self.own
        near = own and self.own_is_near
        if not secure and not near:
            raise NoAnswer("not_https")
        if not own and port not in _PORTS:
            raise NoAnswer("port_refused")
        for found in self._permitted(host, port, is_loopback if near else self.permits):
            with suppress(OSError):
                return self._kept(self.connect(found, timeout))
        raise NoAnswer("not_reached")

    def _permitted(self, host: str, port: int, permits: Callable[[Address], bool]) -> Sequence[Found]:
        try:
            found = list(self.look_up(host, port))
        except (OSError, ValueError):
            found = []
        if not found:
            raise NoAnswer("name_unknown")
        addresses = [parse(str(place[0])) for _, place in found]
        # One neighbour among public addresses is how rebinding looks, so it spoils the whole answer.
        if not all(address is not None and permits(address) for address in addresses):
            raise NoAnswer("address_refused")
        return found[:_TRIED_ADDRESSES]

    def _kept(self, line: socket.socket) -> socket.socket:
        if self.call.expired:
            line.close()
            raise NoAnswer("not_reached")
        return line


class _Guarded(HTTPConnection):
    """A connection through a gate. `twin` is a second handle of its socket, which survives the wrapping in TLS."""

    gate: Gate
    secure = False
    twin: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        timeout = self.timeout if isinstance(self.timeout, int | float) else None
        line = self.gate.open(self._dns_host, self.port, timeout, secure=self.secure)
        self.twin = self.gate.call.line = line.dup()
        return line

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        self.gate.call.line = self.twin
        self.gate.call.out = True
        super().send(data)

    def close(self) -> None:
        super().close()
        twin, self.twin = self.twin, None
        if twin is not None:
            self.gate.call.orphan(twin)


class _GuardedTls(_Guarded, HTTPSConnection):
    secure = True


class Pinned(HTTPAdapter):
    """Requests' way to the network, through one gate, without a second try."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        known = {"gate": self._gate}
        plain, tls = type("Plain", (_Guarded,), known), type("Tls", (_GuardedTls,), known)
        self.poolmanager.pool_classes_by_scheme = {
            "http": type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("TlsPool", (HTTPSConnectionPool,), {"ConnectionCls": tls}),
        }
