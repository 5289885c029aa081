from datetime import UTC, datetime, timedelta
from decimal import Decimal

from lifecycle.carts import Checkout
from lifecycle.composing import Change, Link, Story
from lifecycle.figures import Figure, FigureKind, figures_of
from lifecycle.mails import MAILS
from lifecycle.money import Money
from lifecycle.orders import Fulfillment, Labelled, LineItem, Order, Part, Passage, Payment, Refund, Tracking
from lifecycle.people import Address, Customer
from lifecycle.stores import Incentive, Reward, Store, StoreSettings

NOW = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)


def usd(amount):
    return Money(Decimal(amount), "USD")


STORE = Store("s", "custom", "https://shop24.example", "t", "Shop 24", settings=StoreSettings(postal_address="1 Main St"))
CUSTOMER = Customer(email="ada99@example.com", first_name="Ada", last_name="Byron 2nd", phone="+1 555 0100")
LINES = (
    LineItem("1", "Mug 300 ml", 2, usd(20), usd(10), variant="Red", sku="MUG-300", note=("Engraving: 7",)),
    LineItem("2", "Card", 1, usd(5)),
)
ORDER = Order(
    id="1",
    number="#1001",
    placed_at=NOW,
    updated_at=NOW,
    payment=Payment.PAID,
    customer=CUSTOMER,
    lines=LINES,
    subtotal=usd(25),
    discount=usd(3),
    shipping=usd(4),
    tax=usd(2),
    total=usd(28),
    discounts=(Labelled("SAVE10", usd(3)),),
    fees=(Labelled("Wrapping", usd(1)),),
    taxes=(Labelled("VAT 7%", usd(2)),),
    tip=usd(6),
    shipping_method="DHL 24 h",
    payment_method="Visa •••• 4242",
    ship_to=Address("Ada", "", "Main St 5", "", "10115", "Berlin"),
    refunds=(Refund("r", "1", usd(7)), Refund("q", "1", usd(8))),
    cancelled_at=NOW + timedelta(days=1),
)
PARCEL = Fulfillment(
    "f",
    "1",
    Passage.SHIPPED,
    lines=(Part("1", "Mug 300 ml", 1), Part("9", "Lost", 1)),
    trackings=(Tracking("1Z9", "UPS"),),
    shipped_at=NOW,
    estimated_delivery=NOW + timedelta(days=5),
    place="Hub 9",
)


def story(**given):
    return Story(mail=MAILS["order_confirmation"], store=STORE, to="ada99@example.com", locale="en", **given)


def told(of):
    return {figure.path: figure.value for figure in figures_of(of)}


def test_order_tells_every_amount_date_quantity_and_text_with_digits():
    found = told(story(order=ORDER))

    assert found["order number"] == "#1001"
    assert found["order date"] == NOW
    assert found["cancelled on"] == NOW + timedelta(days=1)
    amounts = (
        "order total",
        "order subtotal",
        "order discount",
        "shipping cost",
        "tax",
        "tip",
        "discount 1",
        "fee 1",
        "tax 1",
    )
    assert [found[path].amount for path in amounts] == [28, 25, 3, 4, 2, 6, 3, 1, 2]
    assert (found["line 1 quantity"], found["line 1 total"], found["line 1 unit price"]) == (2, usd(20), usd(10))
    assert found["line 1 title"] == "Mug 300 ml"
    assert found["line 1 SKU"] == "MUG-300"
    assert found["line 1 option"] == "Engraving: 7"
    assert found["number of items"] == (3,)
    assert found["delivery address: street"] == "Main St 5"
    assert found["customer's last name"] == "Byron 2nd"
    assert found["recipient"] == "ada99@example.com"
    assert found["store postal address"] == "1 Main St"
    assert found["store address on the web"] == "shop24.example"
    assert found["refund 2 amount"] == usd(8)


def test_text_without_a_digit_is_no_figure():
    paths = told(story(order=ORDER))

    assert "line 2 title" not in paths
    assert "line 1 variant" not in paths
    assert "customer's first name" not in paths


def test_digit_of_another_script_makes_a_text_a_figure():
    line = LineItem("3", "كوب ٣٠٠", 1, usd(1))

    found = told(story(checkout=Checkout("c", NOW, CUSTOMER, (line,), usd(1))))

    assert found["line 1 title"] == "كوب ٣٠٠"


