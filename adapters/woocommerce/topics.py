"""THE TABLE: every WooCommerce topic that we know, and what becomes of it. Facts measured on WooCommerce 10.5.0, 2026-11-20.

A row that ends in `*` stands for every topic that begins so; an exact row wins. What is in no row is unknown.
"""

from collections.abc import Iterator, Mapping

from adapters.woocommerce import reading
from lifecycle.ports import Topic

ORDERS, REST = 1, 3

_HANDLED = (
    Topic("order.created", reading.order, lane=ORDERS),
    Topic("order.updated", reading.order, lane=ORDERS),
    Topic("order.restored", reading.order, lane=ORDERS),
    Topic("order.deleted", reading.order_deleted, lane=ORDERS),
    # No letter comes of the next two. They are read, because a lost owner shows in every topic (`reading.ERRORS`).
    Topic("customer.updated", reading.customer, lane=REST),
    Topic("action.woocommerce_order_refunded", reading.order_refunded, lane=REST),
)

_NO_PRODUCT = "no letter depends on a product changing"
_NO_COUPON = "no letter depends on a coupon changing; the codes in letters are the merchant's settings"
_NOTE = "a note is the shop's own; WooCommerce mails the customer's ones itself"
_TWICE = "order.updated tells the same with the whole order"
_EMPTY = "the body names nothing: WooCommerce sends only the hook's first argument, and here that is empty"

_IGNORED = {
    "customer.created": "an account alone is no reason for a letter, and core keeps no consent with it",
    "customer.deleted": "an account was closed; what to erase is asked for by the merchant, not by this",
    "customer.restored": "WordPress accounts have no trash; listed because the topic can be subscribed to",
    "product.created": _NO_PRODUCT,
    "product.updated": f"{_NO_PRODUCT}; it comes with every order that lowers a stock",
    "product.deleted": f"{_NO_PRODUCT}; it also comes for trashed coupons, so its id may be none of a product",
    "product.restored": f"{_NO_PRODUCT}; on legacy storage it comes with an error body for a restored order",
    "product.published": f"{_NO_PRODUCT} (new in WooCommerce 11)",
    "coupon.created": _NO_COUPON,
    "coupon.updated": _NO_COUPON,
    "coupon.deleted": f"{_NO_COUPON}; it also comes for trashed products, so its id may be none of a coupon",
    "coupon.restored": _NO_COUPON,
    "action.woocommerce_refund_created": "names the refund but not its order; order.updated carries both",
    "action.woocommerce_payment_complete": _TWICE,
    "action.woocommerce_order_status_*": f"{_TWICE}; this names neither the old status nor the new one",
    "action.woocommerce_order_note_added": _NOTE,
    "action.woocommerce_new_order_note_data": _NOTE,
    "action.woocommerce_checkout_order_processed": "order.created tells the same with the whole order",
    "action.woocommerce_store_api_checkout_order_processed": _EMPTY,
    "action.woocommerce_low_stock": _EMPTY,
    "action.woocommerce_no_stock": _EMPTY,
    "action.woocommerce_add_to_cart": "a cart item's key without a session or an address is nobody's cart",
    "action.woocommerce_fulfillment_created_notification": f"{_TWICE}, as its fulfillment status",
    "action.woocommerce_fulfillment_after_fulfill": _EMPTY,
}


class Topics(Mapping[str, Topic]):
    """The rows by topic, where a row `action.x_*` answers for its whole family under each one's own name."""

    def __init__(self, rows: tuple[Topic, ...]) -> None:
        self._rows = {row.name: row for row in rows}
        self._families = tuple(name[:-1] for name in self._rows if name.endswith("*"))

    def __getitem__(self, topic: str) -> Topic:
        if topic in self._rows:
            return self._rows[topic]
        for family in self._families:
            if topic.startswith(family):
                return self._rows[f"{family}*"]
        raise KeyError(topic)

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


TOPICS = Topics(_HANDLED + tuple(Topic(name, ignored=why, lane=REST) for name, why in _IGNORED.items()))
