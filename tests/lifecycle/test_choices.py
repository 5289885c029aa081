from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.choices import CHOICES, STORE_FIELDS, changed, listed, store_changed
from lifecycle.errors import BadSetting
from lifecycle.mails import MAILS
from lifecycle.oversight import Mode
from lifecycle.stores import Audience, Incentive, Reward, Store, StoreSettings

FIRST_DAY = StoreSettings()
SHOP = Store("s1", "custom", "https://shop.test", "t", "Shop")


@pytest.mark.parametrize(
    ("name", "value", "field", "now"),
    [
        ("sender_name", "Blue Fern", "sender_name", "Blue Fern"),
        ("sender_address", "hello@shop.example", "sender_address", "hello@shop.example"),
        ("reply_to", "", "reply_to", ""),
        ("postal_address", "Fern Ltd\\nRoad 1\n Town", "postal_address", "Fern Ltd, Road 1, Town"),
        ("mail_test_orders", "YES", "mail_test_orders", True),
        ("large_order", "499.90", "large_order", Decimal("499.90")),
        ("large_order", "none", "large_order", None),
        ("recovery.waits_h", "1, 20,720", "recovery_waits_h", (1, 20, 720)),
        ("change_wait_min", "0", "change_wait_min", 0),
        ("soft_opt_in", "on", "soft_opt_in", True),
        ("cap_hours", "24", "cap_hours", 24),
        ("cap_week", "2", "cap_week", 2),
        ("paused", "no", "paused", False),
        ("mode.refund_notice", "gated_send", "modes", {"refund_notice": Mode.GATED_SEND}),
        ("off.order_change", "yes", "off", frozenset({"order_change"})),
    ],
)
def test_setting_is_read(name, value, field, now):
    assert getattr(changed(FIRST_DAY, name, value), field) == now


def test_quiet_hours_are_two_hours_or_none():
    assert (changed(FIRST_DAY, "quiet", "22-7").quiet_from, changed(FIRST_DAY, "quiet", "22-7").quiet_to) == (22, 7)
    assert listed(changed(FIRST_DAY, "quiet", "none"))["quiet"] == "none"


@pytest.mark.parametrize(
    ("text", "offers"),
    [
        ("percent:10:COMEBACK10", (Incentive(2, Reward.PERCENT, "COMEBACK10", Decimal(10)),)),
        ("free_shipping:SHIP", (Incentive(2, Reward.FREE_SHIPPING, "SHIP"),)),
        (
            "amount:5:FIVE:from=50:for=new; percent:7.5:BACK:for=returning",
            (
                Incentive(2, Reward.AMOUNT, "FIVE", Decimal(5), Decimal(50), Audience.NEW),
                Incentive(2, Reward.PERCENT, "BACK", Decimal("7.5"), Decimal(0), Audience.RETURNING),
            ),
        ),
        ("none", ()),
    ],
)
def test_incentive_is_read_and_leaves_other_steps_alone(text, offers):
    third = Incentive(3, Reward.PERCENT, "LAST", Decimal(15))
    before = replace(FIRST_DAY, incentives=(third, Incentive(2, Reward.FREE_SHIPPING, "OLD")))

    assert changed(before, "incentive.2", text).incentives == (*offers, third)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("mode.cart_recovery_1", "autonomous", "monitored, gated_send, gated_all, read_only"),
        ("mode.refund_notice", "loose", "must be one of"),
        ("off.order_change", "perhaps", "yes or no"),
        ("sender_name", "Fern\r\nBcc: x@example.com", "one line"),
        ("sender_address", "Fern <hello@shop.example>", "plain e-mail address"),
        ("team_address", "a@example.com, b@example.com", "plain e-mail address"),
        ("reply_to", ".a@example.com", "plain e-mail address"),
        ("large_order", "-1", "more than 0"),
        ("large_order", "1e9", "amount like 500"),
        ("recovery_waits_h", "24,2,72", "rising"),
        ("recovery_waits_h", "2,24", "rising"),
        ("recovery_waits_h", "0,24,72", "1 to 720"),
        ("recovery_waits_h", "2,24,721", "1 to 720"),
        ("change_wait_min", "1441", "1440"),
        ("quiet", "21", "21-8"),
        ("quiet", "8-8", "different"),
        ("quiet", "24-8", "0 to 23"),
        ("incentive.1", "percent:101:X", "percent:10:CODE"),
        ("incentive.1", "percent:0:X", "percent:10:CODE"),
        ("incentive.1", "percent:10", "percent:10:CODE"),
        ("incentive.1", "free_shipping", "free_shipping:CODE"),
        ("incentive.1", "percent:10:X:from=-5", "from=50"),
        ("incentive.1", "percent:10:X:for=all", "for=new"),
        ("incentive.1", "percent:10:X:for=new:for=new", "for=new"),
        ("incentive.1", "half:10:X", "percent:10:CODE"),
    ],
)
def test_wrong_value_is_refused_with_what_is_allowed(name, value, said):
    with pytest.raises(BadSetting) as wrong:
        changed(FIRST_DAY, name, value)

    assert name in str(wrong.value)
    assert said in str(wrong.value)
    assert "\n" not in str(wrong.value)


