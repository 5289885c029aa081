"""What follows an accepted letter as a courtesy: its tags, and the customer as a contact. Bounded in time, never needed."""

from collections.abc import Callable, Mapping
from typing import Any

from adapters.http import Answer, Outbound
from adapters.multimail import wire
from adapters.multimail.pace import Pace
from adapters.multimail.wire import Dialect
from lifecycle.ports import Posting

WITHIN_S = 3.0
"""All courtesies of one letter together; the letters behind it wait that long at most."""


class Courtesies:
    """Tags and contacts. `wants_contact` says for which letters a contact is kept."""

    def __init__(
        self,
        outbound: Outbound,
        pace: Pace,
        *,
        base: str,
        headers: Mapping[str, str],
        dialect: Dialect,
        wants_contact: Callable[[Posting], bool],
    ) -> None:
        self._outbound = outbound
        self._pace = pace
        self._base = base
        self._headers = headers
        self._dialect = dialect
        self._wants_contact = wants_contact

    def after(self, posting: Posting, mail: str) -> None:
        """Tag the mail and keep its receiver, as far as time allows. Raises NoAnswer, which nobody needs to mind."""
        until = self._pace.now() + WITHIN_S
        if self._dialect is Dialect.MAILBOX:
            self._tag(posting, mail, until)
        if self._wants_contact(posting):
            self._keep_contact(posting, until)

    def _ask(self, until: float, method: str, path: str, **more: Any) -> Answer | None:
        if not self._pace.take(until) or (left := until - self._pace.now()) <= 0:
            return None
        return self._outbound.call(method, self._base + path, headers=self._headers, total_s=left, **more)

    def _tag(self, posting: Posting, mail: str, until: float) -> None:
        path = wire.tags_path(posting.mailbox, mail)
        known = self._ask(until, "GET", path)
        # PUT replaces (OpenAPI) or merges (MCP): read, merge, write is right under both; without the read it is not.
        if known is not None and known.status == 200:
            held = known.object().get("tags")
            self._ask(until, "PUT", path, content={"tags": wire.merged(held, posting)})

    def _keep_contact(self, posting: Posting, until: float) -> None:
        if self._dialect is Dialect.MAILBOX:
            known = self._ask(until, "GET", wire.CONTACTS, params={"q": posting.letter.to})
            if known is None or known.status != 200 or wire.has_contact(known.object(), posting.letter.to):
                return
        self._ask(until, "POST", wire.CONTACTS, content=wire.contact(self._dialect, posting))
