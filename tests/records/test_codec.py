from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lifecycle.carts import Checkout
from lifecycle.errors import HouseError
from lifecycle.money import Money
from lifecycle.orders import Fulfillment, Order, Refund
from lifecycle.people import ConsentChange
from lifecycle.privacy import PrivacyRequest, StoreChange
from lifecycle.stores import StoreSettings
from records import codec
from records.tables import LONGEST_KEY, shortened
from tests.records import samples

KEEPABLE = st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=20)
ANYTHING = st.text(st.characters(), max_size=20) | st.text("a\x00\ud800\udfff\\u0", max_size=12)
st.register_type_strategy(str, KEEPABLE)
st.register_type_strategy(datetime, st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(fold=0)))
AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**14), max_value=10**14)
st.register_type_strategy(Decimal, AMOUNTS)
st.register_type_strategy(
    Money, st.builds(Money, AMOUNTS | st.sampled_from([Decimal("1E+3"), Decimal("-0.00")]), st.just("JPY"))
)
FACTS = [Order, Fulfillment, Refund, Checkout, ConsentChange, PrivacyRequest, StoreChange]


def same(one, other):
    return one == other and repr(one) == repr(other)


@pytest.mark.parametrize("kind", FACTS)
def test_every_fact_comes_back_as_it_was_kept(kind):
    word = next(word for word, each in codec.FACTS.items() if each is kind)

    @settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(st.from_type(kind))
    def comes_back(fact):
        assert same(codec.unpack_fact(codec.pack(fact), word), fact)

    comes_back()


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.from_type(Order) | st.from_type(Fulfillment))
def test_earlier_state_comes_back_as_its_own_kind(fact):
    assert same(codec.unpack_before(codec.pack_before(fact)), fact)


@given(st.from_type(StoreSettings))
def test_settings_come_back_as_they_were_kept(chosen):
    assert codec.unpack(codec.pack(chosen), StoreSettings) == chosen


@given(ANYTHING)
def test_packed_text_can_be_kept_by_every_database(text):
    kept = codec.unpack(codec.pack((text, {text: [text]})), tuple[str, dict[str, list[str]]])

    assert kept == (codec.clean(text), {codec.clean(text): [codec.clean(text)]})
    codec.clean(text).encode()
    assert "\x00" not in codec.clean(text)
    assert len(codec.clean(text)) == len(text)


@given(KEEPABLE)
def test_text_that_can_be_kept_is_not_changed(text):
    assert codec.clean(text) == text


def test_order_with_bad_text_is_kept_with_replacements():
    bad = samples.order(shipping_method="a\x00b\ud800c", cancel_reason="\\u0000")

    kept = codec.unpack_fact(codec.pack(bad), "order")

    assert kept == samples.order(shipping_method="a\ufffdb\ufffdc", cancel_reason="\\u0000")


@pytest.mark.parametrize(
    ("text", "word"), [("", "order"), ("{}", "order"), ("null", "order"), ("{}", "parcel"), ('{"id":"1"', "store")]
)
def test_row_changed_from_outside_is_said_in_one_error_without_its_content(text, word):
    with pytest.raises(HouseError) as caught:
        codec.unpack_fact(text, word)

    assert caught.value.reason == "unreadable_memory"


def test_impossible_amount_in_a_row_is_the_same_error():
    packed = codec.pack(samples.refund()).replace('"currency":"EUR"', '"currency":"euro"')

    with pytest.raises(HouseError) as caught:
        codec.unpack_fact(packed, "refund")

    assert caught.value.reason == "unreadable_memory"


def test_refund_is_no_earlier_state():
    with pytest.raises(HouseError):
        codec.unpack_before(codec.pack(("refund", samples.refund())))


def test_times_keep_their_microseconds_and_become_utc():
    fact = samples.refund(refunded_at=datetime(2026, 1, 1, 12, 0, 0, 1, tzinfo=UTC) + timedelta(days=1))

    assert codec.unpack_fact(codec.pack(fact), "refund").refunded_at.microsecond == 1


@given(st.text(max_size=600), st.text(max_size=600))
def test_long_keys_stay_different_and_fit_an_index(one, other):
    long_one, long_other = shortened(codec.clean(one) * 3), shortened(codec.clean(other) * 3)

    assert (long_one == long_other) == (codec.clean(one) == codec.clean(other))
    assert len(long_one.encode()) <= LONGEST_KEY
    assert shortened(long_one) == long_one
