"""kill -9 at random points under load: what was answered 2xx is done once, whatever died."""

import contextlib
import http.client
import os
import random
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.parser import BytesHeaderParser

import pytest

from lifecycle.desk import Desk
from lifecycle.ports import Rooms
from lifecycle.settings import from_environment
from tests.running.orders import SHOP, TOPIC, order
from tests.running.serving import Server, children, until
from wsgi import open_house

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("running")]

ROUNDS = 50
WHOLE_TREE_EVERY = 8
SENDERS = 2


@dataclass
class Feeder:
    """Tells orders at the door without a pause, some twice, and remembers every 2xx."""

    server: Server
    sent: Counter = field(default_factory=Counter)
    acked: set[str] = field(default_factory=set)
    answers: Counter = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._feed, args=(number,)) for number in range(1, SENDERS + 1)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _feed(self, sender: int) -> None:
        chance = random.Random(sender)
        number, told = sender * 1_000_000, []
        while not self._stopping.is_set():
            if told and chance.random() < 0.25:
                name, body = chance.choice(told[-50:])
            else:
                number += 1
                name, body = f"d{number}", order(number)
                told.append((name, body))
            self._send(name, body)
            self._stopping.wait(0.15)

    def _send(self, name: str, body: bytes) -> None:
        self.sent[name] += 1
        try:
            answer = self.server.deliver(TOPIC, body, name, SHOP, timeout=10)
        except (OSError, http.client.HTTPException):
            answer = 0
        self.answers[answer] += 1
        if answer == 200:
            self.acked.add(name)


@dataclass
class LaterClock:
    """The machine's time and a bit: leases of the dead have run out."""

    later: timedelta = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.later


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def disturb(server: Server, number: int, chance: random.Random) -> str:
    """Kill one process of the installation, or all of them at once; says which."""
    assert server.process is not None
    family = server.family()
    if number % WHOLE_TREE_EVERY == 0:
        for pid in (server.process.pid, *family):
            kill(pid)
        server.process.wait()
        assert until(lambda: not any(children(pid) for pid in family), 5)
        server.start()
        return "all"
    victim = chance.choice(family)
    kill(victim)
    return "one"


def work_off(server: Server) -> None:
    """Everything that is left, by one worker to whom the leases of the dead have run out."""
    house = open_house(from_environment(server.env))
    clock = LaterClock()
    rooms: Rooms = replace(house.desk.rooms, clock=clock)
    for minutes in (3, 10, 30, 80):
        clock.later = timedelta(minutes=minutes)
        Desk(rooms).work()
    house.records.close()


def test_fifty_kills_lose_nothing_and_double_nothing(installed, capsys):
    server, chance, feeder = installed, random.Random(50), Feeder(installed)
    server.start()
    feeder.start()

    killed: Counter = Counter()
    for number in range(1, ROUNDS + 1):
        time.sleep(chance.uniform(0.2, 1.4))
        killed[disturb(server, number, chance)] += 1
        assert until(server.is_healthy, 40), "the server does not come back"
    feeder.stop()
    assert server.stop() == 0
    work_off(server)

    rows = server.rows("select delivery_id, state from deliveries")
    stored = Counter(row["delivery_id"] for row in rows)
    letters = server.rows("select order_id, state, mail from messages where copy_of is null or copy_of = ''")
    confirmed = Counter(f"d{row['order_id']}" for row in letters if row["mail"] == "order_confirmation")
    ids = [BytesHeaderParser().parsebytes(file.read_bytes())["Message-ID"] for file in server.letters()]
    orders = [BytesHeaderParser().parsebytes(file.read_bytes())["To"] for file in server.letters()]
    lost = feeder.acked - set(stored)
    doubled = [name for name, count in (stored | confirmed).items() if count > 1]
    with capsys.disabled():
        print(
            f"\n{ROUNDS} kills {dict(killed)}: sent {feeder.sent.total()}, answered {dict(feeder.answers)}, acked {len(feeder.acked)}, "
            f"stored {len(stored)}, letters {len(letters)}, files {len(ids)}, doubled {len(doubled)}, lost {len(lost)}"
        )
    assert lost == set()
    assert doubled == []
    assert {row["state"] for row in rows} == {"done"}
    assert set(confirmed) == set(stored)
    assert {row["state"] for row in letters} == {"handed_over"}
    assert len(ids) == len(set(ids)) == len(letters) == len(set(orders))
    assert len(feeder.acked) > ROUNDS
