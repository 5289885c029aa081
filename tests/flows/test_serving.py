"""The worker's loop: letters and chores each at their own pace."""

import threading
import time

from lifecycle.errors import MemoryUnavailable
from tests.flows.shops import knock, with_shop
from webhooks.serving import work_on


def until(holds, seconds=20) -> bool:
    ends = time.monotonic() + seconds
    while not holds() and time.monotonic() < ends:
        time.sleep(0.02)
    return holds()


def working(house, stopping):
    worker = threading.Thread(target=work_on, args=(house.desk, stopping))
    worker.start()
    return worker


def test_a_shop_that_hangs_keeps_nobodys_letters_waiting(house):
    shop, _ = with_shop(house)
    stopping, answers, hangs = threading.Event(), threading.Event(), threading.Event()

    def hang():
        hangs.set()
        answers.wait(30)
        return 0

    shop.watch = hang
    worker = working(house, stopping)
    try:
        assert hangs.wait(20)
        shop.watch = lambda: 0
        knock(house, "order")
        assert until(lambda: len(house.posted()) == 1)
        assert not answers.is_set()
    finally:
        answers.set()
        stopping.set()
        worker.join(30)
    assert not worker.is_alive()


def test_chores_go_on_when_the_memory_comes_back(house):
    shop, _ = with_shop(house)
    stopping, away = threading.Event(), [3]
    tick = type(house.desk).tick

    class Moody:
        def __getattr__(self, name):
            return getattr(house.desk, name)

        def tick(self):
            if away[0]:
                away[0] -= 1
                raise MemoryUnavailable if away[0] % 2 else ValueError
            return tick(house.desk)

    worker = threading.Thread(target=work_on, args=(Moody(), stopping))
    worker.start()
    try:
        assert until(lambda: len(shop.asked) == 1)
    finally:
        stopping.set()
        worker.join(30)
