"""Bodies for tests: recorded ones, and the smallest order, checkout and refund, to be changed a little."""

import json
from datetime import UTC, datetime
from pathlib import Path

from adapters.shopify import Shopify
from lifecycle.deliveries import Envelope

FOLDER = Path(__file__).parents[2] / "fixtures" / "shopify"
SHOP = "sample-shop.myshopify.com"
SENT = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)


def bag(paid, currency="USD", shop=None, shop_currency="USD"):
    return {
        "shop_money": {"amount": shop or paid, "currency_code": shop_currency},
        "presentment_money": {"amount": paid, "currency_code": currency},
    }


def line(**changes):
    return {
        "id": 11,
        "title": "Fountain pen",
        "variant_title": "Fine",
        "quantity": 2,
        "current_quantity": 2,
        "price": "20.00",
        "price_set": bag("20.00"),
        "requires_shipping": True,
        "gift_card": False,
        "properties": [],
        "discount_allocations": [],
        **changes,
    }


def order(**changes):
    """Two pens for 40.00, shipping 5.00, tax 4.00: 49.00 USD."""
    return {
        "id": 1001,
        "name": "#1001",
        "order_number": 1001,
        "email": "zoe@example.com",
        "created_at": "2026-11-20T10:00:00-05:00",
        "processed_at": "2026-11-20T10:00:00-05:00",
        "updated_at": "2026-11-20T10:00:01-05:00",
        "currency": "USD",
        "presentment_currency": "USD",
        "financial_status": "paid",
        "subtotal_price": "40.00",
        "total_line_items_price": "40.00",
        "total_discounts": "0.00",
        "total_shipping_price_set": bag("5.00"),
        "total_tax": "4.00",
        "total_price": "49.00",
        "current_subtotal_price": "40.00",
        "current_total_discounts": "0.00",
        "current_shipping_price_set": bag("5.00"),
        "current_total_tax": "4.00",
        "current_total_price": "49.00",
        "taxes_included": False,
        "line_items": [line()],
        "shipping_lines": [{"id": 5, "title": "Standard", "price": "5.00", "discounted_price": "5.00"}],
        "tax_lines": [{"title": "VAT", "price": "4.00", "rate": 0.1}],
        "refunds": [],
        "fulfillments": [],
        "test": False,
        **changes,
    }


def refund(**changes):
    """One pen given back with its tax: 22.00 USD."""
    return {
        "id": 71,
        "order_id": 1001,
        "created_at": "2026-11-20T10:10:00-05:00",
        "processed_at": "2026-11-20T10:10:00-05:00",
        "note": "for staff only",
        "refund_line_items": [
            {
                "id": 8,
                "line_item_id": 11,
                "quantity": 1,
                "subtotal": 20.0,
                "subtotal_set": bag("20.00"),
                "total_tax": 2.0,
                "total_tax_set": bag("2.00"),
                "line_item": line(),
            }
        ],
        "transactions": [transaction()],
        "order_adjustments": [],
        **changes,
    }


def transaction(**changes):
    return {
        "id": 9,
        "kind": "refund",
        "status": "success",
        "amount": "22.00",
        "currency": "USD",
        "gateway": "shopify_payments",
        **changes,
    }


def checkout(**changes):
    return {
        "token": "c0ffee",
        "cart_token": "ca27",
        "email": "zoe@example.com",
        "created_at": "2026-11-20T10:00:00-05:00",
        "updated_at": "2026-11-20T10:05:00-05:00",
        "completed_at": None,
        "closed_at": None,
        "currency": "USD",
        "presentment_currency": "USD",
        "abandoned_checkout_url": "https://sample-shop.example/1/checkouts/ac/c0ffee/recover?key=abc",
        "buyer_accepts_marketing": False,
        "total_line_items_price": "40.00",
        "subtotal_price": "40.00",
        "total_discounts": "0.00",
        "total_price": "44.00",
        "line_items": [
            {"key": "k1", "title": "Pen", "variant_title": "", "quantity": 2, "price": "20.00", "line_price": "40.00"}
        ],
        "shipping_address": [],
        **changes,
    }


def fulfillment(**changes):
    return {
        "id": 51,
        "order_id": 1001,
        "status": "success",
        "shipment_status": None,
        "service": "manual",
        "created_at": "2026-11-20T10:20:00-05:00",
        "updated_at": "2026-11-20T10:20:00-05:00",
        "tracking_company": "UPS",
        "tracking_number": "1Z1",
        "tracking_numbers": ["1Z1"],
        "tracking_url": "https://ups.example/1Z1",
        "tracking_urls": ["https://ups.example/1Z1"],
        "line_items": [line(quantity=1)],
        **changes,
    }


def recorded(name):
    return (FOLDER / name).read_bytes()


def read(topic, body, shop=SHOP, at=SENT):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Shopify(["secret"]).read(Envelope("shopify", shop, topic, "delivery-1", at), raw)


def fact(topic, body, **more):
    (event,) = read(topic, body, **more)
    return event.fact
