"""The shop's webhooks: made, looked for and revived over its API. Measured on WooCommerce 10.5.0, 2026-11-20.

WooCommerce disables a webhook after seven failures in a row and tells nobody. Made active again it keeps its count, so the
next failure disables it at once: `revived` is what the merchant is told of each time.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from adapters import payload
from adapters.woocommerce.api import Shop
from lifecycle.errors import BadValue
from lifecycle.ports import Health

WANTED = (
    "order.created",
    "order.updated",
    "order.deleted",
    "order.restored",
    "customer.updated",
    "action.woocommerce_order_refunded",
)
"""Nothing else: every further delivery only lengthens the shop's queue."""

OUR_NAME = "multimail-commerce"


def look_after(shop: Shop, secret: str, address: str) -> Health:
    """Make what is missing and revive what is disabled, of the webhooks that lead to `address`. What leads elsewhere is not ours.

    The API never shows a secret, so a revived webhook gets ours again. One that the merchant paused stays so, and is told of.
    Raises AccessLost or PlatformBusy.
    """
    if not secret:
        return Health(problems=(("webhooks_without_secret", ""),))
    kept = [row.said for row in shop.all_rows("webhooks") if row.said.get("delivery_url") == address]
    created, revived, problems = [], [], []
    for topic in WANTED:
        found = [webhook for webhook in kept if payload.text(webhook, "topic").lower() == topic]
        states = [payload.text(webhook, "status") for webhook in found]
        if "active" in states:
            continue
        if "disabled" in states:
            _revive(shop, found[states.index("disabled")], secret)
            revived.append(topic)
        elif found:
            problems.append(("webhook_paused", topic))
        elif _made(shop, topic, secret, address):
            created.append(topic)
        else:
            problems.append(("webhook_refused", topic))
    return Health(tuple(created), tuple(revived), _one_a_code(problems))


def _revive(shop: Shop, webhook: Mapping[str, Any], secret: str) -> None:
    shop.change(f"webhooks/{payload.need_identifier(webhook, 'id')}", {"status": "active", "secret": secret})


def _made(shop: Shop, topic: str, secret: str, address: str) -> bool:
    try:
        shop.make(
            "webhooks",
            {"name": f"{OUR_NAME} {topic}", "topic": topic, "delivery_url": address, "secret": secret, "status": "active"},
        )
    except BadValue:
        return False
    return True


def _one_a_code(problems: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """There is one notice a code, so what shares a code shares a notice."""
    codes = dict.fromkeys(code for code, _ in problems)
    return tuple((code, ", ".join(detail for other, detail in problems if other == code)) for code in codes)
