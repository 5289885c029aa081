"""What really happened does not depend on the order in which it was told, nor on how often."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.carts import Checkout
from lifecycle.changes import Derived, Known, derive, differences
from lifecycle.events import Event, Kind
from lifecycle.orders import Fulfillment, Order, Passage, Payment, Refund
from tests.flows.facts import cart, eur, line, order, parcel, parcel_seen, placed, refund, refunded, seen
from tests.flows.houses import NOW


class Memory:
    """The least that remembers: facts by kind and id, events by their id."""

    def __init__(self) -> None:
        self.orders: dict[str, Order] = {}
        self.parcels: dict[str, Fulfillment] = {}
        self.refunds: dict[str, Refund] = {}
        self.carts: dict[str, Checkout] = {}
        self.heard: dict[str, Event] = {}

    def tell(self, event: Event) -> None:
        derived = derive(self.known(event), event)
        for fact in derived.facts:
            shelves = {Order: self.orders, Fulfillment: self.parcels, Refund: self.refunds, Checkout: self.carts}
            shelves[type(fact)][fact.id] = fact
        for told in derived.events:
            self.heard.setdefault(told.id, told)

    def known(self, event: Event) -> Known:
        order_ = self.orders.get(event.order_id or "")
        return Known(
            order=order_,
            placed=any(each.kind is Kind.ORDER_PLACED and each.fact_id == event.order_id for each in self.heard.values()),
            fulfillments=tuple(self.parcels.values()),
            refunds=tuple(self.refunds.values()),
            checkout=self.carts.get(event.fact.id) if isinstance(event.fact, Checkout) else None,
        )

    def kinds(self) -> set[tuple[str, str]]:
        return {(str(event.kind), event.fact_id) for event in self.heard.values()}


def minutes(count: int):
    return NOW + timedelta(minutes=count)


BOUGHT = order(payment=Payment.PENDING)
BOX = parcel(BOUGHT, at=minutes(10))
HISTORY = [
    placed(BOUGHT),
    seen(replace(BOUGHT, updated_at=minutes(5), payment=Payment.PAID)),
    parcel_seen(BOX, minutes(10)),
    parcel_seen(replace(BOX, lines=(), trackings=(), shipped_at=None, passage=Passage.OUT_FOR_DELIVERY, happened_at=minutes(20)), minutes(20)),
    parcel_seen(replace(BOX, lines=(), trackings=(), shipped_at=None, passage=Passage.DELIVERED, delivered_at=minutes(30)), minutes(30)),
    refunded(refund(BOUGHT, at=minutes(40))),
    seen(replace(BOUGHT, updated_at=minutes(50), payment=Payment.REFUNDED, cancelled_at=minutes(50), refunds=(refund(BOUGHT, at=minutes(40)),))),
]  # fmt: skip
ALWAYS = {
    ("order.placed", "1001"), ("fulfillment.shipped", BOX.id), ("fulfillment.out_for_delivery", BOX.id),
    ("fulfillment.delivered", BOX.id), ("refund.issued", "r1"), ("order.cancelled", "1001"),
}  # fmt: skip


@settings(max_examples=150)
@given(st.permutations(range(len(HISTORY))), st.lists(st.sampled_from(range(len(HISTORY))), max_size=8))
def test_any_order_and_any_repetition_tell_the_same(shuffled, again):
    memory = Memory()

    for index in (*shuffled, *again):
        memory.tell(HISTORY[index])

    assert memory.kinds() - {("order.paid", "1001")} == ALWAYS
    kept = memory.orders["1001"]
    assert (kept.updated_at, kept.cancelled_at) == (minutes(50), minutes(50))
    assert memory.parcels[BOX.id].passage is Passage.DELIVERED
    assert memory.parcels[BOX.id].trackings == BOX.trackings
    assert memory.parcels[BOX.id].lines == BOX.lines


def told(known: Known, event: Event) -> list[str]:
    return [str(each.kind) for each in derive(known, event).events]


def test_a_never_proven_order_that_is_cancelled_is_no_news():
    gone = replace(order(payment=Payment.PENDING), cancelled_at=NOW, unproven=True)

    assert told(Known(), seen(gone)) == []
    assert told(Known(order=order(), placed=True), seen(gone)) == ["order.cancelled"]


def test_an_implied_parcel_gives_way_to_one_that_was_told_by_itself():
    done = parcel(order(), 9, trackings=(), implied=True)

    assert told(Known(order=order(), fulfillments=(parcel(order()),)), parcel_seen(done)) == []


def test_a_number_told_after_an_implied_parcel_is_an_update_of_it():
    done = parcel(order(), 9, trackings=(), implied=True)
    event = parcel_seen(parcel(order(), 1, lines=(), updated_at=minutes(5)), minutes(5))

    derived = derive(Known(order=order(), fulfillments=(done,)), event)

    assert [(str(each.kind), each.fact_id) for each in derived.events] == [
        ("fulfillment.shipped", done.id),
        ("fulfillment.updated", done.id),
    ]
    (kept,) = derived.facts
    assert kept.trackings == parcel(order(), 1).trackings


def test_a_delivery_that_fails_on_two_days_is_two_events():
    box = parcel(order())
    first = replace(box, lines=(), trackings=(), shipped_at=None, passage=Passage.FAILED, happened_at=NOW)
    second = replace(first, happened_at=NOW + timedelta(days=1))
    known = Known(order=order(), fulfillments=(box,))

    ids = {derive(known, parcel_seen(each)).events[0].id for each in (first, first, second)}

    assert len(ids) == 2


def test_a_refund_told_by_its_order_with_less_keeps_what_its_own_topic_said():
    from lifecycle.orders import Part

    full = refund(order(), lines=(Part("1", "Enamel mug", 1),))

    derived = derive(Known(order=order(), refunds=(full,)), refunded(refund(order())))

    assert derived.facts == (full,)


@pytest.mark.parametrize("kind", [Kind.CHECKOUT_TOUCHED, Kind.CHECKOUT_COMPLETED, Kind.CHECKOUT_CLOSED])
def test_what_is_over_stays_over(kind):
    over = cart(completed_at=NOW)
    again = cart(at=minutes(5), closed_at=NOW if kind is Kind.CHECKOUT_CLOSED else None)

    assert told(Known(checkout=over), Event(kind, again, NOW)) == []


def test_the_same_touch_told_twice_is_no_news():
    assert told(Known(checkout=cart()), Event(Kind.CHECKOUT_TOUCHED, cart(), NOW)) == []


def test_events_without_a_snapshot_pass_as_they_are():
    from lifecycle.privacy import StoreChange

    event = Event(Kind.STORE_UNINSTALLED, StoreChange("x"), NOW)

    assert derive(Known(), event) == Derived(events=(event,))


@pytest.mark.parametrize(
    ("after", "whats"),
    [
        (order(lines=(line(quantity=3),)), ["quantity", "total"]),
        (order(lines=(line(), line(2, 1, "4.00", "Map"))), ["added", "total"]),
        (order(lines=()), ["removed", "total"]),
        (order(total=eur("30.00")), ["total"]),
        (order(ship_to=replace(order().ship_to, street="Elsewhere 1")), ["address"]),
        (order(payment=Payment.REFUNDED, refunds=(refund(order()),), updated_at=minutes(9)), []),
    ],
)
def test_only_what_a_customer_would_see_is_a_change(after, whats):
    assert [change.what for change in differences(order(), after)] == whats
