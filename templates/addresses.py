"""Postal addresses in the order of their own country."""

from babel import Locale

from lifecycle.people import Address

_STREET_FIRST = ("{name}", "{company}", "{street}", "{street2}")

# Only where the order differs from «postcode city, region»; the rest of the world reads that without trouble.
_TOWN_FIRST = ("{city}, {region} {postcode}",)
_PLACES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("US", "CA", "AU", "PR"), _TOWN_FIRST),
    **dict.fromkeys(("GB", "IE", "NZ", "IN", "SG"), ("{city}", "{region} {postcode}")),
    **dict.fromkeys(("DE", "AT", "CH", "FR", "BE", "NL", "LU", "DK", "SE", "NO", "FI", "PL", "CZ"), ("{postcode} {city}",)),
    **dict.fromkeys(("KW", "AE", "SA", "QA", "BH", "OM", "EG", "JO"), ("{city} {postcode}", "{region}")),
}
_WIDE_FIRST = ("〒{postcode}", "{region}{city}", "{street}", "{street2}", "{company}", "{name}")
_LAYOUTS: dict[str, tuple[str, ...]] = {
    **{country: (*_STREET_FIRST, *places) for country, places in _PLACES.items()},
    "JP": _WIDE_FIRST,
}
_USUAL = (*_STREET_FIRST, "{postcode} {city}", "{region}")


def postal_lines(address: Address, locale: Locale) -> list[str]:
    """The lines of an address without the empty ones; the country's name comes last, as `locale` says it."""
    parts = {
        part: getattr(address, part).strip()
        for part in ("name", "company", "street", "street2", "postcode", "city", "region")
    }
    if parts["region"].isascii():  # «東京都渋谷区» is written without a blank, «Tokyo Shibuya» is not
        parts["region"] += " "
    lines = [_filled(layout, parts) for layout in _LAYOUTS.get(address.country, _USUAL)]
    return [line for line in (*lines, locale.territories.get(address.country, address.country)) if line]


def _filled(layout: str, parts: dict[str, str]) -> str:
    """The layout with its parts, without the commas and signs of those that are empty. Parts are never read as layouts."""
    present = any(value for part, value in parts.items() if f"{{{part}}}" in layout)
    return " ".join(layout.format(**parts).split()).strip(", ").replace(" ,", ",") if present else ""
