"""Money is exact, bounded and in one currency at a time."""

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.errors import BadValue
from lifecycle.money import LARGEST, Money, parse_amount, total

AMOUNTS = st.decimals(min_value=-(10**12), max_value=10**12, places=3, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("60.33", "60.33"),
        ("0", "0"),
        ("-5.00", "-5.00"),
        ("+3", "3"),
        (" 7.1 ", "7.1"),
        ("23600", "23600"),
        ("0.005", "0.005"),
    ],
)
def test_a_platforms_text_is_read_exactly(text, amount):
    assert str(parse_amount(text)) == amount


@pytest.mark.parametrize(
    "odd",
    [None, True, 1.5, "", " ", "abc", "1,50", "$5", "NaN", "Infinity", "-inf", "1e5", "1e999999999", "9" * 400, "٣", "1_000", "0x1", [], {},
     10**15, Decimal("NaN"), Decimal("1e20"), Decimal("1e-20"), "1.1234567890123"],
)  # fmt: skip
def test_anything_else_is_refused(odd):
    with pytest.raises(BadValue):
        parse_amount(odd)


def test_a_monstrous_number_is_refused_at_once():
    started = time.perf_counter()

    with pytest.raises(BadValue):
        parse_amount("1e" + "9" * 100_000)

    assert time.perf_counter() - started < 0.5


@given(st.one_of(st.text(), st.binary(), st.floats(), st.integers(), st.none(), st.booleans()))
def test_reading_gives_an_amount_or_the_one_declared_error(anything):
    try:
        amount = parse_amount(anything)
    except BadValue:
        return
    assert amount.is_finite()
    assert abs(amount) < LARGEST


@pytest.mark.parametrize("currency", ["", "EU", "EURO", "12A", "eu€", None, 5])
def test_a_currency_is_a_three_letter_code(currency):
    with pytest.raises(BadValue):
        Money.of("1", currency)


def test_a_code_is_told_in_capitals():
    assert Money.of("1.50", " eur ") == Money(Decimal("1.50"), "EUR")


@given(AMOUNTS, AMOUNTS)
def test_adding_and_taking_away_is_exact(one, other):
    first, second = Money(one, "EUR"), Money(other, "EUR")

    assert (first + second) - second == first
    assert first - first == Money.zero("EUR")
    assert first + (-first) == Money.zero("EUR")
    assert first * 3 == first + first + first


@pytest.mark.parametrize("act", [lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a < b, lambda a, b: a >= b])
def test_two_currencies_are_never_mixed(act):
    with pytest.raises(BadValue, match="two currencies"):
        act(Money.of("1", "EUR"), Money.of("1", "USD"))


@given(AMOUNTS, AMOUNTS)
def test_amounts_are_ordered_as_their_numbers(one, other):
    first, second = Money(one, "EUR"), Money(other, "EUR")

    assert (first < second, first <= second, first > second, first >= second) == (
        one < other, one <= other, one > other, one >= other,
    )  # fmt: skip


def test_a_sum_of_nothing_is_zero_of_its_currency():
    assert total((), "JPY") == Money.zero("JPY")
    assert not total((), "JPY")
    assert str(total((Money.of("1.10", "EUR"), Money.of("2.20", "EUR")), "EUR")) == "3.30 EUR"


@pytest.mark.parametrize("amount", [Decimal("NaN"), Decimal("Infinity"), Decimal(10) ** 30, 1.5])
def test_money_itself_refuses_what_is_no_amount(amount):
    with pytest.raises(BadValue):
        Money(amount, "EUR")
