"""Facts for flows: one honest order and what may happen to it."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from lifecycle.carts import Checkout
from lifecycle.events import Event, Kind
from lifecycle.money import Money
from lifecycle.orders import Fulfillment, LineItem, Order, Part, Passage, Payment, Refund, Tracking
from lifecycle.people import Address, Consent, ConsentState, Customer
from tests.flows.houses import NOW

YES = Consent(
    ConsentState.SUBSCRIBED, NOW - timedelta(days=3), "checkout", "Yes, write to me", "double opt-in, confirmed by link"
)
CUSTOMER = Customer(id="7", email="nora@example.com", first_name="Nora", last_name="Berg", locale="en-US", country="DE")


def eur(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def line(number: int = 1, quantity: int = 2, price: str = "10.00", title: str = "Enamel mug") -> LineItem:
    return LineItem(str(number), title, quantity, eur(price) * quantity, eur(price), "blue")


def order(number: int = 1001, *, lines: tuple[LineItem, ...] = (line(),), at: datetime = NOW, **more: object) -> Order:
    subtotal = eur(str(sum(each.total.amount for each in lines)))
    shipping = eur("5.00")
    facts = {
        "id": str(number),
        "number": f"#{number}",
        "placed_at": at,
        "updated_at": at,
        "payment": Payment.PAID,
        "customer": CUSTOMER,
        "lines": lines,
        "subtotal": subtotal,
        "discount": eur("0.00"),
        "shipping": shipping,
        "tax": eur("0.00"),
        "total": subtotal + shipping,
        "ship_to": Address("Nora Berg", "", "Lange Reihe 7", "", "20099", "Hamburg", "", "DE"),
    }
    return Order(**(facts | more))


def placed(order_: Order) -> Event:
    return Event(Kind.ORDER_PLACED, order_, order_.placed_at)


def seen(order_: Order) -> Event:
    return Event(Kind.ORDER_SEEN, order_, order_.updated_at)


def parcel(order_: Order, number: int = 1, *, quantity: int = 2, at: datetime = NOW, **more: object) -> Fulfillment:
    facts = {
        "id": f"{order_.id}-{number}",
        "order_id": order_.id,
        "passage": Passage.SHIPPED,
        "lines": (Part("1", "Enamel mug", quantity, "blue"),),
        "trackings": (Tracking(f"1Z999AA1012345678{number}", "UPS"),),
        "shipped_at": at,
        "updated_at": at,
    }
    return Fulfillment(**(facts | more))


def parcel_seen(fulfillment: Fulfillment, at: datetime = NOW) -> Event:
    return Event(Kind.FULFILLMENT_SEEN, fulfillment, at)


def refund(order_: Order, amount: str = "10.00", number: int = 1, *, at: datetime = NOW, **more: object) -> Refund:
    return Refund(f"r{number}", order_.id, eur(amount), refunded_at=at, **more)


def refunded(refund_: Refund) -> Event:
    return Event(Kind.REFUND_ISSUED, refund_, refund_.refunded_at or NOW)


def cart(token: str = "c1", *, at: datetime = NOW, consent: Consent | None = YES, **more: object) -> Checkout:
    facts = {
        "token": token,
        "touched_at": at,
        "created_at": at,
        "customer": replace(CUSTOMER, consent=consent),
        "lines": (line(),),
        "total": eur("25.00"),
        "recovery_url": f"https://fern.example/recover/{token}",
    }
    return Checkout(**(facts | more))


def touched(checkout: Checkout) -> Event:
    return Event(Kind.CHECKOUT_TOUCHED, checkout, checkout.touched_at)
