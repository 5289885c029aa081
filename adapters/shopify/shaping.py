"""Shapes: an order as GraphQL tells it, in the words of its webhook, so that one reader reads both.

Only the keys that the readers look at. Webhooks write ids as numbers, enums in lower case, money in `*_set` bags of
`shop_money` and `presentment_money`. GraphQL Order, Fulfillment and Refund 2026-10, as read on 2026-11-20.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from adapters import payload
from adapters.shopify.reading_fulfillments import SHIPMENT

Node = Mapping[str, Any]
_GID = re.compile(r"gid://shopify/[A-Za-z]+/([0-9]{1,20})(?:\?.*)?", re.ASCII)

_BAGS = {
    "total_price_set": "totalPriceSet",
    "subtotal_price_set": "subtotalPriceSet",
    "total_discounts_set": "totalDiscountsSet",
    "total_shipping_price_set": "totalShippingPriceSet",
    "total_tax_set": "totalTaxSet",
    "total_tip_received_set": "totalTipReceivedSet",
    "current_total_price_set": "currentTotalPriceSet",
    "current_subtotal_price_set": "currentSubtotalPriceSet",
    "current_total_discounts_set": "currentTotalDiscountsSet",
    "current_shipping_price_set": "currentShippingPriceSet",
    "current_total_tax_set": "currentTotalTaxSet",
    "original_total_duties_set": "originalTotalDutiesSet",
    "current_total_duties_set": "currentTotalDutiesSet",
    "original_total_additional_fees_set": "originalTotalAdditionalFeesSet",
    "current_total_additional_fees_set": "currentTotalAdditionalFeesSet",
}
_PLAIN = {
    "name": "name",
    "order_number": "number",
    "email": "email",
    "phone": "phone",
    "customer_locale": "customerLocale",
    "test": "test",
    "created_at": "createdAt",
    "processed_at": "processedAt",
    "updated_at": "updatedAt",
    "cancelled_at": "cancelledAt",
    "taxes_included": "taxesIncluded",
    "duties_included": "dutiesIncluded",
    "currency": "currencyCode",
    "presentment_currency": "presentmentCurrencyCode",
    "order_status_url": "statusPageUrl",
    "source_name": "sourceName",
    "checkout_token": "checkoutToken",
    "cart_token": "cartToken",
    "payment_gateway_names": "paymentGatewayNames",
}
_PLACE = {
    "name": "name",
    "first_name": "firstName",
    "last_name": "lastName",
    "company": "company",
    "address1": "address1",
    "address2": "address2",
    "zip": "zip",
    "city": "city",
    "province": "province",
    "country_code": "countryCodeV2",
    "phone": "phone",
}
# What GraphQL calls otherwise. Fulfilled, submitted and their like say what `status` says.
_DISPLAYED = {"not_delivered": "failure", "label_voided": "", "picked_up": "delivered"}


def number(gid: object) -> int | None:
    """The number at the end of a global id, None for anything else."""
    found = _GID.fullmatch(gid) if isinstance(gid, str) else None
    return int(found[1]) if found else None


def gid(kind: str, plain: str) -> str:
    """The global id of a number."""
    return f"gid://shopify/{kind}/{plain}"


def order(node: Node, lines: Sequence[Node], fulfillments: Sequence[Node], refunds: Sequence[Node]) -> dict[str, Any]:
    """The body of `orders/updated` for a GraphQL order; its rows, parcels and refunds were asked for by themselves."""
    order_id = number(node.get("id"))
    tip = _bag(node, "totalTipReceivedSet")
    return {
        "id": order_id,
        "admin_graphql_api_id": node.get("id"),
        **{ours: node.get(theirs) for ours, theirs in _PLAIN.items()},
        **{ours: found for ours, theirs in _BAGS.items() if (found := _bag(node, theirs)) is not None},
        "cancel_reason": _lower(node, "cancelReason") or None,
        "financial_status": _lower(node, "displayFinancialStatus"),
        "risk_level": "high" if _lower(payload.mapping(node, "risk"), "recommendation") == "cancel" else "",
        "customer": _customer(node),
        "shipping_address": _place(node, "shippingAddress"),
        "billing_address": _place(node, "billingAddress"),
        "tax_lines": [_tax(row) for row in payload.mappings(node, "taxLines")],
        "discount_codes": [{"code": code} for code in _listed(node, "discountCodes")],
        "discount_applications": _applications(nodes(node, "discountApplications")),
        "line_items": [_line(row, tip) for row in lines],
        "shipping_lines": [_shipping(row) for row in nodes(node, "shippingLines")],
        "fulfillments": [fulfillment(one, order_id) for one in fulfillments],
        "refunds": [refund(one, order_id) for one in refunds],
    }


def nodes(source: Node, key: str) -> list[dict[str, Any]]:
    """The nodes of a connection."""
    return payload.mappings(payload.mapping(source, key), "nodes")


def _listed(source: Node, key: str) -> list[Any]:
    found = source.get(key)
    return found if isinstance(found, list) else []


def _lower(source: Node, key: str) -> str:
    return payload.line(source, key).lower()


def _bag(source: Node, key: str) -> dict[str, Any] | None:
    told = source.get(key)
    if not isinstance(told, dict):
        return None
    sides = {"shop_money": "shopMoney", "presentment_money": "presentmentMoney"}
    pairs = ((ours, payload.mapping(told, theirs)) for ours, theirs in sides.items())
    return {ours: {"amount": _text(side.get("amount")), "currency_code": side.get("currencyCode")} for ours, side in pairs}


def _text(amount: object) -> str | None:
    return None if amount is None else str(amount)


def _customer(node: Node) -> dict[str, Any] | None:
    told = payload.mapping(node, "customer")
    if not told:
        return None
    return {"id": number(told.get("id")), "first_name": told.get("firstName"), "last_name": told.get("lastName")}


def _place(node: Node, key: str) -> dict[str, Any] | None:
    told = payload.mapping(node, key)
    return {ours: told.get(theirs) for ours, theirs in _PLACE.items()} if told else None


def _tax(row: Node) -> dict[str, Any]:
    return {"title": row.get("title"), "price_set": _bag(row, "priceSet")}


def _applications(rows: Sequence[Node]) -> list[dict[str, Any]]:
    """The discounts, each at the place that allocations count by."""
    placed = {payload.count(row, "index"): row for row in rows}
    listed = [placed.get(index, {}) for index in range(min(len(rows), max(placed, default=-1) + 1))]
    return [{"code": row["code"]} if "code" in row else {"title": row.get("title")} for row in listed]


def _allocations(row: Node) -> list[dict[str, Any]]:
    return [
        {
            "amount_set": _bag(share, "allocatedAmountSet"),
            "discount_application_index": payload.count(payload.mapping(share, "discountApplication"), "index"),
        }
        for share in payload.mappings(row, "discountAllocations")
    ]


def _line(row: Node, tip: Mapping[str, Any] | None) -> dict[str, Any]:
    found = {
        "id": number(row.get("id")),
        "title": row.get("title"),
        "variant_title": row.get("variantTitle"),
        "sku": row.get("sku"),
        "quantity": row.get("quantity"),
        "current_quantity": row.get("currentQuantity"),
        "gift_card": row.get("isGiftCard"),
        "requires_shipping": row.get("requiresShipping"),
        "price_set": _bag(row, "originalUnitPriceSet"),
        "properties": [
            {"name": one.get("key"), "value": one.get("value")} for one in payload.mappings(row, "customAttributes")
        ],
        "discount_allocations": _allocations(row),
    }
    return {**found, "tip_payment_gateway": None} if _is_tip(found, tip) else found


def _is_tip(line: Mapping[str, Any], tip: Mapping[str, Any] | None) -> bool:
    """Whether this row is the order's tip: GraphQL marks none, so it is the row that is no goods and costs what the tip is."""
    if tip is None or line["sku"] or line["variant_title"] or line["gift_card"] or line["requires_shipping"]:
        return False
    return line["quantity"] == 1 and line["price_set"] == tip and any(digit in "123456789" for digit in str(_paid(tip)))


