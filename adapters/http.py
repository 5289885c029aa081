"""The one outbound HTTP client: nothing else in this program opens a connection to a web address.

A name is resolved once and the connection goes to an address of that one answer, all of which must be public, so a name
cannot turn into a neighbour between the look and the call. No redirect is followed, no proxy or netrc is read from the
environment, no cookie is kept, nothing is tried twice, and nothing of a request or an answer is logged.
"""

import json
import logging
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3

from adapters import payload
from adapters.addresses import is_loopback, parse
from adapters.wires import Call, Gate, Pinned
from lifecycle.errors import NoAnswer, Unreadable

LARGEST = 2 * 1024 * 1024
"""Bytes of an answer's body, unpacked."""

_CHUNK = 64 * 1024
_UNFIT = re.compile(r"[\x00-\x20\x7f\\]")
# They write whole URLs, and ours may hold a customer's address as a search word.
_TALKERS = tuple(f"urllib3.{name}" for name in ("connection", "connectionpool", "poolmanager", "response", "util.retry"))
_FAULTS = (requests.RequestException, urllib3.exceptions.HTTPError, HTTPException, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: header names in lower case, the body unpacked and at most 2 MiB. Any status, redirects too."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def object(self) -> dict[str, Any]:
        """The JSON object in the body; empty for anything else, because what a stranger answers is a claim."""
        try:
            return payload.load(self.body)
        except Unreadable:
            return {}


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """Never one: requests would read a redirect's whole body, without a cap, even when it does not follow."""


def _silent(_record: logging.LogRecord) -> bool:
    return False


def gate_for(base: str) -> Gate:
    """A gate for everybody, and for the operator's own `base` URL on its port; http and this machine only when it is here."""
    try:
        parts = urlsplit(base)
        host, port = (parts.hostname or "").rstrip("."), parts.port or (80 if parts.scheme == "http" else 443)
    except ValueError:
        return Gate()
    address = parse(host)
    near = host == "localhost" or (address is not None and is_loopback(address))
    return Gate(own=(host, port) if host else None, own_is_near=near)


class Outbound:
    """Calls to outside parties. `base` is a URL that the operator configured, never one that a stranger may choose.

    Times are seconds: `connect_s` per address, `read_s` per silence, `total_s` for all of a call after the name is known.
    """

    def __init__(
        self,
        base: str = "",
        *,
        connect_s: float = 5,
        read_s: float = 10,
        total_s: float = 30,
        gate: Gate | None = None,
        ca_file: str | None = None,
    ) -> None:
        self._gate = gate or gate_for(base)
        self._times = (connect_s, read_s)
        self._total_s = total_s
        self._session = _Session()
        self._session.trust_env = False
        self._session.verify = ca_file or True
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers.clear()
        self._session.headers.update({"User-Agent": "multimail-commerce", "Accept": "application/json"})
        self._session.adapters.clear()
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, Pinned(self._gate))
        for name in _TALKERS:
            logging.getLogger(name).addFilter(_silent)

    def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        content: Any = None,
        total_s: float | None = None,
    ) -> Answer:
        """The other side's answer, whatever its status. `content` goes as JSON.

        Raises NoAnswer and nothing else. Surely not heard: `url_refused`, `not_https`, `port_refused`, `name_unknown`,
        `address_refused`, `not_reached`, `not_trusted`. Perhaps heard: `timed_out`, `cut_off`, `too_big`.
        """
        call = self._gate.calls.call = Call()
        watch = threading.Timer(total_s or self._total_s, call.cut)
        watch.daemon = True
        watch.start()
        try:
            found = self._answer(call, method, url, headers=headers, params=params, content=content)
        finally:
            watch.cancel()
            call.end()
        # Raised out here, so that the error carries no chain: requests' own words quote the URL.
        if isinstance(found, NoAnswer):
            raise found
        return found

    def close(self) -> None:
        """Hang up every idle connection."""
        self._session.close()

    def _answer(self, call: Call, method: str, url: str, *, headers: Any, params: Any, content: Any) -> Answer | NoAnswer:
        if not _fit(url):
            return NoAnswer("url_refused")
        data = None if content is None else json.dumps(content).encode("ascii")
        sent = dict(headers or {}) | ({"Content-Type": "application/json"} if data is not None else {})
        try:
            response = self._session.request(
                method, url, headers=sent, params=params, data=data,
                timeout=self._times, allow_redirects=False, stream=True,
            )  # fmt: skip
            with response:
                body = _read(response)
        except NoAnswer as fault:
            return NoAnswer(fault.reason, perhaps_heard=call.out)
        except _FAULTS as fault:
            return NoAnswer(_reason(fault, call), perhaps_heard=call.out)
        if call.expired:
            return NoAnswer("timed_out", perhaps_heard=True)
        named = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, named, body)


def _fit(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(
            parts.scheme in ("https", "http")
            and parts.hostname
            and parts.username is None
            and parts.password is None
            and not _UNFIT.search(url)
        )
    except ValueError:
        return False


def _read(response: requests.Response) -> bytes:
    body = bytearray()
    for chunk in response.iter_content(_CHUNK):
        body += chunk
        if len(body) > LARGEST:
            raise NoAnswer("too_big")
    return bytes(body)


def _reason(fault: Exception, call: Call) -> str:
    if call.expired or isinstance(fault, requests.Timeout):
        return "timed_out" if call.out else "not_reached"
    if call.out:
        return "timed_out" if "timed out" in str(fault).lower() else "cut_off"
    if isinstance(fault, requests.exceptions.SSLError):
        return "not_trusted"
    # requests' InvalidURL and its kin are OSError and ValueError at once.
    return "url_refused" if isinstance(fault, ValueError | urllib3.exceptions.LocationValueError) else "not_reached"
