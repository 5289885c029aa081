"""Speaking: how a command meets the house, and how it says things to a person or to a program."""

import json
import sys
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import click

from lifecycle.errors import BadSetting, HouseError, NotFound
from lifecycle.house import House
from lifecycle.messages import Message, State
from lifecycle.ports import Transaction
from lifecycle.stores import Store

WIDTH = 100
_LEAST = 8
_GAP = "  "

STATE_COLOURS: dict[str, str] = {
    State.WAITING: "yellow", State.HELD: "yellow", State.HELD_OUTSIDE: "yellow", State.IN_DOUBT: "red",
    State.HANDED_OVER: "green", State.DELIVERED: "green", State.APPROVED: "green", State.STOPPED: "red",
    State.REJECTED: "red", State.STALE: "red", State.FAILED: "red", State.BOUNCED: "red", State.COMPLAINED: "red",
    "done": "green", "quarantined": "red", "unknown": "yellow",
}  # fmt: skip


def stdin_is_tty() -> bool:
    """Whether a person sits there who can be asked."""
    return sys.stdin.isatty()


@dataclass(slots=True)
class Terminal:
    """What every command gets. The house is opened at first use, so that `--help` needs no configuration."""

    open_house: Callable[[], House]
    is_asked: Callable[[], bool] = stdin_is_tty
    wants_json: bool = False
    _house: House | None = field(default=None)

    @property
    def house(self) -> House:
        if self._house is None:
            self._house = self.open_house()
        return self._house

    def say(self, line: str = "") -> None:
        """One line for a person; a program that asked for JSON does not see it."""
        if not self.wants_json:
            click.echo(line)

    def give(self, facts: Any, lines: Iterable[str]) -> None:
        """The answer: `facts` for a program, `lines` for a person."""
        if self.wants_json:
            click.echo(json.dumps(facts, indent=2))
        else:
            for line in lines:
                click.echo(line)

    def progress(self, line: str) -> None:
        """Where long work stands: on stderr, so that the answer stays clean."""
        click.echo(clean(line), err=True)


terminal = click.make_pass_decorator(Terminal)


class HouseGroup(click.Group):
    """The root command: whatever the house says went wrong is one line on stderr and exit code 2, never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise
        except HouseError as error:
            _refuse(ctx, str(error), error.reason)
        except OSError as error:
            _refuse(ctx, f"{error.strerror or type(error).__name__}: {error.filename or 'the system refused'}", "system")


def _refuse(ctx: click.Context, message: str, reason: str) -> None:
    line = " ".join(clean(message).split())
    click.echo(json.dumps({"error": line, "reason": reason}) if ctx.obj.wants_json else line, err=True)
    ctx.exit(2)


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--json` on a command."""

    def noted(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
        room = ctx.find_object(Terminal)
        assert room is not None
        room.wants_json = room.wants_json or value

    return click.option("--json", is_flag=True, expose_value=False, is_eager=True, callback=noted, help="Answer as JSON.")(
        command
    )


# ---- finding ---------------------------------------------------------------------------------------------------------


def store_of(tx: Transaction, wanted: str) -> Store:
    """The store with this id, or with this key on any platform. Raises NotFound, or BadSetting for two."""
    found = tx.stores.get(wanted)
    if found is not None:
        return found
    bare = wanted.strip().lower().rstrip("/")
    fitting = [store for store in tx.stores.all() if bare in {store.key.lower().rstrip("/"), store.host}]
    if len(fitting) > 1:
        raise BadSetting("two_stores", "Two stores have this key. Name one by its id: `stores list` shows them.")
    if not fitting:
        raise NotFound("no_store", "There is no such store. `multimail-commerce stores list` shows those that are.")
    return fitting[0]


def letter_of(tx: Transaction, wanted: str) -> Message:
    """The letter with this id. Raises NotFound."""
    found = tx.messages.find(wanted)
    if found is None:
        raise NotFound("no_letter", "There is no such letter. `multimail-commerce letters list` shows those that are.")
    return found


def stores_by_id(tx: Transaction) -> dict[str, Store]:
    """Every store, by its id."""
    return {store.id: store for store in tx.stores.all()}


# ---- showing ---------------------------------------------------------------------------------------------------------


def clean(text: str, *, lines: bool = False) -> str:
    """The text without anything that a terminal would obey: customers write subjects and names."""
    return "".join(letter if lines and letter in "\n\t" else _harmless(letter) for letter in text)


def _harmless(letter: str) -> str:
    """The letter itself; a blank for any blank, nothing for invisible marks of direction, «�» for control codes."""
    kind = unicodedata.category(letter)
    return " " if kind == "Zs" else "" if kind == "Cf" else "�" if kind[0] in "CZ" else letter


def state(word: str) -> str:
    """A state in its colour; the colour is dropped where nobody sees it."""
    return click.style(word.replace("_", " "), fg=STATE_COLOURS.get(word))


def width(text: str) -> int:
    """How many columns a terminal needs for it: Chinese and Japanese letters take two, accents none."""
    plain = click.unstyle(text)
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in plain
    )


def cut(text: str, columns: int) -> str:
    """The text in at most so many columns, with «…» where something was left out. Styled text is only cut when it must be."""
    if width(text) <= columns:
        return text
    kept = ""
    for letter in click.unstyle(text):
        if width(kept + letter) > columns - 1:
            break
        kept += letter
    return kept + "…"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, bends: Sequence[int], total: int = WIDTH) -> list[str]:
    """Aligned lines of at most `total` columns. Only the columns in `bends` are shortened, the widest first."""
    if not rows:
        return []
    cells = [list(heads), *(list(row) for row in rows)]
    sizes = [max(width(row[column]) for row in cells) for column in range(len(heads))]
    over = sum(sizes) + len(_GAP) * (len(sizes) - 1) - total
    while over > 0 and any(sizes[column] > _LEAST for column in bends):
        widest = max(bends, key=lambda column: sizes[column])
        sizes[widest] -= 1
        over -= 1
    lines = [_GAP.join(_padded(cell, size) for cell, size in zip(row, sizes, strict=True)).rstrip() for row in cells]
    return [click.style(lines[0], bold=True), *lines[1:]]


def because(reason: str) -> list[str]:
    """The line below a row that says why; none when there is no reason."""
    return [cut(f"    ↳ {clean(reason)}", WIDTH)] if reason else []


def with_reasons(lines: Sequence[str], reasons: Sequence[str]) -> list[str]:
    """A table's lines, each row followed by its reason."""
    head, *rows = lines or [""]
    return [head, *(line for row, reason in zip(rows, reasons, strict=True) for line in (row, *because(reason)))]


def _padded(text: str, size: int) -> str:
    shown = cut(text, size)
    return shown + " " * (size - width(shown))


def pairs(facts: Mapping[str, str]) -> list[str]:
    """Names and values, aligned; empty values left out."""
    kept = {name: value for name, value in facts.items() if value}
    longest = max(map(width, kept), default=0)
    return [f"{click.style(name, bold=True)}{' ' * (longest - width(name))}  {value}" for name, value in kept.items()]
