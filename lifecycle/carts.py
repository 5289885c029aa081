"""Carts: what somebody put together and has not bought (yet)."""

from dataclasses import dataclass
from datetime import datetime

from lifecycle.money import Money
from lifecycle.orders import LineItem
from lifecycle.people import Customer


@dataclass(frozen=True, slots=True)
class Checkout:
    """A checkout that was begun. `touched_at` is the last time the shopper did something.

    `completed_at`: bought. `closed_at`: gone without a purchase (deleted, cancelled by the shop). `order_id` is set where
    the platform keeps checkouts as unpaid orders (WooCommerce). `recovery_url` leads back to this very checkout.
    """

    token: str
    touched_at: datetime
    customer: Customer
    lines: tuple[LineItem, ...]
    total: Money
    subtotal: Money | None = None
    discount: Money | None = None
    created_at: datetime | None = None
    completed_at: datetime | None = None
    closed_at: datetime | None = None
    cart_token: str | None = None
    order_id: str | None = None
    number: str = ""
    recovery_url: str | None = None
    payment_failed: bool = False

    @property
    def id(self) -> str:
        return self.token

    @property
    def is_open(self) -> bool:
        return self.completed_at is None and self.closed_at is None
