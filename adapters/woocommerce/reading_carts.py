"""What was not bought (yet): WooCommerce keeps it as an order that is a draft, pending or failed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from adapters import payload
from adapters.woocommerce.reading_lines import amount, lines_of, web
from adapters.woocommerce.reading_orders import currency_of, dated, number_of, subtotal_of_all
from adapters.woocommerce.reading_people import customer_of
from lifecycle.carts import Checkout


def checkout_of(body: Mapping[str, Any], fallback: datetime) -> Checkout:
    """The unbought order as a checkout; its token is the order's id, which it keeps when it is bought after all.

    `recovery_url` is `payment_url` as sent, a bearer link with the order's key in it: it works for drafts too, and for a
    guest asks for the billing address after ten minutes. `total` includes tax and shipping as far as they are known.
    """
    currency = currency_of(body)
    order_id = payload.need_identifier(body, "id")
    return Checkout(
        token=order_id,
        touched_at=dated(body, "date_modified_gmt", "date_created_gmt") or fallback,
        customer=customer_of(body),
        lines=lines_of(body, currency),
        total=payload.need_money(body, "total", currency),
        subtotal=subtotal_of_all(body, currency),
        discount=amount(body, "discount_total", currency),
        created_at=dated(body, "date_created_gmt"),
        order_id=order_id,
        number=number_of(body),
        recovery_url=web(body, "payment_url"),
    )
