"""docs/demo.md: what the demo did with each delivery, written down by running it for real."""

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).parents[2]
PAGE = TOP / "docs" / "demo.md"
_HEAD = """# The demo, line by line

What `make demo` does with each recorded delivery, in the order in which they are sent: Fernweh Outdoor is a Shopify store, Blue Mug a
WooCommerce store. Every line was read beside its payload on 2026-11-20. Written by `make docs`; a test holds it equal to
a real run.

| # | delivery | event | letter | mode | state | why |
|---|---|---|---|---|---|---|
"""
_AGES = re.compile(r", (in|due) [0-9]+ [a-z]+")


def rows(folder: Path) -> list[tuple[str, ...]]:
    """One row for each delivery, event and letter of a demo run in this empty folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    ran = subprocess.run(
        [sys.executable, "-m", "wsgi", "demo", "--json"],
        cwd=folder,
        env=kept | {"PYTHONPATH": str(TOP), "PORT": str(port), "PUBLIC_URL": f"http://127.0.0.1:{port}"},
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    )
    return list(map(_row, _numbered(json.loads(ran.stdout)["deliveries"])))


def _numbered(found: list[dict[str, str]]) -> list[dict[str, str]]:
    number, last = 0, None
    for row in found:
        number += row["delivery"] != last
        last = row["delivery"]
        row["number"] = str(number)
    return found


def _row(row: dict[str, str]) -> tuple[str, ...]:
    why = _AGES.sub("", row["reason"])
    return (*(row[name] for name in ("number", "delivery", "event", "letter", "mode", "state")), why)


def page(found: list[tuple[str, ...]]) -> str:
    """The whole page of these rows."""
    return _HEAD + "".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |\n" for row in found)
