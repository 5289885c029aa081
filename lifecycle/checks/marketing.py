"""Checks for advertising alone: whether it is allowed, wanted, worth it, and not too much or too late in the day."""

import re
from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lifecycle.cases import Answer, Case, Send, Stop, Wait
from lifecycle.consenting import may_market
from lifecycle.seen import fold, markdown_links, plain, read_html

# Where a country has many zones, its eastern and western end: nobody between them is woken.
ZONES: dict[str, tuple[str, ...]] = {
    "AT": ("Europe/Vienna",), "BE": ("Europe/Brussels",), "BG": ("Europe/Sofia",), "CH": ("Europe/Zurich",),
    "CY": ("Asia/Nicosia",), "CZ": ("Europe/Prague",), "DE": ("Europe/Berlin",), "DK": ("Europe/Copenhagen",),
    "EE": ("Europe/Tallinn",), "ES": ("Europe/Madrid", "Atlantic/Canary"), "FI": ("Europe/Helsinki",),
    "FR": ("Europe/Paris",), "GB": ("Europe/London",), "GR": ("Europe/Athens",), "HR": ("Europe/Zagreb",),
    "HU": ("Europe/Budapest",), "IE": ("Europe/Dublin",), "IS": ("Atlantic/Reykjavik",), "IT": ("Europe/Rome",),
    "LI": ("Europe/Vaduz",), "LT": ("Europe/Vilnius",), "LU": ("Europe/Luxembourg",), "LV": ("Europe/Riga",),
    "MT": ("Europe/Malta",), "NL": ("Europe/Amsterdam",), "NO": ("Europe/Oslo",), "PL": ("Europe/Warsaw",),
    "PT": ("Europe/Lisbon", "Atlantic/Azores"), "RO": ("Europe/Bucharest",), "SE": ("Europe/Stockholm",),
    "SI": ("Europe/Ljubljana",), "SK": ("Europe/Bratislava",), "TR": ("Europe/Istanbul",), "UA": ("Europe/Kyiv",),
    "US": ("America/New_York", "America/Los_Angeles"), "CA": ("America/Halifax", "America/Vancouver"),
    "MX": ("America/Mexico_City", "America/Tijuana"), "BR": ("America/Sao_Paulo", "America/Manaus"),
    "AR": ("America/Argentina/Buenos_Aires",), "CL": ("America/Santiago",), "CO": ("America/Bogota",),
    "AE": ("Asia/Dubai",), "EG": ("Africa/Cairo",), "IL": ("Asia/Jerusalem",), "KW": ("Asia/Kuwait",),
    "SA": ("Asia/Riyadh",), "MA": ("Africa/Casablanca",), "NG": ("Africa/Lagos",), "ZA": ("Africa/Johannesburg",),
    "AU": ("Australia/Sydney", "Australia/Perth"), "NZ": ("Pacific/Auckland",), "CN": ("Asia/Shanghai",),
    "HK": ("Asia/Hong_Kong",), "ID": ("Asia/Jayapura", "Asia/Jakarta"), "IN": ("Asia/Kolkata",), "JP": ("Asia/Tokyo",),
    "KR": ("Asia/Seoul",), "MY": ("Asia/Kuala_Lumpur",), "PH": ("Asia/Manila",), "SG": ("Asia/Singapore",),
    "TH": ("Asia/Bangkok",), "TW": ("Asia/Taipei",), "VN": ("Asia/Ho_Chi_Minh",),
}  # fmt: skip
_WEEK_FULL = timedelta(hours=12)
_LETTERS = re.compile(r"[^\w]+")


def worth_a_letter(case: Case) -> Answer:
    """Stop for a reminder of an empty cart, a cart that costs nothing, or one without a way back to it."""
    if case.checkout is None or not case.row.step:
        return Send()
    if not case.checkout.lines:
        return Stop("empty_cart")
    if case.checkout.total.amount <= 0:
        return Stop("nothing_to_pay")
    return Send() if case.checkout.recovery_url else Stop("no_recovery_link")


def consented(case: Case) -> Answer:
    """Stop where the person's country asks for a consent that is not there."""
    settings = case.store.settings
    reason = may_market(case.country, case.consent, case.last_purchase_at, soft_opt_in=settings.soft_opt_in, now=case.now)
    return Stop(reason) if reason else Send()


def has_postal_address(case: Case) -> Answer:
    """Stop while the store has no postal address to print."""
    return Send() if case.store.settings.postal_address.strip() else Stop("no_postal_address")


def under_cap(case: Case) -> Answer:
    """Wait when this person got advertising a moment ago, or enough for the week."""
    settings, last = case.store.settings, case.last_marketing_at
    waits = []
    if last is not None:
        waits.append(last + timedelta(hours=settings.cap_hours))
    if case.marketing_week >= settings.cap_week:
        waits.append(case.now + _WEEK_FULL)
    until = max(waits, default=case.now)
    return Wait("enough_for_now", until) if until > case.now else Send()


def waking_hours(case: Case) -> Answer:
    """Wait for the morning where the person is: their country's zones, else the store's. Equal hours mean no night at all."""
    settings = case.store.settings
    zones = [_zone(name) for name in ZONES.get(case.country.upper(), (case.store.timezone,))]
    until = case.now
    # Each turn moves to a morning; where the mornings never meet, the last one found has to do.
    for _ in range(len(zones) * 2):
        for zone in zones:
            until = _morning(until, zone, settings.quiet_from, settings.quiet_to)
    return Wait("night_there", until) if until > case.now else Send()


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def _morning(moment: datetime, zone: tzinfo, quiet_from: int, quiet_to: int) -> datetime:
    """The moment itself by day, else the end of that night; aware UTC, right across changes of the clock."""
    local = moment.astimezone(zone)
    over_midnight = quiet_from > quiet_to
    late, early = local.hour >= quiet_from, local.hour < quiet_to
    if not ((late or early) if over_midnight else (late and early)):
        return moment
    day = local.date() + timedelta(days=1 if over_midnight and late else 0)
    if quiet_to == 24:
        day, quiet_to = day + timedelta(days=1), 0
    return datetime.combine(day, time(quiet_to), zone).astimezone(UTC)


def _same(text: str) -> str:
    return _LETTERS.sub(" ", fold(text)).casefold().strip()


def prints_postal_address(case: Case) -> Answer:
    """Stop when the postal address is missing in one of the two parts, however its lines are broken."""
    if case.letter is None:
        return Send()
    address = _same(case.store.settings.postal_address)
    parts = (read_html(case.letter.html).text, plain(case.letter.text))
    return Send() if address and all(address in _same(part) for part in parts) else Stop("no_postal_address")


def has_way_out(case: Case) -> Answer:
    """Stop when one of the two parts has no link to unsubscribe: the person's own, or where none is named, any that says so."""
    if case.letter is None:
        return Send()
    alone = (read_html(case.letter.html).links, markdown_links(case.letter.text))
    return Send() if all(_leads_out(links, case.way_out) for links in alone) else Stop("no_way_out")


def _leads_out(links: tuple[str, ...], way_out: str) -> bool:
    return way_out in links if way_out else any("unsubscribe" in link.lower() for link in links)
