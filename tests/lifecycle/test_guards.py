from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from lifecycle.carts import Checkout
from lifecycle.guards import GUARDS, Case, Raised, Stage, Stop, Verdict, Wait, check
from lifecycle.mails import MAILS
from lifecycle.messages import Letter, Message, TracedFigure
from lifecycle.money import Money
from lifecycle.orders import Fulfillment, LineItem, Order, Passage, Payment, Tracking
from lifecycle.people import Consent, ConsentState, Customer
from lifecycle.stores import Store, StoreSettings

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
OUT = "https://app.example/unsubscribe/x"
MONEY = Money(Decimal(10), "EUR")
CUSTOMER = Customer(email="ada@example.com")
LINE = LineItem("1", "Mug", 1, MONEY)
STORE = Store(
    "s",
    "custom",
    "https://shop.example",
    "t",
    "Shop",
    timezone="Europe/Berlin",
    settings=StoreSettings(postal_address="Main St 1\nBerlin"),
)
ORDER = Order("1", "#1001", NOON, NOON, Payment.PAID, CUSTOMER, (LINE,), MONEY, MONEY, MONEY, MONEY, MONEY)
CART = Checkout("c", NOON, CUSTOMER, (LINE,), MONEY, recovery_url="https://shop.example/cart/c")
CONSENT = Consent(ConsentState.SUBSCRIBED, NOON, evidence="confirmed_opt_in")
WORDS = Letter(
    "ada@example.com",
    "Your cart",
    f'<p>Hello</p><p>Main St 1<br>Berlin</p><a href="{OUT}">no more</a>',
    f"Hello\n\nMain St 1, Berlin\n\n[no more]({OUT})",
)


def message(fact_kind, **given):
    return Message("m", "s", "k", "x", "e", "order.placed", fact_kind, "1", NOON, NOON, to="ada@example.com", **given)


def service(**given):
    base = Case(NOON, MAILS["order_confirmation"], STORE, message("order"), order=ORDER, to="ada@example.com", country="DE")
    return replace(base, **given)


def marketing(**given):
    base = Case(
        NOON,
        MAILS["cart_recovery_1"],
        STORE,
        message("checkout"),
        checkout=CART,
        to="ada@example.com",
        country="DE",
        consent=CONSENT,
        way_out=OUT,
    )
    return replace(base, **given)


def with_settings(**given):
    return replace(STORE, settings=replace(STORE.settings, **given))


def test_ordinary_letters_pass_every_stage():
    traced = (TracedFigure("1", "html", "store postal address"),)
    for stage in Stage:
        assert check(service(letter=WORDS, figures=traced, way_out=OUT), stage) == Verdict()
        assert check(marketing(letter=WORDS, figures=traced), stage) == Verdict()


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (service(store=replace(STORE, uninstalled_at=NOON)), "store_left"),
        (service(store=with_settings(off=frozenset({"order_confirmation"}))), "switched_off"),
        (service(message=message("order", stale_at=NOON)), "stale"),
        (service(to=""), "no_address"),
        (service(to="a@x.example,b@y.example"), "no_address"),
        (service(to="Ada <a@x.example>"), "no_address"),
        (service(order=replace(ORDER, is_test=True)), "test_order"),
        (service(refused_by_postman="reserved_domain"), "reserved_domain"),
        (service(suppressed="bounced"), "address_bounced"),
        (service(suppressed="complained"), "address_complained"),
        (service(store=with_settings(sender_address="a@b@c")), "no_sender"),
        (service(store=replace(STORE, key="")), "no_sender"),
        (marketing(suppressed="footer_link"), "unsubscribed"),
        (marketing(suppressed="bounced"), "address_bounced"),
        (marketing(consent=None), "no_consent"),
        (marketing(consent=Consent(ConsentState.UNSUBSCRIBED)), "unsubscribed"),
        (marketing(bought_at=NOON), "already_bought"),
        (marketing(checkout=None), "checkout_gone"),
        (marketing(checkout=replace(CART, completed_at=NOON)), "already_bought"),
        (marketing(checkout=replace(CART, closed_at=NOON)), "checkout_closed"),
        (marketing(checkout=replace(CART, lines=())), "empty_cart"),
        (marketing(checkout=replace(CART, total=Money(Decimal(0), "EUR"))), "nothing_to_pay"),
        (marketing(checkout=replace(CART, recovery_url=None)), "no_recovery_link"),
        (marketing(store=with_settings(postal_address=" ")), "no_postal_address"),
    ],
)
def test_letter_is_stopped_with_its_reason(case, reason):
    assert check(case, Stage.FACTS).stop == Stop(reason)