@pytest.mark.parametrize("row", MAILS.values(), ids=lambda row: row.name)
def test_no_mode_is_looser_than_the_row_allows(row):
    for mode in Mode:
        if mode < row.loosest:
            with pytest.raises(BadSetting):
                changed(FIRST_DAY, f"mode.{row.name}", str(mode))
        else:
            assert changed(FIRST_DAY, f"mode.{row.name}", str(mode)).modes == {row.name: mode}


def test_default_takes_a_chosen_mode_back():
    chosen = changed(FIRST_DAY, "mode.refund_notice", "read_only")

    assert changed(chosen, "mode.refund_notice", "default") == FIRST_DAY


def test_unknown_setting_suggests_the_nearest():
    with pytest.raises(BadSetting, match=r"mode\.refund_notice"):
        changed(FIRST_DAY, "mode.refund_notise", "read_only")


def test_one_change_touches_one_setting():
    before = listed(FIRST_DAY)

    after = listed(changed(FIRST_DAY, "cap_week", "1"))

    assert {name for name in before if before[name] != after[name]} == {"cap_week"}


@pytest.mark.parametrize("name", CHOICES)
def test_what_is_listed_can_be_set_again(name):
    settings = StoreSettings(
        modes=dict.fromkeys(MAILS, Mode.READ_ONLY),
        off=frozenset(MAILS),
        sender_name="Fern",
        sender_address="a@example.com",
        reply_to="b@example.com",
        team_address="c@example.com",
        postal_address="Road 1, Town",
        mail_test_orders=True,
        large_order=Decimal("0.00000001"),
        incentives=tuple(
            Incentive(step, Reward.AMOUNT, "FIVE", Decimal(5), Decimal("19.90"), Audience.NEW) for step in (1, 2, 3)
        ),
        quiet_from=20,
        quiet_to=9,
    )

    shown = listed(settings)[name]

    assert changed(settings, name, shown) == settings
    assert listed(changed(FIRST_DAY, name, shown))[name] == shown


@pytest.mark.parametrize(
    ("name", "value", "now"),
    [("currency", "jpy", "JPY"), ("country", "de", "DE"), ("country", "", ""), ("timezone", "Asia/Tokyo", "Asia/Tokyo"),
     ("locale", "pt-br", "pt_BR"), ("locale", "zh_hant_tw", "zh_Hant_TW"), ("name", " Fern ", "Fern")],
)  # fmt: skip
def test_store_field_is_read_in_its_one_spelling(name, value, now):
    assert getattr(store_changed(SHOP, name, value), name) == now


@pytest.mark.parametrize(
    ("name", "value"),
    [("currency", "EURO"), ("currency", "XXX"), ("country", "UK"), ("country", "Germany"), ("timezone", "Berlin"),
     ("timezone", "../../etc/passwd"), ("timezone", ""), ("timezone", "Europe"), ("locale", "german"), ("name", "")],
)  # fmt: skip
def test_wrong_store_field_is_refused(name, value):
    with pytest.raises(BadSetting, match=f"^{name} must"):
        store_changed(SHOP, name, value)


def test_token_and_secret_are_no_settings():
    for name in ("id", "token", "secrets", "key", "settings"):
        with pytest.raises(BadSetting, match="no such setting"):
            store_changed(SHOP, name, "x")


@given(st.sampled_from([*CHOICES, *STORE_FIELDS, "recovery.waits_h"]), st.text(max_size=60))
def test_any_text_is_set_and_shown_again_or_refused_in_one_line(name, text):
    try:
        store = store_changed(SHOP, name, text)
    except BadSetting as wrong:
        said = str(wrong)
    else:
        shown = listed(store.settings)
        assert all(store_changed(store, each, value) == store for each, value in shown.items())
        return

    assert name.replace("recovery.", "recovery_") in said
    assert "\n" not in said


@given(st.text(alphabet="percntamoufhig_:;=0123456789.-ABC ", max_size=50))
def test_any_incentive_text_is_read_or_refused(text):
    try:
        settings = changed(FIRST_DAY, "incentive.1", text)
    except BadSetting as wrong:
        said = str(wrong)
    else:
        assert changed(FIRST_DAY, "incentive.1", listed(settings)["incentive.1"]) == settings
        return

    assert "incentive.1 must be" in said
