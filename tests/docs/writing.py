"""Markdown tables and spans of time, as the generated pages write them."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

MADE = "<!-- Made by `make docs`; a test holds that it is what the code says. -->"
_UNITS = (("day", 86400), ("h", 3600), ("min", 60), ("s", 1))


def cell(text: str) -> str:
    """The text in one line, harmless inside a table."""
    return " ".join(text.replace("|", "\\|").split())


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(cell(each) for each in line)} |" for line in lines]


def span(length: timedelta) -> str:
    """A span in its largest whole unit, «at once» for none."""
    seconds = int(length.total_seconds())
    if not seconds:
        return "at once"
    name, size = next(unit for unit in _UNITS if not seconds % unit[1])
    count = seconds // size
    return f"{count} {name}{'s' if name == 'day' and count > 1 else ''}"
