"""Whole recorded histories, told to the heart in the order of delivery: what really happened in each."""

from dataclasses import replace

import pytest

from lifecycle.carts import Checkout
from lifecycle.changes import Known, derive
from lifecycle.events import Kind
from lifecycle.orders import Fulfillment, Order, Refund
from tests.adapters.woocommerce.recordings import PLATFORM, read, recordings


def history(order_id):
    """The deliveries of this order, as they came."""
    for number, recording in recordings().items():
        is_order = recording.verifies and PLATFORM.address(recording.raw).topic.startswith("order.")
        if is_order and recording.json.get("id") == int(order_id):
            yield number


class Memory:
    """What the records would know of one order."""

    def __init__(self):
        self.order, self.checkout, self.parcels, self.refunds, self.heard = None, None, {}, {}, {}

    def known(self):
        placed = any(event.kind is Kind.ORDER_PLACED for event in self.heard.values())
        listed = frozenset(refund.id for refund in self.order.refunds) if self.order else frozenset()
        return Known(self.order, placed, tuple(self.parcels.values()), tuple(self.refunds.values()), self.checkout, listed)

    def hear(self, event):
        derived = derive(self.known(), event)
        for fact in derived.facts:
            match fact:
                case Order():
                    self.order = fact
                case Fulfillment():
                    self.parcels[fact.id] = fact
                case Refund():
                    self.refunds[fact.id] = fact
                case _:
                    self.checkout = fact
        for told in derived.events:
            if told.id not in self.heard:
                self.heard[told.id] = told
                if told.kind is Kind.ORDER_PLACED:  # a bought checkout is over, also one that was never heard of
                    begun = self.checkout or Checkout(
                        told.fact.checkout_token, told.fact.placed_at, told.fact.customer, told.fact.lines, told.fact.total
                    )
                    self.checkout = replace(begun, completed_at=told.fact.placed_at)
                yield told


def told(order_id, numbers=None):
    memory = Memory()
    return [
        f"{number} {event.kind} {event.fact_id}"
        for number in numbers or history(order_id)
        for snapshot in read(number)
        for event in memory.hear(snapshot)
    ]


@pytest.mark.parametrize(
    ("order_id", "happened"),
    [
        (
            "26",
            [
                "34 checkout.touched 26",
                "36 order.placed 26",
                "43 fulfillment.shipped 26:completed",
                "53 refund.issued 27",
            ],  # and 405 tells nothing, although its amounts lost their cents
        ),
        ("28", ["59 order.placed 28", "59 fulfillment.shipped 28:completed"]),
        (
            "29",
            [
                "70 checkout.touched 29",
                "171 order.placed 29",
                "184 refund.issued 42",
                "187 refund.issued 43",
                "190 refund.issued 44",
                "193 refund.issued 46",
                "193 refund.issued 47",
                "193 refund.withdrawn 44",
            ],
        ),
        ("31", ["80 order.placed 31", "200 refund.issued 48"]),
        ("37", ["115 order.placed 37", "123 order.cancelled 37"]),
        (
            "38",
            ["130 checkout.touched 38", "132 checkout.touched 38", "132 checkout.payment_failed 38", "136 order.placed 38"],
        ),
        ("41", ["163 order.placed 41"]),
        (
            "49",
            [
                "208 order.placed 49",
                "217 fulfillment.shipped 49:1f8f8d2e5c1b4a7d9e0f112233445566",
                "218 fulfillment.shipped 49:aa8f8d2e5c1b4a7d9e0f112233445577",
                "223 fulfillment.shipped 49:AF123",
                "223 fulfillment.shipped 49:GEN-1",
            ],
        ),
        ("50", ["224 order.placed 50", "237 fulfillment.shipped 50:completed"]),
        ("51", ["242 checkout.touched 51", "243 checkout.touched 51", "244 order.placed 51"]),
        ("56", ["284 order.placed 56"]),
        ("67", ["338 refund.issued 68"]),
        ("69", ["347 order.placed 69", "361 refund.issued 70"]),
        ("75", ["394 order.placed 75"]),
    ],
)
def test_a_recorded_history_is_told_once_and_whole(order_id, happened):
    assert told(order_id) == happened


@pytest.mark.parametrize("order_id", ["26", "29", "38", "49", "50", "56"])
def test_the_same_history_delivered_twice_tells_nothing_new(order_id):
    numbers = list(history(order_id))

    assert told(order_id, numbers * 2)[: len(told(order_id))] == told(order_id)
    assert len(told(order_id, numbers * 2)) == len(told(order_id))


def test_a_checkout_that_never_was_an_order_is_not_cancelled_to_anybody():
    assert "123 order.cancelled 37" not in told("37", [123])
    assert told("37", [123]) == ["123 checkout.closed 37"]
