"""The front of the house: builds the rooms and introduces them. The only reader of the environment.

`gunicorn "wsgi:create_app()"` serves it, `multimail-commerce` (or `python -m wsgi`) is its command line.
"""

import hashlib
import hmac
import logging
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NoReturn

from flask import Flask

import adapters
import records
import templates
from lifecycle.desk import Desk
from lifecycle.errors import BadSetting, HouseError
from lifecycle.house import House, Knock, Say
from lifecycle.ports import Records, Rooms
from lifecycle.settings import Settings, bad, from_environment
from pages.links import Links

_LOCAL_KEY = Path("instance/secret_key")


class SystemClock:
    """The machine's time, aware and in UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def settings_from_environment() -> Settings:
    """The settings that the environment says; on this machine alone a missing SECRET_KEY is made once and kept. Raises BadSetting."""
    settings = from_environment(os.environ)
    return settings if settings.secret_key else replace(settings, secret_key=_kept_key(_LOCAL_KEY))


def _kept_key(path: Path) -> str:
    """The key in this file, made by the first process that asks for it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:  # noqa: PTH123 - a mode from the start
            file.write(secrets.token_hex(32))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        return path.read_text().strip()
    except OSError:
        raise BadSetting("bad_setting", f"{path} cannot be written. Make its folder writable or set SECRET_KEY.") from None


def _derived(key: str) -> str:
    return hmac.new(key.encode(), b"demo shopify secret", hashlib.sha256).hexdigest()


def open_house(settings: Settings | None = None) -> House:
    """Every room of this installation, introduced to the others. Raises BadSetting before anything is opened."""
    settings = settings or settings_from_environment()
    if settings.is_local and not settings.shopify_secrets:
        # Without a Shopify app yet: a secret of this installation's own, so that its demo store can sign.
        settings = replace(settings, shopify_secrets=(_derived(settings.secret_key),))
    _logging(settings)
    clock = SystemClock()
    postman = adapters.postmen(settings)[settings.postman]()
    if (
        settings.database_url.startswith("sqlite:///")
        and not Path(settings.database_url.removeprefix("sqlite:///")).exists()
    ):
        # Whatever a newcomer runs first makes the database; a PostgreSQL one is the operator's to bring up.
        _migrate(settings)
    ring = tuple(key.encode() for key in settings.encryption_keys)
    memory = records.open(settings.database_url, secret=settings.secret_key.encode(), keys=ring)
    rooms = Rooms(
        records=memory,
        platforms=adapters.platforms(settings),
        postman=postman,
        words=templates.open_words(),
        links=Links((settings.secret_key,), settings.public_url, clock.now),
        clock=clock,
        secret=settings.secret_key.encode(),
        public_url=settings.public_url,
    )
    return House(
        settings=settings,
        records=memory,
        platforms=rooms.platforms,
        postman=postman,
        words=rooms.words,
        clock=clock,
        desk=Desk(rooms),
        migrate=partial(_migrate, settings),
        serve=partial(_serve, settings, memory),
        demo=partial(_demo, settings, rooms),
        served=partial(_served, settings),
        work=partial(_work, settings, rooms),
        rotate_keys=partial(records.rotate, memory),
    )


def _logging(settings: Settings) -> None:
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # urllib3 and pyactiveresource log whole request lines and headers (with tokens) at DEBUG. 2026-11
    for talker in ("urllib3", "pyactiveresource", "alembic", "asyncio"):
        logging.getLogger(talker).setLevel(logging.WARNING)


def _migrate(settings: Settings) -> str:
    records.migrate(settings.database_url)
    return "The database has the schema of this version."


def _need_a_mailbox(settings: Settings, memory: Records) -> None:
    """Raises BadSetting when letters would have no mailbox to leave from: neither the operator's nor any store's own."""
    if settings.postman != "multimail" or settings.multimail_dialect != "mailbox" or settings.multimail_mailbox_id:
        return
    with memory.reading() as tx:
        if not any(store.settings.mailbox_id for store in tx.stores.all()):
            raise bad(
                "MULTIMAIL_MAILBOX_ID", "is missing, and no store has a mailbox: `multimail-commerce mailbox` lists yours"
            )


def _serve(settings: Settings, memory: Records, host: str, port: int) -> int:
    from webhooks.serving import serve

    _migrate(settings)
    _need_a_mailbox(settings, memory)
    return serve(host, port)


def _work(settings: Settings, rooms: Rooms) -> int:
    from webhooks.serving import stop_on_signals, work_on

    # Later a database that is away is waited for; at the start it may be a wrong address.
    if settings.database_url.startswith("sqlite"):
        _migrate(settings)
    rooms.records.check()
    _need_a_mailbox(settings, rooms.records)
    work_on(Desk(rooms), stop_on_signals())
    return 0


def _demo(settings: Settings, rooms: Rooms, say: Say) -> Sequence[Knock]:
    from adapters import demo

    return demo.run(rooms, settings.public_url, say)


@contextmanager
def _served(settings: Settings) -> Iterator[None]:
    """A server of this installation is running inside the block: one that runs already, or one that ends with the block."""
    from adapters import demo

    if demo.is_answering(settings.public_url):
        yield
        return
    child = subprocess.Popen([sys.executable, "-m", "wsgi", "serve"])
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that a TERM ends the server too, as Ctrl-C does
    try:
        until = time.monotonic() + 30
        while not demo.is_answering(settings.public_url):
            if child.poll() is not None or time.monotonic() > until:
                raise HouseError(
                    "no_server",
                    f"The server does not answer at {settings.public_url}. Is its port taken? Set PORT and PUBLIC_URL to another one.",
                )
            time.sleep(0.1)
        yield
    finally:
        child.terminate()
        child.wait(40)


def create_app(settings: Settings | None = None) -> Flask:
    """The WSGI application. A SQLite database is brought up to date here; PostgreSQL is by `multimail-commerce migrate`.

    A wrong configuration ends the process with one line on stderr instead of a traceback.
    """
    from pages.doors import blueprint as pages
    from webhooks.receive import blueprint as webhooks

    try:
        house = open_house(settings)
        if house.settings.database_url.startswith("sqlite"):
            house.migrate()
        house.records.check()
        _need_a_mailbox(house.settings, house.records)
    except HouseError as trouble:
        if settings is not None:
            raise
        _refuse_to_start(trouble)
    app = Flask("multimail_commerce", static_folder=None)
    app.secret_key = house.settings.secret_key
    app.register_blueprint(webhooks(house.desk.rooms))
    app.register_blueprint(pages(house))
    return app


def _refuse_to_start(trouble: HouseError) -> NoReturn:
    # gunicorn takes exit code 4 as «the app cannot be loaded» and stops instead of starting workers for ever. 2026-11
    print(f"multimail-commerce: {trouble}", file=sys.stderr, flush=True)  # noqa: T201 - the one line at start
    os._exit(4)


def main(argv: Sequence[str] | None = None) -> None:
    """The command line."""
    from pages.commands import build

    build(open_house)(args=argv, prog_name="multimail-commerce")


if __name__ == "__main__":
    main()
