"""The document for shops, taken apart: its field tables as they follow from the schema, its examples, its code."""

import json
import re
from pathlib import Path

from adapters.custom import examples
from lifecycle.stores import Store

DOCS = Path(__file__).parents[3] / "docs"
SCHEMA = json.loads(examples.schema())
TEXT = (DOCS / "custom-webhooks.md").read_text("utf-8") if (DOCS / "custom-webhooks.md").exists() else ""
WORDS = {
    "id": "id", "money": "amount", "currency": "currency", "time": "time", "url": "link", "address": "address", "customer": "customer",
    "line": "line", "labelled": "amount with label", "part": "part", "refunded_part": "refunded part", "tracking": "tracking",
}  # fmt: skip


def kind(field):
    """What a field holds, in a word."""
    options = [option for option in field.get("anyOf", [field]) if option.get("type") != "null"]
    (field,) = options
    if "$ref" in field:
        return WORDS[field["$ref"].rpartition("/")[2]]
    if "enum" in field:
        return "one of " + ", ".join(f"`{word}`" for word in field["enum"])
    names = [
        name
        for name in [field["type"]] + (field["type"] if isinstance(field["type"], list) else [])
        if isinstance(name, str)
    ]
    name = next(name for name in names if name != "null")
    if name == "array":
        return f"list of {kind(field['items'])}"
    return {"string": "text", "integer": "whole number", "boolean": "true or false", "object": "object"}[name]


def table(definition):
    """The rows of a definition's table, inner objects as `outer.inner`."""
    lines = ["| Field | Needed | Holds | Meaning |", "|---|---|---|---|"]
    return "\n".join([*lines, *_rows(SCHEMA["$defs"][definition], "")])


def _rows(definition, prefix):
    for name, field in definition["properties"].items():
        inner = next((option for option in field.get("anyOf", [field]) if "properties" in option), None)
        needed = "yes" if name in definition.get("required", ()) else ""
        meaning = field.get("description") or SCHEMA["$defs"][field.get("$ref", "").rpartition("/")[2]]["description"]
        yield f"| `{prefix}{name}` | {needed} | {'object' if inner else kind(field)} | {meaning} |"
        if inner:
            yield from _rows(inner, f"{prefix}{name}.")


def blocks(language):
    """The code blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def sample_store():
    """The store whose programs the page shows."""
    return Store(
        "s1",
        "custom",
        "my-shop",
        "token",
        "My shop",
        "EUR",
        secrets=("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=",),
    )


SAMPLE_URL = "https://letters.example.com/webhooks/custom/<token>"
