"""DOCUMENTS: every question that is put to Shopify's GraphQL Admin API 2026-10, in one table.

A test holds each of them against the recorded schema and under 1,000 points, the most that one question may cost. So an
order's parcels and refunds are asked for one by one, and its rows 25 at a time.
https://shopify.dev/docs/api/admin-graphql/2026-10, as read on 2026-11-20
"""

LINES_AT_ONCE = 25
FOUND_AT_ONCE = 50

_BAG = """
fragment Bag on MoneyBag { shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }
"""

_LINES = """
fragment Lines on LineItemConnection {
  nodes {
    id title variantTitle sku quantity currentQuantity isGiftCard requiresShipping
    image { url }
    originalUnitPriceSet { ...Bag }
    customAttributes { key value }
    discountAllocations { allocatedAmountSet { ...Bag } discountApplication { index } }
  }
  pageInfo { hasNextPage endCursor }
}
"""

_PLACE = """
fragment Place on MailingAddress {
  name firstName lastName company address1 address2 zip city province countryCodeV2 phone
}
"""

_ORDER = """
query Order($id: ID!) {
  order(id: $id) {
    id name number email phone customerLocale test createdAt processedAt updatedAt cancelledAt cancelReason
    displayFinancialStatus taxesIncluded dutiesIncluded currencyCode presentmentCurrencyCode
    statusPageUrl sourceName checkoutToken cartToken paymentGatewayNames discountCodes
    risk { recommendation }
    customer { id firstName lastName }
    shippingAddress { ...Place }
    billingAddress { ...Place }
    totalPriceSet { ...Bag } subtotalPriceSet { ...Bag } totalDiscountsSet { ...Bag }
    totalShippingPriceSet { ...Bag } totalTaxSet { ...Bag } totalTipReceivedSet { ...Bag }
    currentTotalPriceSet { ...Bag } currentSubtotalPriceSet { ...Bag } currentTotalDiscountsSet { ...Bag }
    currentShippingPriceSet { ...Bag } currentTotalTaxSet { ...Bag }
    originalTotalDutiesSet { ...Bag } currentTotalDutiesSet { ...Bag }
    originalTotalAdditionalFeesSet { ...Bag } currentTotalAdditionalFeesSet { ...Bag }
    taxLines { title priceSet { ...Bag } }
    discountApplications(first: 20) {
      nodes {
        index
        ... on DiscountCodeApplication { code }
        ... on ManualDiscountApplication { title }
        ... on AutomaticDiscountApplication { title }
        ... on ScriptDiscountApplication { title }
      }
    }
    shippingLines(first: 5) {
      nodes {
        id title isRemoved originalPriceSet { ...Bag } discountedPriceSet { ...Bag }
        discountAllocations { allocatedAmountSet { ...Bag } discountApplication { index } }
      }
    }
    fulfillments(first: 50) { id }
    refunds(first: 50) { id }
    lineItems(first: 25) { ...Lines }
  }
}
"""

_MORE_LINES = """
query MoreLines($id: ID!, $after: String) {
  order(id: $id) { lineItems(first: 25, after: $after) { ...Lines } }
}
"""

_FULFILLMENT = """
query Fulfillment($id: ID!) {
  fulfillment(id: $id) {
    id status displayStatus createdAt updatedAt estimatedDeliveryAt
    service { handle }
    trackingInfo(first: 50) { company number url }
    fulfillmentLineItems(first: 100) { nodes { quantity lineItem { id title variantTitle requiresShipping } } }
  }
}
"""

_REFUND = """
query Refund($id: ID!) {
  refund(id: $id) {
    id createdAt processedAt
    refundLineItems(first: 50) {
      nodes { quantity subtotalSet { ...Bag } totalTaxSet { ...Bag } lineItem { id title variantTitle } }
    }
    refundShippingLines(first: 5) { nodes { subtotalAmountSet { ...Bag } taxAmountSet { ...Bag } } }
    transactions(first: 20) { nodes { kind status gateway amountSet { ...Bag } } }
  }
}
"""

_CHANGED = """
query Changed($search: String!, $after: String) {
  orders(first: 50, after: $after, query: $search, sortKey: UPDATED_AT) {
    nodes { id createdAt updatedAt }
    pageInfo { hasNextPage endCursor }
  }
}
"""

_HISTORY = """
fragment History on Customer {
  id locale numberOfOrders
  amountSpent { amount currencyCode }
  defaultEmailAddress { emailAddress marketingState marketingOptInLevel marketingUpdatedAt }
}
"""

_CUSTOMER = """
query Customer($id: ID!) {
  customer(id: $id) { ...History }
}
"""

_EXTRAS = """
query Extras($id: ID!) {
  order(id: $id) {
    customer { ...History }
    lineItems(first: 250) { nodes { id image { url } } }
  }
}
"""

_IMAGES = """
query Images($ids: [ID!]!) {
  nodes(ids: $ids) {
    id
    ... on ProductVariant {
      media(first: 1) { nodes { preview { image { url } } } }
      product { featuredMedia { preview { image { url } } } }
    }
  }
}
"""

_SHOP = """
query Shop {
  shop { name currencyCode ianaTimezone shopAddress { countryCodeV2 } }
  shopLocales(published: true) { locale primary }
}
"""

_INSTALLATION = """
query Installation {
  currentAppInstallation { accessScopes { handle } }
  publicApiVersions { handle supported }
  webhookSubscriptions(first: 50) { nodes { topic uri } }
}
"""

# One newest order with every field that Shopify gives only to approved apps: whether we are is said nowhere else. 2026-11
_PROTECTED = """
query Protected {
  orders(first: 1, reverse: true) {
    nodes { id email phone customer { id firstName lastName } shippingAddress { name address1 phone } }
  }
}
"""

DOCUMENTS: dict[str, str] = {
    "Order": _ORDER + _LINES + _PLACE + _BAG,
    "MoreLines": _MORE_LINES + _LINES + _BAG,
    "Fulfillment": _FULFILLMENT,
    "Refund": _REFUND + _BAG,
    "Changed": _CHANGED,
    "Customer": _CUSTOMER + _HISTORY,
    "Extras": _EXTRAS + _HISTORY,
    "Images": _IMAGES,
    "Shop": _SHOP,
    "Installation": _INSTALLATION,
    "Protected": _PROTECTED,
}
"""Name of the operation → its text."""
