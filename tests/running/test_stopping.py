"""SIGTERM: what was begun is answered, then everything ends in order."""

import contextlib
import http.client
import threading
import time
from itertools import count
from pathlib import Path

import pytest

from tests.running.orders import SHOP, TOPIC, order
from tests.running.serving import is_open

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("running")]


def test_sigterm_under_load_fails_no_request_and_ends_in_order(installed):
    server, numbers, answers, broken = installed, count(1), [], []
    server.start()
    family, stopping = server.family(), threading.Event()

    def feed() -> None:
        while not stopping.is_set():
            number = next(numbers)
            try:
                answers.append((number, server.deliver(TOPIC, order(number), f"load-{number}", SHOP)))
            except ConnectionRefusedError:
                return
            except (OSError, http.client.HTTPException) as trouble:
                broken.append((number, type(trouble).__name__))

    feeders = [threading.Thread(target=feed) for _ in range(6)]
    for feeder in feeders:
        feeder.start()
    time.sleep(3)
    began = time.monotonic()
    code = server.stop()
    took = time.monotonic() - began
    stopping.set()
    for feeder in feeders:
        feeder.join()

    assert code == 0
    assert took < 40
    assert len(answers) > 20
    assert {status for _, status in answers} == {200}
    assert broken == []
    kept = {row["delivery_id"] for row in server.rows("select delivery_id from deliveries")}
    assert {f"load-{number}" for number, _ in answers} <= kept
    assert not is_open(server.port)
    for pid in family:
        with contextlib.suppress(FileNotFoundError), Path(f"/proc/{pid}/stat").open() as alive:
            assert alive.read().split()[2] == "Z"
