"""README.md: its configuration table, from lifecycle/settings.py; the rest of the page is written by people."""

import re
from pathlib import Path

from lifecycle.settings import VARIABLES
from tests.docs.writing import table

README = Path(__file__).parents[2] / "README.md"
_BLOCK = re.compile(r"(<!-- variables: begin[^\n]*-->\n).*?(<!-- variables: end -->)", re.DOTALL)


def page() -> str:
    rows = [(f"`{row.name}`", row.what, f"`{row.default}`" if row.default else "") for row in VARIABLES]
    lines = "\n".join(table(("variable", "what it is", "default"), rows))
    kept = README.read_bytes().decode()
    return _BLOCK.sub(lambda block: f"{block[1]}{lines}\n{block[2]}", kept)
