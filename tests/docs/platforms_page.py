"""docs/platforms.md: what becomes of every topic of every platform."""

from types import SimpleNamespace

import adapters
from lifecycle.ports import Platform
from tests.docs.writing import MADE, table

_LANES = ("0 first", "1 orders", "2 carts", "3 rest")


def _part(platform: Platform) -> str:
    handled = [topic for topic in platform.topics.values() if topic.reader is not None]
    ignored = [topic for topic in platform.topics.values() if topic.reader is None]
    parts = [
        f"## {platform.title}",
        "\n".join(table(("handled", "lane"), ((f"`{topic.name}`", _LANES[topic.lane]) for topic in handled))),
    ]
    if ignored:
        parts.append("\n".join(table(("ignored", "because"), ((f"`{topic.name}`", topic.ignored) for topic in ignored))))
    return "\n\n".join(parts)


def page() -> str:
    platforms = adapters.platforms(SimpleNamespace(shopify_secrets=()))
    top = (
        "Topics are handled, or ignored for a reason, or unknown: an unknown one is accepted, kept, counted and shown, and "
        "makes no letter. Lower lanes are read first. A name that ends in `*` stands for its whole family."
    )
    parts = [_part(platforms[name]) for name in sorted(platforms)]
    return "\n\n".join(["# Platforms and their topics", MADE, top, *parts]) + "\n"
