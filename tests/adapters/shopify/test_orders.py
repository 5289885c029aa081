from datetime import UTC, datetime
from decimal import Decimal

import pytest

from lifecycle.errors import Unreadable
from lifecycle.events import Kind
from lifecycle.money import Money
from lifecycle.orders import Labelled, Passage, Payment
from tests.adapters.shopify.bodies import SHOP, bag, fact, fulfillment, line, order, read, recorded, refund, transaction

TOPIC = "orders/updated"


def usd(text):
    return Money(Decimal(text), "USD")


def reason(topic, body, **more):
    with pytest.raises(Unreadable) as refused:
        read(topic, body, **more)
    return refused.value.reason


def shown(seen):
    return [(item.title, item.quantity, str(item.total)) for item in seen.lines]


# ---- which event -----------------------------------------------------------------------------------------------------


def test_a_created_order_is_placed_and_every_other_look_is_only_a_look():
    kinds = {topic: read(topic, order())[0].kind for topic in ("orders/create", TOPIC, "orders/paid", "orders/cancelled")}

    assert kinds.pop("orders/create") == Kind.ORDER_PLACED
    assert set(kinds.values()) == {Kind.ORDER_SEEN}


def test_the_same_order_placed_twice_is_one_event():
    (first,), (second,) = read("orders/create", order()), read("orders/create", order(updated_at="2026-11-20T12:00:00Z"))

    assert first.id == second.id


def test_each_event_happens_at_its_facts_own_time():
    body = order(cancelled_at="2026-11-20T10:30:00-05:00", updated_at="2026-11-20T10:29:00-05:00")

    assert read("orders/create", body)[0].occurred_at == datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
    assert read(TOPIC, body)[0].occurred_at == datetime(2026, 11, 20, 15, 29, tzinfo=UTC)
    assert read("orders/cancelled", body)[0].occurred_at == datetime(2026, 11, 20, 15, 30, tzinfo=UTC)


def test_an_imported_order_was_placed_when_it_was_processed():
    assert fact("orders/create", order(processed_at="2019-01-01T00:00:00Z")).placed_at.year == 2019


def test_an_envelope_older_than_its_order_makes_the_order_late():
    sent = datetime(2019, 1, 1, tzinfo=UTC)

    assert read("orders/create", order(), at=sent)[0].occurred_at == sent


def test_without_own_time_the_envelopes_counts_and_without_both_it_is_unreadable():
    body = order(created_at=10**18, processed_at=None, updated_at="0001-01-01T00:00:00+14:00")
    sent = datetime(2026, 11, 20, 16, tzinfo=UTC)

    assert fact("orders/create", body, at=sent).placed_at == sent
    assert reason("orders/create", body, at=None) == "no_time"


def test_an_edit_is_a_delta_and_says_nothing_by_itself():
    assert read("orders/edited", recorded("orders__edited__1.json")) == ()


# ---- money -----------------------------------------------------------------------------------------------------------


def test_money_is_what_the_customer_paid_in_and_the_shops_own_is_kept_beside_it():
    seen = fact("orders/create", recorded("vectors/body1_orders_create_multicurrency.json"))

    assert seen.total == usd("45.85")
    assert (seen.subtotal, seen.shipping, seen.tax) == (usd("34.67"), usd("7.71"), usd("3.47"))
    assert seen.shop_total == Money(Decimal("60.33"), "AUD")
    assert seen.taxes == (Labelled("GST", usd("3.47")),)
    assert shown(seen) == [("Classic Fountain Pen", 1, "34.67 USD")]
    assert seen.summed == seen.total


def test_discounts_are_named_and_come_from_allocations():
    seen = fact("orders/create", recorded("vectors/body2_orders_create_zh.json"))

    assert seen.discount == Money(Decimal("34.10"), "HKD")
    assert sum(one.amount.amount for one in seen.discounts) == Decimal("34.10")
    assert all(one.label for one in seen.discounts)
    assert (seen.total, seen.summed) == (Money(Decimal("186.90"), "HKD"),) * 2


def test_yen_have_no_decimals():
    yen = {"currency": "JPY", "presentment_currency": "JPY", "tax_lines": [], "total_tax": "0", "shipping_lines": []}
    figures = {"subtotal_price": "23600", "total_line_items_price": "23600", "total_price": "23600"}
    body = order(**yen, **figures, line_items=[line(quantity=1, price="23600", price_set=bag("23600", "JPY"))])
    body = {
        key: value for key, value in body.items() if not key.startswith("current_") and key != "total_shipping_price_set"
    }

    assert str(fact(TOPIC, body).total) == "23600 JPY"


