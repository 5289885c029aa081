"""What has to happen for each letter: one short history a row of MAILS, told to a house."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from lifecycle.events import Event, Kind
from lifecycle.orders import Passage
from lifecycle.stores import Store
from tests.flows.facts import cart, line, order, parcel, parcel_seen, placed, refund, refunded, seen, touched
from tests.flows.houses import NOW, TestHouse

LATER = NOW + timedelta(minutes=1)


def _on_its_way(house: TestHouse, store: Store, **carrier: object) -> None:
    bought = order()
    house.tell(store, placed(bought), parcel_seen(parcel(bought)))
    house.work()
    if carrier:
        news = parcel(bought, lines=(), trackings=(), shipped_at=None, happened_at=LATER, updated_at=LATER, **carrier)
        house.tell(store, parcel_seen(news, LATER))


def _changed(house: TestHouse, store: Store) -> None:
    house.tell(store, placed(order()))
    house.work()
    house.tell(store, seen(order(lines=(line(quantity=3),), updated_at=LATER)))


def _renumbered(house: TestHouse, store: Store) -> None:
    _on_its_way(house, store)
    moved = parcel(order(), trackings=parcel(order(), 2).trackings, updated_at=LATER)
    house.tell(store, parcel_seen(moved, LATER))


def _unpaid(house: TestHouse, store: Store) -> None:
    failed = cart("1001", consent=None, payment_failed=True, order_id="1001", number="#1001")
    house.tell(store, Event(Kind.CHECKOUT_PAYMENT_FAILED, failed, NOW))


def _cancelled(house: TestHouse, store: Store) -> None:
    gone = replace(order(), cancelled_at=LATER, cancel_reason="customer", updated_at=LATER)
    house.tell(store, placed(order()), seen(gone))


STORIES: dict[str, Callable[[TestHouse, Store], object]] = {
    "order_confirmation": lambda house, store: house.tell(store, placed(order())),
    "order_change": _changed,
    "payment_pending": _unpaid,
    "order_cancellation": _cancelled,
    "shipping_notice": _on_its_way,
    "tracking_update": _renumbered,
    "out_for_delivery": lambda house, store: _on_its_way(house, store, passage=Passage.OUT_FOR_DELIVERY),
    "delivery_notice": lambda house, store: _on_its_way(house, store, passage=Passage.DELIVERED),
    "delivery_problem": lambda house, store: _on_its_way(house, store, passage=Passage.FAILED),
    "refund_notice": lambda house, store: house.tell(store, placed(order()), refunded(refund(order()))),
    "cart_recovery_1": lambda house, store: house.tell(store, touched(cart())),
    "cart_recovery_2": lambda house, store: house.tell(store, touched(cart())),
    "cart_recovery_3": lambda house, store: house.tell(store, touched(cart())),
}
