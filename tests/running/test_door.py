"""The running door under crowds, slow senders and bodies that are too large or too short."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests.running.attacks import chunked, exchange
from tests.running.orders import SHOP, TOPIC, head, order
from webhooks.threads import SENT_WITHIN_S

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("running")]

CAP = 8 * 1024 * 1024


def test_fifty_copies_at_once_are_all_accepted_and_make_one_letter(server):
    body = order(50)

    with ThreadPoolExecutor(50) as together:
        answers = list(together.map(lambda _: server.deliver(TOPIC, body, "copy", SHOP), range(50)))
    server.settle()

    assert answers == [200] * 50
    assert server.count("select count(*) from deliveries where delivery_id = 'copy'") == 1
    assert server.count("select count(*) from messages where order_id = '50'") == 1
    assert len([file for file in server.letters() if "_50_" in file.name]) == 1


def test_slow_half_sent_requests_keep_nobody_waiting(server):
    body = order(51)
    with ExitStack() as lines:
        for number in range(40):
            line = lines.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=5))
            line.sendall(
                head(server, body, f"slow-{number}", f"Content-Length: {len(body)}")[: 200 if number % 2 else None]
            )
        time.sleep(0.3)

        began = time.monotonic()
        answer = server.deliver(TOPIC, body, "quick", SHOP)

        assert answer == 200
        assert time.monotonic() - began < 2
        assert server.is_healthy()
        line.settimeout(SENT_WITHIN_S + 10)
        assert b" 400 " in line.recv(100)[:20] or not line.recv(100)
    assert server.count("select count(*) from deliveries where delivery_id like 'slow-%'") == 0


@pytest.mark.parametrize("way", ["announced", "chunked"])
def test_more_than_eight_megabytes_are_refused_in_bounded_memory(server, way):
    body = order(52, padding=4 * CAP)
    before = server.web_memory_mb()

    pieces = [body] if way == "announced" else chunked(body)
    framing = f"Content-Length: {len(body)}" if way == "announced" else "Transfer-Encoding: chunked"
    answer = exchange(server.port, head(server, body, f"large-{way}", framing), pieces)

    assert answer.status == 413
    assert server.count("select count(*) from deliveries where delivery_id = ?", f"large-{way}") == 0
    assert server.web_memory_mb() - before < 60
    assert server.is_healthy()


@pytest.mark.parametrize("way", ["announced", "chunked"])
def test_a_body_of_just_the_cap_is_kept_whole(server, way):
    body = order(53, padding=CAP - len(order(53)))
    assert len(body) == CAP

    pieces = [body] if way == "announced" else chunked(body)
    framing = f"Content-Length: {len(body)}" if way == "announced" else "Transfer-Encoding: chunked"
    answer = exchange(server.port, head(server, body, f"cap-{way}", framing), pieces)

    assert answer.status == 200
    assert server.count("select length(body) from deliveries where delivery_id = ?", f"cap-{way}") == CAP


@pytest.mark.parametrize("way", ["announced", "chunked"])
def test_a_body_cut_short_is_not_kept_and_no_forgery(server, way):
    body = order(54)
    refused = "select coalesce(sum(count), 0) from counters where name like 'refused_%'"
    before = server.count(refused)

    pieces = [body[:300]] if way == "announced" else [chunked(body)[0][:300]]
    framing = f"Content-Length: {len(body)}" if way == "announced" else "Transfer-Encoding: chunked"
    answer = exchange(server.port, head(server, body, f"short-{way}", framing), pieces, half=True)

    assert answer.status in {400, None}
    assert server.count("select count(*) from deliveries where delivery_id = ?", f"short-{way}") == 0
    assert server.count(refused) == before