def test_included_tax_is_not_added():
    body = order(taxes_included=True, total_price="45.00", current_total_price="45.00")

    seen = fact(TOPIC, body)

    assert seen.tax_included
    assert (seen.summed, seen.tax) == (usd("45.00"), usd("4.00"))


def test_zero_shipping_is_told_and_not_replaced_by_the_price_before_its_discount():
    free = {"id": 5, "title": "Standard", "price": "5.00", "discounted_price": "0.00"}
    body = order(
        total_shipping_price_set=bag("0.00"), total_price="44.00", current_total_price="44.00", shipping_lines=[free]
    )

    assert fact(TOPIC, body).shipping == usd("0.00")


def test_a_discount_on_shipping_is_part_of_the_discount():
    share = [{"amount": "5.00", "amount_set": bag("5.00"), "discount_application_index": 0}]
    post = {"id": 5, "title": "Standard", "price": "5.00", "discounted_price": "0.00", "discount_allocations": share}
    applied = [{"type": "discount_code", "code": "SHIPFREE", "target_type": "shipping_line"}]
    body = order(
        total_discounts="5.00",
        current_total_discounts="5.00",
        total_price="44.00",
        current_total_price="44.00",
        shipping_lines=[post],
        discount_applications=applied,
    )

    seen = fact(TOPIC, body)

    assert (seen.subtotal, seen.discount, seen.shipping, seen.summed) == tuple(map(usd, ("40.00", "5.00", "5.00", "44.00")))
    assert seen.discounts == (Labelled("SHIPFREE", usd("5.00")),)


def test_discounts_whose_shares_do_not_add_up_are_one_row_with_every_name():
    codes = [{"code": "A", "amount": "3.00"}, {"code": "B", "amount": "9.00"}]
    body = order(total_discounts="10.00", total_price="39.00", current_total_price="39.00", discount_codes=codes)

    assert fact(TOPIC, body).discounts == (Labelled("A, B", usd("10.00")),)


def test_a_tip_is_no_goods_and_is_part_of_the_total():
    tip = line(
        id=12, title="Tip", quantity=1, current_quantity=1, price="3.00", price_set=bag("3.00"), tip_payment_gateway=None
    )
    for listed in ("40.00", "43.00"):  # with or without the tip's row: both come to the total
        body = order(
            line_items=[line(), tip],
            total_tip_received="3.00",
            total_line_items_price=listed,
            subtotal_price=listed,
            total_price="52.00",
            current_total_price="52.00",
        )

        seen = fact(TOPIC, body)

        assert shown(seen) == [("Fountain pen", 2, "40.00 USD")]
        assert (seen.tip, seen.subtotal, seen.summed) == (usd("3.00"), usd("40.00"), usd("52.00"))


def test_duties_are_a_fee_unless_prices_include_them():
    duties = {"original_total_duties_set": bag("6.00"), "total_price": "55.00", "current_total_price": "55.00"}

    assert fact(TOPIC, order(**duties)).fees == (Labelled("Duties", usd("6.00")),)
    assert fact(TOPIC, order(**duties)).summed == usd("55.00")
    assert fact(TOPIC, order(**duties, duties_included=True)).fees == ()


def test_a_total_that_its_parts_do_not_come_to_is_told_as_it_is():
    seen = fact(TOPIC, order(total_price="50.00", current_total_price="50.00"))

    assert (seen.total, seen.summed) == (usd("50.00"), usd("49.00"))


# ---- edits and refunds -----------------------------------------------------------------------------------------------


def edited(**changes):
    """One of the two pens taken out before anything was paid back."""
    return order(
        line_items=[line(current_quantity=1)],
        current_subtotal_price="20.00",
        current_total_tax="2.00",
        current_total_price="27.00",
        **changes,
    )


def test_an_edited_order_is_told_as_it_is_now():
    seen = fact(TOPIC, edited())

    assert shown(seen) == [("Fountain pen", 1, "20.00 USD")]
    assert (seen.subtotal, seen.tax, seen.total, seen.summed) == tuple(map(usd, ("20.00", "2.00", "27.00", "27.00")))
    assert seen.taxes == ()  # the rows still say 4.00


