"""TOPICS: what is heard from Shopify, what is known and unwanted and why, and what is served first.

Names are those of API version 2026-10, as read on 2026-11-20; an absent one is unknown. Lanes: 0 privacy and the shop that
leaves, 1 orders, parcels and refunds, 2 carts, 3 the rest.
"""

from collections.abc import Iterable
from typing import Any

from adapters.shopify import reading_checkouts, reading_fulfillments, reading_orders, reading_privacy, reading_refunds
from lifecycle.ports import Topic

HANDLED: dict[str, tuple[Any, int]] = {
    "app/uninstalled": (reading_privacy.uninstalled, 0),
    "customers/data_request": (reading_privacy.export_requested, 0),
    "customers/redact": (reading_privacy.erase_requested, 0),
    "shop/redact": (reading_privacy.store_erase_requested, 0),
    "orders/create": (reading_orders.placed, 1),
    "orders/updated": (reading_orders.seen, 1),
    "orders/paid": (reading_orders.seen, 1),
    "orders/cancelled": (reading_orders.cancelled, 1),
    "fulfillments/create": (reading_fulfillments.seen, 1),
    "fulfillments/update": (reading_fulfillments.seen, 1),
    "fulfillment_events/create": (reading_fulfillments.event_seen, 1),
    "refunds/create": (reading_refunds.issued, 1),
    "checkouts/create": (reading_checkouts.touched, 2),
    "checkouts/update": (reading_checkouts.touched, 2),
    "checkouts/delete": (reading_checkouts.deleted, 2),
    "customers_email_marketing_consent/update": (reading_privacy.consent_changed, 3),
}

_RETURNS = "returns are asked for by name, and no letter here is about one yet"
_WAREHOUSE = "the warehouse's own steps; the parcel that comes of them is told by fulfillments/create"
_PROFILE = "letters go to the address of the order, so a profile changes none of them"
_MONEY = "refunds/create and orders/updated tell what became of the money"
_CATALOGUE = "no letter depends on the catalogue changing"
_NEXT_GEN = "the classic webhook of this subject is what we read; one of the two is enough"

