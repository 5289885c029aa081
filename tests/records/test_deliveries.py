import threading
from dataclasses import replace

import pytest

import records as memory_room
from lifecycle.deliveries import DeliveryState
from lifecycle.errors import HouseError
from tests.conftest import SECRET
from tests.records.samples import NOW, delivery


def test_delivery_comes_back_byte_by_byte(records):
    with records.transaction() as tx:
        assert tx.deliveries.remember(delivery())

    with records.reading() as tx:
        assert tx.deliveries.find("d1") == delivery()
        assert tx.deliveries.get("s1", "d1") == delivery()


@pytest.mark.parametrize("part", ["party", "topic", "delivery_id", "store_id", "digest"])
def test_same_knock_is_kept_once_and_one_that_differs_in_any_part_is_another(records, part):
    first = delivery()
    copy = replace(first, id="d2")
    envelope = first.envelope
    other = (
        replace(copy, envelope=replace(envelope, **{part: "other"}))
        if hasattr(envelope, part)
        else replace(copy, **{part: "other"})
    )

    with records.transaction() as tx:
        assert tx.deliveries.remember(first)
        assert not tx.deliveries.remember(first)
        assert not tx.deliveries.remember(copy)
        assert tx.deliveries.remember(other)

    with records.reading() as tx:
        assert len(tx.deliveries.list()) == 2


def test_two_knocks_with_one_id_are_an_error_and_no_lost_knock(records):
    with records.transaction() as tx:
        tx.deliveries.remember(delivery())

    with pytest.raises(HouseError) as caught, records.transaction() as tx:
        tx.deliveries.remember(delivery(digest="another body"))

    assert caught.value.reason == "delivery_id_taken"


def test_copies_that_knock_at_once_are_kept_once(migrated_url):
    start, answers, failures = threading.Barrier(8), [], []

    def knock(number):
        own = memory_room.open(migrated_url, secret=SECRET)
        try:
            start.wait()
            with own.transaction() as tx:
                answers.append(tx.deliveries.remember(replace(delivery("d1"), id=f"d{number % 2}")))
        except Exception as error:  # noqa: BLE001 - told to the test below
            failures.append(error)
        finally:
            own.close()

    threads = [threading.Thread(target=knock, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert sorted(answers) == [False] * 7 + [True]


def test_list_is_newest_first_without_bodies_and_by_state(records):
    with records.transaction() as tx:
        for ident in ("d1", "d2", "d3"):
            tx.deliveries.remember(delivery(ident, state=DeliveryState.UNKNOWN if ident == "d2" else DeliveryState.WAITING))

    with records.reading() as tx:
        assert [each.id for each in tx.deliveries.list()] == ["d3", "d2", "d1"]
        assert [each.id for each in tx.deliveries.list(limit=1)] == ["d3"]
        assert tx.deliveries.list("s1", DeliveryState.UNKNOWN) == [delivery("d2", state=DeliveryState.UNKNOWN, body=b"")]


def test_header_texts_of_any_length_and_kind_are_kept(records):
    # Random text: PostgreSQL squeezes a repeated letter into an index entry of any length.
    import random

    long = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789äöü", k=8000))
    envelope = replace(delivery().envelope, topic=long, delivery_id=long + "\x00\ud800", details={"a\x00": "\ud800"})

    with records.transaction() as tx:
        assert tx.deliveries.remember(delivery(envelope=envelope))
        assert not tx.deliveries.remember(delivery(envelope=envelope))
        assert tx.deliveries.remember(delivery("d2", digest="digest-d1", envelope=replace(envelope, topic=long + "x")))

    with records.reading() as tx:
        assert tx.deliveries.find("d1").envelope.details == {"a\ufffd": "\ufffd"}


def test_other_stores_deliveries_are_not_seen(records):
    with records.transaction() as tx:
        tx.deliveries.remember(delivery())
        tx.deliveries.remember(delivery("d2", "s2"))

        assert tx.deliveries.get("s2", "d1") is None
        assert [each.id for each in tx.deliveries.list("s2")] == ["d2"]
        assert not tx.deliveries.finish(replace(delivery(), store_id="s2"), DeliveryState.DONE)
        assert not tx.deliveries.retry(replace(delivery(), store_id="s2"), NOW, "")
