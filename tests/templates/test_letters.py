import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import html5lib
import pytest

from lifecycle.composing import Change, Link
from lifecycle.errors import Unfilled
from lifecycle.figures import figures_of, trace, unknown_links
from lifecycle.mails import MAILS
from lifecycle.money import Money
from lifecycle.orders import Labelled, LineItem, Part, Payment, Tracking
from lifecycle.people import Consent, ConsentState
from lifecycle.stores import Incentive, Reward
from templates import open_words
from tests.templates import reading
from tests.templates.stories import LOCALES, lines, money, story

WORDS = open_words()
MARKETING = [row.name for row in MAILS.values() if row.is_marketing]
SERVICE = [row.name for row in MAILS.values() if not row.is_marketing]


def printed(told):
    return WORDS.print(told)


def order_story(locale="en_US", mail="order_confirmation", **changes):
    told = story(mail, locale)
    return replace(told, order=replace(told.order, **changes))


def many(count, locale="en_US", title="Mug", **changes):
    price = money(locale, "2")
    items = tuple(LineItem(f"l{n}", title, 2, price, price, **changes) for n in range(count))
    return replace(order_story(locale, lines=items), more_lines=max(0, count - 100))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("mail", MAILS)
def test_html_and_markdown_state_the_same_figures(mail, locale):
    letter = printed(story(mail, locale))

    html = reading.figures(reading.words_of_html(letter.html))
    text = reading.figures(reading.words_of_markdown(letter.text))

    # The number of the order stands once more above the HTML letter, in both it stands somewhere.
    assert bool(html.pop("1001", 0) + html.pop("1002", 0)) == bool(text.pop("1001", 0) + text.pop("1002", 0))
    assert html == text


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("mail", MAILS)
def test_every_figure_traces_to_a_fact_and_every_link_is_known(mail, locale):
    told = story(mail, locale)
    letter = printed(told)

    found = trace(letter, [(figure, WORDS.forms(figure, told)) for figure in figures_of(told)])

    assert found
    assert [figure for figure in found if not figure.fact] == []
    assert unknown_links(letter, ("shop.example.com", "track.example.com", "mail.example.com", "schema.org")) == ()


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("mail", MAILS)
def test_html_is_well_formed_and_carries_its_language(mail, locale):
    letter = printed(story(mail, locale))

    html5lib.HTMLParser(strict=True).parse(letter.html)
    by_name = dict(reading.tags(letter))
    wrapper = next(attrs for tag, attrs in reading.tags(letter) if attrs.get("role") == "article")

    runs = "rtl" if locale == "ar_KW" else "ltr"
    assert (by_name["html"]["lang"], by_name["html"]["dir"]) == (locale.replace("_", "-"), runs)
    assert (wrapper["lang"], wrapper["dir"], wrapper["aria-label"]) == (locale.replace("_", "-"), runs, letter.subject)
    assert letter.locale == locale


@pytest.mark.parametrize("mail", MAILS)
def test_letter_loads_and_hides_nothing(mail):
    letter = printed(story(mail, "en_US"))

    names = {tag for tag, _ in reading.tags(letter)}
    assert not names & {"img", "link", "form", "input", "iframe", "object", "svg", "base"}
    assert all(attrs.get("type") == "application/ld+json" for tag, attrs in reading.tags(letter) if tag == "script")
    assert "url(" not in letter.html
    assert "@import" not in letter.html
    assert "@media (prefers-color-scheme: dark)" in letter.html.replace(
        "prefers-color-scheme:dark", "prefers-color-scheme: dark"
    )
    assert "[data-ogsc]" in letter.html
    assert letter.html.count("<!--[if mso]>") == 3


@pytest.mark.parametrize("mail", MAILS)
def test_every_table_is_for_layout_or_has_headers(mail):
    html = printed(story(mail, "en_US")).html

    tree = html5lib.parse(html, treebuilder="etree", namespaceHTMLElements=False)
    for table in tree.iter("table"):
        rows = [row for body in table.findall("tbody") for row in body.findall("tr")]
        headed = table.find("thead") is not None or any(row.find("th") is not None for row in rows)
        assert (table.get("role") == "presentation") != headed or not rows


@pytest.mark.parametrize("mail", MARKETING)
def test_marketing_letter_has_basis_way_out_and_postal_address_in_both_parts(mail):
    letter = printed(story(mail, "en_US"))

    assert "https://mail.example.com/unsubscribe/scrubbed" in reading.links(letter)
    assert "<https://mail.example.com/unsubscribe/scrubbed>" in letter.text
    for words in (reading.words_of_html(letter.html), reading.words_of_markdown(letter.text)):
        assert "because you agreed to e-mails from Blue Fern" in words
        assert "12 Harbor Street" in words