IGNORED: dict[str, str] = {
    # Handled would mean doing nothing with it; ignored says why: the delta names rows by id and has no order, no amounts.
    "orders/edited": "a list of changes without the order; the orders/updated sent with it carries the whole order",
    "orders/fulfilled": "fulfillments/create tells the same parcel by parcel",
    "orders/partially_fulfilled": "fulfillments/create tells the same parcel by parcel",
    "orders/delete": "an order deleted in the admin is history or a mistake; nobody is written to about it",
    "orders/link_requested": "sent only to apps that replace Shopify's own status page letters",
    "orders/risk_assessment_changed": "carries no order; a risky order is held by what the order itself says",
    "orders/shopify_protect_eligibility_changed": "concerns the shop's insurance, not the buyer",
    "fulfillment_events/delete": "a carrier's message taken back: what was written cannot be unwritten",
    "fulfillment_holds/added": _WAREHOUSE,
    "fulfillment_holds/released": _WAREHOUSE,
    "fulfillment_orders/cancellation_request_accepted": _WAREHOUSE,
    "fulfillment_orders/cancellation_request_rejected": _WAREHOUSE,
    "fulfillment_orders/cancellation_request_submitted": _WAREHOUSE,
    "fulfillment_orders/cancelled": _WAREHOUSE,
    "fulfillment_orders/fulfillment_request_accepted": _WAREHOUSE,
    "fulfillment_orders/fulfillment_request_rejected": _WAREHOUSE,
    "fulfillment_orders/fulfillment_request_submitted": _WAREHOUSE,
    "fulfillment_orders/fulfillment_service_failed_to_complete": _WAREHOUSE,
    "fulfillment_orders/hold_released": _WAREHOUSE,
    "fulfillment_orders/line_items_prepared_for_local_delivery": "says no order; the order would have to be asked for",
    "fulfillment_orders/line_items_prepared_for_pickup": "says no order; the order would have to be asked for",
    "fulfillment_orders/manually_reported_progress_stopped": _WAREHOUSE,
    "fulfillment_orders/merged": _WAREHOUSE,
    "fulfillment_orders/moved": _WAREHOUSE,
    "fulfillment_orders/order_routing_complete": _WAREHOUSE,
    "fulfillment_orders/placed_on_hold": _WAREHOUSE,
    "fulfillment_orders/progress_reported": _WAREHOUSE,
    "fulfillment_orders/rescheduled": _WAREHOUSE,
    "fulfillment_orders/scheduled_fulfillment_order_ready": _WAREHOUSE,
    "fulfillment_orders/split": _WAREHOUSE,
    "order_transactions/create": _MONEY,
    "tender_transactions/create": _MONEY,
    "disputes/create": "a bank's dispute is answered by people in the shop's admin",
    "disputes/update": "a bank's dispute is answered by people in the shop's admin",
    "carts/create": "says nobody's address; checkouts/create tells of carts whose buyer is known",
    "carts/update": "says nobody's address; checkouts/update tells of carts whose buyer is known",
    "draft_orders/create": "a draft is the merchant's work; orders/create comes when it is an order",
    "draft_orders/update": "a draft is the merchant's work; orders/create comes when it is an order",
    "draft_orders/delete": "a draft is the merchant's work; orders/create comes when it is an order",
    "returns/request": _RETURNS,
    "returns/approve": _RETURNS,
    "returns/decline": _RETURNS,
    "returns/update": _RETURNS,
    "returns/process": _RETURNS,
    "returns/cancel": _RETURNS,
    "returns/close": _RETURNS,
    "returns/reopen": _RETURNS,
    "reverse_deliveries/attach_deliverable": _RETURNS,
    "reverse_fulfillment_orders/dispose": _RETURNS,
    "customers/create": _PROFILE,
    "customers/update": _PROFILE,
    "customers/enable": _PROFILE,
    "customers/disable": _PROFILE,
    "customers/merge": _PROFILE,
    "customers/delete": "customers/redact is the request to forget somebody; deleting a profile is not",
    "customers/purchasing_summary": _PROFILE,
    "customer.tags_added": _PROFILE,
    "customer.tags_removed": _PROFILE,
    "customer.joined_segment": _PROFILE,
    "customer.left_segment": _PROFILE,
    "customers_marketing_consent/update": "consent to text messages; nothing here writes any",
    "customers_whats_app_marketing_consent/update": "consent to WhatsApp messages; nothing here writes any",
    "discounts/create": "incentives are chosen in the store's settings, not taken from the shop's discounts",
    "discounts/update": "incentives are chosen in the store's settings, not taken from the shop's discounts",
    "discounts/delete": "incentives are chosen in the store's settings, not taken from the shop's discounts",
    "discounts/redeemcode_added": "incentives are chosen in the store's settings, not taken from the shop's discounts",
    "discounts/redeemcode_removed": "incentives are chosen in the store's settings, not taken from the shop's discounts",
    "products/create": _CATALOGUE,
    "products/update": _CATALOGUE,
    "products/delete": _CATALOGUE,
    "inventory_levels/update": _CATALOGUE,
    "inventory_transfers/updated": _CATALOGUE,
    "app/scopes_update": "what the app may see shows in what arrives",
    "shop/update": "a store's name, language and zone are chosen in its settings here",
}

# Next Gen Events (2026-10) name their topics by subject; an app that subscribes to both must not be told everything twice.
EVENTS = (
    "article",
    "blog",
    "collection",
    "company",
    "customer",
    "fulfillmentorder",
    "inventoryitem",
    "inventoryshipment",
    "inventorytransfer",
    "location",
    "metafielddefinition",
    "metaobject",
    "metaobjectdefinition",
    "order",
    "page",
    "product",
    "refund",
    "return",
)


def _rows() -> Iterable[Topic]:
    for name, (reader, lane) in HANDLED.items():
        yield Topic(name, reader=reader, lane=lane)
    for name, reason in (*IGNORED.items(), *((name, _NEXT_GEN) for name in EVENTS)):
        yield Topic(name, ignored=reason, lane=3)


TOPICS: dict[str, Topic] = {topic.name: topic for topic in _rows()}
