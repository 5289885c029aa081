"""The press: a mail's three templates and a story become one letter."""

import re
from pathlib import Path
from typing import Any

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound, pass_context
from jinja2.runtime import Context

from lifecycle.composing import Story
from lifecycle.errors import Unfilled
from lifecycle.messages import Letter
from templates import rows, structured
from templates.cleaning import CAPS, options
from templates.filters import filters, ink_of, written
from templates.functions import functions
from templates.inks import INKS, Subject
from templates.voice import Voice

EMAILS = Path(__file__).parent / "emails"
# Gmail clips near 102 KB; what postmen add must fit as well (email-craft: 90 KB after inlining).
LARGEST_HTML = 90_000
LARGEST_TEXT = 60_000

_FONTS = {
    "en": "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif",
    "ja": "'Hiragino Sans', 'Hiragino Kaku Gothic ProN', 'Yu Gothic UI', Meiryo, 'Noto Sans CJK JP', sans-serif",
    "ar": "'Segoe UI', Tahoma, 'Geeza Pro', 'Noto Sans Arabic', Arial, sans-serif",
}
_PARTS = {"txt": "subject.txt", "html": "body.html", "md": "body.md"}
# Keeps mail programs from showing the letter's first words after the preheader.
_FILLER = "\u034f\u200c\u00a0" * 40
_APOSTROPHE = "\ue027"
_ROWS = (
    "total_rows",
    "included_rows",
    "change_words",
    "ordered_of",
    "public_reason",
    "offer_words",
    "offer_subject",
    "basis",
)


class Press:
    """One environment a kind of ink; compiled templates are kept."""

    def __init__(self, emails: Path = EMAILS) -> None:
        self._environments = {part: _environment(emails, html=part == "html") for part in _PARTS}
        # Remote and local style sheets are never read: the inliner would fetch what a `<link>` names.
        self._inliner = css_inline.CSSInliner(
            keep_style_tags=True,
            keep_at_rules=True,
            apply_width_attributes=True,
            apply_height_attributes=True,
            resolve_css_variables=True,
            minify_css=True,
            load_remote_stylesheets=False,
        )

    def print(self, story: Story) -> Letter:
        """The letter; foreign texts are cut shorter until it has the size that mail programs show. Raises Unfilled."""
        for cap in CAPS:
            letter = self._letter(story, cap)
            if len(letter.html.encode()) <= LARGEST_HTML and len(letter.text.encode()) <= LARGEST_TEXT:
                return letter
        raise Unfilled("too_long", "This letter is longer than mail programs show; look at the order itself.")

    def _letter(self, story: Story, cap: int) -> Letter:
        voice = Voice(story, cap)
        subject = Subject.line(self._rendered("txt", story, voice, ""))
        text = _even(self._rendered("md", story, voice, subject))
        html = self._inlined(_tight(self._rendered("html", story, voice, subject)))
        return Letter(to=story.to, subject=subject, html=html, text=text, locale=str(voice.tongue.locale))

    def _inlined(self, html: str) -> str:
        """With the styles at their places. The inliner writes apostrophes bare; what Jinja escaped stays escaped here."""
        return str(self._inliner.inline(html.replace("&#39;", _APOSTROPHE))).replace(_APOSTROPHE, "&#39;")

    def _rendered(self, part: str, story: Story, voice: Voice, subject: str) -> str:
        rtl = voice.tongue.runs == "rtl"
        ink = INKS[part](rtl=rtl)
        ours = {
            "subject": subject,
            "lang": voice.tongue.tag,
            "runs": voice.tongue.runs,
            "start": "right" if rtl else "left",
            "end": "left" if rtl else "right",
            "filler": _FILLER,
        }
        facts: dict[str, Any] = {"story": story, "order": story.order, "store": story.store, "voice": voice, "ink": ink}
        # Ours are for attributes too, where no isolating tag may stand.
        facts |= {name: ink.own(words) for name, words in ours.items()}
        facts["shop"] = ink.text(voice.text(story.store.name) or story.store.host)
        facts["fonts"] = _FONTS.get(voice.tongue.locale.language, _FONTS["en"])
        try:
            template = self._environments[part].get_template(f"{story.mail.name}/{_PARTS[part]}")
            return template.render(facts)
        except TemplateNotFound:
            raise Unfilled("no_template", "This kind of letter has no words yet.") from None
        except (TemplateError, KeyError, AttributeError, TypeError, AssertionError):
            # The cause would carry the story, and a story is a person's; which part failed is enough to find it.
            raise Unfilled("unfilled", f"A fact that the {part} part of {story.mail.name} needs is missing.") from None


def _environment(emails: Path, *, html: bool) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(emails),
        undefined=StrictUndefined,
        autoescape=html,  # noqa: S701 - Markdown and subjects have inks of their own
        finalize=pass_context(lambda context, value: written(ink_of(context), value)),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        cache_size=-1,
    )
    environment.filters |= filters()
    environment.globals |= functions() | {"options": options}
    environment.globals |= {name: getattr(rows, name) for name in _ROWS}
    environment.globals |= {"order_data": _order_data, "parcel_data": _parcel_data}
    # As they are, not as \u escapes: digits in an escape are no figures, and letters cost a third.
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
    return environment


@pass_context
def _order_data(context: Context) -> Any:
    return structured.order_data(context["story"], context["voice"])


@pass_context
def _parcel_data(context: Context) -> Any:
    return structured.parcel_data(context["story"], context["voice"])


def _tight(html: str) -> str:
    """Without the indentation and empty lines of the templates."""
    return re.sub(r"\n\s*", "\n", html).strip() + "\n"


def _even(markdown: str) -> str:
    """With one empty line between blocks and none at the ends."""
    lines = [line.rstrip() for line in markdown.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"
