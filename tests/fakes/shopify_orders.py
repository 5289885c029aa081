"""A webhook's order as Shopify's GraphQL would tell it: the recorded bodies, turned into the schema's shapes for the fake."""


def gid(kind, plain):
    return f"gid://shopify/{kind}/{plain}"


def bag(source, key, currency):
    """The bag under `<key>_set` in GraphQL's spelling; from the plain amount where a body has only that; else zero."""
    told = source.get(f"{key}_set")
    if told:
        return {
            ours: side(told[theirs])
            for ours, theirs in (("shopMoney", "shop_money"), ("presentmentMoney", "presentment_money"))
        }
    one = {"amount": str(source.get(key) or "0.0"), "currencyCode": currency}
    return {"shopMoney": one, "presentmentMoney": one}


def side(money):
    return {"amount": str(money["amount"]), "currencyCode": money.get("currency_code") or money.get("currency")}


def place(told):
    if not told:
        return None
    names = {
        "name": "name", "firstName": "first_name", "lastName": "last_name", "company": "company", "address1": "address1",
        "address2": "address2", "zip": "zip", "city": "city", "province": "province", "countryCodeV2": "country_code",
        "phone": "phone",
    }  # fmt: skip
    return {ours: told.get(theirs) for ours, theirs in names.items()}


def upper(text):
    return text.upper() if text else None


def connection(rows, key=""):
    """A resolver of a connection over `rows`: `first` and `after` as the API takes them."""

    def resolve(_info, first=50, after=None, **_rest):
        begin = int(after or 0)
        page = rows[begin : begin + first]
        more = begin + first < len(rows)
        return {"nodes": page, "pageInfo": {"hasNextPage": more, "endCursor": str(begin + first) if more else None}}

    return resolve


def allocations(row, currency):
    return [
        {
            "allocatedAmountSet": bag(one, "amount", currency),
            "discountApplication": {"__typename": "ManualDiscountApplication", "index": one["discount_application_index"]},
        }
        for one in row.get("discount_allocations", [])
    ]


def line(row, currency):
    return {
        "id": gid("LineItem", row["id"]),
        "title": row["title"],
        "variantTitle": row.get("variant_title"),
        "sku": row.get("sku"),
        "quantity": row["quantity"],
        "currentQuantity": row.get("current_quantity", row["quantity"]),
        "isGiftCard": bool(row.get("gift_card")),
        "requiresShipping": row.get("requires_shipping") is not False,
        "image": {"url": f"https://cdn.shopify.com/s/files/{row['id']}.png"},
        "originalUnitPriceSet": bag(row, "price", currency),
        "customAttributes": [{"key": one["name"], "value": str(one["value"])} for one in row.get("properties") or []],
        "discountAllocations": allocations(row, currency),
    }


def application(index, told):
    kind = {"discount_code": "DiscountCodeApplication", "automatic": "AutomaticDiscountApplication"}
    typename = kind.get(told.get("type"), "ManualDiscountApplication")
    named = (
        {"code": told.get("code")}
        if typename == "DiscountCodeApplication"
        else {"title": told.get("title") or told.get("description") or ""}
    )
    return {"__typename": typename, "index": index, **named}


def shipping(row, currency):
    return {
        "id": gid("ShippingLine", row["id"]),
        "title": row["title"],
        "isRemoved": bool(row.get("is_removed")),
        "originalPriceSet": bag(row, "price", currency),
        "discountedPriceSet": bag(row, "discounted_price", currency)
        if row.get("discounted_price") or row.get("discounted_price_set")
        else bag(row, "price", currency),
        "discountAllocations": allocations(row, currency),
    }


def fulfillment(told):
    numbers, urls = told.get("tracking_numbers") or [], told.get("tracking_urls") or []
    return {
        "id": gid("Fulfillment", told["id"]),
        "status": upper(told["status"]),
        "displayStatus": upper(told.get("shipment_status")) or "FULFILLED",
        "createdAt": told["created_at"],
        "updatedAt": told["updated_at"],
        "estimatedDeliveryAt": told.get("estimated_delivery_at"),
        "service": {"handle": told.get("service") or "manual"},
        "trackingInfo": [
            {"company": told.get("tracking_company"), "number": number, "url": urls[i] if i < len(urls) else None}
            for i, number in enumerate(numbers)
        ],
        "fulfillmentLineItems": connection(
            [{"quantity": row["quantity"], "lineItem": part(row)} for row in told["line_items"]]
        ),
    }


def part(row):
    return {
        "id": gid("LineItem", row["id"]),
        "title": row["title"],
        "variantTitle": row.get("variant_title"),
        "requiresShipping": row.get("requires_shipping") is not False,
    }


