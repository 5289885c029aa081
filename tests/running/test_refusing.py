"""A wrong configuration: one line that says what to change, and nothing is started."""

import subprocess
import sys

import pytest

from tests.running.serving import Server, is_open

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("running")]

WRONG: dict[str, dict[str, str]] = {
    "DATABASE_URL": {"DATABASE_URL": "mysql://app:planted@db.example/x"},
    "DATABASE_URL in a folder that cannot be made": {"DATABASE_URL": "sqlite:////proc/nowhere/planted.db"},
    "PostgreSQL that does not answer": {"DATABASE_URL": "postgresql://planted:planted@127.0.0.1:1/x"},
    "SECRET_KEY": {"SECRET_KEY": "changeme"},
    "SECRET_KEY too short for the world": {"SECRET_KEY": "planted", "PUBLIC_URL": "https://mail.example.com"},
    "PUBLIC_URL": {"PUBLIC_URL": "planted"},
    "SHOPIFY_API_KEY": {"SHOPIFY_API_KEY": "planted key"},
    "SHOPIFY_API_SECRET": {"SHOPIFY_API_SECRET": "planted sécret"},
    "SHOPIFY_API_SECRET missing": {"SHOPIFY_API_SECRET": "", "SHOPIFY_API_SECRET_PREVIOUS": "planted"},
    "SHOPIFY_API_SECRET_PREVIOUS": {"SHOPIFY_API_SECRET_PREVIOUS": "planted secret"},
    "POSTMAN": {"POSTMAN": "planted"},
    "SMTP_URL missing": {"POSTMAN": "smtp"},
    "SMTP_URL": {"POSTMAN": "smtp", "SMTP_URL": "http://user:planted@mail.example.com"},
    "MULTIMAIL_API_URL": {"MULTIMAIL_API_URL": "http://planted.example.com"},
    "MULTIMAIL_API_KEY missing": {"POSTMAN": "multimail"},
    "MULTIMAIL_API_KEY": {"MULTIMAIL_API_KEY": "planted key"},
    "MULTIMAIL_MAILBOX_ID missing": {"POSTMAN": "multimail", "MULTIMAIL_API_KEY": "mm_live_planted"},
    "MULTIMAIL_DIALECT": {"MULTIMAIL_DIALECT": "planted"},
    "HOST": {"HOST": "planted host"},
    "PORT": {"PORT": "planted"},
    "LOG_LEVEL": {"LOG_LEVEL": "planted"},
}
COMMANDS = {
    "serve": ("-m", "wsgi", "serve"),
    "work": ("-m", "wsgi", "work"),
    "gunicorn": ("-m", "gunicorn", "wsgi:create_app()"),
}


def started(server: Server, command: str) -> subprocess.CompletedProcess[str]:
    bind = ("--bind", f"127.0.0.1:{server.port}") if command == "gunicorn" else ()
    words = [sys.executable, *COMMANDS[command], *bind]
    return subprocess.run(words, cwd=server.folder, env=server.env, capture_output=True, text=True, timeout=40, check=False)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("what", WRONG)
def test_wrong_variable_is_one_clear_line_and_nothing_starts(tmp_path, what, command):
    server = Server(tmp_path, more=WRONG[what])

    done = started(server, command)

    # gunicorn tells of its own start and end; what is ours is one line.
    ours = [line for line in done.stderr.splitlines() if "] [INFO] " not in line and "] [ERROR] " not in line]
    assert done.returncode != 0
    assert len(ours) == 1, done.stderr
    assert what.split()[0] in ours[0] or "database" in ours[0]
    assert "Traceback" not in done.stderr + done.stdout
    assert "planted" not in ours[0]
    assert not is_open(server.port)
    assert not (tmp_path / "outbox").exists()
