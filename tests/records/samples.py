"""Nouns with every field set, for round trips; each test replaces what it is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from lifecycle.carts import Checkout
from lifecycle.deliveries import Delivery, Envelope
from lifecycle.messages import Letter, Message, State, TracedFigure, message_id
from lifecycle.money import Money
from lifecycle.orders import (
    Fulfillment,
    Labelled,
    LineItem,
    Order,
    Part,
    Passage,
    Payment,
    Refund,
    Tracking,
)
from lifecycle.oversight import Mode
from lifecycle.people import Address, Consent, ConsentState, Customer
from lifecycle.stores import Audience, Incentive, Reward, Store, StoreSettings

NOW = datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ADA = "ada@example.com"


def money(amount="10.00", currency="EUR"):
    return Money(Decimal(amount), currency)


def customer(email=ADA):
    consent = Consent(ConsentState.SUBSCRIBED, NOW, "checkout", "Yes, write to me", "box ticked")
    return Customer("c1", email, "Ada", "Löwe", "+49 30 1", "de-DE", "DE", consent, 2, money("99.90"))


def line():
    return LineItem(
        "l1", "Mug", 2, money("20.00"), money(), "blue", "MUG-1", ("Engraving: 愛",), "https://shop.test/m.png", True, False
    )


def fulfillment(ident="f1", order_id="o1", **changes):
    base = Fulfillment(
        ident, order_id, Passage.SHIPPED, (Part("l1", "Mug", 1, "blue", money()),),
        (Tracking("00340434", "DHL", "https://dhl.test/1"),), NOW, NOW, NOW + MINUTE, NOW, NOW, "Köln", True,
    )  # fmt: skip
    return replace(base, **changes)


def refund(ident="r1", order_id="o1", **changes):
    base = Refund(
        ident, order_id, money("5.00"), (Part("l1", "Mug", 1, "", money("5.00")),), money("0"), "broken", "card", True, NOW
    )
    return replace(base, **changes)


def order(ident="o1", email=ADA, **changes):
    base = Order(
        ident, "#1001", NOW, NOW + MINUTE, Payment.PAID, customer(email), (line(),), money("20.00"), money("1"), money("4.90"),
        money("3.19"), money("23.90"), money("25.10", "USD"), True, (Labelled("TEN", money("1")),), (Labelled("Fee", money("0")),),
        (Labelled("VAT 19%", money("3.19")),), money("0"), "DHL", "card", Address("Ada", "", "Weg 1", "", "10115", "Berlin", "", "DE"),
        Address("Ada"), "https://shop.test/o", "https://shop.test/p", "chk", "cart", (fulfillment(),), (refund(),), NOW, "customer",
        True, True, True, "web",
    )  # fmt: skip
    return replace(base, **changes)


def checkout(token="t1", email=ADA, **changes):
    base = Checkout(
        token, NOW, customer(email), (line(),), money("20.00"), money("20.00"), money("0"), NOW, NOW, NOW, "cart", "o9", "#9",
        "https://shop.test/r", True,
    )  # fmt: skip
    return replace(base, **changes)


def store(ident="s1", **changes):
    settings = StoreSettings(
        modes={"order_confirmation": Mode.GATED_ALL}, off=frozenset({"cart_recovery_3"}), large_order=Decimal("500.00"),
        incentives=(Incentive(2, Reward.PERCENT, "TEN", Decimal(10), Decimal(50), Audience.NEW),), quiet_from=22,
    )  # fmt: skip
    base = Store(
        ident, "shopify", f"{ident}.myshopify.com", f"token-{ident}", "Lampenladen", "EUR", "Europe/Berlin", "de", "DE", NOW,
        NOW + MINUTE, settings, ("newest-secret-of-the-store", "older-secret-of-the-store"),
    )  # fmt: skip
    return replace(base, **changes)


def delivery(ident="d1", store_id="s1", **changes):
    envelope = Envelope("shopify", "s1.myshopify.com", "orders/create", f"knock-{ident}", NOW, {"api": "2026-10"})
    base = Delivery(ident, store_id, envelope, b'{"id":\x00\xff}', NOW, f"digest-{ident}", due_at=NOW)
    return replace(base, **changes)


def letter(to=ADA):
    return Letter(to, "Your order", "<p>Hällo</p>", "Hällo", "de_DE")


def message(key="k1", store_id="s1", **changes):
    base = Message(
        message_id(store_id, key), store_id, key, "order_confirmation", "e1", "order.placed", "order", "o1", NOW, NOW,
        order_id="o1", order_number="#1001", to=ADA, due_at=NOW,
    )  # fmt: skip
    return replace(base, **changes)


def full_message(**changes):
    everything = {
        "state": State.HELD, "mode": Mode.READ_ONLY, "stale_at": NOW + MINUTE, "attempts": 3, "tries": 2, "first_try_at": NOW,
        "reason": "late", "reasons": ("late", "many_letters"), "letter": letter(),
        "figures": (TracedFigure("23,90 €", "html", "order.total"), TracedFigure("7", "text", "")),
        "decided_by": "Grace", "decided_at": NOW, "approved_digest": "abc", "sent_at": NOW, "reference": "<1@x>",
        "before": order(), "again": 2, "edited": True, "copy_of": "m0",
    }  # fmt: skip
    return message(**(everything | changes))