def refund(told, currency):
    rows = [
        {
            "quantity": row["quantity"],
            "subtotalSet": bag(row, "subtotal", currency),
            "totalTaxSet": bag(row, "total_tax", currency),
            "lineItem": part({**row["line_item"], "id": row["line_item_id"]}),
        }
        for row in told["refund_line_items"]
    ]
    posts = [
        {
            "subtotalAmountSet": bag(row, "subtotal_amount", currency),
            "taxAmountSet": bag(row, "tax_amount", currency),
        }
        for row in told.get("refund_shipping_lines", [])
    ]
    moved = [
        {
            "kind": upper(row["kind"]),
            "status": upper(row["status"]),
            "gateway": row.get("gateway"),
            "amountSet": bag({"amount": row["amount"]}, "amount", row.get("currency") or currency),
        }
        for row in told["transactions"]
    ]
    return {
        "id": gid("Refund", told["id"]),
        "createdAt": told["created_at"],
        "processedAt": told.get("processed_at") or told["created_at"],
        "refundLineItems": connection(rows),
        "refundShippingLines": connection(posts),
        "transactions": connection(moved),
    }


SETS = {
    "totalPriceSet": "total_price",
    "subtotalPriceSet": "subtotal_price",
    "totalDiscountsSet": "total_discounts",
    "totalShippingPriceSet": "total_shipping_price",
    "totalTaxSet": "total_tax",
    "totalTipReceivedSet": "total_tip_received",
    "currentTotalPriceSet": "current_total_price",
    "currentSubtotalPriceSet": "current_subtotal_price",
    "currentTotalDiscountsSet": "current_total_discounts",
    "currentTotalTaxSet": "current_total_tax",
    "currentShippingPriceSet": "current_shipping_price",
}
MAYBE = {
    "originalTotalDutiesSet": "original_total_duties",
    "currentTotalDutiesSet": "current_total_duties",
    "originalTotalAdditionalFeesSet": "original_total_additional_fees",
    "currentTotalAdditionalFeesSet": "current_total_additional_fees",
}


def order(told):
    """A GraphQL Order of the body of an order's webhook."""
    currency = told["currency"]
    known = told.get("customer") or {}
    current = {key: told.get(key) or told.get(f"{key}_set") for key in SETS.values() if key.startswith("current_")}
    # Old bodies have no current_*; GraphQL always has: what was bought, while nothing was taken away.
    filled = {**told, **{key: told.get(key.removeprefix("current_")) for key, value in current.items() if not value}}
    for key, value in current.items():
        twin = key.replace("current_", "total_" if "shipping" in key else "").replace("total_total", "total")
        if not value and told.get(f"{twin}_set"):
            filled[f"{key}_set"] = told[f"{twin}_set"]
    if not told.get("total_shipping_price_set"):
        posts = told.get("shipping_lines") or []
        filled["total_shipping_price"] = filled["current_shipping_price"] = str(sum(float(row["price"]) for row in posts))
    return {
        "id": gid("Order", told["id"]),
        "name": told["name"],
        "number": told.get("order_number") or 1,
        "email": told.get("email"),
        "phone": told.get("phone"),
        "customerLocale": told.get("customer_locale"),
        "test": bool(told.get("test")),
        "createdAt": told["created_at"],
        "processedAt": told.get("processed_at") or told["created_at"],
        "updatedAt": told["updated_at"],
        "cancelledAt": told.get("cancelled_at"),
        "cancelReason": upper(told.get("cancel_reason")),
        "displayFinancialStatus": upper(told["financial_status"]),
        "taxesIncluded": bool(told.get("taxes_included")),
        "dutiesIncluded": bool(told.get("duties_included")),
        "currencyCode": currency,
        "presentmentCurrencyCode": told.get("presentment_currency") or currency,
        "statusPageUrl": told.get("order_status_url") or "https://shop.example/status",
        "sourceName": told.get("source_name"),
        "checkoutToken": told.get("checkout_token"),
        "cartToken": told.get("cart_token"),
        "paymentGatewayNames": told.get("payment_gateway_names") or [],
        "discountCodes": [one["code"] for one in told.get("discount_codes", [])],
        "risk": {"recommendation": "NONE"},
        "customer": customer(known) if known.get("id") else None,
        "shippingAddress": place(told.get("shipping_address")),
        "billingAddress": place(told.get("billing_address")),
        **{ours: bag(filled, theirs, currency) for ours, theirs in SETS.items()},
        **{ours: bag(told, theirs, currency) if told.get(f"{theirs}_set") else None for ours, theirs in MAYBE.items()},
        "taxLines": [{"title": row["title"], "priceSet": bag(row, "price", currency)} for row in told.get("tax_lines", [])],
        "discountApplications": connection(
            [application(i, one) for i, one in enumerate(told.get("discount_applications", []))]
        ),
        "shippingLines": connection([shipping(row, currency) for row in told.get("shipping_lines", [])]),
        "fulfillments": lambda _info, first=50: [fulfillment(one) for one in told.get("fulfillments", [])][:first],
        "refunds": lambda _info, first=50: [refund(one, currency) for one in told.get("refunds", [])][:first],
        "lineItems": connection([line(row, currency) for row in told["line_items"]]),
    }


def customer(known, **more):
    return {
        "id": gid("Customer", known["id"]),
        "firstName": known.get("first_name"),
        "lastName": known.get("last_name"),
        "locale": "en",
        "numberOfOrders": "1",
        "amountSpent": {"amount": "0.0", "currencyCode": "USD"},
        "defaultEmailAddress": None,
        **more,
    }
