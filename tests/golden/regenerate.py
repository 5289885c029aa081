"""Prints the golden letters anew: `python -m tests.golden.regenerate`. The diff is read before it is committed."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from lifecycle.mails import MAILS
from lifecycle.ports import Words
from templates import open_words
from tests.templates.stories import story

HERE = Path(__file__).parent
EVERY_MAIL = ("en_US", "de_DE", "ja_JP", "ar_KW")
CONFIRMATION = ("fr_FR", "es_ES")


@cache
def words() -> Words:
    """One printer for all of them."""
    return open_words()


def cases() -> list[tuple[str, str]]:
    """Mail and locale of every golden letter."""
    return [(mail, locale) for mail in MAILS for locale in EVERY_MAIL] + [
        ("order_confirmation", locale) for locale in CONFIRMATION
    ]


def printed(mail: str, locale: str) -> dict[str, str]:
    """The three files of one letter, by name."""
    letter = words().print(story(mail, locale))
    stem = f"{mail}.{locale.replace('_', '-')}"
    return {f"{stem}.subject.txt": letter.subject + "\n", f"{stem}.html": letter.html, f"{stem}.md": letter.text}


def letters() -> Iterator[tuple[str, str]]:
    for mail, locale in cases():
        yield from printed(mail, locale).items()


def main() -> None:
    wanted = dict(letters())
    for file in HERE.glob("*.*"):
        if file.suffix != ".py" and file.name not in wanted:
            file.unlink()
    for name, words in wanted.items():
        (HERE / name).write_text(words, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
