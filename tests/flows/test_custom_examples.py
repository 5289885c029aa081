"""The programs that a custom shop is shown, run as they are printed, by their own interpreters, against a running server."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
TEAM = "o'brien+$HOME@fern-shop.eu"  # every sign in it means something to a shell


class Running:
    """A server and its worker in processes of their own, and its command line."""

    def __init__(self, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.folder = folder
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.env = kept | {
            "PYTHONPATH": str(TOP), "PYTHONDONTWRITEBYTECODE": "1", "PORT": str(port), "PUBLIC_URL": self.url, "SECRET_KEY": "k" * 20 + "ey" * 10,
            "DATABASE_URL": f"sqlite:///{folder / 'memory.db'}", "OUTBOX_DIR": str(folder / "outbox"), "LOG_LEVEL": "warning",
        }  # fmt: skip
        self.server = subprocess.Popen([sys.executable, "-m", "wsgi", "serve"], cwd=folder, env=self.env)

    def wait(self):
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=1):
                    return
            except OSError:
                assert self.server.poll() is None, "the server ended"
                time.sleep(0.1)
        raise AssertionError("the server does not answer")

    def command(self, *words):
        return subprocess.run(
            [sys.executable, "-m", "wsgi", *words],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    def end(self):
        self.server.terminate()
        self.server.wait(40)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    server = Running(tmp_path_factory.mktemp("running"))
    try:
        server.wait()
        yield server
    finally:
        server.end()


@pytest.fixture(scope="module")
def store(running):
    return json.loads(
        running.command("stores", "add", "--platform", "custom", "--key", "fern-shop.eu", "--currency", "EUR", "--team-address", TEAM, "--json")
    )  # fmt: skip


def letters(running, store_id):
    """The customers' letters of this store, once none of them is on its way any more."""
    for _ in range(60):
        found = [
            one
            for one in json.loads(running.command("letters", "list", "--store", store_id, "--json"))
            if not one["copy_of"]
        ]
        if found and all(one["state"] not in ("waiting", "sending", "in_doubt") for one in found):
            return found
        time.sleep(0.2)
    return found


@pytest.mark.parametrize(
    ("language", "file", "needs"),
    [("bash", "tell.sh", ("curl", "openssl", "od")), ("python3", "tell.py", ())],
    ids=["bash", "python3"],
)
def test_program_as_printed_tells_of_an_order_and_its_letter_leaves(running, store, language, file, needs):
    missing = [tool for tool in (language, *needs) if not shutil.which(tool)]
    if missing:
        pytest.skip(f"this machine has no {', '.join(missing)}")
    program = running.folder / file
    program.write_text(running.command("stores", "example", store["id"], "--script", language), "utf-8")

    said = subprocess.run([language, file], cwd=running.folder, env=running.env, capture_output=True, text=True, check=True)

    assert (said.stdout, said.stderr) == ("200\n", "")
    number = f"#{'T' if language == 'bash' else 'P'}-"
    (letter,) = [one for one in letters(running, store["id"]) if one["order_number"].startswith(number)]
    assert (letter["kind"], letter["to"], letter["state"]) == ("order_confirmation", TEAM, "handed_over")


def test_whole_answer_of_the_command_holds_the_same_programs(running, store):
    printed = running.command("stores", "example", store["id"])
    facts = json.loads(running.command("stores", "example", store["id"], "--json"))

    assert facts["webhook_url"] == f"{running.url}/webhooks/custom/{store['token']}"
    assert facts["secret"] == store["secret"]
    for one in facts["examples"]:
        assert one["text"] in printed
        assert one["text"] == running.command("stores", "example", store["id"], "--script", one["language"])


def test_schema_and_page_stand_where_the_command_says(running, store):
    facts = json.loads(running.command("stores", "example", store["id"], "--json"))

    with urllib.request.urlopen(facts["schema_url"], timeout=5) as schema:
        assert json.load(schema)["title"] == "Custom shop webhook"
    with urllib.request.urlopen(facts["page_url"], timeout=5) as page:
        assert store["secret"] in page.read().decode()


def test_program_with_another_secret_is_refused(running, store):
    text = running.command("stores", "example", store["id"], "--script", "python3")
    forged = text.replace(store["secret"], "whsec_" + "A" * 43 + "=")

    said = subprocess.run([sys.executable, "-c", forged], env=running.env, capture_output=True, text=True, check=True)

    assert said.stdout == "401\n"