@pytest.mark.parametrize("mail", MARKETING)
def test_marketing_letter_without_consent_says_that_it_is_advertising(mail):
    told = story(mail, "en_US")
    unasked = replace(told.checkout.customer, consent=Consent(ConsentState.UNKNOWN))

    letter = printed(replace(told, checkout=replace(told.checkout, customer=unasked)))

    assert "This e-mail is advertising from Blue Fern." in letter.html
    assert "This e-mail is advertising from Blue Fern." in letter.text


@pytest.mark.parametrize("mail", MARKETING)
@pytest.mark.parametrize("missing", ["unsubscribe", "recover", "postal"])
def test_marketing_letter_without_a_needed_part_is_not_printed(mail, missing):
    told = story(mail, "en_US")
    if missing == "postal":
        told = replace(told, store=told.store.with_settings(replace(told.store.settings, postal_address=" \n")))
    told = replace(told, links={name: url for name, url in told.links.items() if name != missing})

    with pytest.raises(Unfilled):
        printed(told)


@pytest.mark.parametrize("mail", SERVICE)
def test_service_letter_has_no_way_out_and_no_advertising(mail):
    letter = printed(story(mail, "en_US"))

    for words in (letter.html, letter.text):
        assert not re.search("unsubscribe|advertising", words, re.IGNORECASE)


@pytest.mark.parametrize("mail", MAILS)
def test_letter_without_its_fact_is_unfilled_and_the_error_names_no_person(mail):
    told = replace(story(mail, "en_US"), order=None, checkout=None, fulfillment=None, refund=None)

    with pytest.raises(Unfilled) as failed:
        printed(told)

    assert "Ada" not in str(failed.value)
    assert failed.value.__cause__ is None


def test_confirmation_says_that_payment_is_open_and_leads_to_it():
    told = replace(
        order_story(payment=Payment.PENDING), payment_is_open=True, links={"pay": "https://shop.example.com/pay"}
    )

    letter = printed(told)

    assert letter.subject == "Order #1001 received, payment is open"
    assert "is still open" in letter.text
    assert "https://shop.example.com/pay" in reading.links(letter)
    assert "confirmed" not in letter.text


def test_shipping_notice_claims_no_items_when_none_were_named():
    told = story("shipping_notice", "en_US")

    letter = printed(replace(told, fulfillment=replace(told.fulfillment, lines=()), everything_shipped=True))

    assert letter.subject == "Order #1001 is on its way"
    assert "Stoneware mug" not in letter.html + letter.text
    assert not re.search("all items|part of", letter.text, re.IGNORECASE)


def test_shipping_notice_says_which_items_of_how_many():
    letter = printed(story("shipping_notice", "en_US"))

    assert "- Stoneware mug: 2 of 3" in letter.text
    assert "The other items are not in this shipment." in letter.text
    assert letter.subject == "Order #1001: part of it is on its way"


def test_shipping_notice_of_a_gift_card_speaks_of_no_parcel():
    told = story("shipping_notice", "en_US")

    letter = printed(replace(told, fulfillment=replace(told.fulfillment, no_parcel=True), parcels=()))

    assert letter.subject == "Order #1001: your items are ready"
    assert "They need no parcel." in letter.text
    assert "Delivery address" not in letter.text


def test_every_parcel_is_listed_and_only_known_carriers_are_linked():
    parcels = (
        Link(Tracking("AAA111"), "UPS", "https://track.example.com/a"),
        Link(Tracking("BBB222"), "", None),
        Link(Tracking("CCC333"), "Odd", "http://track.example.com/c"),
        Link(Tracking("DDD444"), "Odd", "javascript:alert(1)"),
    )

    letter = printed(replace(story("shipping_notice", "en_US"), parcels=parcels, links={}))

    for number in ("AAA111", "BBB222", "CCC333", "DDD444"):
        assert number in letter.html
        assert number in letter.text
    assert reading.links(letter) == ["https://track.example.com/a"]


def test_tracking_update_shows_old_and_new_number():
    letter = printed(story("tracking_update", "en_US"))

    assert (
        letter.text.index("1Z999AA10123456784")
        < letter.text.index("No longer valid")
        < letter.text.index("1Z999AA10123456700")
    )


