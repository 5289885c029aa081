"""The account and its mailboxes: who they are, under whose eyes they send, and how that is changed with a code.

Modes are loosened only with a code that MultiMail mails to the account's oversight address: no program can do it alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn
from urllib.parse import quote

from adapters import payload
from adapters.http import Answer, Outbound
from adapters.multimail import wire
from adapters.multimail.pace import Pace
from adapters.multimail.wire import Errand
from lifecycle.errors import NoAnswer, PostmanBusy, PostmanClosed, PostmanRefused, PostmanUnsure
from lifecycle.mailboxes import MailAccount, Mailbox
from lifecycle.oversight import Mode

_WITHIN_S = 15.0
_NEEDED = {
    "admin": "Run this one command with a key that has it (MULTIMAIL_API_KEY=… before the command): letters do not need it.",
    "send": "Make a key with the scopes read and send at MultiMail, and set MULTIMAIL_API_KEY to it.",
    "read": "Make a key with the scopes read and send at MultiMail, and set MULTIMAIL_API_KEY to it.",
}


class Office:
    """MultiMail's account as `lifecycle.ports.MailOffice`. Nothing is asked twice: most of it has effects."""

    def __init__(self, outbound: Outbound, pace: Pace, *, base: str, headers: Mapping[str, str]) -> None:
        self._outbound = outbound
        self._pace = pace
        self._base = base
        self._headers = headers

    def account(self) -> MailAccount:
        return wire.account_told(self._ask("account").object())

    def mailboxes(self) -> Sequence[Mailbox]:
        """Every mailbox in the service's order; a row that is none of ours to use is left out."""
        rows = payload.mappings(self._ask("mailboxes").object(), "mailboxes")
        return [told for told in map(wire.mailbox_told, rows) if told is not None]

    def ask_upgrade(self, mailbox_id: str, mode: Mode) -> None:
        self._ask("ask_upgrade", mailbox_id, {"target_mode": str(mode)})

    def redeem_upgrade(self, mailbox_id: str, code: str) -> None:
        self._ask("redeem_upgrade", mailbox_id, {"code": code})

    def create(self, local_part: str, display_name: str = "", code: str = "") -> Mailbox | None:
        content = {"address_local": local_part} | ({"display_name": display_name} if display_name else {})
        if not code:
            answer = self._ask("create", "", content)
        else:
            answer = self._ask("create_with_code", "", content | {"approval_code": code})
        if answer.status == wire.ACCEPTED:
            return None
        # It begins at gated_send whatever is asked for, and the answer does not say so.
        told = wire.mailbox_told({"oversight_mode": str(Mode.GATED_SEND), **answer.object()})
        if told is None:
            raise PostmanUnsure(
                "odd_answer", "MultiMail said yes without saying which mailbox: `mailbox` shows what there is."
            )
        return told

    # ---- one call ----------------------------------------------------------------------------------------------------

    def _ask(self, name: str, mailbox_id: str = "", content: Any = None) -> Answer:
        errand = wire.ERRANDS[name]
        url = self._base + errand.path.format(quote(mailbox_id, safe=""))
        self._pace.take()
        try:
            answer = self._outbound.call(errand.method, url, headers=self._headers, content=content, total_s=_WITHIN_S)
        except NoAnswer as fault:
            heard, reason = fault.perhaps_heard and errand.method != "GET", fault.reason
        else:
            if not 200 <= answer.status < 300:
                _refuse(errand, answer)
            return answer
        if heard:
            raise PostmanUnsure(
                "no_answer", f"MultiMail was asked and gave no whole answer ({reason}): `mailbox` shows what is."
            )
        raise PostmanBusy("multimail_unreachable", f"MultiMail could not be reached ({reason}).")


def _refuse(errand: Errand, answer: Answer) -> NoReturn:
    """Raise for an answer that is no success; what the service wrote is never repeated, it may hold anything."""
    status, said = answer.status, answer.object()
    if status == 401:
        raise PostmanClosed("multimail_key", "MultiMail does not know this key: check MULTIMAIL_API_KEY.")
    if status == 403 and wire.refusal(said) == "multimail_account_closed":
        raise PostmanClosed("multimail_account_closed", "MultiMail has switched off this account.")
    if status == 403 and wire.at_plans_end(said):
        raise PostmanRefused("multimail_plan", "The account's plan has no more mailboxes: change the plan at MultiMail.")
    if status == 403 and (wire.lacks_scope(said) or status not in errand.said):
        scope = wire.scope_named(said, errand.scope)
        raise PostmanClosed("no_scope", f"The key lacks the scope {scope}. {_NEEDED.get(scope, _NEEDED['admin'])}")
    if status in errand.said:
        raise PostmanRefused(*errand.said[status])
    if status == 429:
        raise PostmanBusy("rate_limited", "MultiMail asks us to wait (429): try again in a minute.")
    if status >= 500:
        raise PostmanBusy("multimail_failed", f"MultiMail does not work at the moment ({status}): try again later.")
    raise PostmanClosed("multimail_url", f"MultiMail answered {status}: check MULTIMAIL_API_URL.")
