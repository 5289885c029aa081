"""The pick list of recorded orders, each figure looked up in its payload."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from lifecycle.errors import Unreadable
from lifecycle.money import Money
from lifecycle.orders import Labelled, Payment
from lifecycle.people import Address
from tests.adapters.woocommerce.recordings import changed, fact, read, read_as, recordings


def at(hour, minute, second):
    return datetime(2026, 11, 20, hour, minute, second, tzinfo=UTC)


def money(text, currency="USD"):
    return Money(Decimal(text), currency)


def exact(amount):
    return str(amount.amount)


def order_with(number=36, **parts):
    (event,) = read_as("order.updated", changed(number, **parts))
    return event.fact


def test_036_a_simple_order_is_read_whole():
    order = fact(36)

    assert (order.id, order.number, order.checkout_token) == ("26", "#26", "26")
    assert order.placed_at == at(14, 45, 57)
    assert order.updated_at == at(14, 45, 58)
    assert [exact(amount) for amount in (order.subtotal, order.discount, order.shipping, order.tax, order.total)] == [
        "24.00", "0.00", "7.50", "2.80", "34.30",
    ]  # fmt: skip
    assert [(line.id, line.title, line.quantity, exact(line.total), line.sku) for line in order.lines] == [
        ("1", "Aurora Tee", 1, "24.00", "TEE-001")
    ]
    assert order.taxes == (Labelled("NY Sales Tax", money("2.80")),)
    assert (order.shipping_method, order.payment_method, order.source) == ("Standard", "Direct bank transfer", "rest-api")
    assert (
        order.ship_to
        == order.bill_to
        == Address(
            "Marta O'Brien-Núñez",
            street="22 Elm St",
            street2="Apt 4",
            postcode="12207",
            city="Albany",
            region="NY",
            country="US",
        )
    )
    assert (order.customer.id, order.customer.email, order.customer.name) == (
        "2",
        "marta@buyer.test",
        "Marta O'Brien-Núñez",
    )
    assert (order.customer.country, order.customer.locale, order.customer.consent) == ("US", None, None)
    assert order.pay_url is None
    assert not order.is_test
    assert not order.tax_included


def test_059_a_guest_with_another_alphabet_and_markup_in_the_note():
    order = fact(59)

    assert (order.customer.id, order.customer.email) == (None, "Guest+Tag@example.test")
    assert (order.customer.first_name, order.customer.last_name, order.customer.country) == ("李", "小龍", "DE")
    assert order.ship_to is None
    assert order.bill_to.company == 'Ünïcode & Söhne <GmbH> "quoted"'
    assert order.lines[0].title == "Café Mug — 12oz “Größe”"
    assert (order.lines[0].quantity, order.lines[0].unit_price, exact(order.lines[0].total)) == (2, money("9.99"), "19.98")
    assert order.taxes == (Labelled("MwSt", money("8.55")),)
    assert order.total == money("53.53")


def test_171_variations_coupons_fees_and_two_shipping_lines():
    order = fact(171)

    assert [(line.title, line.variant, line.quantity, exact(line.total)) for line in order.lines] == [
        ("Hoodie", "Red, S", 2, "99.80"),
        ("Hoodie", "Red, M", 1, "49.90"),
        ("Aurora Tee", "", 3, "72.00"),
        ("Field Guide (PDF)", "", 1, "5.00"),
        ("Sticker", "", 10, "9.90"),
    ]
    assert [line.note for line in order.lines] == [(), ("Gift wrap: Yes",), (), (), ()]
    assert [exact(line.unit_price) for line in order.lines] == ["49.90", "49.90", "24.00", "5.00", "0.99"]
    assert order.discounts == (Labelled("save10", money("23.66")), Labelled("five-off", money("5")))
    assert order.fees == (Labelled("Gift wrapping", money("4.00")), Labelled("Loyalty credit", money("-3.00")))
    assert [exact(amount) for amount in (order.subtotal, order.discount, order.shipping, order.tax, order.total)] == [
        "236.60", "28.66", "7.50", "19.21", "235.65",
    ]  # fmt: skip
    assert order.shipping_method == "Standard, Local pickup"
    assert order.quantity == 17


def test_072_two_tax_rates_are_named_with_their_share_of_shipping():
    order = fact(72)

    assert order.taxes == (Labelled("GST", money("2.45")), Labelled("QST", money("4.88")))
    assert (order.tax, order.shipping, order.total) == (money("7.33"), money("25.00"), money("56.33"))
    assert order.payment_method == ""


@pytest.mark.parametrize(
    ("number", "total", "currency"),
    [
        (80, "28.56", "EUR"),
        (89, "2400.00", "JPY"),  # the store had two decimals
        (381, "5450", "JPY"),
        (394, "51", "JPY"),
        (366, "106.48", "EUR"),
        (405, "34", "USD"),
        (259, "390.65", "USD"),
        (325, "64.79", "USD"),
    ],
)
def test_amounts_keep_the_currency_and_the_decimals_that_were_sent(number, total, currency):
    assert (exact(fact(number).total), fact(number).currency) == (total, currency)


def test_366_a_store_that_enters_prices_with_tax_still_sends_lines_without():
    order = fact(366)

    assert (order.subtotal, order.discount, order.tax) == (
        money("71.64", "EUR"),
        money("7.16", "EUR"),
        money("17.00", "EUR"),
    )
    assert order.lines[0].unit_price == money("23.88", "EUR")
    assert (order.customer.name, order.customer.country) == ("Jun Sato", "DE")


def test_154_one_product_on_two_lines_stays_two_lines():
    assert [(line.id, line.title, line.quantity) for line in fact(154).lines] == [
        ("38", "Aurora Tee", 1),
        ("39", "Aurora Tee", 2),
    ]


def test_259_an_order_out_of_the_block_checkout_is_of_when_it_was_bought():
    (event,) = read(259)

    assert event.fact.placed_at == at(14, 50, 12)  # the draft began
    assert event.occurred_at == at(14, 50, 18)
    assert event.fact.lines[2].note == ("Backordered: 1",)
    assert event.fact.customer.id == "3"


def test_136_an_order_paid_at_once_is_of_when_it_was_paid():
    (event,) = read(136)

    assert event.occurred_at == at(14, 47, 17)


def test_an_old_order_that_somebody_saves_today_is_still_old():
    cod = changed(259, date_created_gmt="2025-01-01T10:00:00")
    transfer = changed(36, date_created_gmt="2026-10-01T10:00:00")  # the merchant dated its payment seven weeks later

    assert read_as("order.updated", cod)[0].occurred_at == datetime(2025, 1, 1, 10, tzinfo=UTC)
    assert read_as("order.updated", transfer)[0].occurred_at == datetime(2026, 10, 1, 10, tzinfo=UTC)


REFUNDS = {
    53: [("27", "34.30", "Customer changed mind")],
    184: [("42", "48.57", "One hoodie damaged")],
    187: [("42", "48.57", "One hoodie damaged"), ("43", "8.17", "")],
    190: [("42", "48.57", "One hoodie damaged"), ("43", "8.17", ""), ("44", "10.00", "Goodwill")],
    193: [("42", "48.57", "One hoodie damaged"), ("43", "8.17", ""), ("46", "0.00", ""), ("47", "178.91", "rest")],
    200: [("48", "28.56", "Order fully refunded.")],
    338: [("68", "26.00", "Damaged in transit")],
    361: [("70", "5.00", "Damaged in transit")],
    378: [("72", "25.57", "Größe passt nicht")],
    390: [("74", "2400", "")],
    405: [("27", "34", "Customer changed mind")],
}


@pytest.mark.parametrize("number", REFUNDS)
def test_refunds_are_positive_and_in_the_order_of_their_ids(number):
    order = fact(number)

    assert [(refund.id, exact(refund.amount), refund.reason) for refund in order.refunds] == REFUNDS[number]
    assert {refund.order_id for refund in order.refunds} == {order.id}
    assert all(refund.lines == () and refund.refunded_at is None for refund in order.refunds)


def test_193_deleting_one_refund_leaves_what_was_sent():
    # 44 (10.00) was deleted in the shop before the rest was refunded: gone from the list, and nothing was sent about it.
    assert exact(fact(193).refunded) == "235.65"


def test_a_refund_that_takes_money_is_not_understood():
    with pytest.raises(Unreadable, match="no amount"):
        order_with(refunds=[{"id": 9, "reason": "", "total": "5.00"}])


def test_a_number_of_a_plugin_is_shown_and_the_id_stays_the_key():
    shown = [read_as("order.updated", changed(36) | {"number": text})[0].fact for text in ("2026-0017", "#17", "", 17)]

    assert [order.number for order in shown] == ["#2026-0017", "#17", "#26", "#17"]
    assert {order.id for order in shown} == {"26"}


@pytest.mark.parametrize(
    ("parts", "payment"),
    [
        ({"date_paid_gmt": None}, Payment.PENDING),
        ({"date_paid_gmt": None, "status": "completed"}, Payment.UNKNOWN),
        ({"date_paid_gmt": None, "total": "0.00"}, Payment.PAID),
        ({"status": "on-hold"}, Payment.PAID),
        ({"refunds": [{"id": 1, "reason": "", "total": "-34.30"}]}, Payment.REFUNDED),
        ({"refunds": [{"id": 1, "reason": "", "total": "-0.00"}]}, Payment.PAID),
    ],
)
def test_payment_where_no_recording_shows_it(parts, payment):
    assert order_with(**parts).payment is payment


def test_options_are_shown_as_a_buyer_reads_them():
    item = recordings()[36].json["line_items"][0]
    item["name"] = "Fish &amp; Chips &lt;hot&gt;"
    item["meta_data"] = [
        {"key": "note", "display_key": "Your <b>text</b>", "display_value": "<p>A &amp; B</p>\n<p>x &lt; y</p>"},
        {"key": "_secret", "display_key": "Secret", "display_value": "internal"},
        {"key": "secret", "display_key": "_secret", "display_value": "internal"},
        {"key": "empty", "display_key": "Empty", "display_value": ""},
        {"key": "object", "display_key": "Object", "display_value": {"a": 1}},
        {"key": "plain", "value": "7"},
        "no row",
    ]

    (line,) = order_with(line_items=[item]).lines

    assert line.title == "Fish & Chips <hot>"
    assert line.note == ("Your text: A & B x < y", "plain: 7")


def test_a_price_that_does_not_come_out_even_has_no_unit_price():
    item = recordings()[36].json["line_items"][0] | {"quantity": 3, "subtotal": "10.00"}

    assert order_with(line_items=[item]).lines[0].unit_price is None
    assert order_with(line_items=[item | {"quantity": 0}]).lines[0].unit_price is None


def test_an_image_is_taken_only_by_https():
    item = recordings()[36].json["line_items"][0]
    sources = ["https://shop.test/a.jpg", "http://shop.test/a.jpg", "javascript:alert(1)", ""]

    lines = order_with(line_items=[item | {"image": {"id": 1, "src": source}} for source in sources]).lines

    assert [line.image_url for line in lines] == ["https://shop.test/a.jpg", None, None, None]


@pytest.mark.parametrize(
    ("value", "email"),
    [
        ("a@buyer.test", "a@buyer.test"),
        (" a@buyer.test ", "a@buyer.test"),
        ("a@buyer.test,b@buyer.test", None),
        ("a@buyer.test b@buyer.test", None),
        ('"x" <v@buyer.test>', None),
        ("a@buyer.test\r\nBcc: b@buyer.test", None),
        ("a@buyer.test\n", None),
        ("a@localhost", None),
        ("@buyer.test", None),
        ("a" * 65 + "@buyer.test", None),
        (["a@buyer.test"], None),
        ({"email": "a@buyer.test"}, None),
        (7, None),
        (None, None),
        ("a@bücher.test", "a@xn--bcher-kva.test"),
    ],
)
def test_an_address_is_exactly_one_or_none(value, email):
    billing = recordings()[36].json["billing"] | {"email": value}

    assert order_with(billing=billing).customer.email == email


@pytest.mark.parametrize("key", ["wpml_language", "_trp_language", "trp_language"])
def test_a_translation_plugin_tells_the_language(key):
    assert order_with(meta_data=[{"key": key, "value": "de_DE"}]).customer.locale == "de_DE"
    assert order_with(meta_data=[{"key": key, "value": "<de>"}]).customer.locale is None
    assert order_with(meta_data=[{"key": key, "value": ["de"]}]).customer.locale is None


def test_the_country_is_where_it_goes_before_who_pays():
    home = recordings()[36].json["billing"]

    assert order_with(shipping=home | {"country": "ca"}).customer.country == "CA"
    assert order_with(shipping=[], billing=home | {"country": "Österreich"}).customer.country is None


@pytest.mark.parametrize(
    ("key", "value"),
    [("total", None), ("total", ""), ("total", "1e999"), ("total", []), ("total_tax", "NaN"), ("discount_total", {}),
     ("shipping_total", "1,50")],
)  # fmt: skip
def test_an_order_whose_money_is_odd_is_not_understood(key, value):
    with pytest.raises(Unreadable, match="no amount"):
        order_with(**{key: value})


def test_an_order_without_a_currency_is_not_understood():
    with pytest.raises(Unreadable, match="no currency"):
        order_with(currency="dollars")


def test_amounts_too_large_to_add_are_not_understood():
    item = recordings()[36].json["line_items"][0] | {"subtotal": "999999999999999"}

    with pytest.raises(Unreadable):
        order_with(line_items=[item] * 2000)


def test_a_day_that_is_none_leaves_the_other_dates():
    order = order_with(date_created_gmt="2026-02-30T00:00:00", date_modified_gmt="9999-12-31T23:59:59")

    assert order.placed_at == order.updated_at == at(14, 45, 58)  # when it was paid
