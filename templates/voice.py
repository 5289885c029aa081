"""The voice of one letter: every figure and text as this locale and store say it. Filters and `forms()` both speak through it."""

import re
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, localcontext
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date, format_time, get_timezone_name
from babel.numbers import format_currency, format_decimal, format_percent

from lifecycle.composing import Story
from lifecycle.errors import Unfilled
from lifecycle.money import Money
from lifecycle.people import Address
from templates.addresses import postal_lines
from templates.cleaning import CAPS, clean, clean_lines
from templates.tongues import Tongue, tongue

# Inside the class below `date` is the word that says one.
_Day = date
_BLANK = "\u00a0"


class Voice:
    """Plain text for every kind of fact; what ink it is written in is decided later. `cap` bounds foreign texts."""

    def __init__(self, story: Story, cap: int = CAPS[0]) -> None:
        self.tongue: Tongue = tongue(story.locale)
        self.zone = _zone(story.store.timezone)
        self.coded = story.foreign_currency
        self.further = story.more_lines
        self.cap = cap

    def money(self, value: Money, *, coded: bool | None = None) -> str:
        """The exact amount in the locale's form; never rounded, also not where a platform gave more decimals than the currency has."""
        amount = value.amount or abs(value.amount)  # no «-0.00»
        # Babel scales under the thread's context: with the usual 28 digits the longest amounts would lose their last.
        with localcontext(prec=60):
            shown = format_currency(amount, value.currency, locale=self.tongue.locale, decimal_quantization=False)
        # Babel 2.18 writes «KWD12.500» and «JPY2,400»: a code of letters needs a blank before its digits.
        shown = re.sub(rf"{value.currency}(?=\d)", f"{value.currency}{_BLANK}", shown)
        wanted = self.coded if coded is None else coded
        return f"{shown}{_BLANK}{value.currency}" if wanted and value.currency not in shown else shown

    def plain(self, value: Money) -> str:
        """The amount as structured data writes it («1234.50»)."""
        return f"{value.amount:f}"

    def date(self, value: _Day) -> str:
        """Weekday, day, month name and year, in the store's zone."""
        return format_date(self._local_date(value), "full", locale=self.tongue.locale)

    def time(self, value: datetime) -> str:
        """Hour and minute with the zone's name."""
        local = self._local(value)
        clock = format_time(local, "short", tzinfo=local.tzinfo, locale=self.tongue.locale)
        zone = get_timezone_name(local, "long", locale=self.tongue.locale)
        return self.tongue.one("{time} ({zone})").format(time=clock, zone=zone)

    def moment(self, value: datetime) -> str:
        """Date and time."""
        return self.tongue.one("{date}, {time}").format(date=self.date(value), time=self.time(value))

    def iso(self, value: _Day) -> str:
        """As structured data writes it, in the store's zone."""
        return self._local(value).isoformat() if isinstance(value, datetime) else value.isoformat()

    def percent(self, value: Decimal) -> str:
        """«10» → «10 %» as the locale writes it; never rounded."""
        return format_percent(value.scaleb(-2), locale=self.tongue.locale, decimal_quantization=False)

    def number(self, value: int) -> str:
        """A bare count; only phrases may hold it."""
        return format_decimal(value, locale=self.tongue.locale)

    def count(self, value: int) -> str:
        """A quantity that stands alone («2 ×»)."""
        return self.tongue.one("{count} ×").format(count=self.number(value))

    def counted(self, value: int, what: str) -> str:
        """A quantity of something («2 × Mug»)."""
        return self.tongue.one("{count} × {what}").format(count=self.number(value), what=what).strip()

    def share(self, part: int, whole: int) -> str:
        """«2 of 3»."""
        return self.tongue.one("{part} of {whole}").format(part=self.number(part), whole=self.number(whole))

    def more(self, count: int) -> str:
        """«and 12 more items»."""
        words = self.tongue.many("and {count} more item", "and {count} more items", count)
        return words.format(count=self.number(count))

    def text(self, value: str) -> str:
        """Foreign text, clean and capped."""
        return clean(value, self.cap)

    def lines(self, value: str) -> list[str]:
        """Foreign text of several lines."""
        return clean_lines(value, self.cap)

    def address(self, value: Address) -> list[str]:
        """An address as its own country writes it, the country's name in the reader's language."""
        return [line for line in map(self.text, postal_lines(value, self.tongue.locale)) if line]

    def _local(self, value: datetime) -> datetime:
        if value.tzinfo is None:
            raise Unfilled("unfilled", "A time without a zone cannot be printed.")
        try:
            return value.astimezone(self.zone)
        except (OverflowError, ValueError):  # the first and last hours of the calendar
            return value.astimezone(UTC)

    def _local_date(self, value: _Day) -> _Day:
        return self._local(value).date() if isinstance(value, datetime) else value


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
