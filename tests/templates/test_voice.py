from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.figures import Figure, FigureKind
from lifecycle.money import Money
from lifecycle.people import Address
from templates import open_words
from templates.cleaning import level
from templates.tongues import tongue
from templates.voice import Voice
from tests.templates.stories import LOCALES, money, story


def voice(locale: str, **changes) -> Voice:
    return Voice(replace(story("order_confirmation", locale), **changes))


@pytest.mark.parametrize(
    ("locale", "amount", "currency", "shown"),
    [
        ("en_US", "2400.00", "JPY", "¥2,400"),
        ("ja_JP", "2400", "JPY", "￥2,400"),
        ("en_US", "7.355", "USD", "$7.355"),
        ("en_US", "0.005", "USD", "$0.005"),
        ("ja_JP", "1234.5", "JPY", "￥1,234.5"),
        ("en_US", "12.5", "KWD", "KWD 12.500"),
        ("ar_KW", "12.5", "KWD", "12.500 د.ك."),
        ("de_DE", "-1234.5", "EUR", "-1.234,50 €"),
        ("fr_FR", "1234.5", "EUR", "1 234,50 €"),
        ("en_US", "999999999999999.999999", "USD", "$999,999,999,999,999.999999"),
        ("en_US", "-999999999999999999.123456789012", "USD", "-$999,999,999,999,999,999.123456789012"),
        ("en_US", "-0.00", "USD", "$0.00"),
        ("en_US", "1E+3", "USD", "$1,000.00"),
    ],
)
def test_amount_is_shown_exactly(locale, amount, currency, shown):
    assert level(voice(locale).money(Money(Decimal(amount), currency))) == shown


@given(
    st.decimals(min_value=-(10**14), max_value=10**14, places=3, allow_nan=False),
    st.sampled_from(["USD", "JPY", "KWD", "EUR"]),
    st.sampled_from(["en_US", "ja_JP", "ar_KW"]),
)
def test_no_amount_loses_or_gains_value(amount, currency, locale):
    shown = voice(locale).money(Money(amount, currency))

    digits = "".join(char for char in level(shown) if char.isascii() and (char.isdigit() or char in ".-"))

    assert Decimal(digits.strip(".")) == amount


def test_iso_code_makes_a_foreign_amount_clear():
    spoken = voice("en_US", foreign_currency=True)

    assert level(spoken.money(Money(Decimal(5), "CAD"))) == "CA$5.00 CAD"
    assert level(spoken.money(Money(Decimal(5), "CHF"))) == "CHF 5.00"


def test_date_has_weekday_and_month_name_in_the_zone_of_the_shop():
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)

    assert voice("en_US").date(late) == "Friday, November 20, 2026"
    assert voice("de_DE").date(late) == "Samstag, 21. November 2026"
    assert voice("ja_JP").date(late) == "2026年11月21日土曜日"
    assert voice("ar_KW").date(late) == "السبت، 21 نوفمبر 2026"


def test_time_names_its_zone():
    noon = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)

    assert level(voice("de_DE").moment(noon)) == "Mittwoch, 1. Juli 2026, 14:00 (Mitteleuropäische Sommerzeit)"
    assert level(voice("en_US").time(noon)) == "8:00 AM (Eastern Daylight Time)"


def test_unknown_zone_and_the_ends_of_the_calendar_are_said_in_utc():
    told = story("order_confirmation", "en_US")
    nowhere = Voice(replace(told, store=replace(told.store, timezone="Mars/Olympus")))

    assert nowhere.date(datetime(1, 1, 1, tzinfo=UTC)) == "Monday, January 1, 1"
    assert voice("ja_JP").date(datetime(9999, 12, 31, 23, tzinfo=UTC)) == "9999年12月31日金曜日"
    assert voice("en_US").date(datetime(1, 1, 1, tzinfo=UTC)) == "Monday, January 1, 1"


def test_address_is_written_as_its_country_does():
    place = Address("Ada", "", "Street 1", "", "10118", "New York", "NY", "US")
    spoken = voice("de_DE")

    assert spoken.address(place) == ["Ada", "Street 1", "New York, NY 10118", "Vereinigte Staaten"]
    assert spoken.address(replace(place, country="DE", region="")) == ["Ada", "Street 1", "10118 New York", "Deutschland"]
    assert spoken.address(replace(place, country="JP"))[0] == "〒10118"
    assert spoken.address(Address(city="Nowhere", country="QQ")) == ["Nowhere", "QQ"]
    assert spoken.address(Address(street="{city.__class__} {0}", country="US"))[0] == "{city.__class__} {0}"


@pytest.mark.parametrize("locale", LOCALES)
def test_every_form_of_a_figure_has_its_digits_in_a_shape(locale):
    told = replace(story("order_confirmation", locale), more_lines=3)
    forms = open_words().forms

    quantity = forms(Figure(FigureKind.QUANTITY, "line 1 quantity", 2), told)
    share = forms(Figure(FigureKind.PHRASE, "shipped line 1", (2, 3)), told)
    further = forms(Figure(FigureKind.PHRASE, "number of further items", (3,)), told)

    assert all(not form.strip().isdigit() for form in (*quantity, *share, *further))
    assert all("2" in form for form in quantity)
    assert all("2" in form and "3" in form for form in share)
    assert further
    assert forms(Figure(FigureKind.PHRASE, "number of items", (5,)), told) == ()


def test_forms_of_an_amount_are_with_and_without_code_and_plain():
    told = story("order_confirmation", "en_US")

    said = open_words().forms(Figure(FigureKind.AMOUNT, "order total", money("en_US", "12.50")), told)

    assert {level(form) for form in said} == {"$12.50", "$12.50 USD", "12.50"}


@pytest.mark.parametrize(("count", "english"), [(1, "and 1 more item"), (1200, "and 1,200 more items")])
def test_plural_follows_the_count(count, english):
    assert voice("en_US").more(count) == english


def test_arabic_has_its_six_plurals():
    assert len({tongue("ar").many("and {count} more item", "and {count} more items", n) for n in (1, 2, 3, 11, 100)}) >= 4