def _paid(bag: Mapping[str, Any]) -> str:
    return payload.line(payload.mapping(bag, "presentment_money"), "amount")


def _shipping(row: Node) -> dict[str, Any]:
    return {
        "id": number(row.get("id")),
        "title": row.get("title"),
        "is_removed": row.get("isRemoved"),
        "price_set": _bag(row, "originalPriceSet"),
        "discounted_price_set": _bag(row, "discountedPriceSet"),
        "discount_allocations": _allocations(row),
    }


def fulfillment(node: Node, order_id: int | None) -> dict[str, Any]:
    """The body of `fulfillments/update`."""
    tracked = payload.mappings(node, "trackingInfo")
    status = _lower(node, "status")
    displayed = _lower(node, "displayStatus")
    displayed = _DISPLAYED.get(displayed, displayed)
    return {
        "id": number(node.get("id")),
        "order_id": order_id,
        "status": status,
        "shipment_status": displayed if status == "success" and displayed in SHIPMENT else None,
        "service": payload.line(payload.mapping(node, "service"), "handle") or "manual",
        "tracking_company": next((row.get("company") for row in tracked if row.get("company")), None),
        "tracking_numbers": [row.get("number") or "" for row in tracked],
        "tracking_urls": [row.get("url") or "" for row in tracked],
        "created_at": node.get("createdAt"),
        "updated_at": node.get("updatedAt"),
        "estimated_delivery_at": node.get("estimatedDeliveryAt"),
        "line_items": [_part(row) for row in nodes(node, "fulfillmentLineItems")],
    }