@pytest.mark.parametrize(
    ("reason", "said"), [("customer", "as you asked"), ("inventory", "not all items"), ("declined", "declined")]
)
def test_cancellation_gives_a_public_reason(reason, said):
    assert said in printed(order_story(mail="order_cancellation", cancel_reason=reason)).text


@pytest.mark.parametrize("reason", ["fraud", "staff", "other", "customer is a known fraudster", ""])
def test_cancellation_never_gives_a_reason_of_the_staff(reason):
    plain = printed(order_story(mail="order_cancellation", cancel_reason=""))

    assert printed(order_story(mail="order_cancellation", cancel_reason=reason)) == plain
    assert "fraud" not in (plain.html + plain.text).lower()


def test_refund_says_full_or_partial_or_pending():
    told = story("refund_notice", "en_US")

    partial, full = printed(told), printed(replace(told, refund_is_full=True))
    pending = printed(replace(told, refund=replace(told.refund, pending=True)))

    assert "This is a partial refund." in partial.text
    assert "refunded in full" not in partial.text
    assert "refunded in full" in full.text
    assert "partial" not in full.text
    assert "has not been sent yet" in pending.text
    assert "We have refunded" not in pending.text
    assert pending.subject == "Order #1001: refund of $18.50 requested"


def test_refund_never_shows_the_note_of_the_staff():
    told = story("refund_notice", "en_US")

    letter = printed(replace(told, refund=replace(told.refund, reason="annoying customer")))

    assert "annoying" not in letter.html + letter.text


def test_change_shows_old_and_new_value_of_everything():
    total = Change("total", old=money("en_US", "10.00"), new=money("en_US", "12.50"))
    changes = (
        Change("quantity", "Mug", 1, 3),
        Change("added", "Apron", new=2),
        Change("removed", "Bowl", old=4),
        total,
        Change("address", old="1 Old Street, Town", new="2 New Street, Town"),
    )

    letter = printed(replace(story("order_change", "en_US"), changes=changes))

    assert letter.subject == "Updated: Order #1001"
    for line in (
        "- Quantity of Mug: 1 × → 3 ×",
        "- Added: Apron: – → 2 ×",
        "- Removed: Bowl: 4 × → –",
        "- Total: $10.00 → $12.50",
        "- Delivery address: 1 Old Street, Town → 2 New Street, Town",
    ):
        assert line in letter.text


def test_change_of_an_unknown_kind_is_not_printed():
    with pytest.raises(Unfilled):
        printed(replace(story("order_change", "en_US"), changes=(Change("colour", old="red", new="blue"),)))


def test_incentive_is_only_said_when_there_is_one():
    told = story("cart_recovery_3", "en_US")

    without = printed(replace(told, incentive=None))
    amount = printed(replace(told, incentive=Incentive(3, Reward.AMOUNT, "", Decimal("7.50"))))

    assert not re.search("off|free|code", without.subject + without.text)
    assert amount.subject == "$7.50 off your cart at Blue Fern"
    assert "Enter this code" not in amount.text


@pytest.mark.parametrize("count", [99, 100, 101, 200, 1000])
def test_list_ends_after_a_hundred_lines_with_the_number_of_the_rest(count):
    letter = printed(many(count))

    assert letter.text.count("- 2 × Mug") == min(count, 100)
    assert letter.html.count("2 × Mug") == min(count, 100)
    wanted = {101: "and 1 more item", 200: "and 100 more items", 1000: "and 900 more items"}.get(count)
    assert (wanted is None) == ("more item" not in letter.text)
    assert wanted is None or (f"- {wanted}\n" in letter.text and wanted in letter.html)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("title", ["Mug", "W" * 10_000, "漢" * 300, "😀&<\"'" * 100])
def test_letter_of_two_hundred_lines_is_at_most_ninety_kilobytes(locale, title):
    letter = printed(many(200, locale, title, variant=title, note=(title, title)))

    assert len(letter.html.encode()) <= 90_000


def test_long_shipment_of_a_longer_order_invents_no_number():
    told = many(300)
    parts = tuple(Part(line.id, line.title, 1) for line in told.order.lines[:150])
    parcel = replace(story("shipping_notice", "en_US").fulfillment, lines=parts)

    letter = printed(replace(told, mail=MAILS["shipping_notice"], fulfillment=parcel))

    assert "- and further items\n" in letter.text
    assert "more item" not in letter.text


def test_greeting_is_neutral_without_a_name():
    told = order_story()
    nameless = replace(told.order.customer, first_name="")

    letter = printed(replace(told, order=replace(told.order, customer=nameless)))

    assert "\nHello,\n" in letter.text


