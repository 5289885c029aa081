"""A recorded body with nobody in it: only texts that are known to be nobody's stay, every other one is replaced.

Amounts, dates, ids of orders and products, statuses and product names stay, so the scrubbed body reads to the same events.
Empty texts stay empty and kinds of values stay what they are, because readers trip over exactly these.
"""

import json
import re
from decimal import Decimal
from typing import Any

from adapters import payload
from adapters.woocommerce.reading_parcels import ITEMS

SCRUBBED = "scrubbed"

STAY = frozenset(
    """
    id parent_id status currency version date_created date_created_gmt date_modified date_modified_gmt date_completed
    date_completed_gmt date_paid date_paid_gmt discount_total discount_tax shipping_total shipping_tax cart_tax total
    total_tax created_via number currency_symbol payment_method payment_method_title quantity tax_class tax_status subtotal
    subtotal_tax price sku name parent_name rate_code label tax_total shipping_tax_total method_title method_id instance_id
    amount discount discount_type type role action key display_key tracking_provider date_shipped status_shipped
    regular_price sale_price stock_status stock_quantity backorders catalog_visibility taxable on_sale qty item_id product
    """.split()  # noqa: SIM905 - seventy quoted words are harder to read
)
"""Keys whose texts are the shop's or the system's. A key of tomorrow is not here and so is scrubbed."""

STAND_INS = {
    "first_name": "Robin",
    "last_name": "Example",
    "email": "robin@example.com",
    "phone": "+1 555 0100",
    "address_1": "1 Example Street",
    "city": "Exampletown",
    "postcode": "00000",
    "payment_url": "https://shop.example.com/checkout/order-pay/1/?pay_for_order=true&key=scrubbed",
    "custom_tracking_link": "https://shop.example.com/parcel",
}
SHAPED = {
    "country": re.compile(r"[A-Za-z]{2}", re.ASCII),
    "code": re.compile(r"(?:woocommerce_)?rest_[a-z_]{1,80}", re.ASCII),
}
"""Keys whose texts stay only in this shape: a country is nobody, an error's code neither, but a coupon's code may be."""

META_STAY = frozenset(
    """
    _fulfillment_status _auto_fulfill_processed is_vat_exempt _reduced_stock _restock_refunded_items Backordered
    _wp_trash_meta_status _wp_trash_meta_time _tracking_provider _aftership_tracking_provider_name wpml_language
    _trp_language trp_language
    """.split()  # noqa: SIM905 - seventy quoted words are harder to read
)
"""Keys of `meta_data` whose `value` stays. An option that a buyer typed (an engraving) does not."""

META_VALUES = frozenset({"value", "display_value"})
NUMBERED = frozenset({"tracking_number", "tracking_id", "_tracking_number", "_aftership_tracking_number"})
"""What must stay different when it was different, so that two parcels stay two."""

PERSONAL_NUMBERS = {"customer_id": 1, "phone": 0, "postcode": 0}


PERSONS = frozenset({"billing", "shipping"})
"""Objects of which nothing stays but the country, whatever a plugin put into them."""


class _Scrubber:
    def __init__(self) -> None:
        self._seen: dict[str, str] = {}

    def value(self, key: str, value: Any, meta: str = "", *, strict: bool = False) -> Any:
        """`value` without anybody; `meta` is the `key` of the meta row that it stands in, `strict` that no key is trusted."""
        if isinstance(value, dict):
            return self._object(value, meta, strict=strict)
        if isinstance(value, list):
            return [self.value(key, item, meta, strict=strict) for item in value]
        if isinstance(value, str):
            return self._text(key, value, meta, strict=strict)
        return value if value is None or isinstance(value, bool) else self._number(key, value, strict=strict)

    def _number(self, key: str, value: int | Decimal, *, strict: bool) -> int | float:
        number = float(value) if isinstance(value, Decimal) and abs(value) < 10**15 else value
        if strict or isinstance(number, Decimal):
            return 0
        return PERSONAL_NUMBERS.get(key, number) if number else number

    def _object(self, value: dict[str, Any], meta: str, *, strict: bool) -> dict[str, Any]:
        row = value.get("key") if "value" in value else None
        closed = isinstance(row, str) and row not in META_STAY and row != ITEMS
        return {
            name: self.value(
                name,
                item,
                row if isinstance(row, str) else meta,
                strict=strict or name in PERSONS or (closed and name in META_VALUES),
            )
            for name, item in value.items()
        }

    def _text(self, key: str, value: str, meta: str, *, strict: bool) -> str:
        if not value.strip():
            return value
        if (meta if key in META_VALUES else key) in NUMBERED:
            return self._seen.setdefault(value, f"{SCRUBBED}-{len(self._seen) + 1}")
        if key in SHAPED and SHAPED[key].fullmatch(value):
            return value
        stays = key in STAY or (key in META_VALUES and meta in META_STAY)
        return value if stays and not strict else STAND_INS.get(key, SCRUBBED)


def scrub(body: bytes) -> bytes:
    """The body without anybody, spelled as WooCommerce spells JSON (escaped slashes, ASCII only). Raises Unreadable."""
    clean = _Scrubber().value("", payload.load(body))
    return json.dumps(clean, separators=(",", ":"), allow_nan=False).replace("/", "\\/").encode("ascii")
