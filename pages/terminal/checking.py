"""`doctor`: whether everything is as it should be, and what to do where it is not."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

import click

from lifecycle.errors import HouseError
from lifecycle.house import House
from lifecycle.ports import HasMailboxes
from lifecycle.settings import VARIABLES, Settings, Variable
from pages import told
from pages.mailbox import office_of
from pages.terminal.connections import connection_of, connection_words, overdue_requests
from pages.terminal.speaking import Terminal, clean, json_option

_STUCK = timedelta(minutes=5)
_EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `ok` None: it works, but somebody should know."""

    name: str
    ok: bool | None
    detail: str


@click.command()
@json_option
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Check configuration, database, postman and clock; exit code 1 when something does not work."""
    room = ctx.find_object(Terminal)
    assert room is not None
    try:
        house = room.house
    except HouseError as error:
        findings = [Finding("configuration", ok=False, detail=clean(str(error)))]
    else:
        findings = [finding for check in CHECKS for finding in check(house)]
    works = all(finding.ok is not False for finding in findings)
    room.give({"ok": works, "checks": [asdict(finding) for finding in findings]}, map(_line, findings))
    ctx.exit(0 if works else 1)


def _line(finding: Finding) -> str:
    mark = {True: click.style("ok  ", fg="green"), None: click.style("note", fg="yellow")}.get(
        finding.ok, click.style("FAIL", fg="red")
    )
    return f"{mark}  {finding.name:<28}  {finding.detail}"


def configuration(house: House) -> list[Finding]:
    """Every variable: set or default; secrets only as set or not."""
    settings = house.settings
    found = [Finding(row.name, ok=True, detail=_shown(settings, row)) for row in VARIABLES]
    if not settings.is_local and not settings.public_url.startswith("https://"):
        found.append(
            Finding("PUBLIC_URL", ok=None, detail="is not https: shop platforms send webhooks to https addresses only")
        )
    if not settings.shopify_secrets:
        found.append(Finding("SHOPIFY_API_SECRET", ok=None, detail="is not set: every Shopify webhook will be refused"))
    return found


def _shown(settings: Settings, row: Variable) -> str:
    value = getattr(settings, row.field)
    if row.name == "SHOPIFY_API_SECRET_PREVIOUS":
        value = value[1:]
    if row.secret:
        return "set" if value else "not set"
    return clean(str(value)) or "not set"


def database(house: House) -> list[Finding]:
    """Whether it can be written and has this version's form."""
    return [_asked("database", house.records.check)]


def postman(house: House) -> list[Finding]:
    """Whether who hands letters over answers."""
    return [_asked(f"postman {house.postman.name}", house.postman.check)]


def _asked(name: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(name, ok=True, detail=clean(check()))
    except HouseError as error:
        return Finding(name, ok=False, detail=clean(str(error)))


def mailboxes(house: House) -> list[Finding]:
    """Whether each store's mailbox lets its letters do what the store decided; nothing where the postman has no mailboxes."""
    if not isinstance(house.postman, HasMailboxes):
        return []
    try:
        with house.records.reading() as tx:
            office = office_of(house, tx.stores.all())
    except HouseError:
        return []  # `postman` or `database` has said it already
    return [
        Finding("mailbox", ok=None, detail=f"{clean(one.store.name)}: {one.clashes[0]} See `mailbox`.")
        for one in office.standings
        if one.clashes
    ]


def connections(house: House) -> list[Finding]:
    """What each store's merchant must know, what no webhook brought, and requests about personal data that wait."""
    try:
        with house.records.reading() as tx:
            found = [(store, connection_of(tx, store)) for store in tx.stores.all()]
            overdue = overdue_requests(tx, house.clock.now())
    except HouseError:
        return []  # `database` has said it already
    said = [
        Finding("connection", ok=None, detail=f"{clean(store.name)}: {line}")
        for store, stands in found
        for line in connection_words(stands)
    ]
    if overdue:
        said.append(Finding("privacy", ok=False, detail=f"{overdue} request(s) are overdue: `privacy list` shows them"))
    return said


def clock(house: House) -> list[Finding]:
    """Whether the clock says UTC, is plausible, and has not gone back behind what is written already."""
    now = house.clock.now()
    if now.utcoffset() != timedelta(0) or now < _EARLIEST:
        return [Finding("clock", ok=False, detail=f"{now.isoformat()} cannot be right; set the machine's clock")]
    try:
        with house.records.reading() as tx:
            newest = tx.deliveries.list(limit=1)
    except HouseError:
        newest = ()
    if newest and newest[0].received_at > now + _STUCK:
        return [
            Finding("clock", ok=False, detail=f"{told.iso(now)} is before the newest delivery; set the machine's clock")
        ]
    return [Finding("clock", ok=True, detail=str(told.iso(now)))]


def worker(house: House) -> list[Finding]:
    """Whether letters are taken when they are due."""
    try:
        with house.records.reading() as tx:
            due = tx.messages.next_due()
            stores = tx.stores.all()
    except HouseError:
        return []
    now = house.clock.now()
    nameless = sum(not store.settings.sender_address for store in stores if store.is_active)
    found = [Finding("stores", ok=True, detail=f"{len(stores)}, {sum(store.is_active for store in stores)} of them active")]
    if nameless:
        found.append(
            Finding(
                "sender_address", ok=None, detail=f"{nameless} active store(s) have none: `stores set ID sender_address=…`"
            )
        )
    if due and due < now - _STUCK:
        found.append(Finding("worker", ok=False, detail=f"a letter was due {told.age(due, now)}: run `serve` or `work`"))
    return found


CHECKS: tuple[Callable[[House], list[Finding]], ...] = (
    configuration,
    database,
    postman,
    mailboxes,
    connections,
    clock,
    worker,
)
