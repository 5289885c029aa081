"""Three inks: how the same text is written into HTML, into Markdown and into a subject line, so that it stays text."""

import re
from collections.abc import Iterable
from typing import Protocol

from markupsafe import Markup, escape

from templates.cleaning import clean, has_rtl, level

_LRM, _RLM = "\u200e", "\u200f"
_SUBJECT_CAP = 200


class Ready(str):
    """Text that is already written in its ink and is not escaped again."""

    __slots__ = ()


class Ink(Protocol):
    """One way of writing. `text` is foreign, `own` is ours, `sign` is a number, code or amount that must not be turned around."""

    def text(self, value: str) -> str: ...
    def own(self, value: str) -> str: ...
    def sign(self, value: str) -> str: ...
    def join(self, pieces: Iterable[str]) -> str:
        """Pieces that are in this ink already, as one."""

    def done(self, value: object) -> bool:
        """Whether the value is already in this ink."""


class Html:
    """Ink for HTML: everything is escaped, texts and signs that run against the letter are isolated."""

    def __init__(self, *, rtl: bool) -> None:
        self._rtl = rtl

    def text(self, value: str) -> str:
        turned = has_rtl(value) != self._rtl
        return Markup("<bdi>{}</bdi>").format(value) if turned and value else escape(value)

    def own(self, value: str) -> str:
        return escape(value)

    def sign(self, value: str) -> str:
        return Markup('<bdi dir="ltr">{}</bdi>').format(value) if self._rtl else escape(value)

    def join(self, pieces: Iterable[str]) -> str:
        return Markup("").join(pieces)

    def done(self, value: object) -> bool:
        return isinstance(value, Markup)


class Markdown:
    """Ink for conservative Markdown: foreign text can be no emphasis, link, tag, heading or list, in CommonMark or GitHub's."""

    _inline = re.compile(r"[\\`*_\[\]|~]|!(?=\[)|&(?=#|\w+;)|:(?=//)|(?<=www)\.|(?<=\w)@(?=\w)", re.IGNORECASE)
    _leading = re.compile(r"^([=>]|[-+](?=[-+\s]|$)|#(?=#|\s|$))|^(\d{1,9})([.)])(?=\s|$)")

    def __init__(self, *, rtl: bool) -> None:
        self._rtl = rtl

    def text(self, value: str) -> str:
        return Ready(self._escaped(value))

    def own(self, value: str) -> str:
        return Ready(value)

    def sign(self, value: str) -> str:
        inside = self._escaped(value)
        turned = self._rtl and not value.startswith((_LRM, _RLM)) and not has_rtl(value)
        return Ready(f"{_LRM}{inside}{_LRM}" if turned else inside)

    def join(self, pieces: Iterable[str]) -> str:
        return Ready("".join(pieces))

    def done(self, value: object) -> bool:
        return isinstance(value, Ready)

    def _escaped(self, value: str) -> str:
        """Marks that mean something anywhere, then those that mean something at the start of a line."""
        inside = self._inline.sub(r"\\\g<0>", value).replace("<", "&lt;")
        return self._leading.sub(self._lead, inside)

    @staticmethod
    def _lead(found: re.Match[str]) -> str:
        return f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}"


class Subject:
    """Ink for a subject: one plain line that no header parser reads as anything else."""

    def __init__(self, *, rtl: bool) -> None:
        self._rtl = rtl

    def text(self, value: str) -> str:
        return Ready(level(clean(value)).replace("=?", "= ?"))

    def own(self, value: str) -> str:
        return Ready(value)

    def sign(self, value: str) -> str:
        plain = self.text(value)
        # After an Arabic word «#1001» would be shown as «1001#»; this one mark keeps it, and a header may carry it.
        return Ready(f"{_LRM}{plain}") if self._rtl and not has_rtl(plain) else plain

    def join(self, pieces: Iterable[str]) -> str:
        return Ready("".join(pieces))

    def done(self, value: object) -> bool:
        return isinstance(value, Ready)

    @staticmethod
    def line(printed: str) -> str:
        """The finished subject."""
        return clean(" ".join(printed.split()), _SUBJECT_CAP).replace("=?", "= ?")


INKS: dict[str, type[Html] | type[Markdown] | type[Subject]] = {"html": Html, "md": Markdown, "txt": Subject}
