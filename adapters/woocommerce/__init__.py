"""WooCommerce: a shop in a WordPress site. Read `topics.py` first, then `door.py`, then `reading.py` and its nouns."""

from adapters.woocommerce.door import WooCommerce, platform

__all__ = ["WooCommerce", "platform"]