def test_digital_order_has_no_address_and_no_shipping():
    card = lines("en_US")[2]

    letter = printed(
        order_story(lines=(card,), ship_to=None, bill_to=None, shipping=money("en_US", "0"), shipping_method="")
    )

    assert "address" not in letter.text.lower()
    assert "Shipping" not in letter.text


def test_totals_show_discount_fee_tip_and_each_tax():
    usd = "en_US"
    letter = printed(
        order_story(
            discount=money(usd, "144.50"),
            discounts=(Labelled("ALL", money(usd, "144.50")),),
            fees=(Labelled("Bottle deposit", money(usd, "-2.00")), Labelled("", money(usd, "1.00"))),
            tip=money(usd, "3.00"),
            tax=money(usd, "0.75"),
            taxes=(Labelled("State", money(usd, "0.50")), Labelled("City", money(usd, "0.25"))),
            total=money(usd, "0.00"),
        )
    )

    for row in (
        "- Discount (ALL): -$144.50",
        "- Bottle deposit: -$2.00",
        "- Fee: $1.00",
        "- Tip: $3.00",
        "- Tax (State): $0.50",
        "- Tax (City): $0.25",
        "- **Total: $0.00**",
    ):
        assert row in letter.text


def test_labelled_amounts_that_are_not_the_whole_are_one_row():
    letter = printed(order_story(discounts=(Labelled("PART", money("en_US", "4.00")),)))

    assert "PART" not in letter.text
    assert "- Discount: -$10.00" in letter.text


def test_tax_inside_the_prices_stands_after_the_total():
    letter = printed(story("order_confirmation", "de_DE"))

    assert letter.text.index("Gesamtsumme") < letter.text.index("Enthaltene Steuer (MwSt. 19 %): 19,30")


def test_test_order_says_so():
    letter = printed(order_story(is_test=True))

    assert "**This is a test order.**" in letter.text
    assert "This is a test order." in letter.html
    assert "ld+json" not in letter.html


def test_structured_data_states_the_order():
    letter = printed(story("order_confirmation", "en_US"))

    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', letter.html, re.DOTALL)[1])

    assert (data["@type"], data["orderNumber"], data["price"], data["priceCurrency"]) == ("Order", "#1001", "148.71", "USD")
    assert [offer["eligibleQuantity"]["value"] for offer in data["acceptedOffer"]] == [3, 1, 1]
    assert data["orderDate"] == "2026-11-20T13:05:00-05:00"


def test_structured_data_of_a_parcel_needs_every_value():
    told = story("shipping_notice", "en_US")
    vague = replace(told, fulfillment=replace(told.fulfillment, estimated_delivery=None))

    assert '"@type": "ParcelDelivery"' in printed(told).html
    assert "ld+json" not in printed(vague).html
    assert "ld+json" not in printed(replace(told, order=replace(told.order, ship_to=None))).html


def test_signs_are_isolated_in_a_letter_from_right_to_left():
    letter = printed(story("order_confirmation", "ar_KW"))

    assert '<bdi dir="ltr">#1001</bdi>' in letter.html
    assert "text-align:right" in letter.html.replace(": ", ":")
    assert "text-align:left" in letter.html.replace(": ", ":")
    assert "\u200e#1001" in letter.subject


def test_currency_that_is_not_the_shops_has_its_code():
    told = order_story()
    usd = Money(Decimal("5.00"), "CAD")

    letter = printed(replace(told, foreign_currency=True, order=replace(told.order, tip=usd)))

    assert "CA$5.00 CAD" in letter.text.replace("\u00a0", " ")
    assert "$148.71 USD" in letter.text.replace("\u00a0", " ")


def test_letters_may_be_printed_by_several_threads_at_once():
    told = story("order_confirmation", "de_DE")

    with ThreadPoolExecutor(4) as threads:
        letters = list(threads.map(printed, [told] * 12))

    assert set(letters) == {printed(told)}


@pytest.mark.parametrize(
    ("region", "city", "line"),
    [("東京都", "渋谷区", "東京都渋谷区"), ("JP13", "Albany", "JP13 Albany"), ("", "渋谷区", "渋谷区")],
)
def test_a_japanese_address_joins_region_and_city_only_in_its_own_script(region, city, line):
    from babel import Locale

    from lifecycle.people import Address
    from templates.addresses import postal_lines

    assert line in postal_lines(Address("陽菜", street="2-24-12", region=region, city=city, country="JP"), Locale("ja"))
