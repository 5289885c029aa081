"""The one way to Shopify's servers: questions in GraphQL, and tokens. Nothing of a call is logged; what a header held is in no error.

`shopify.GraphQL` has no time-out, prints errors, keeps its session in a global of the thread and knows neither cost nor
userErrors (ShopifyAPI 12.7, measured 2026-11), so this is a client of our own over `adapters.http`.
https://shopify.dev/docs/api/usage/limits, …/authentication-authorization/access-tokens, as read on 2026-11-20
"""

import math
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from adapters import payload
from adapters.http import Answer, Outbound
from adapters.shopify.documents import DOCUMENTS
from lifecycle.errors import AccessLost, BadValue, NoAnswer, NotAuthentic, PlatformBusy
from lifecycle.ports import Access

API_VERSION = "2026-10"
LONGEST_WAIT_S = 10
"""How long a throttled question waits here; a longer wait is the caller's, who can do something else meanwhile."""

_MOST_TRIES = 4
# A token is asked for inside a transaction, which keeps its lock for as long: PostgreSQL ends one that idles for 10 s.
_TOKEN_S = 4.0
_LONGEST_KEY = 1024

LOST: dict[int, tuple[str, str]] = {
    401: ("access_refused", "Shopify refuses our key: open the app in Shopify's admin to connect the store again."),
    402: ("shop_frozen", "Shopify has frozen this shop until its bill is paid; letters wait until then."),
    403: ("access_forbidden", "Shopify forbids this app in the shop: open the app in Shopify's admin."),
    404: ("shop_gone", "Shopify knows no shop of this name any more."),
    423: ("shop_locked", "Shopify has locked this shop; letters wait until it is open again."),
}
"""Status → what the merchant is told. Only `access_refused` says that the key itself is dead."""

_BUSY = {429: "too_many_calls", 430: "too_many_calls"}
_CODES = {"SHOP_INACTIVE": 402, "ACCESS_DENIED": 403, "INTERNAL_SERVER_ERROR": 500, "TIMEOUT": 504}
_NOT_APPROVED = re.compile(r"not approved to (?:use|access) the (\w+) (?:field|object)", re.IGNORECASE)
_SCOPE = re.compile(r"`((?:read|write)_\w+)` access scope")


@dataclass(frozen=True, slots=True)
class Told:
    """An answer: what was asked for, and what Shopify kept to itself (`field_not_approved:<field>`, `scope_missing:<scope>`)."""

    data: Mapping[str, Any] = field(repr=False)
    kept_back: tuple[str, ...] = ()

    def object(self, name: str) -> dict[str, Any]:
        return payload.mapping(self.data, name)