@pytest.mark.parametrize(
    "case",
    [
        service(suppressed="footer_link"),
        service(order=replace(ORDER, is_test=True), store=with_settings(mail_test_orders=True)),
        service(message=message("order", stale_at=NOON + timedelta(seconds=1))),
        service(store=with_settings(postal_address="")),
        service(consent=None, bought_at=NOON, marketing_week=99, last_marketing_at=NOON),
        service(now=NOON.replace(hour=23)),
    ],
)
def test_service_letter_is_not_kept_back_for_marketing_reasons(case):
    assert check(case, Stage.FACTS) == Verdict()


def test_letter_waits_for_an_order_not_heard_of_even_without_address():
    case = service(message=message("refund"), order=None, to="")

    assert check(case, Stage.PLAN) == Verdict(wait=Wait("order_unknown", NOON + timedelta(minutes=15)))


def test_paused_store_waits():
    assert check(service(store=with_settings(paused=True)), Stage.FACTS).wait == Wait(
        "store_paused", NOON + timedelta(minutes=15)
    )


def test_latest_wait_counts():
    case = marketing(store=with_settings(paused=True), last_marketing_at=NOON - timedelta(hours=1))

    assert check(case, Stage.FACTS).wait == Wait("enough_for_now", NOON + timedelta(hours=15))


def test_cap_ends_to_the_second_and_the_week_counts():
    assert check(marketing(last_marketing_at=NOON - timedelta(hours=16)), Stage.FACTS).wait is None
    assert check(marketing(marketing_week=2), Stage.FACTS).wait is None
    assert check(marketing(marketing_week=3), Stage.FACTS).wait == Wait("enough_for_now", NOON + timedelta(hours=12))


@pytest.mark.parametrize(
    ("country", "now", "until"),
    [
        ("DE", "2026-11-20T20:00", "2026-11-21T07:00"),
        ("DE", "2026-11-20T19:59", None),
        ("DE", "2026-11-20T06:59", "2026-11-20T07:00"),
        ("DE", "2026-11-20T07:00", None),
        ("DE", "2026-03-28T21:00", "2026-03-29T06:00"),
        ("DE", "2026-10-24T20:00", "2026-10-25T07:00"),
        ("JP", "2026-11-20T12:00", "2026-11-20T23:00"),
        ("US", "2026-11-20T14:00", "2026-11-20T16:00"),
        ("US", "2026-11-21T02:30", "2026-11-21T16:00"),
        ("XX", "2026-11-20T20:30", "2026-11-21T07:00"),
    ],
)
def test_marketing_waits_for_the_morning_where_the_person_is(country, now, until):
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)

    wait = check(marketing(country=country, now=at), Stage.FACTS).wait if country != "XX" else check(marketing(country="XX", now=at), Stage.FACTS).wait  # fmt: skip

    expected = None if until is None else Wait("night_there", datetime.fromisoformat(until).replace(tzinfo=UTC))
    assert wait == expected


@pytest.mark.parametrize(
    ("quiet", "hour", "waits_h"),
    [((0, 0), 2, 0), ((1, 5), 2, 2), ((22, 24), 22, 1), ((21, 8), 22, 9)],
)
def test_quiet_hours_are_the_stores_own(quiet, hour, waits_h):
    store = replace(with_settings(quiet_from=quiet[0], quiet_to=quiet[1]), timezone="No/Zone")
    at = NOON.replace(hour=hour)

    wait = check(marketing(store=store, country="", now=at), Stage.FACTS).wait

    if waits_h == 0:
        assert wait is None
    else:
        assert wait is not None
        assert at < wait.until <= at + timedelta(hours=waits_h + 1)


def words(case, **given):
    traced = (TracedFigure("1", "html", "store postal address"),)
    return check(replace(case, letter=replace(WORDS, **given), figures=traced), Stage.WORDS)


@pytest.mark.parametrize("part", ["subject", "html", "text"])
def test_card_number_stops_any_letter_in_any_part(part):
    for case in (service(), service(message=message("order", copy_of="other"))):
        assert words(case, **{part: "Card 4111 1111 1111 1111"}).stop == Stop("card_number")


def test_card_number_in_a_link_stops_too():
    html = '<a href="https://shop.example/?pan=4111111111111111">x</a>'

    assert words(service(), html=html).stop == Stop("card_number")


def test_a_card_number_in_a_title_is_not_known_by_standing_there():
    title = "Gift 4111 1111 1111 1111"
    bought = replace(ORDER, lines=(replace(LINE, title=title),))

    assert words(service(order=bought), html=f"<p>1 × {title}</p>").stop == Stop("card_number")