def _part(row: Node) -> dict[str, Any]:
    line = payload.mapping(row, "lineItem")
    return {
        "id": number(line.get("id")),
        "title": line.get("title"),
        "variant_title": line.get("variantTitle"),
        "requires_shipping": line.get("requiresShipping"),
        "quantity": row.get("quantity"),
    }


def refund(node: Node, order_id: int | None) -> dict[str, Any]:
    """The body of `refunds/create`."""
    return {
        "id": number(node.get("id")),
        "order_id": order_id,
        "created_at": node.get("createdAt"),
        "processed_at": node.get("processedAt"),
        "refund_line_items": [_returned(row) for row in nodes(node, "refundLineItems")],
        "refund_shipping_lines": [
            {"subtotal_amount_set": _bag(row, "subtotalAmountSet"), "tax_amount_set": _bag(row, "taxAmountSet")}
            for row in nodes(node, "refundShippingLines")
        ],
        "order_adjustments": [],
        "transactions": [_transaction(row) for row in nodes(node, "transactions")],
    }


def _returned(row: Node) -> dict[str, Any]:
    part = _part(row)
    return {
        "line_item_id": part["id"],
        "quantity": row.get("quantity"),
        "subtotal_set": _bag(row, "subtotalSet"),
        "total_tax_set": _bag(row, "totalTaxSet"),
        "line_item": {key: part[key] for key in ("id", "title", "variant_title")},
    }


def _transaction(row: Node) -> dict[str, Any]:
    """Webhooks tell a refund's transactions in the currency paid in."""
    paid = payload.mapping(payload.mapping(row, "amountSet"), "presentmentMoney")
    status = _lower(row, "status")
    return {
        "kind": _lower(row, "kind"),
        "status": "pending" if status == "awaiting_response" else status,
        "gateway": row.get("gateway"),
        "amount": _text(paid.get("amount")),
        "currency": paid.get("currencyCode"),
    }
