import pytest

from lifecycle.counting import caught_up, caught_up_words


@pytest.mark.parametrize(
    ("orders", "everything", "words"),
    [
        (0, 0, ""),
        (1, 1, "1 order arrived only by catch-up"),
        (3, 3, "3 orders arrived only by catch-up"),
        (3, 4, "3 orders and 1 other piece of news arrived only by catch-up"),
        (1, 3, "1 order and 2 other pieces of news arrived only by catch-up"),
        (0, 2, "2 pieces of news arrived only by catch-up"),
    ],
)
def test_what_came_only_by_catch_up_is_said_in_words(orders, everything, words):
    assert caught_up_words(orders, everything) == words


def test_counts_are_of_one_store():
    counts = {("caught_up_orders", "s1"): 3, ("caught_up", "s1"): 5, ("caught_up", "s2"): 9}

    assert caught_up(counts, "s1") == (3, 5)
    assert caught_up(counts, "s2") == (0, 9)
    assert caught_up(counts, "s3") == (0, 0)
