import json
import logging
from datetime import timedelta

import pytest

from adapters.shopify.api import LOST, Api
from lifecycle.errors import AccessLost, BadValue, NotAuthentic, PlatformBusy
from lifecycle.ports import Access, Renews
from tests.adapters.shopify import bodies
from tests.adapters.shopify.connected import NOW, SHOP, STORE, access_of, platform_at
from tests.fakes.shopify import CLIENT_ID, OLD_SECRET, SECRET, FakeShopify, not_approved
from tests.fakes.shopify_orders import order


class Sleeper:
    def __init__(self):
        self.slept = []

    def __call__(self, seconds):
        self.slept.append(seconds)


def api_at(fake, **more):
    return Api(CLIENT_ID, [SECRET], base=fake.url, **more)


def shop_asked(fake, **more):
    return api_at(fake, **more).ask(SHOP, access_of(fake), "Shop")


# ---- questions -------------------------------------------------------------------------------------------------------


def test_question_is_answered(shopify):
    assert shop_asked(shopify).object("shop")["name"] == "Blue Fern"


@pytest.mark.parametrize("status", sorted(LOST))
def test_status_that_ends_access_says_which(shopify, status):
    shopify.shop(SHOP).status = status

    with pytest.raises(AccessLost) as lost:
        shop_asked(shopify)

    assert (lost.value.reason, str(lost.value)) == LOST[status]


@pytest.mark.parametrize(("status", "pause"), [(429, 2), (430, None), (500, None), (503, None), (302, None), (418, None)])
def test_any_other_status_is_tried_again_later(shopify, status, pause):
    shopify.shop(SHOP).status = status

    with pytest.raises(PlatformBusy) as busy:
        shop_asked(shopify)

    assert busy.value.retry_after_s == pause


def test_dead_token_is_access_refused(shopify):
    access = access_of(shopify)
    shopify.uninstall(SHOP)

    with pytest.raises(AccessLost, match="open the app"):
        api_at(shopify).ask(SHOP, access, "Shop")


def test_access_without_a_token_asks_nobody(shopify):
    with pytest.raises(AccessLost):
        api_at(shopify).ask(SHOP, Access("s1", {}, NOW), "Shop")

    assert shopify.questions == []


def test_throttled_question_waits_as_long_as_its_points_need(shopify):
    shopify.throttled, sleeper = 2, Sleeper()

    told = shop_asked(shopify, sleep=sleeper)

    assert told.object("shop")
    assert sleeper.slept == [2.0, 2.0]  # 150 asked, 50 there, 50 a second


def test_question_that_stays_throttled_is_left_to_the_caller(shopify):
    shopify.throttled, sleeper = 9, Sleeper()

    with pytest.raises(PlatformBusy) as busy:
        shop_asked(shopify, sleep=sleeper)

    assert (busy.value.reason, len(shopify.questions), len(sleeper.slept)) == ("throttled", 4, 3)


def test_long_wait_is_left_to_the_caller(shopify):
    shopify.throttled, shopify.restore, sleeper = 1, 1, Sleeper()

    with pytest.raises(PlatformBusy) as busy:
        shop_asked(shopify, sleep=sleeper)

    assert (busy.value.retry_after_s, sleeper.slept) == (100, [])


