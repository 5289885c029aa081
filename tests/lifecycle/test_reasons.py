import ast
from collections.abc import Iterator
from pathlib import Path

from lifecycle.overtaking import ENDS
from lifecycle.reasons import REASONS, in_words

ROOT = Path(__file__).parents[2]
ROOMS = ("adapters", "lifecycle", "pages", "records", "templates", "webhooks")
CALLS = {
    "Stop",
    "Wait",
    "Raised",
    "Raise",
    "Unreadable",
    "Unfilled",
    "NotAuthentic",
    "Unaddressed",
    "NoAnswer",
    "AccessLost",
    "PlatformBusy",
    "_closed",
    "moved",
}


def literals(source: str) -> Iterator[str]:
    """Every short word that is handed to something that takes a reason."""
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name not in CALLS and not name.startswith(("Postman", "_refuse")):
            continue
        given = [*call.args, *(word.value for word in call.keywords if word.arg == "reason")]
        for each in given:
            if isinstance(each, ast.Constant) and isinstance(each.value, str) and each.value.replace("_", "").isalnum():
                yield each.value


def test_every_reason_in_the_code_is_said_in_words():
    files = [file for room in ROOMS if room != "pages" for file in (ROOT / room).rglob("*.py")]
    found = {word for file in files for word in literals(file.read_text(encoding="utf-8"))} | set(ENDS.values())

    assert len(found) > 60
    assert sorted(found - set(REASONS)) == []


def test_search_sees_a_reason_without_words():
    assert list(literals("x.Stop('brand_new')\nraise PostmanBusy('odd', 'A sentence.')\nRaised(m, 'r')\nf('no')")) == [
        "brand_new",
        "odd",
        "r",
    ]


def test_reasons_are_plain_sentences():
    for reason, words in REASONS.items():
        assert words[0].isupper(), reason
        assert words.endswith("."), reason
        assert len(words) <= 140, reason
        assert "_" not in words.replace("MULTIMAIL_", "").replace("SMTP_", "").replace("API_", "").replace(
            "MAILBOX_", ""
        ), reason


def test_unlisted_reason_shows_as_its_own_words():
    assert in_words("brand_new_reason") == "brand new reason"
    assert in_words("stale") == REASONS["stale"]