class Api:
    """Questions to the shops of one app. `base` stands for every shop's own address, for tests only: `{base}/{shop}/admin/…`."""

    def __init__(
        self,
        client_id: str,
        secrets: Sequence[str],
        *,
        base: str = "",
        outbound: Outbound | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client_id, self._secrets = client_id, tuple(secrets)
        self._base, self._sleep = base.rstrip("/"), sleep
        self._out = outbound or Outbound(base, connect_s=3, read_s=15, total_s=20)

    def __repr__(self) -> str:
        return f"Api({API_VERSION})"

    def ask(self, shop: str, access: Access, name: str, **variables: Any) -> Told:
        """The answer to one of DOCUMENTS. A throttled question is put again after its wait.

        Raises AccessLost (LOST), PlatformBusy, and BadValue(`refused_by_shopify`) for a mutation's userErrors.
        """
        for left in reversed(range(_MOST_TRIES)):
            answer = self._call(shop, "/graphql.json", {"query": DOCUMENTS[name], "variables": variables}, access)
            said = answer.object()
            pause = _throttled(said)
            if pause is None:
                return _told(said)
            if not left or pause > LONGEST_WAIT_S:
                raise PlatformBusy("throttled", retry_after_s=math.ceil(pause))
            self._sleep(pause)
        raise PlatformBusy("throttled")

    def _call(self, shop: str, path: str, content: Mapping[str, Any], access: Access) -> Answer:
        token = access.keys.get("access_token", "")
        if not token:
            raise AccessLost(*LOST[401])
        url = f"{self._of(shop)}/admin/api/{API_VERSION}{path}"
        try:
            answer = self._out.call("POST", url, headers={"X-Shopify-Access-Token": token}, content=content)
        except NoAnswer as fault:
            raise PlatformBusy(fault.reason) from None
        _check_status(answer)
        return answer

    def _of(self, shop: str) -> str:
        return f"{self._base}/{shop}" if self._base else f"https://{shop}"

    # ---- tokens -----------------------------------------------------------------------------------------------------

    def exchange(self, shop: str, store_id: str, id_token: str, now: datetime) -> Access:
        """Expiring offline access for an id token. Raises NotAuthentic(`stale_token`), AccessLost or PlatformBusy."""
        asked = {
            "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
            "subject_token": id_token,
            "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
            "requested_token_type": "urn:shopify:params:oauth:token-type:offline-access-token",
            "expiring": "1",
        }
        return self._access(shop, store_id, asked, now, NotAuthentic("stale_token"))

    def redeem(self, shop: str, store_id: str, code: str, now: datetime) -> Access:
        """Expiring offline access for a code. Raises NotAuthentic(`wrong_code`), AccessLost or PlatformBusy."""
        return self._access(shop, store_id, {"code": code, "expiring": "1"}, now, NotAuthentic("wrong_code"))

    def refresh(self, shop: str, access: Access, now: datetime) -> Access:
        """The next pair of tokens. Lost on its way, the reply is asked for once more with the same refresh token, which
        Shopify keeps valid until the new pair is first used (2026-08). Raises AccessLost(`open_the_app`) or PlatformBusy.
        """
        asked = {"grant_type": "refresh_token", "refresh_token": access.keys.get("refresh_token", "")}
        gone = AccessLost(
            "open_the_app", "Our access has ended: open the app in Shopify's admin once to connect the store again."
        )
        return self._access(shop, access.store_id, asked, now, gone)

    def _access(
        self, shop: str, store_id: str, asked: Mapping[str, str], now: datetime, refused: NotAuthentic | AccessLost
    ) -> Access:
        answer = self._token_answer(shop, asked)
        if answer.status in (400, 401):
            raise refused
        _check_status(answer)
        return _read_access(answer.object(), store_id, now)

    def _token_answer(self, shop: str, asked: Mapping[str, str]) -> Answer:
        """The answer to a question for tokens, with the first secret that Shopify still knows."""
        if not self._client_id or not self._secrets:
            raise PlatformBusy(
                "no_app", "SHOPIFY_API_KEY and SHOPIFY_API_SECRET are not set, so no store can be connected."
            )
        url = f"{self._of(shop)}/admin/oauth/access_token"
        for secret in self._secrets:
            content = {"client_id": self._client_id, "client_secret": secret, **asked}
            answer = self._twice(url, content, again=asked.get("grant_type") == "refresh_token")
            if answer.object().get("error") not in ("invalid_client", "application_cannot_be_found"):
                return answer
        raise PlatformBusy("app_secret_refused", "Shopify does not know this app's secret: check SHOPIFY_API_SECRET.")

    def _twice(self, url: str, content: Mapping[str, str], *, again: bool) -> Answer:
        try:
            return self._out.call("POST", url, content=content, total_s=_TOKEN_S)
        except NoAnswer as fault:
            if not again or not fault.perhaps_heard:
                raise PlatformBusy(fault.reason) from None
        return self._twice(url, content, again=False)


def _check_status(answer: Answer) -> None:
    """Raises AccessLost or PlatformBusy for anything but 200."""
    if answer.status != 200:
        raise _refusal(answer.status, _retry_after(answer))


def _refusal(status: int, retry_after_s: int | None = None) -> AccessLost | PlatformBusy:
    if status in LOST:
        return AccessLost(*LOST[status])
    return PlatformBusy(_BUSY.get(status, "platform_busy"), retry_after_s=retry_after_s)


def _retry_after(answer: Answer) -> int | None:
    told = answer.headers.get("retry-after", "").split(".")[0]
    return min(int(told), 3600) if told.isascii() and told.isdigit() and len(told) < 7 else None


def _errors(said: Mapping[str, Any]) -> list[dict[str, Any]]:
    return payload.mappings(said, "errors")


def _code(error: Mapping[str, Any]) -> str:
    return payload.line(payload.mapping(error, "extensions"), "code")


def _throttled(said: Mapping[str, Any]) -> float | None:
    """How long to wait until the question's points are there again; None when it was answered."""
    if all(_code(error) != "THROTTLED" for error in _errors(said)):
        return None
    cost = payload.mapping(payload.mapping(said, "extensions"), "cost")
    status = payload.mapping(cost, "throttleStatus")
    missing = payload.count(cost, "requestedQueryCost") - payload.count(status, "currentlyAvailable")
    return max(0.5, missing / (payload.count(status, "restoreRate") or 50))


def _told(said: Mapping[str, Any]) -> Told:
    """Raises AccessLost, PlatformBusy or BadValue for what is no answer; a field that was kept back leaves the others."""
    data, errors = payload.mapping(said, "data"), _errors(said)
    kept_back = tuple(dict.fromkeys(found for error in errors if (found := _kept_back(error))))
    others = [error for error in errors if not _kept_back(error)]
    if others:
        known = next((_CODES[_code(error)] for error in others if _code(error) in _CODES), None)
        raise (
            _refusal(known) if known else PlatformBusy("odd_answer", "Shopify did not answer the question that was asked.")
        )
    if not data:
        raise AccessLost(kept_back[0]) if kept_back else PlatformBusy("odd_answer", "Shopify's answer holds nothing.")
    if any(payload.mappings(one, "userErrors") for one in data.values() if isinstance(one, dict)):
        raise BadValue("refused_by_shopify", "Shopify refuses what was asked of it.")
    return Told(data, kept_back)


def _kept_back(error: Mapping[str, Any]) -> str:
    """The notice for a field that Shopify keeps from this app; empty for any other error. Its text is read, never repeated."""
    message = payload.line(error, "message")
    found = _NOT_APPROVED.search(message)
    if found:
        return f"field_not_approved:{found[1].lower()[:40]}"
    scope = _SCOPE.search(message)
    return f"scope_missing:{scope[1][:60]}" if scope and _code(error) == "ACCESS_DENIED" else ""


def _read_access(told: Mapping[str, Any], store_id: str, now: datetime) -> Access:
    """Raises PlatformBusy(`odd_answer`) for a reply without a key that can stand in a header."""
    keys = {name: _key(told, name) for name in ("access_token", "refresh_token")}
    if not keys["access_token"]:
        raise PlatformBusy("odd_answer", "Shopify's answer holds no key.")
    scopes = payload.line(told, "scope").split(",")
    return Access(
        store_id=store_id,
        keys={name: value for name, value in keys.items() if value},
        granted_at=now,
        scopes=tuple(sorted(scope.strip() for scope in scopes if scope.strip())),
        expires_at=_after(told, "expires_in", now),
        renewable_until=_after(told, "refresh_token_expires_in", now) if keys["refresh_token"] else None,
    )


def _key(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    fits = isinstance(value, str) and value.isascii() and value.isprintable() and " " not in value
    return value if fits and isinstance(value, str) and len(value) <= _LONGEST_KEY else ""


def _after(told: Mapping[str, Any], name: str, now: datetime) -> datetime | None:
    """A span in seconds as a moment; a year at most, because whatever says more says nonsense."""
    value = told.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        return None
    return now + timedelta(seconds=min(value, 366 * 24 * 3600))


def covers(granted: Iterable[str], needed: Iterable[str]) -> bool:
    """Whether `granted` scopes hold all that is needed; writing implies reading."""
    from shopify.api_access import ApiAccess, ApiAccessError  # type: ignore[import-untyped]

    try:
        return bool(ApiAccess(list(granted)).covers(ApiAccess(list(needed))))
    except ApiAccessError:
        return False
