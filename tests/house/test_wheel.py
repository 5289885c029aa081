"""The wheel holds everything that the checkout does: built, installed apart, and asked for a letter."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, TOP],
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_letters_catalogs_tables_migrations_and_the_demo(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = [
        "templates/emails/order_confirmation/body.html",
        "templates/locale/ar/LC_MESSAGES/mail.po",
        "templates/pages/letter.html",
        "pages/static/house.css",
        "lifecycle/carriers.json",
        "adapters/custom/schema.json",
        "adapters/shopify/demo/manifest.json",
        "adapters/woocommerce/demo/manifest.json",
        "wsgi.py",
    ]

    assert [name for name in wanted if name not in names] == []
    assert any(name.startswith("records/migrations/versions/") for name in names)
    assert not any(name.startswith(("tests/", "docs/", "bench/")) for name in names)


def test_the_wheel_alone_writes_a_letter(wheel, tmp_path):
    unpacked = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(unpacked)

    answer = subprocess.run(
        [sys.executable, "-m", "wsgi", "preview", "order_confirmation", "--locale", "de-DE"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(unpacked), "PATH": "/usr/bin:/bin", "PYTHONSAFEPATH": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode == 0, answer.stderr
    assert "Bestell" in answer.stdout
