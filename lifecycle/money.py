"""Money: an exact amount with its currency, never a float and never a bare number."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from lifecycle.errors import BadValue

# A shop's figure has at most 15 digits before the point; more is an attack on formatting ("1e999999999"). 2026-11
LARGEST = Decimal(10) ** 15
_PLAIN = re.compile(r"[+-]?[0-9]{1,16}(?:\.[0-9]{1,12})?", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


def parse_amount(value: object) -> Decimal:
    """The exact number in a platform's money text or JSON number. Raises BadValue on anything else, in bounded time."""
    if isinstance(value, bool) or value is None or isinstance(value, float):
        raise BadValue("not_an_amount")
    text = str(value) if isinstance(value, int) and abs(value) < LARGEST else value
    if isinstance(text, Decimal):
        amount = text
    elif isinstance(text, str) and _PLAIN.fullmatch(text.strip()):
        try:
            amount = Decimal(text.strip())
        except InvalidOperation:  # pragma: no cover - the pattern admits only what Decimal reads
            raise BadValue("not_an_amount") from None
    else:
        raise BadValue("not_an_amount")
    if not amount.is_finite() or abs(amount) >= LARGEST or amount.as_tuple().exponent < -12:  # type: ignore[operator]
        raise BadValue("not_an_amount")
    return amount


@dataclass(frozen=True, slots=True)
class Money:
    """`amount` in major units of the ISO 4217 `currency`. Raises BadValue for a currency that is no three-letter code."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal) or not self.amount.is_finite() or abs(self.amount) >= LARGEST * 1000:
            raise BadValue("not_an_amount")
        if not _CURRENCY.fullmatch(self.currency):
            raise BadValue("not_a_currency")

    @classmethod
    def of(cls, value: object, currency: object) -> "Money":
        """Money from a platform's two texts. Raises BadValue."""
        if not isinstance(currency, str):
            raise BadValue("not_a_currency")
        return cls(parse_amount(value), currency.strip().upper())

    @classmethod
    def zero(cls, currency: str) -> "Money":
        return cls(Decimal(0), currency)

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise BadValue(
                "two_currencies",
                "Amounts in two currencies cannot be added or compared.",
            )

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __mul__(self, times: int) -> "Money":
        return Money(self.amount * times, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.amount < other.amount

    def __le__(self, other: "Money") -> bool:
        self._same(other)
        return self.amount <= other.amount

    def __gt__(self, other: "Money") -> bool:
        return other < self

    def __ge__(self, other: "Money") -> bool:
        return other <= self

    def __bool__(self) -> bool:
        return self.amount != 0

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The exact sum, zero when there are none. Raises BadValue when one is in another currency."""
    result = Money.zero(currency)
    for amount in amounts:
        result = result + amount
    return result
