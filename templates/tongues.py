"""Languages: which ones are shipped, which of a customer's wishes we can keep, and the catalogs that translate our words."""

from dataclasses import dataclass
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

# English is what the templates are written in, so it has no catalog of its own.
SOURCE = "en"
SHIPPED = (SOURCE, "de", "fr", "es", "ja", "ar")
CATALOGS = Path(__file__).parent / "locale"

# The longest tag that anybody means is shorter; more is an attack on the parser.
_LONGEST_TAG = 40


@dataclass(frozen=True, slots=True)
class Tongue:
    """One locale with its catalog: how to translate, and which way the letter runs."""

    locale: Locale
    catalog: NullTranslations

    @property
    def tag(self) -> str:
        """As HTML writes it («de-AT»)."""
        return str(self.locale).replace("_", "-")

    @property
    def runs(self) -> str:
        """«ltr» or «rtl»."""
        return self.locale.text_direction

    def one(self, words: str) -> str:
        """The translation of a fixed text."""
        return self.catalog.gettext(words) if words else ""

    def many(self, single: str, plural: str, count: int) -> str:
        """The translation of a counted text in the plural form of `count`."""
        return self.catalog.ngettext(single, plural, count)


def match(*wishes: str | None) -> str:
    """The first wish whose language is shipped, as Babel writes it, with its region when Babel knows that pair; else «en»."""
    return next((found for found in map(_known, wishes) if found), SOURCE)


def tongue(locale: str) -> Tongue:
    """The tongue of a locale; anything that is not shipped is English."""
    return _tongue(match(locale))


def marked(words: str) -> str:
    """The words themselves: says where they stand that they are to be translated when they are printed."""
    return words


def catalog_file(language: str) -> Path:
    """Where the words of a shipped language are."""
    return CATALOGS / language / "LC_MESSAGES" / "mail.po"


def _known(wish: str | None) -> str:
    """«pt-BR», «zh_TW», «es-419», «EN-us» … → Babel's name of it when its language is shipped, else empty."""
    if not isinstance(wish, str) or len(wish) > _LONGEST_TAG or not wish.isascii():
        return ""
    parts = wish.strip().replace("-", "_").split(".")[0].split("@")[0].split("_")
    language = parts[0].lower()
    if language not in SHIPPED:
        return ""
    for region in (part.upper() for part in parts[1:]):
        try:
            return str(Locale(language, region))
        except (UnknownLocaleError, ValueError):  # a script, a variant, or a region that this language has no data for
            continue
    return language


@cache
def _tongue(locale: str) -> Tongue:
    return Tongue(Locale.parse(locale), _catalog(locale.split("_", maxsplit=1)[0]))


@cache
def _catalog(language: str) -> NullTranslations:
    """The catalog, read from its .po at first use: no build step, so the words that are reviewed are the words that are sent."""
    if language == SOURCE:
        return NullTranslations()
    compiled = BytesIO()
    with catalog_file(language).open("rb") as file:
        write_mo(compiled, read_po(file, locale=language, abort_invalid=True))
    compiled.seek(0)
    return Translations(compiled, domain="mail")
