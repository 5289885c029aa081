"""Every room may import `lifecycle`; no room another; `wsgi` all. Libraries stay in the rooms that they were let into."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
ROOMS = ("adapters", "lifecycle", "pages", "records", "templates", "webhooks")
FILES = sorted(file for room in ROOMS for file in (TOP / room).rglob("*.py"))

# library → where it may be imported (path prefixes)
PLACES = {
    "shopify": ("adapters/shopify/door.py", "adapters/shopify/api.py", "adapters/shopify/tokens.py"),
    "jwt": ("adapters/shopify/tokens.py",),
    "woocommerce": ("adapters/woocommerce/api.py",),
    "sqlalchemy": ("records/",),
    "alembic": ("records/",),
    "psycopg": ("records/",),
    "msgspec": ("records/",),
    "flask": ("webhooks/", "pages/"),
    "click": ("pages/",),
    "jinja2": ("templates/",),
    "babel": ("templates/",),
    "css_inline": ("templates/",),
    "requests": ("adapters/",),
    "urllib3": ("adapters/",),
    "smtplib": ("adapters/smtp/",),
}


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def where(file: Path) -> str:
    return file.relative_to(TOP).as_posix()


@pytest.mark.parametrize("file", FILES, ids=where)
def test_a_room_imports_itself_and_the_heart_only(file):
    room = where(file).split("/")[0]
    others = {*ROOMS, "wsgi"} - {room, "lifecycle"}

    assert {name for name in imports(file) if name.split(".")[0] in others} == set()


@pytest.mark.parametrize("file", sorted((TOP / "lifecycle").rglob("*.py")), ids=where)
def test_the_heart_imports_the_standard_library_and_itself(file):
    roots = {name.split(".")[0] for name in imports(file)}

    assert roots - sys.stdlib_module_names - {"lifecycle"} == set()


@pytest.mark.parametrize("file", FILES, ids=where)
def test_a_library_stays_where_it_was_let_in(file):
    strays = {
        name for name in imports(file) if (places := PLACES.get(name.split(".")[0])) and not where(file).startswith(places)
    }

    assert strays == set()


@pytest.mark.parametrize("file", FILES, ids=where)
def test_only_wsgi_reads_the_environment(file):
    read = {
        node.attr
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in ("environ", "getenv")
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
    }

    assert read == set()


def test_nobody_imports_wsgi():
    assert [where(file) for file in FILES if "wsgi" in imports(file)] == []
