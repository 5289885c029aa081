"""`mailbox`: the mailboxes at MultiMail that letters leave from; which store uses which, and under whose eyes."""

import re
import shlex
from collections.abc import Sequence
from typing import Any

import click

from lifecycle.choices import store_changed
from lifecycle.errors import BadSetting, NotFound
from lifecycle.house import House
from lifecycle.mailboxes import MAILBOX_WORDS, MailAccount, Mailbox, found, mailbox_of
from lifecycle.messages import State
from lifecycle.oversight import Mode
from lifecycle.ports import Transaction
from lifecycle.stores import Store
from pages.links import links_of
from pages.mailbox import (
    NO_EVENTS,
    STARTS_AT,
    WARM_UP,
    Standing,
    mailbox_facts,
    mailboxes_of,
    office_facts,
    office_of,
    standing_facts,
    standing_of,
)
from pages.terminal.speaking import Terminal, clean, json_option, pairs, store_of, table, terminal

_CODE = re.compile(r"[A-Za-z0-9-]{3,16}", re.ASCII)
_LOCAL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._+-]{0,62}[A-Za-z0-9])?", re.ASCII)


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def mailbox(ctx: click.Context) -> None:
    """Show the MultiMail account, its mailboxes and what their modes do to our letters."""
    if ctx.invoked_subcommand is not None:
        return
    room = ctx.find_object(Terminal)
    assert room is not None
    house = room.house
    with house.records.reading() as tx:
        stores = tx.stores.all()
    office = office_of(house, stores)
    page = links_of(house).page("mailbox", [store.id for store in stores])
    boxes = table(
        ("id", "address", "mode", "today"),
        [(box.id, clean(box.address), _mode(box), _today(box)) for box in office.mailboxes],
        bends=(1,),
    )
    lines = [
        *pairs(_account(office.account)),
        "",
        *(boxes or ["No mailbox yet. `multimail-commerce mailbox create orders` makes one."]),
        "",
        *(line for one in office.standings for line in _standing(one)),
        "",
        *pairs({str(mode): words for mode, words in MAILBOX_WORDS.items()}),
        *(["", STARTS_AT, WARM_UP, NO_EVENTS, "", f"To read in a browser: {page}"]),
    ]
    room.give(office_facts(office) | {"page_url": page}, lines)


def _account(account: MailAccount) -> dict[str, str]:
    spent = "?" if account.sent_this_month is None else account.sent_this_month
    return {
        "account": clean(account.name),
        "plan": clean(account.plan),
        "letters this month": f"{spent} of {account.quota}" if account.quota is not None else "",
        "most mailboxes": str(account.most_mailboxes or ""),
        "codes are mailed to": clean(account.oversight_address),
        "postal address": clean(account.postal_address) or "none: marketing letters need one",
        "sending": "" if account.may_send else f"SWITCHED OFF by MultiMail {clean(account.why_not)}",
    }


def _mode(box: Mailbox) -> str:
    free = box.mode in (Mode.MONITORED, Mode.AUTONOMOUS) and box.is_active
    return click.style(str(box.mode or "unknown"), fg="green" if free else "yellow")


def _today(box: Mailbox) -> str:
    sent = "?" if box.daily_sent is None else box.daily_sent
    return f"{sent} of {box.daily_limit}" if box.daily_limit is not None else "" if box.is_active else "switched off"


def _standing(one: Standing) -> list[str]:
    warned = [f"  {click.style('!', fg='yellow')} {said}" for said in one.clashes]
    if not one.wanted:
        where = "has no mailbox yet: `multimail-commerce mailbox use ID` gives it one"
    else:
        box = f"{clean(one.box.address)} ({one.box.mode})" if one.box else one.wanted
        where = f"writes from {box}, " + ("its own" if one.store.settings.mailbox_id else "as MULTIMAIL_MAILBOX_ID says")
    return [f"{clean(one.store.name)} ({one.store.id}) {where}.", *warned]


# ---- which store uses which --------------------------------------------------------------------------------------------


@mailbox.command("use")
@click.argument("mailbox_id", metavar="MAILBOX")
@click.option("--store", "wanted", default="", metavar="ID", help="The store; not needed when there is only one.")
@json_option
@terminal
def use(room: Terminal, mailbox_id: str, wanted: str) -> None:
    """Let a store's letters leave from this mailbox (its id or address); says at once what its mode does to them."""
    house = room.house
    boxes = mailboxes_of(house).office.mailboxes()
    box = _known(boxes, mailbox_id)
    with house.records.transaction() as tx:
        store = _store(tx, wanted)
        if mailbox_of(store, mailboxes_of(house).mailbox) != box.id:
            _refuse_in_doubt(tx, store)
        store = store_changed(store, "mailbox_id", box.id)
        tx.stores.save(store)
    one = standing_of(store, boxes, "")
    done = f"Letters of {clean(store.name)} leave from {clean(box.address)} now. In its mode ({box.mode}), {box.words}."
    room.give(
        standing_facts(one) | {"mode": str(box.mode or ""), "mode_words": box.words},
        [done, *(f"{click.style('!', fg='yellow')} {said}" for said in one.clashes)],
    )


def _known(boxes: Sequence[Mailbox], wanted: str) -> Mailbox:
    box = found(boxes, wanted)
    if box is None:
        raise NotFound("no_mailbox", "The account has no such mailbox. `multimail-commerce mailbox` lists those it has.")
    return box


