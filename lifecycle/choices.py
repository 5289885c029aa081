"""CHOICES: everything a merchant may set for a store, how it is written, and how it is shown again.

What `shown` gives, `read` takes back: a listed setting can be pasted into `stores set`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo

from lifecycle.codes import COUNTRIES, CURRENCIES
from lifecycle.errors import BadSetting, BadValue
from lifecycle.incentives import incentives_read, incentives_shown
from lifecycle.mailboxes import MAILBOX_ID
from lifecycle.mails import MAILS, Mail
from lifecycle.money import parse_amount
from lifecycle.oversight import Mode
from lifecycle.stores import Store, StoreSettings

DEFAULT = "default"
NONE = "none"

# One plain addr-spec: enough to catch typing errors; whether it exists only a letter can tell.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}", re.ASCII)
_LOCALE = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|[0-9]{3}))?", re.ASCII)
_YES = {"yes": True, "true": True, "on": True, "1": True, "no": False, "false": False, "off": False, "0": False}
_STEPS = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Choice:
    """One setting: `read` gives the settings with it or raises ValueError saying what is allowed; `show` its present value."""

    name: str
    what: str
    read: Callable[[StoreSettings, str], StoreSettings]
    show: Callable[[StoreSettings], str]


def _field(name: str, what: str, read: Callable[[str], Any], show: Callable[[Any], str] = str) -> Choice:
    return Choice(
        name,
        what,
        lambda settings, text: replace(settings, **{name: read(text)}),
        lambda settings: show(getattr(settings, name)),
    )


def line(text: str) -> str:
    """One line of at most 200 printable characters. Raises ValueError."""
    text = text.replace("\u00a0", " ")
    if len(text) > 200 or not text.isprintable():
        raise ValueError("must be one line of at most 200 printable characters")
    return text


def _postal(text: str) -> str:
    return ", ".join(line(part.strip()) for part in text.replace("\\n", "\n").splitlines() if part.strip())


def _address(text: str) -> str:
    local = text.partition("@")[0]
    if text and (len(text) > 254 or not _ADDRESS.fullmatch(text) or ".." in text or local[0] == "." or local[-1] == "."):
        raise ValueError("must be one plain e-mail address, like team@example.com, or empty")
    return text


def _mailbox(text: str) -> str:
    if text and not MAILBOX_ID.fullmatch(text):
        raise ValueError("must be a mailbox id as `mailbox` lists it (not an address), or empty")
    return text


def _yes_no(text: str) -> bool:
    if text.lower() not in _YES:
        raise ValueError("must be yes or no")
    return _YES[text.lower()]


def _shown_yes(value: bool) -> str:
    return "yes" if value else "no"


def _number(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text[:6]) <= most or len(text) > 6:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(text)

    return read


def _limit(text: str) -> Decimal | None:
    if text.lower() in {"", NONE}:
        return None
    try:
        amount = parse_amount(text)
    except BadValue:
        raise ValueError("must be an amount like 500 or 499.90, or none") from None
    if amount <= 0:
        raise ValueError("must be more than 0, or none")
    return amount


def _waits(text: str) -> tuple[int, int, int]:
    parts = [part.strip() for part in text.split(",")]
    rule = "must be three rising numbers of hours from 1 to 720, like 2,24,72"
    if len(parts) != len(_STEPS):
        raise ValueError(rule)
    try:
        first, second, third = (_number(1, 720)(part) for part in parts)
    except ValueError:
        raise ValueError(rule) from None
    if not first < second < third:
        raise ValueError(rule)
    return first, second, third


def _set_quiet(settings: StoreSettings, text: str) -> StoreSettings:
    if text.lower() == NONE:
        return replace(settings, quiet_from=0, quiet_to=0)
    rule = "must be two different hours from 0 to 23 like 21-8, or none"
    start, found, end = text.partition("-")
    try:
        first, last = (_number(0, 23)(part.strip()) for part in (start, end))
    except ValueError:
        raise ValueError(rule) from None
    if not found or first == last:
        raise ValueError(rule)
    return replace(settings, quiet_from=first, quiet_to=last)


def _quiet(settings: StoreSettings) -> str:
    return NONE if settings.quiet_from == settings.quiet_to else f"{settings.quiet_from}-{settings.quiet_to}"


def _mode(row: Mail) -> Choice:
    allowed = [mode for mode in Mode if mode >= row.loosest]
    rule = f"must be one of {', '.join(map(str, allowed))}, or {DEFAULT} (= {max(row.mode, row.loosest)})"

    def read(settings: StoreSettings, text: str) -> StoreSettings:
        others = {name: mode for name, mode in settings.modes.items() if name != row.name}
        if text.lower() == DEFAULT:
            return replace(settings, modes=others)
        if text.lower() not in {mode.value for mode in allowed}:
            raise ValueError(rule)
        return replace(settings, modes=others | {row.name: Mode(text.lower())})

    def show(settings: StoreSettings) -> str:
        chosen = settings.modes.get(row.name)
        return str(chosen) if chosen else DEFAULT

    return Choice(f"mode.{row.name}", f"under whose eyes «{row.title}» leaves", read, show)


def _off(row: Mail) -> Choice:
    def read(settings: StoreSettings, text: str) -> StoreSettings:
        kept = settings.off - {row.name}
        return replace(settings, off=kept | {row.name} if _yes_no(text) else kept)

    return Choice(
        f"off.{row.name}", f"yes = «{row.title}» is never written", read, lambda now: _shown_yes(row.name in now.off)
    )


def _incentive(step: int) -> Choice:
    def read(settings: StoreSettings, text: str) -> StoreSettings:
        others = tuple(offer for offer in settings.incentives if offer.step != step)
        offers = () if text.lower() in {"", NONE} else incentives_read(step, text)
        return replace(settings, incentives=tuple(sorted((*others, *offers), key=lambda offer: offer.step)))

    def show(settings: StoreSettings) -> str:
        return incentives_shown(offer for offer in settings.incentives if offer.step == step) or NONE

    return Choice(f"incentive.{step}", f"what recovery step {step} offers", read, show)


CHOICES: dict[str, Choice] = {
    choice.name: choice
    for choice in (
        _field("sender_name", "the name that letters come from (empty: the store's name)", line),
        _field("sender_address", "the address that letters come from", _address),
        _field("reply_to", "where answers go", _address),
        _field("team_address", "who gets the copies of monitored letters", _address),
        _field("postal_address", "the shop's postal address; marketing needs one", _postal),
        _field("mail_test_orders", "whether test orders make letters that leave", _yes_no, _shown_yes),
        _field(
            "large_order",
            "orders above this total wait for a person",
            _limit,
            lambda now: NONE if now is None else f"{now:f}",
        ),
        _field("recovery_waits_h", "hours after the last touch of a cart", _waits, lambda now: ",".join(map(str, now))),
        _field("change_wait_min", "minutes that an order change waits for the next one", _number(0, 1440)),
        _field(
            "soft_opt_in",
            "whether customers may get reminders without subscribing, where the law allows it",
            _yes_no,
            _shown_yes,
        ),
        Choice("quiet", "hours without marketing, in the store's time zone", _set_quiet, _quiet),
        _field("cap_hours", "hours between two marketing letters to one person", _number(0, 720)),
        _field("cap_week", "marketing letters to one person in a week", _number(0, 50)),
        _field("paused", "whether this store's letters wait", _yes_no, _shown_yes),
        _field("mailbox_id", "the MultiMail mailbox that letters leave from (empty: MULTIMAIL_MAILBOX_ID)", _mailbox),
        *(_incentive(step) for step in _STEPS),
        *(_mode(row) for row in MAILS.values()),
        *(_off(row) for row in MAILS.values()),
    )
}

ALIASES = {"recovery.waits_h": "recovery_waits_h"}


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise ValueError("must be a time zone like Europe/Berlin") from None
    return text


def _locale(text: str) -> str:
    found = _LOCALE.fullmatch(text)
    if not found:
        raise ValueError("must be a language like de or pt-BR")
    language, script, region = found.groups()
    return "_".join(filter(None, (language.lower(), script and script.title(), region and region.upper())))


def _code(allowed: frozenset[str], rule: str, *, empty: bool = False) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.upper() not in allowed and not (empty and not text):
            raise ValueError(rule)
        return text.upper()

    return read


def _name(text: str) -> str:
    if not text:
        raise ValueError("must not be empty")
    return line(text)


STORE_FIELDS: dict[str, tuple[str, Callable[[str], str]]] = {
    "name": ("the shop's name, as customers know it", _name),
    "currency": ("the shop's own currency", _code(CURRENCIES, "must be a currency in use, like EUR")),
    "timezone": ("the shop's time zone", _zone),
    "locale": ("the shop's language, when the customer's is not known", _locale),
    "country": ("the shop's country", _code(COUNTRIES, "must be a country code of two letters, like DE", empty=True)),
}


def _unknown(name: str, known: Mapping[str, object]) -> BadSetting:
    near = get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(known)}."
    return BadSetting("unknown_setting", f"There is no such setting. {hint}")


def changed(settings: StoreSettings, name: str, value: str) -> StoreSettings:
    """The settings with one of CHOICES set from its text. Raises BadSetting naming the setting and what is allowed."""
    choice = CHOICES.get(ALIASES.get(name, name))
    if choice is None:
        raise _unknown(name, CHOICES)
    try:
        return choice.read(settings, value.strip())
    except ValueError as wrong:
        raise BadSetting("bad_setting", f"{choice.name} {wrong}.") from None


def store_changed(store: Store, name: str, value: str) -> Store:
    """The store with one of STORE_FIELDS or CHOICES set from its text. Raises BadSetting."""
    if name not in STORE_FIELDS:
        if ALIASES.get(name, name) not in CHOICES:
            raise _unknown(name, {**STORE_FIELDS, **CHOICES})
        return store.with_settings(changed(store.settings, name, value))
    try:
        kept = STORE_FIELDS[name][1](value.strip())
    except ValueError as wrong:
        raise BadSetting("bad_setting", f"{name} {wrong}.") from None
    return replace(store, **{name: kept})  # type: ignore[arg-type]


def listed(settings: StoreSettings) -> dict[str, str]:
    """Every setting with its present value, as `changed()` takes it."""
    return {name: choice.show(settings) for name, choice in CHOICES.items()}
