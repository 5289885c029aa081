"""Reading a printed letter as its reader does: words without markup, figures, links."""

import re
from collections import Counter
from html.parser import HTMLParser

import html5lib

from lifecycle.messages import Letter

_HIDDEN = re.compile(r"<(style|script|title)\b.*?</\1>|<!--.*?-->", re.DOTALL)
_PREHEADER = re.compile(r'<div class="hide".*?</div>', re.DOTALL)
_MARKS = re.compile("[\u200e\u200f\u061c\u200c\u034f]")


def words_of_html(html: str) -> str:
    """The words in the body of the letter; tags are blanks, preheader and data left out."""
    body = _PREHEADER.sub("", _HIDDEN.sub("", html))
    tree = html5lib.parse(body, treebuilder="etree", namespaceHTMLElements=False)
    return _level(" ".join(tree.itertext()))


def words_of_markdown(text: str) -> str:
    """The words of the Markdown without its addresses."""
    bare = re.sub(r"<https?://[^>]*>", "", text)
    unescaped = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", bare)
    return _level(unescaped.replace("&lt;", "<"))


def figures(words: str) -> Counter[str]:
    """Every run of digits with the signs inside it, and how often it stands there."""
    return Counter(re.findall(r"\d+(?:[.,:]\d+)*", words))


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def tags(letter: Letter) -> list[tuple[str, dict[str, str | None]]]:
    """Every tag of the HTML with its attributes."""
    reader = _Tags()
    reader.feed(letter.html)
    return reader.tags


def links(letter: Letter) -> list[str]:
    """Every address that the HTML leads to."""
    return [value or "" for _, attrs in tags(letter) for name, value in attrs.items() if name in ("href", "src", "action")]


def _level(text: str) -> str:
    return " ".join(_MARKS.sub("", text).split())