def _store(tx: Transaction, wanted: str) -> Store:
    if wanted:
        return store_of(tx, wanted)
    stores = [store for store in tx.stores.all() if store.is_active]
    if len(stores) != 1:
        raise BadSetting(
            "which_store", f"There are {len(stores)} stores: name one with --store (`stores list` shows them)."
        )
    return stores[0]


def _refuse_in_doubt(tx: Transaction, store: Store) -> None:
    """A second try from another mailbox may be a second letter: MultiMail does not say how far its memory of a key reaches."""
    doubtful = len(tx.messages.list(store.id, state=State.IN_DOUBT))
    if doubtful:
        raise BadSetting(
            "in_doubt",
            f"{doubtful} letters of this store are in doubt, and a second try from another mailbox could deliver them twice. "
            "Try again when `letters list --state in_doubt` is empty.",
        )


# ---- codes -------------------------------------------------------------------------------------------------------------


@mailbox.command("upgrade")
@click.argument("mode", metavar="[MODE]", default="")
@click.option("--code", default="", metavar="CODE", help="Redeem the code that was mailed, like A7X-29K.")
@click.option("--mailbox", "wanted", default="", metavar="MAILBOX", help="Its id or address; not needed when it is clear.")
@json_option
@terminal
def upgrade(room: Terminal, mode: str, code: str, wanted: str) -> None:
    """Ask for a looser mode (a code is mailed to the account's oversight address), or redeem that code."""
    if bool(mode) == bool(code):
        raise BadSetting(
            "mode_or_code", "Give the mode you want (`mailbox upgrade monitored`), or the code: --code A7X-29K."
        )
    house = room.house
    office = mailboxes_of(house).office
    box = _meant(house, office.mailboxes(), wanted)
    if code:
        office.redeem_upgrade(box.id, _code(code))
        box = found(office.mailboxes(), box.id) or box
        room.give(
            {"upgraded": True, "mailbox": mailbox_facts(box)}, [f"{clean(box.address)} is {box.mode} now: {box.words}."]
        )
        return
    office.ask_upgrade(box.id, _target(mode, box))
    to = office.account().oversight_address
    told: dict[str, Any] = {
        "upgraded": False,
        "asked_for": mode.lower(),
        "code_mailed_to": to,
        "mailbox": mailbox_facts(box),
    }
    again = f"multimail-commerce mailbox upgrade --code CODE{f' --mailbox {box.id}' if wanted else ''}"
    room.give(told, [
        f"MultiMail mails a code to {clean(to) or 'its oversight address'}; it is good once, for 24 hours. Then: {again}",
        "At most three codes an hour are mailed for one mailbox.",
    ])  # fmt: skip


def _meant(house: House, boxes: Sequence[Mailbox], wanted: str) -> Mailbox:
    """The named mailbox; else MULTIMAIL_MAILBOX_ID's, the one that every store uses, or the only one."""
    if wanted:
        return _known(boxes, wanted)
    default = mailboxes_of(house).mailbox
    with house.records.reading() as tx:
        used = {mailbox_of(store, default) for store in tx.stores.all() if store.is_active} - {""}
    for ids in ({default} - {""}, used, {box.id for box in boxes}):
        if len(ids) == 1:
            return _known(boxes, ids.pop())
    raise BadSetting("which_mailbox", "Name the mailbox: --mailbox ID (`multimail-commerce mailbox` lists them).")


def _target(text: str, box: Mailbox) -> Mode:
    looser = [mode for mode in Mode if mode is not Mode.READ_ONLY and (box.mode is None or mode < box.mode)]
    if not looser:
        raise BadSetting("no_upgrade", "The mailbox is autonomous already; there is no looser mode.")
    if text.lower() not in {mode.value for mode in looser}:
        raise BadSetting(
            "bad_mode",
            f"The mailbox is {box.mode or 'in an unknown mode'}; it can be upgraded to {', '.join(map(str, looser))}. "
            "Stricter modes are set at MultiMail and need no code.",
        )
    return Mode(text.lower())


def _code(text: str) -> str:
    if not _CODE.fullmatch(text.strip()):
        raise BadSetting("bad_code", "--code must be the code from the mail, like A7X-29K.")
    return text.strip()


@mailbox.command("create")
@click.argument("local_part", metavar="NAME")
@click.option("--name", "display_name", default="", help="The name that letters come from.")
@click.option("--code", default="", metavar="CODE", help="The code that was mailed after the first call.")
@json_option
@terminal
def create(room: Terminal, local_part: str, display_name: str, code: str) -> None:
    """Make a mailbox, in two steps: the first has a code mailed to the oversight address, the second gives it. Needs an admin key."""
    if not _LOCAL.fullmatch(local_part.partition("@")[0]) or "@" in local_part.partition("@")[2]:
        raise BadSetting("bad_address", "NAME must be the part of the address before the @, like orders.")
    office = mailboxes_of(room.house).office
    made = office.create(local_part, display_name, _code(code) if code else "")
    if made is None:
        named = f" --name {shlex.quote(clean(display_name))}" if display_name else ""
        room.give({"created": False, "mailbox": None}, [
            "MultiMail mails a code to the account's oversight address. Then, the same again with it:",
            f"  multimail-commerce mailbox create {local_part}{named} --code CODE",
        ])  # fmt: skip
        return
    room.give({"created": True, "mailbox": mailbox_facts(made)}, [
        f"{clean(made.address)} is there: {made.id}.",
        f"It begins at gated_send: {MAILBOX_WORDS[Mode.GATED_SEND]}.",
        f"Next: multimail-commerce mailbox use {made.id}, then multimail-commerce mailbox upgrade monitored --mailbox {made.id}",
    ])  # fmt: skip