def test_number_of_the_orders_own_parcel_is_no_card():
    parcel = Fulfillment("f", "1", Passage.SHIPPED, trackings=(Tracking("4742371928238385"),))
    known = service(fulfillment=parcel)

    assert words(known, html="<p>Parcel 4742371928238385</p>").stop is None
    assert words(known, html="<p>Your card 4742371928238385</p>").stop == Stop("card_number")
    assert words(service(), html="<p>Parcel 4742371928238385</p>").stop == Stop("card_number")


@pytest.mark.parametrize("part", ["html", "text"])
def test_marketing_needs_address_and_way_out_in_both_parts(part):
    whole = getattr(WORDS, part)

    assert words(marketing(), **{part: whole.replace("Main St 1", "Elsewhere")}).stop == Stop("no_postal_address")
    assert words(marketing(), **{part: whole.replace(OUT, "https://app.example/unsubscribe/other")}).stop == Stop(
        "no_way_out"
    )
    assert words(service(), **{part: "Hello"}).stop is None


def test_unnamed_way_out_is_any_link_that_says_so():
    assert words(marketing(way_out="")).stop is None
    assert words(marketing(way_out=""), text="Main St 1 Berlin").stop == Stop("no_way_out")


@pytest.mark.parametrize("left", ["{{ name }}", "{% if %}", "None", "undefined", "NaN"])
def test_unfilled_place_holds_the_letter(left):
    (found,) = words(service(way_out=OUT), subject=f"Hello {left}").raises

    assert (found.reason, found.mode.holds) == ("unfilled", True)


def test_customers_own_braces_are_their_text():
    titled = replace(ORDER, lines=(replace(LINE, title="{{ mug }} None"),))

    assert words(service(order=titled, way_out=OUT), subject="{{ mug }} None").raises == ()


def test_untraced_figure_holds_and_is_named():
    figures = (
        TracedFigure("$13.37", "html", ""),
        TracedFigure("$13.37", "text", ""),
        TracedFigure("#1", "html", "order number"),
    )

    (found,) = check(service(letter=WORDS, figures=figures, way_out=OUT), Stage.WORDS).raises

    assert (found.reason, found.detail) == ("figure_untraced", "$13.37")


def test_letter_that_nobody_traced_is_held():
    assert [each.reason for each in check(service(letter=WORDS, way_out=OUT), Stage.WORDS).raises] == ["figures_untraced"]


def test_link_elsewhere_holds_and_facts_links_pass():
    cart = replace(CART, recovery_url="https://pay.elsewhere.example/c")
    html = f'{WORDS.html}<a href="https://pay.elsewhere.example/c">back</a><a href="https://www.ups.com/track?tracknum=1Z">parcel</a>'

    assert words(marketing(checkout=cart), html=html).raises == ()
    (found,) = words(marketing(), html=html + '<a href="https://[x">y</a>').raises
    assert isinstance(found, Raised)
    assert (found.reason, found.detail) == ("link_unknown", "pay.elsewhere.example, https://[x")


def test_shop_on_its_own_machine_is_led_to():
    local = replace(STORE, key="http://127.0.0.1:8080/shop")

    assert (
        words(service(store=local, way_out=OUT), html=WORDS.html + '<a href="http://127.0.0.1:8080/cart">x</a>').raises
        == ()
    )


def test_letter_that_would_be_cut_is_held():
    (found,) = words(service(way_out=OUT), html=WORDS.html + "x" * 105_000).raises

    assert (found.reason, found.detail) == ("letter_too_large", "102 KB")


def test_team_copy_runs_its_own_few_guards():
    copy = service(
        message=message("order", copy_of="other", stale_at=NOON), order=replace(ORDER, is_test=True), suppressed="bounced"
    )

    assert check(copy, Stage.FACTS) == Verdict()
    assert check(replace(copy, to=""), Stage.FACTS).stop == Stop("no_address")
    assert check(replace(copy, refused_by_postman="reserved_domain"), Stage.FACTS).stop == Stop("reserved_domain")
    assert check(replace(copy, store=replace(STORE, uninstalled_at=NOON)), Stage.FACTS).stop == Stop("store_left")


def test_words_are_not_judged_before_there_are_any():
    assert check(service(), Stage.WORDS) == Verdict()
    assert check(marketing(), Stage.WORDS) == Verdict()


def test_every_guard_says_when_and_why():
    assert len({guard.name for guard in GUARDS}) == len(GUARDS)
    assert all(guard.stages and guard.why for guard in GUARDS)