@pytest.mark.parametrize(
    ("instead", "error"),
    [
        ({"errors": [{"message": "x", "extensions": {"code": "SHOP_INACTIVE"}}]}, AccessLost),
        ({"errors": [{"message": "x", "extensions": {"code": "ACCESS_DENIED"}}]}, AccessLost),
        ({"errors": [{"message": "x", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]}, PlatformBusy),
        ({"data": {"shop": None}, "errors": [{"message": "x"}]}, PlatformBusy),
        ({"errors": "[API] nonsense"}, PlatformBusy),
        ({"data": None}, PlatformBusy),
        ({}, PlatformBusy),
        (b"[]", PlatformBusy),
        (b"<html>", PlatformBusy),
        (b"", PlatformBusy),
        ({"data": {"x": {"userErrors": [{"field": ["id"], "message": "secret words"}]}}}, BadValue),
    ],
)
def test_what_is_no_answer_is_a_declared_error(shopify, instead, error):
    shopify.instead = instead

    with pytest.raises(error) as raised:
        shop_asked(shopify)

    assert "secret words" not in repr(raised.value)


def test_field_that_is_not_approved_is_named_and_the_rest_is_kept(shopify):
    shopify.shop(SHOP).orders.append(
        order(bodies.order()) | {"email": not_approved("email"), "phone": not_approved("phone")}
    )

    told = api_at(shopify).ask(SHOP, access_of(shopify), "Order", id="gid://shopify/Order/1001")

    assert told.kept_back == ("field_not_approved:email", "field_not_approved:phone")
    assert told.object("order")["name"] == "#1001"


def test_missing_scope_is_named(shopify):
    denied = {
        "message": "Access denied for orders field. Required access: `read_orders` access scope.",
        "extensions": {"code": "ACCESS_DENIED"},
    }
    shopify.instead = {"data": None, "errors": [denied]}

    with pytest.raises(AccessLost) as lost:
        shop_asked(shopify)

    assert lost.value.reason == "scope_missing:read_orders"


def test_nobody_there_is_busy():
    with FakeShopify() as gone:
        access = access_of(gone)
        url = gone.url
    with pytest.raises(PlatformBusy):
        Api(CLIENT_ID, [SECRET], base=url).ask(SHOP, access, "Shop")


def test_no_key_and_no_customer_is_logged_or_shown(shopify, caplog):
    caplog.set_level(logging.DEBUG)
    access = access_of(shopify)
    api = api_at(shopify)

    api.ask(SHOP, access, "Shop")
    api.refresh(SHOP, access, NOW)
    shopify.shop(SHOP).status = 401
    with pytest.raises(AccessLost) as lost:
        api.ask(SHOP, access, "Shop")

    said = caplog.text + repr(lost.value) + repr(access) + repr(api)
    assert all(key not in said for key in (*access.keys.values(), SECRET))


def test_real_shop_is_asked_at_its_own_address_over_https():
    assert Api(CLIENT_ID, [SECRET])._of(SHOP) == f"https://{SHOP}"


# ---- tokens ----------------------------------------------------------------------------------------------------------


def test_refreshed_access_has_new_keys_and_both_ends(shopify):
    platform, access = platform_at(shopify), access_of(shopify)
    assert isinstance(platform, Renews)

    fresh = platform.renew(STORE, access, NOW)

    assert fresh.keys["refresh_token"] != access.keys["refresh_token"]
    assert (fresh.expires_at, fresh.renewable_until) == (NOW + timedelta(hours=1), NOW + timedelta(days=90))
    assert api_at(shopify).ask(SHOP, fresh, "Shop").object("shop")


def test_lost_reply_is_asked_for_again_with_the_same_refresh_token(shopify):
    access = access_of(shopify)
    shopify.lost_replies = 1

    fresh = api_at(shopify).refresh(SHOP, access, NOW)

    sent = [body["refresh_token"] for body in shopify.asked]
    assert sent == [access.keys["refresh_token"]] * 2
    assert api_at(shopify).ask(SHOP, fresh, "Shop").object("shop")


def test_two_lost_replies_leave_the_refresh_token_good_for_later(shopify):
    access = access_of(shopify)
    shopify.lost_replies = 2
    with pytest.raises(PlatformBusy):
        api_at(shopify).refresh(SHOP, access, NOW)

    assert api_at(shopify).refresh(SHOP, access, NOW).keys["access_token"]


def test_old_refresh_token_is_dead_once_the_new_pair_was_used(shopify):
    access = access_of(shopify)
    fresh = api_at(shopify).refresh(SHOP, access, NOW)
    api_at(shopify).ask(SHOP, fresh, "Shop")

    with pytest.raises(AccessLost) as lost:
        api_at(shopify).refresh(SHOP, access, NOW)

    assert lost.value.reason == "open_the_app"


def test_dead_chain_tells_the_merchant_to_open_the_app(shopify):
    access = access_of(shopify)
    shopify.uninstall(SHOP)

    with pytest.raises(AccessLost, match="open the app in Shopify's admin"):
        api_at(shopify).refresh(SHOP, access, NOW)


def test_rotated_app_secret_refreshes_with_whichever_shopify_knows(shopify):
    for known in (SECRET, OLD_SECRET):
        shopify.secrets = [known]

        assert platform_at(shopify, (SECRET, OLD_SECRET)).renew(STORE, access_of(shopify), NOW).keys["access_token"]


def test_secret_that_shopify_does_not_know_costs_no_access(shopify):
    shopify.secrets = ["another"]

    with pytest.raises(PlatformBusy) as busy:
        api_at(shopify).refresh(SHOP, access_of(shopify), NOW)

    assert busy.value.reason == "app_secret_refused"


def test_code_is_redeemed_once_for_an_expiring_token(shopify):
    shopify.codes["abc"] = SHOP

    access = api_at(shopify).redeem(SHOP, "s1", "abc", NOW)

    assert shopify.asked[-1]["expiring"] == "1"
    assert access.renewable_until == NOW + timedelta(days=90)
    with pytest.raises(NotAuthentic):
        api_at(shopify).redeem(SHOP, "s1", "abc", NOW)


def test_installation_without_an_app_says_so(shopify):
    with pytest.raises(PlatformBusy) as busy:
        Api("", [], base=shopify.url).redeem(SHOP, "s1", "abc", NOW)

    assert busy.value.reason == "no_app"


@pytest.mark.parametrize("key", [None, 5, "", "two words", "line\nfeed", "é", "x" * 2000])
def test_reply_without_a_usable_key_is_no_reply(shopify, key):
    shopify._pair = lambda *_args, **_more: {"access_token": key, "expires_in": 3600}
    shopify.codes["abc"] = SHOP

    with pytest.raises(PlatformBusy) as busy:
        api_at(shopify).redeem(SHOP, "s1", "abc", NOW)

    assert busy.value.reason == "odd_answer"


def test_body_of_a_catch_up_is_json(shopify):
    shopify.shop(SHOP).orders.append(order(bodies.order()))

    (*_, last) = platform_at(shopify).catch_up(STORE, access_of(shopify), NOW - timedelta(days=1), NOW)

    assert json.loads(last.body)["id"] == 1001
