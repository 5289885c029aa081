"""Writes the generated pages under docs/ anew: `python -m tests.docs.regenerate`. The difference is read before it is committed."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.docs import demo_page, fixtures_page, mails_page, platforms_page, readme_page

DOCS = Path(__file__).parents[2] / "docs"
# The wheel carries the schema beside its reader; who reads the documentation finds it there too.
SCHEMA = DOCS.parent / "adapters" / "custom" / "schema.json"

PAGES: dict[str, Callable[[], str]] = {
    "fixtures.md": fixtures_page.page,
    "mails.md": mails_page.page,
    "platforms.md": platforms_page.page,
    "../README.md": readme_page.page,
    "custom-webhooks.schema.json": lambda: SCHEMA.read_bytes().decode(),
}


def main() -> None:
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8", newline="\n")
    with TemporaryDirectory() as folder:
        demo_page.PAGE.write_text(demo_page.page(demo_page.rows(Path(folder))), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