def test_a_removed_row_is_not_in_the_order():
    gone = line(id=12, title="Ink", quantity=1, current_quantity=0)

    assert [item.title for item in fact(TOPIC, order(line_items=[line(), gone])).lines] == ["Fountain pen"]


def test_the_recorded_edit_leaves_out_the_removed_line():
    seen = fact(TOPIC, recorded("orders__updated__7.json"), shop="jsmith.myshopify.com")

    assert len(seen.lines) == 4
    assert (seen.total, seen.summed) == (usd("414.95"), usd("414.95"))


def test_an_edits_own_refund_record_without_money_is_no_refund_of_money():
    record = refund(transactions=[])

    seen = fact(TOPIC, edited(refunds=[record]))

    assert (shown(seen), seen.total) == ([("Fountain pen", 1, "20.00 USD")], usd("27.00"))
    assert (seen.refunds[0].amount, seen.refunded) == (usd("0"), usd("0"))


def test_a_refund_that_failed_is_no_refund_of_money_either():
    record = refund(transactions=[transaction(status="failure"), transaction(kind="void")])

    assert fact(TOPIC, edited(refunds=[record])).total == usd("27.00")


def test_an_edited_order_keeps_its_discount_on_shipping():
    share = [{"amount": "5.00", "amount_set": bag("5.00"), "discount_application_index": 0}]
    body = edited(
        current_total_discounts="5.00",
        current_shipping_price_set=bag("0.00"),
        shipping_lines=[{"id": 5, "title": "Standard", "price": "5.00", "discount_allocations": share}],
    ) | {"current_total_price": "22.00"}

    seen = fact(TOPIC, body)

    assert (seen.subtotal, seen.discount, seen.shipping, seen.summed) == tuple(map(usd, ("20.00", "5.00", "5.00", "22.00")))


def refunded(**changes):
    """One of the two pens given back: current_* fall, what was bought does not."""
    return order(
        financial_status="partially_refunded",
        line_items=[line(current_quantity=1)],
        current_subtotal_price="20.00",
        current_total_tax="2.00",
        current_total_price="27.00",
        refunds=[refund()],
        **changes,
    )


def test_a_refund_does_not_change_what_was_bought():
    seen = fact(TOPIC, refunded())

    assert shown(seen) == [("Fountain pen", 2, "40.00 USD")]
    assert (seen.total, seen.summed, seen.refunded) == (usd("49.00"), usd("49.00"), usd("22.00"))


def test_an_order_edited_and_then_refunded_stays_as_it_was_edited():
    first = line(quantity=3, current_quantity=1)  # three ordered, one taken out, one given back
    body = refunded() | {
        "line_items": [first],
        "subtotal_price": "60.00",
        "total_line_items_price": "60.00",
        "total_tax": "6.00",
        "total_price": "71.00",
    }

    seen = fact(TOPIC, body)

    assert shown(seen) == [("Fountain pen", 2, "40.00 USD")]
    assert (seen.total, seen.summed, seen.refunded) == (usd("49.00"), usd("49.00"), usd("22.00"))


def test_money_given_back_without_goods_changes_nothing_of_the_order():
    goodwill = refund(refund_line_items=[], transactions=[transaction(amount="5.00")])

    for left in ("44.00", "49.00"):
        seen = fact(TOPIC, order(refunds=[goodwill], current_total_price=left))

        assert (seen.total, seen.summed, seen.refunded) == (usd("49.00"), usd("49.00"), usd("5.00"))


def test_a_cancelled_order_is_told_as_it_was_bought():
    gone = dict.fromkeys(("current_subtotal_price", "current_total_tax", "current_total_price"), "0.00")
    body = order(
        cancelled_at="2026-11-20T10:30:00-05:00", cancel_reason="fraud", line_items=[line(current_quantity=0)], **gone
    )

    seen = fact("orders/cancelled", body)

    assert (shown(seen), seen.total) == ([("Fountain pen", 2, "40.00 USD")], usd("49.00"))
    assert (seen.cancel_reason, seen.is_risky) == ("fraud", False)


