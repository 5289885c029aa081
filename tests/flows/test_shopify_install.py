"""A merchant opens the app in Shopify's admin: connected, connected again, led there, and never by somebody else."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from lifecycle.ports import Notice
from tests.fakes.shopify import CLIENT_ID, OLD_SECRET, SECRET, FakeShopify
from tests.flows.shopify_house import ADDRESS, OTHER, SHOP, ShopifyHouse, host


@pytest.fixture
def shopify():
    with FakeShopify() as fake:
        fake.shop(SHOP)
        fake.shop(OTHER).name = "Old Oak"
        yield fake


@pytest.fixture
def house(records, shopify):
    return ShopifyHouse(records, shopify)


def leave(house, shop=SHOP):
    """The shop uninstalls, and we have heard of it."""
    house.shopify.uninstall(shop)
    with house.records.transaction() as tx:
        store = tx.stores.by_key("shopify", shop)
        tx.stores.save(replace(store, uninstalled_at=house.clock.at))
        tx.access.drop(store.id)


# ---- the first visit -------------------------------------------------------------------------------------------------


def test_first_visit_connects_the_store(house):
    answer = house.visit()

    assert answer.status_code == 200
    assert "This store is connected" in answer.text
    assert house.store().name == "Blue Fern"
    assert (house.store().currency, house.store().timezone, house.store().locale, house.store().country) == (
        "EUR", "Europe/Berlin", "de", "DE",
    )  # fmt: skip
    assert house.access().renewable_until == house.clock.at + timedelta(days=90)
    assert {"catch_up", "subscriptions", "renew"} <= house.chores()


def test_exchange_asks_for_an_expiring_offline_token(house, shopify):
    house.visit()

    (asked,) = shopify.asked
    assert asked["expiring"] == "1"
    assert asked["grant_type"] == "urn:ietf:params:oauth:grant-type:token-exchange"
    assert asked["requested_token_type"] == "urn:shopify:params:oauth:token-type:offline-access-token"


def test_front_page_is_the_app_when_the_admin_opens_it(house):
    assert "This store is connected" in house.visit("/").text
    assert house.access() is not None


def test_second_visit_exchanges_nothing(house, shopify):
    house.visit()
    house.visit()

    assert len(shopify.asked) == 1


def test_twenty_visits_at_once_keep_one_living_chain(house, shopify):
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: house.visit().status_code, range(20)))

    assert set(answers) <= {200, 503}
    assert 200 in answers
    assert house.access().keys["refresh_token"] == shopify.shop(SHOP).chain[0]
    assert len(shopify.asked) == 1


def test_tokens_are_on_no_page_and_in_no_row_as_they_are(house, shopify):
    page = house.visit().text

    for key in house.access().keys.values():
        assert key not in page
    assert SECRET not in page


def test_each_shop_gets_its_own_store(house):
    house.visit()
    house.visit(shop=OTHER)

    assert house.store().id != house.store(OTHER).id
    assert house.access().keys != house.access(OTHER).keys


def test_missing_right_is_told_and_the_store_still_connects(house, shopify):
    shopify.shop(SHOP).scopes = "read_orders"

    page = house.visit().text

    assert house.notices() == {"too_few_rights"}
    assert "did not grant every right" in page


def test_token_of_one_shop_opens_nothing_at_the_address_of_another(house):
    assert house.visit(id_token=house.token(OTHER)).status_code == 302
    assert house.visit(id_token=house.token(OTHER), bounced=str(house.stamp)).status_code == 401

    assert (house.store(), house.store(OTHER)) == (None, None)


# ---- later visits ----------------------------------------------------------------------------------------------------


def test_store_that_comes_back_is_connected_again_under_its_old_row(house):
    house.visit()
    first = house.store()
    leave(house)
    house.clock.later(hours=1)

    answer = house.visit()

    assert answer.status_code == 200
    assert house.store().id == first.id
    assert house.store().is_active
    assert house.access().granted_at == house.clock.at


def test_store_that_came_back_before_we_heard_that_it_left_gets_a_living_key(house, shopify):
    house.visit()
    dead = house.access()
    shopify.uninstall(SHOP)
    house.clock.later(minutes=11)

    house.visit()

    assert house.access().keys != dead.keys
    assert house.access().keys["access_token"] in shopify.shop(SHOP).tokens


@pytest.mark.parametrize("code", ["open_the_app", "access_refused"])
def test_visit_cures_lost_access(house, code):
    house.visit()
    before = house.access()
    with house.records.transaction() as tx:
        tx.notices.put(Notice(house.store().id, code, house.clock.at))

    house.visit()

    assert house.notices() == set()
    assert house.access().keys != before.keys


def test_new_right_is_asked_for_at_once(house, shopify):
    shopify.shop(SHOP).scopes = "read_orders"
    house.visit()
    shopify.shop(SHOP).scopes = house.platform and "read_customers,read_fulfillments,read_locales,read_orders,read_products"

    house.visit()

    assert house.notices() == set()


def test_name_that_the_merchant_chose_is_kept(house):
    house.visit()
    with house.records.transaction() as tx:
        tx.stores.save(replace(house.store(), name="My Fern"))
    house.clock.later(days=1)

    house.visit()

    assert house.store().name == "My Fern"


def test_old_app_secret_opens_while_it_is_in_use_and_not_after(house, records, shopify):
    assert house.visit(id_token=house.token(secret=OLD_SECRET)).status_code == 302  # Shopify does not know it any more
    shopify.secrets = [SECRET, OLD_SECRET]
    assert house.visit(id_token=house.token(secret=OLD_SECRET)).status_code == 200

    after = ShopifyHouse(records, shopify, secrets=(SECRET,))

    assert after.visit(id_token=after.token(secret=OLD_SECRET)).status_code == 302


# ---- led there -------------------------------------------------------------------------------------------------------


def bounced_to(answer):
    """Where the bounce page is and where App Bridge goes from there."""
    there = urlsplit(answer.headers["Location"])
    assert there.path == "/shopify/session-token"
    return answer.headers["Location"], parse_qs(there.query)["shopify-reload"][0]


@pytest.mark.parametrize("token", [None, "", "a.b.c"])
def test_visit_without_a_true_token_bounces_and_connects_nothing(house, token):
    answer = house.visit(id_token=token)

    page, reload = bounced_to(answer)
    assert page.startswith(f"{ADDRESS}/shopify/session-token?")
    assert reload.startswith(f"{ADDRESS}/shopify/?")
    assert "id_token" not in page
    assert house.store() is None


def test_bounce_page_holds_app_bridge_and_nothing_else(house):
    page, _ = bounced_to(house.visit(id_token=None))

    answer = house.browser.get(page.removeprefix(ADDRESS))

    assert re.findall(r"<script[^>]*>", answer.text) == [
        f'<script data-api-key="{CLIENT_ID}" src="https://cdn.shopify.com/shopifycloud/app-bridge.js">'
    ]
    assert f"frame-ancestors https://{SHOP} https://admin.shopify.com;" in answer.headers["Content-Security-Policy"]


def test_bounce_and_return_connect(house):
    _, reload = bounced_to(house.visit(id_token=None))

    answer = house.browser.get(f"{reload.removeprefix(ADDRESS)}&id_token={house.token()}")

    assert answer.status_code == 200
    assert house.access() is not None


def stale(house):
    return house.token(exp=house.stamp - 60, nbf=house.stamp - 120, iat=house.stamp - 120)


@pytest.mark.parametrize("bounced", [None, "", "x", "1", "9" * 40])
def test_page_that_is_loaded_again_later_bounces_again(house, bounced):
    assert house.visit(id_token=stale(house), bounced=bounced).status_code == 302


@pytest.mark.parametrize("token", [stale, lambda house: house.token(secret="x" * 40), lambda _: None])
def test_refusal_right_after_a_bounce_ends_in_words_and_never_goes_round(house, token):
    _, reload = bounced_to(house.visit(id_token=token(house)))
    house.clock.later(seconds=2)
    given = f"&id_token={token(house)}" if token(house) else ""

    answer = house.browser.get(f"{reload.removeprefix(ADDRESS)}{given}")

    assert answer.status_code == 401
    assert "Open the app once more" in answer.text
    assert f"https://{SHOP}" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "target",
    ["", "https://evil.test/shopify/", "//evil.test/shopify/", "/shopify/", "https://mail.example.com.evil.test/shopify/",
     "https://mail.example.com@evil.test/shopify/", "https://mail.example.com\\@evil.test/shopify/", "javascript:alert(1)//shopify/",
     "http://mail.example.com/shopify/", "https://mail.example.com:444/shopify/", "https://mail.example.com/letters/",
     "https://[mail.example.com/shopify/", "https://mail.example.com/shopify/\n"],
)  # fmt: skip
def test_bounce_page_leads_nowhere_else(house, target):
    answer = house.browser.get("/shopify/session-token", query_string=house.launch() | {"shopify-reload": target})

    assert answer.status_code == 400
    assert "app-bridge" not in answer.text


def test_visit_outside_of_the_frame_is_led_into_the_admin(house):
    answer = house.visit(embedded=None)

    assert answer.status_code == 302
    assert answer.headers["Location"] == f"https://admin.shopify.com/store/fern/apps/{CLIENT_ID}"


def test_visit_that_names_only_a_shop_is_led_into_its_admin(house):
    answer = house.visit(embedded=None, host=None)

    assert answer.headers["Location"] == f"https://{SHOP}/admin/apps/{CLIENT_ID}"


@pytest.mark.parametrize("place", ["evil.test/store/x", f"evil.test@{SHOP}/admin", "admin.shopify.com.evil.test/store/x"])
def test_odd_place_is_refused_and_never_led_to(house, place):
    answer = house.visit(embedded=None, host=host(place))

    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_page_without_anything_asks_for_no_shop(house):
    answer = house.browser.get("/shopify/")

    assert answer.status_code == 200
    assert "<form" not in answer.text
    assert "<input" not in answer.text


# ---- what answers carry ----------------------------------------------------------------------------------------------


def test_app_bridge_is_the_first_script_and_knows_the_app(house):
    page = house.visit().text

    assert page.index(f'<meta name="shopify-api-key" content="{CLIENT_ID}">') < page.index("<script")
    assert re.findall(r"<script[^>]*>", page)[0] == '<script src="https://cdn.shopify.com/shopifycloud/app-bridge.js">'


def test_only_the_shops_own_admin_may_frame_its_pages(house):
    for shop in (SHOP, OTHER):
        policy = house.visit(shop=shop).headers["Content-Security-Policy"]

        assert f"frame-ancestors https://{shop} https://admin.shopify.com;" in policy
    assert "X-Frame-Options" not in house.visit().headers


@pytest.mark.parametrize("path", ["/", "/shopify/", "/shopify/session-token", "/shopify/callback", "/shopify/install"])
def test_nobody_frames_a_page_without_a_shop(house, path):
    assert "frame-ancestors 'none'" in house.browser.get(path).headers["Content-Security-Policy"]


def test_app_sets_no_cookie_in_the_frame(house):
    assert "Set-Cookie" not in house.visit().headers
    assert "Set-Cookie" not in house.visit(id_token=None).headers


def test_busy_shopify_is_said_and_keeps_nothing_half(house, shopify):
    shopify.token_status = 503

    answer = house.visit()

    assert (answer.status_code, house.store()) == (503, None)
    assert answer.headers["Retry-After"]
    assert f"https://{SHOP}" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/shopify/", "/", "/shopify/install", "/shopify/callback", "/shopify/session-token"])
def test_installation_without_an_app_says_so(records, shopify, path):
    bare = ShopifyHouse(records, shopify, secrets=(), client_id="")

    answer = bare.visit(path)

    assert answer.status_code == 503
    assert "no Shopify app yet" in answer.text
    assert bare.store() is None


def test_app_without_a_secret_believes_nobody(records, shopify):
    bare = ShopifyHouse(records, shopify, secrets=())

    assert bare.visit(bounced=str(bare.stamp)).status_code == 401
    assert bare.store() is None


@pytest.mark.parametrize("path", ["/shopify/", "/shopify"])
def test_address_in_the_request_is_never_believed(house, path):
    answer = house.app.test_client().get(
        path, query_string=house.launch(), headers={"Host": "evil.test", "X-Forwarded-Host": "evil.test"}
    )

    assert answer.headers["Location"].startswith(f"{ADDRESS}/shopify/session-token?")


# ---- JSON for scripts ------------------------------------------------------------------------------------------------


def bearer(house, token, query=""):
    return house.browser.get(f"/shopify/connection{query}", headers={"Authorization": f"Bearer {token}"})


def test_script_with_a_true_token_sees_its_own_store(house):
    house.visit()

    answer = bearer(house, house.token())

    assert answer.json == {"store": SHOP, "name": "Blue Fern", "notices": []}
    assert answer.headers["Cache-Control"] == "no-store"


def test_script_with_a_stale_token_is_told_to_fetch_another(house):
    answer = bearer(house, house.token(exp=house.stamp - 30, nbf=house.stamp - 90, iat=None))

    assert answer.status_code == 401
    assert answer.headers["X-Shopify-Retry-Invalid-Session-Request"] == "1"


def test_script_of_a_shop_that_is_not_connected_is_refused(house):
    assert bearer(house, house.token(OTHER)).status_code == 403
    house.visit()
    leave(house)
    assert bearer(house, house.token()).status_code == 403


# ---- the authorization-code grant ------------------------------------------------------------------------------------


def begun(house, browser=None, shop=SHOP):
    """The question at Shopify that a browser is led to, as its parameters."""
    answer = (browser or house.browser).get(f"/shopify/install?{house.signed(shop=shop)}")
    assert answer.status_code == 302
    there = urlsplit(answer.headers["Location"])
    assert (there.scheme, there.netloc, there.path) == ("https", shop, "/admin/oauth/authorize")
    return {name: value[0] for name, value in parse_qs(there.query).items()}


def returned(house, asked, browser=None, shop=SHOP, **params):
    house.shopify.codes["c0de"] = shop
    query = house.signed(
        **{"shop": shop, "code": "c0de", "state": asked["state"], "host": host("admin.shopify.com/store/fern")} | params
    )
    return (browser or house.browser).get(f"/shopify/callback?{query}", base_url=ADDRESS)


@pytest.fixture
def https(house):
    """A browser that is at our own https address, so that it takes our cookie."""
    client = house.app.test_client()
    given = client.get
    client.get = lambda path, **more: given(path, **{"base_url": ADDRESS, **more})
    return client


def test_merchant_who_says_yes_is_connected(house, https):
    asked = begun(house, https)

    answer = returned(house, asked, https)

    assert (asked["client_id"], asked["redirect_uri"]) == (CLIENT_ID, f"{ADDRESS}/shopify/callback")
    assert answer.headers["Location"] == f"https://{SHOP}/admin/apps/{CLIENT_ID}"
    assert house.access().keys["refresh_token"]


def test_state_is_in_a_cookie_that_only_this_host_reads(house, https):
    cookie = https.get(f"/shopify/install?{house.signed(shop=SHOP)}").headers["Set-Cookie"]

    assert cookie.startswith("__Host-shopify-state=")
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=600"))
    assert SECRET not in cookie


def refused(house, answer):
    return answer.status_code == 403 and house.store() is None


def test_answer_to_another_browser_is_refused(house, https):
    asked = begun(house, https)

    assert refused(house, returned(house, asked, house.app.test_client()))


def test_answer_about_another_shop_is_refused(house, https):
    asked = begun(house, https)

    assert refused(house, returned(house, asked, https, shop=OTHER))
    assert house.store(OTHER) is None


def test_answer_with_another_state_is_refused(house, https):
    asked = begun(house, https)

    for state in ("", "x", asked["state"] + "x", asked["state"][:-1]):
        assert refused(house, returned(house, asked, https, state=state))


def test_answer_is_taken_once(house, https):
    asked = begun(house, https)
    returned(house, asked, https)

    assert returned(house, asked, https).status_code == 403


def test_refused_answer_uses_the_state_up(house, https):
    asked = begun(house, https)
    returned(house, asked, https, state="x")

    assert refused(house, returned(house, asked, https))


def test_late_answer_is_refused(house, https):
    asked = begun(house, https)
    house.clock.later(minutes=11)

    assert refused(house, returned(house, asked, https))


def test_answer_that_shopify_did_not_sign_is_refused(house, https):
    asked = begun(house, https)
    house.shopify.codes["c0de"] = SHOP
    query = house.signed("another secret", shop=SHOP, code="c0de", state=asked["state"])

    assert refused(house, https.get(f"/shopify/callback?{query}"))


def test_old_answer_and_repeated_parameter_are_refused(house, https):
    asked = begun(house, https)
    assert refused(house, returned(house, asked, https, timestamp=str(house.stamp - 91)))

    asked = begun(house, https)
    query = house.signed(shop=SHOP, code="c0de", state=asked["state"])
    assert refused(house, https.get(f"/shopify/callback?shop=evil.myshopify.com&{query}"))


def test_too_few_rights_are_no_connection(house, https, shopify):
    shopify.shop(SHOP).scopes = "read_orders"

    answer = returned(house, begun(house, https), https)

    assert refused(house, answer)
    assert "did not grant every right" in answer.text


def test_link_that_is_signed_wrongly_starts_nothing(house):
    query = house.signed("another secret", shop=SHOP)

    answer = house.browser.get(f"/shopify/install?{query}")

    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_link_that_the_operator_gave_leads_to_shopifys_own_question(house):
    answer = house.browser.get(f"/shopify/install?shop={SHOP}")

    assert answer.headers["Location"].startswith(f"https://{SHOP}/admin/oauth/authorize?")
