"""A shop's REST API, version 3, as its owner's keys open it. The only importer of the `woocommerce` client.

The client builds addresses and signs; the way to the network is ours (`docs/decisions/0010-woocommerce-client.md`).
Codes and statuses as measured on WooCommerce 10.5.0, 2026-11-20; https://woocommerce.github.io/woocommerce-rest-api-docs/
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import urlencode

from requests.auth import HTTPBasicAuth
from woocommerce import API  # type: ignore[import-untyped]

from adapters import payload
from adapters.http import Answer, Outbound
from lifecycle.errors import AccessLost, BadValue, NoAnswer, NotFound, PlatformBusy

VERSION = "wc/v3"
PAGE = 100
_LONGEST_PAUSE_S = 24 * 3600
_BUSY = frozenset({408, 425, 429})
_JSON = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Row:
    """One object of a list: the very bytes that the shop wrote, and what they say."""

    body: bytes = field(repr=False)
    said: Mapping[str, Any] = field(repr=False)


class _Client(API):  # type: ignore[misc]
    """The published client with its one way out replaced: `requests.request` follows redirects, trusts proxies from the
    environment, reads answers of any size, and looks a name up again after it was checked.
    """

    def __init__(self, wire: Outbound, url: str, keys: Mapping[str, str], total_s: float | None) -> None:
        super().__init__(url, keys["consumer_key"], keys["consumer_secret"], version=VERSION)
        self._wire = wire
        self._total_s = total_s

    def _API__request(  # noqa: N802 - the client's own private name is what is replaced
        self, method: str, endpoint: str, data: Any, params: Mapping[str, str] | None = None, **_: Any
    ) -> Answer:
        url: str = self._API__get_url(endpoint)
        headers = {}
        if self.is_ssl:
            signed = HTTPBasicAuth(self.consumer_key, self.consumer_secret)(_Headers())
            headers = signed.headers
        else:
            # Only ever this machine: the wire refuses plain http to anybody else.
            url = self._API__get_oauth_url(f"{url}?{urlencode(params or {})}", method)
            params = None
        return self._wire.call(method, url, headers=headers, params=params, content=data, total_s=self._total_s)


class _Headers:
    """Takes the one header that HTTPBasicAuth writes."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}


class Shop:
    """One shop's API. Every call raises AccessLost, PlatformBusy, NotFound (404) or BadValue (any other refusal)."""

    def __init__(self, wire: Outbound, url: str, keys: Mapping[str, str], *, total_s: float | None = None) -> None:
        if not keys.get("consumer_key") or not keys.get("consumer_secret"):
            raise AccessLost("key_revoked", "There are no keys for this shop: connect it again.")
        self._client = _Client(wire, url, keys, total_s)

    def one(self, endpoint: str, **params: str) -> dict[str, Any]:
        """The object at this endpoint."""
        return self._asked("GET", lambda: self._client.get(endpoint, params=params)).object()

    def rows(self, endpoint: str, **params: str) -> Sequence[Row]:
        """One page of a list. Unknown parameters are ignored by the shop, which then answers with everything."""
        return rows_of(self._asked("GET", lambda: self._client.get(endpoint, params=params)).body)

    def all_rows(self, endpoint: str, most: int = 10, **params: str) -> list[Row]:
        """Every page of a short list, at most `most` pages."""
        found: list[Row] = []
        for page in range(1, most + 1):
            rows = self.rows(endpoint, per_page=str(PAGE), page=str(page), **params)
            found += rows
            if len(rows) < PAGE:
                break
        return found

    def make(self, endpoint: str, content: Mapping[str, Any]) -> dict[str, Any]:
        """What was made there by a POST."""
        return self._asked("POST", lambda: self._client.post(endpoint, dict(content))).object()

    def change(self, endpoint: str, content: Mapping[str, Any]) -> dict[str, Any]:
        """What a PUT made of it."""
        return self._asked("PUT", lambda: self._client.put(endpoint, dict(content))).object()

    def _asked(self, method: str, call: Callable[[], Answer]) -> Answer:
        try:
            answer = call()
        except NoAnswer as fault:
            reason = fault.reason
        else:
            return answer if 200 <= answer.status < 300 and not is_page(answer) else refused(answer, method)
        raise PlatformBusy(reason, "The shop cannot be reached, or its answer cannot be read.")


def is_page(answer: Answer) -> bool:
    """Whether this is a page for people (a firewall's question, an error page) where an answer of the API was expected."""
    return answer.headers.get("content-type", "").startswith("text/html") or answer.body.lstrip()[:1] == b"<"


def refused(answer: Answer, method: str = "GET") -> NoReturn:
    """Raise what this answer means. Messages are translated by the shop, so only codes and statuses are looked at."""
    if answer.status in _BUSY or answer.status >= 500:
        raise PlatformBusy("shop_busy", "The shop asks for a pause or has a fault.", retry_after_s=_pause(answer))
    if 300 <= answer.status < 400:
        raise PlatformBusy("redirects", "The shop sends us on to another address: connect it under its final one.")
    if is_page(answer):
        if answer.status == 404:
            raise PlatformBusy("no_permalinks", "The shop's API has no address any more: switch its permalinks on.")
        raise PlatformBusy("firewall", "Something in front of the shop answers in its place: let our calls through.")
    if answer.status in (401, 403):
        _access_lost(payload.text(answer.object(), "code"), answer.status, method)
    if answer.status == 404:
        raise NotFound("not_there", "The shop has nothing there.")
    raise BadValue("refused_by_shop", "The shop does not take this.")


def _access_lost(code: str, status: int, method: str) -> NoReturn:
    """A key without a right and a wrong secret share one code. Who could read with it a moment ago has the secret right."""
    if code == "woocommerce_rest_authentication_error" and method != "GET":
        raise AccessLost("key_without_write", "The key only reads: make one that reads and writes.")
    if code.startswith("woocommerce_rest_") and status == 403:
        raise AccessLost("owner_lost_access", "The user who made the key is no shop manager any more.")
    if code.startswith("woocommerce_rest_"):
        raise AccessLost("key_revoked", "The shop does not know the key (any more): connect it again.")
    raise AccessLost("rest_closed", "A plugin or a setting closes the shop's API.")


def _pause(answer: Answer) -> int | None:
    text = answer.headers.get("retry-after", "").strip()
    return min(int(text[:9]), _LONGEST_PAUSE_S) if text.isascii() and text.isdigit() else None


def rows_of(body: bytes) -> list[Row]:
    """The objects of a JSON list, each with its own bytes; what is no object is left out. Raises PlatformBusy(`odd_answer`)."""
    try:
        return _rows(body.decode("utf-8-sig").strip())
    except (ValueError, RecursionError):
        raise PlatformBusy("odd_answer", "The shop's answer is no list.") from None


def _rows(text: str) -> list[Row]:
    if not text.startswith("["):
        raise ValueError
    rows, at = [], _after_blanks(text, 1)
    while text[at : at + 1] != "]":
        said, end = _JSON.raw_decode(text, at)
        if isinstance(said, dict):
            rows.append(Row(text[at:end].encode("utf-8", "replace"), said))
        at = _after_blanks(text, end)
        if text[at : at + 1] == ",":
            at = _after_blanks(text, at + 1)
        elif text[at : at + 1] != "]":
            raise ValueError
    if text[at:] != "]":
        raise ValueError
    return rows


def _after_blanks(text: str, at: int) -> int:
    while text[at : at + 1] in (" ", "\t", "\r", "\n"):
        at += 1
    return at