def test_the_recorded_partial_refund_is_told_with_its_sums():
    seen = fact("orders/cancelled", recorded("orders__cancelled__2.json"), shop="jsmith.myshopify.com")

    assert (seen.total, seen.summed, seen.refunded) == (usd("598.94"), usd("598.94"), usd("209.00"))
    assert seen.discounts == (Labelled("TENOFF", usd("10.00")),)
    assert [part.passage for part in seen.fulfillments] == [Passage.PREPARING]


# ---- people ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"email": "a@example.com", "contact_email": "b@example.com"}, "a@example.com"),
        ({"email": "", "contact_email": "b@example.com"}, "b@example.com"),
        ({"email": None, "contact_email": None}, None),
        ({"email": "a@example.com,b@example.com"}, None),
        ({"email": '"x" <v@example.com>'}, None),
        ({"email": "a@example.com\r\nBcc: b@example.com"}, None),
        ({"email": {"x": 1}}, None),
        ({"email": ["a@example.com"]}, None),
        ({"email": "a@[127.0.0.1]"}, None),
        ({"email": "nobody"}, None),
        ({"email": "a@shop.test"}, "a@shop.test"),
    ],
)
def test_the_address_is_the_orders_own_and_only_ever_one(keys, expected):
    body = order(**keys, customer={"id": 5, "email": "profile@example.com"})

    assert fact(TOPIC, body).customer.email == expected


def test_a_guest_is_named_by_who_pays_and_not_by_who_receives():
    body = order(
        customer=None,
        billing_address={"first_name": "Zoë", "last_name": "Payer"},
        shipping_address={"first_name": "Aunt", "last_name": "Gift", "country_code": "at", "address1": "Street 1"},
    )

    seen = fact(TOPIC, body)

    assert (seen.customer.name, seen.customer.country, seen.ship_to.name) == ("Zoë Payer", "AT", "Aunt Gift")


@pytest.mark.parametrize("given", [None, [], {}, "x", {"country": "United States", "province": None}])
def test_no_shipping_address_is_none(given):
    assert fact(TOPIC, order(shipping_address=given)).ship_to is None


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("pt-BR", "pt-BR"),
        ("PT_br", "pt-BR"),
        ("zh-TW", "zh-TW"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("en", "en"),
        (None, None),
        ("", None),
        ("../x", None),
        ("e", None),
        (5, None),
    ],
)
def test_locale_is_one_spelling(tag, expected):
    assert fact(TOPIC, order(customer_locale=tag)).customer.locale == expected


def test_orders_before_this_one_are_told_only_by_old_versions():
    assert fact(TOPIC, order(customer={"id": 5, "orders_count": 0})).customer.orders_count == 0
    assert fact(TOPIC, order(customer={"id": 5})).customer.orders_count is None


def test_without_approval_for_customer_data_the_order_is_still_read():
    seen = fact("orders/create", recorded("orders__create__18.json"))

    assert (seen.customer.email, seen.customer.name, seen.status_url) == (None, "", None)
    assert seen.total == usd("404.95")


# ---- the rest --------------------------------------------------------------------------------------------------------


def test_buyers_see_their_options_and_not_the_apps():
    listed = line(
        properties=[{"name": "Engraving", "value": "Zoë"}, {"name": "_app", "value": "1"}, {"name": "Size", "value": 7}]
    )
    mapped = line(id=12, properties={"Engraving": "Zoë", "_app": 1, "Empty": ""})

    notes = [item.note for item in fact(TOPIC, order(line_items=[listed, mapped])).lines]

    assert notes == [("Engraving: Zoë", "Size: 7"), ("Engraving: Zoë",)]


def test_line_breaks_in_titles_and_names_are_blanks():
    seen = fact(
        TOPIC, order(name="#1\r\nBcc: x", line_items=[line(title="A\u2028B\x85C\nD", variant_title="Default Title")])
    )

    assert (seen.number, seen.lines[0].title, seen.lines[0].variant) == ("#1 Bcc: x", "A B C D", "")


def test_gift_cards_are_marked_and_need_no_parcel():
    item = fact(TOPIC, order(line_items=[line(gift_card=True, requires_shipping=False)])).lines[0]

    assert (item.gift_card, item.needs_shipping) == (True, False)


@pytest.mark.parametrize(
    "link", ["http://x.example/", "javascript:alert(1)", "data:text/html,x", "//evil.test", "https://u@x/", 5, ""]
)
def test_a_link_that_is_not_plain_https_is_none(link):
    assert fact(TOPIC, order(order_status_url=link)).status_url is None


