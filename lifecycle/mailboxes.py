"""Mailboxes: what an account at a mail service says of itself, and where its oversight and ours get in each other's way."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lifecycle.mails import MAILS, Mail
from lifecycle.oversight import Mode, mode_for
from lifecycle.stores import Store

# The first letter is no dot: the id becomes a part of a path.
MAILBOX_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.:-]{0,63}", re.ASCII)

MAILBOX_WORDS: dict[Mode, str] = {
    Mode.READ_ONLY: "nothing is sent at all",
    Mode.GATED_ALL: "every letter waits there for a person, and so does every answer that comes in",
    Mode.GATED_SEND: "every letter waits there for a person, unless its recipient is on the mailbox's allowlist",
    Mode.MONITORED: "letters leave after its scan, with a copy to the oversight address",
    Mode.AUTONOMOUS: "letters leave after its scan",
}
"""What a mailbox's own mode does to letters that we hand over."""


@dataclass(frozen=True, slots=True)
class MailAccount:
    """The account as its service tells it; None or empty where it does not."""

    name: str = ""
    plan: str = ""
    oversight_address: str = ""
    postal_address: str = ""
    quota: int | None = None
    sent_this_month: int | None = None
    most_mailboxes: int | None = None
    may_send: bool = True
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One mailbox. `mode` None: a word that we do not know. `daily_*`: the warm-up's figures, where they are told."""

    id: str
    address: str
    name: str = ""
    mode: Mode | None = None
    is_active: bool = True
    daily_limit: int | None = None
    daily_sent: int | None = None

    @property
    def words(self) -> str:
        """What the mailbox does to our letters."""
        if not self.is_active:
            return "nothing leaves: it is switched off"
        return MAILBOX_WORDS[self.mode] if self.mode else "we do not know what becomes of letters"


def mailbox_of(store: Store, default: str) -> str:
    """The id of the mailbox that this store's letters leave from; empty when there is none."""
    return store.settings.mailbox_id or default


def found(mailboxes: Iterable[Mailbox], wanted: str) -> Mailbox | None:
    """The mailbox with this id or address."""
    bare = wanted.strip()
    return next((box for box in mailboxes if bare and (box.id == bare or box.address.lower() == bare.lower())), None)


def clashes(store: Store, box: Mailbox | None) -> tuple[str, ...]:
    """One sentence for each way in which this mailbox keeps the store's letters from doing what the store decided."""
    if box is None:
        return ("This store has no mailbox that the account knows: its letters wait here.",)
    if not box.is_active or box.mode is Mode.READ_ONLY:
        return ("Nothing leaves from this mailbox: the store's letters wait here until it may send.",)
    if box.mode is None:
        return ("The mailbox's mode is unknown to us: look at MultiMail what it does to letters.",)
    held, free = _by_our_mode(store)
    if not box.mode.holds:
        return _copied_twice(store, box.mode)
    unless = " unless their recipient is on its allowlist" if box.mode is Mode.GATED_SEND else ""
    said = []
    if held:
        said.append(
            f"Held twice: a person approves these here, and then again at MultiMail ({box.mode}){unless}: {_titles(held)}."
        )
    if free:
        said.append(
            f"Held there: we let these go by themselves, and the mailbox ({box.mode}) keeps each{unless}: {_titles(free)}."
        )
    said.append("Upgrade the mailbox to monitored or autonomous, and let our modes alone decide who waits.")
    return tuple(said)


def _by_our_mode(store: Store) -> tuple[list[Mail], list[Mail]]:
    """The store's letters that wait for a person here, and those that leave by themselves."""
    held: list[Mail] = []
    free: list[Mail] = []
    for row in MAILS.values():
        mode = mode_for(row.mode, store.settings.modes.get(row.name), row.loosest)
        if row.name not in store.settings.off and mode is not Mode.READ_ONLY:
            (held if mode.holds else free).append(row)
    return held, free


def _copied_twice(store: Store, mode: Mode) -> tuple[str, ...]:
    if mode is Mode.MONITORED and store.settings.team_address:
        return (
            "Copied twice: of a monitored letter we send your team a copy, and MultiMail sends one to its oversight address.",
        )
    return ()


def _titles(rows: Sequence[Mail]) -> str:
    return " · ".join(row.title for row in rows)