def test_parcel_tells_how_many_of_how_many_ordered():
    found = told(story(order=ORDER, fulfillment=PARCEL, parcels=(Link(Tracking("2Z9"), "Carrier 5", None),)))

    assert found["shipped line 1: how many of how many ordered"] == (1, 2)
    assert "shipped line 2: how many of how many ordered" not in found
    assert found["shipped: items of how many ordered"] == (2, 3)
    assert found["shipped: number of items"] == (2,)
    assert found["parcel 1 tracking number"] in ("1Z9", "2Z9")
    assert found["parcel 1 carrier"] == "Carrier 5"
    assert found["estimated delivery"] == NOW + timedelta(days=5)
    assert found["place of the last carrier news"] == "Hub 9"


def test_parcel_without_its_order_tells_no_whole():
    found = told(story(fulfillment=PARCEL))

    assert found["shipped: number of items"] == (2,)
    assert "shipped: items of how many ordered" not in found


def test_refund_and_what_was_refunded_so_far_name_their_parts():
    refund = Refund(
        "q", "1", usd(8), (Part("2", "Card", 1, amount=usd(5)),), shipping=usd(3), reason="Size 42", refunded_at=NOW
    )

    figures = figures_of(story(order=ORDER, refund=refund, refunded_so_far=usd(15)))

    assert Figure(FigureKind.AMOUNT, "refund amount", usd(8)) in figures
    assert Figure(FigureKind.AMOUNT, "refunded shipping", usd(3)) in figures
    assert Figure(FigureKind.AMOUNT, "refunded line 1 amount", usd(5)) in figures
    assert Figure(FigureKind.TEXT, "refund reason", "Size 42") in figures
    assert Figure(FigureKind.DATE, "refunded on", NOW) in figures
    so_far = Figure(FigureKind.AMOUNT, "refunded so far", usd(15), ("refund 1 amount", "refund 2 amount"))
    assert so_far in figures


def test_refund_of_an_unknown_order_declares_itself_as_the_sum():
    figures = figures_of(story(refund=Refund("q", "1", usd(8)), refunded_so_far=usd(8)))

    assert Figure(FigureKind.AMOUNT, "refunded so far", usd(8), ("refund amount",)) in figures


def test_checkout_and_offer_are_told():
    checkout = Checkout("c", NOW, CUSTOMER, LINES, usd(28), subtotal=usd(25), number="C-7", created_at=NOW)
    offers = [
        Incentive(2, Reward.PERCENT, "COMEBACK10", Decimal("10.00")),
        Incentive(2, Reward.PERCENT, "X", Decimal("12.5")),
        Incentive(2, Reward.AMOUNT, "FIVE", Decimal(5), Decimal(50)),
        Incentive(2, Reward.FREE_SHIPPING, "FREE"),
    ]

    percent, half, amount, free = (told(story(checkout=checkout, incentive=offer)) for offer in offers)

    assert percent["checkout total"] == usd(28)
    assert percent["checkout number"] == "C-7"
    assert percent["offer code"] == "COMEBACK10"
    assert percent["offer percentage"] == "10"
    assert half["offer percentage"] == "12.5"
    assert amount["offer amount"] == usd(5)
    assert amount["offer from a total of"] == usd(50)
    assert not any(path.startswith("offer") for path in free)


def test_changes_tell_old_and_new():
    changes = (
        Change("quantity", "Mug 300 ml", 1, 2),
        Change("total", "", usd(18), usd(28)),
        Change("address", "", None, "Main St 5"),
    )

    found = told(story(changes=changes))

    assert (found["change 1: old quantity"], found["change 1: new quantity"]) == (1, 2)
    assert (found["change 2: old amount"], found["change 2: new amount"]) == (usd(18), usd(28))
    assert found["change 3: new value"] == "Main St 5"
    assert found["change 1 title"] == "Mug 300 ml"


def test_lines_that_are_only_counted_are_not_told():
    found = told(story(order=ORDER, more_lines=1))

    assert "line 1 quantity" in found
    assert "line 2 quantity" not in found
    assert found["number of further items"] == (1,)


def test_no_figure_is_told_twice():
    figures = figures_of(story(order=ORDER, fulfillment=PARCEL, parcels=(Link(Tracking("1Z9", "UPS"), "UPS", None),)))

    assert len(figures) == len(set(figures))