def test_the_status_link_is_kept_byte_for_byte():
    link = f"https://{SHOP}/1/orders/abc/authenticate?key=d%2Ff"

    assert fact(TOPIC, order(order_status_url=link)).status_url == link


@pytest.mark.parametrize(
    ("word", "payment"),
    [
        ("pending", Payment.PENDING),
        ("expired", Payment.VOIDED),
        ("paid", Payment.PAID),
        (None, Payment.UNKNOWN),
        ("new", Payment.UNKNOWN),
    ],
)
def test_payment_is_in_our_words(word, payment):
    assert fact(TOPIC, order(financial_status=word)).payment is payment


def test_payment_methods_are_words():
    assert fact(
        TOPIC, order(payment_gateway_names=["shopify_payments", "Cash on Delivery (COD)", "", None])
    ).payment_method == ("Shopify Payments, Cash on Delivery (COD)")


def test_marks_are_kept():
    seen = fact(TOPIC, order(test=True, source_name="pos", checkout_token="c0ffee", cart_token="ca27", risk_level="HIGH"))

    assert (seen.is_test, seen.is_risky, seen.source) == (True, True, "pos")
    assert (seen.checkout_token, seen.cart_token, seen.shipping_method) == ("c0ffee", "ca27", "Standard")
    assert not fact(TOPIC, order(test="true")).is_test


def test_parcels_and_refunds_inside_are_read_as_their_own_topics_read_them():
    seen = fact(TOPIC, refunded(fulfillments=[fulfillment(), {"status": "success"}]))

    assert seen.fulfillments == (fact("fulfillments/create", fulfillment()),)
    assert seen.refunds == (fact("refunds/create", refund()),)


def test_ids_beyond_what_a_float_holds_are_exact():
    assert fact(TOPIC, order(id=820982911946154509)).id == "820982911946154509"
    assert fact(TOPIC, order(id="820982911946154509")).id == "820982911946154509"


# ---- unreadable ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [None, 1.5, -1, 0, 2**63, 2**64, True, {}, [], "1/../2", "١٢", "9223372036854775808"])
def test_an_odd_id_is_unreadable(value):
    assert reason(TOPIC, order(id=value)) == "no_id"


@pytest.mark.parametrize(
    "value", [None, "", "1,000.00", "sNaN", "Infinity", "١٢", "None", True, {"amount": "1"}, "9" * 24, "-1.00"]
)
def test_an_odd_total_is_unreadable(value):
    assert reason(TOPIC, order(total_price=value)) == "no_amount"


@pytest.mark.parametrize("value", [None, "", "example string", "US", 840, []])
def test_an_odd_currency_is_unreadable(value):
    assert reason(TOPIC, order(currency=value)) == "no_currency"


@pytest.mark.parametrize("value", [None, 10**12, -1, "two", 1.5])
def test_an_odd_quantity_is_unreadable_and_never_a_missing_row(value):
    assert reason(TOPIC, order(line_items=[line(quantity=value)])) == "no_quantity"


def test_more_money_than_there_is_is_unreadable():
    assert reason(TOPIC, order(line_items=[line(price="999999999999999", price_set=None, quantity=10**6)])) == "no_amount"


@pytest.mark.parametrize("rows", [None, {}, "x", [None], [[]]])
def test_rows_of_another_shape_are_unreadable(rows):
    assert reason(TOPIC, order(line_items=rows)) == "no_line_items"


@pytest.mark.parametrize(
    "name",
    [
        "checkouts__create__1",
        "draft_orders__create__1",
        "refunds__create__1",
        "fulfillments__create__1",
        "customers__redact__1",
        "app__uninstalled__1",
        "carts__create__1",
        "order_transactions__create__1",
    ],
)
def test_another_topics_body_is_no_order(name):
    assert reason("orders/create", recorded(f"{name}.json")) == "not_an_order"


def test_an_order_of_another_shop_is_unreadable():
    body = order(order_status_url="https://shop-a.myshopify.com/690933842/orders/abc/authenticate?key=def")

    assert reason("orders/create", body, shop="shop-b.myshopify.com") == "other_shop"
    assert read("orders/create", body, shop="shop-a.myshopify.com")


def test_a_shop_with_a_domain_of_its_own_is_not_another_one():
    assert read("orders/create", order(order_status_url="https://pens.example/690933842/orders/abc"))
