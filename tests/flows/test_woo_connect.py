"""Connecting a WooCommerce shop: from the operator's link to webhooks that run, and every way in which it is refused."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from click.testing import CliRunner

from lifecycle.errors import BadSetting
from pages.commands import build
from pages.woocommerce import connect_link
from pages.woocommerce_words import WORDS
from tests.fakes.woocommerce import FakeShop
from tests.flows.woo_house import ADDRESS, WooHouse, text

FORMS = Path(__file__).parents[1] / "fixtures" / "attack_forms"


@pytest.fixture
def shop():
    with FakeShop() as opened:
        yield opened


@pytest.fixture
def house(records, shop):
    return WooHouse(records, shop)


def test_owner_connects_a_shop_and_its_webhooks_reach_us(house, shop):
    page = house.connect()
    house.desk.work()

    store = house.store()
    assert "Fern & Co is connected" in page
    assert (store.name, store.currency, store.timezone, store.country) == ("Fern & Co", "EUR", "America/New_York", "DE")
    assert set(house.access().keys) == {"consumer_key", "consumer_secret"}
    assert sorted(webhook["topic"] for webhook in shop.webhooks) == [
        "action.woocommerce_order_refunded", "customer.updated", "order.created", "order.deleted", "order.restored", "order.updated",
    ]  # fmt: skip
    assert {webhook["delivery_url"] for webhook in shop.webhooks} == {f"{ADDRESS}/webhooks/woocommerce/{store.token}"}
    assert {webhook["secret"] for webhook in shop.webhooks} == set(store.secrets)
    assert re.fullmatch(r"[A-Za-z0-9]{40}", store.secrets[0])
    assert shop.deliver("order.created", shop.order(71), house.post) == [200]
    assert [one.envelope.topic for one in house.deliveries()] == ["order.created"]


def test_keys_never_show_on_a_page(house, shop):
    page = house.connect()

    keys = [*house.access().keys.values(), *house.store().secrets]
    assert [key for key in keys if key in page] == []


def test_connecting_again_keeps_the_store_and_doubles_no_webhook(house, shop):
    house.connect()
    house.desk.work()
    before = house.store()

    house.connect()
    house.clock.later(hours=2)
    house.desk.work()

    assert house.store() == before
    assert len(shop.webhooks) == 6
    assert house.access().keys["consumer_key"].endswith("2")


def asked_in(url):
    return dict(parse_qsl(urlsplit(url).query))


REFUSALS = {
    "not_wordpress": {"wordpress": False},
    "no_woocommerce": {"woocommerce": False},
    "no_permalinks": {"permalinks": False},
    "rest_closed": {"rest_closed": True},
    "firewall": {"firewall": True},
    "shop_busy": {"status": 503},
    "odd_answer": {"bomb": True},
    "redirects": {"redirect_to": "https://www.fern.example"},
}


@pytest.mark.parametrize("reason", REFUSALS)
def test_an_address_that_cannot_be_connected_is_refused_in_words(house, shop, reason):
    for name, value in REFUSALS[reason].items():
        setattr(shop.switches, name, value)

    answer = house.submit(shop.url)

    assert answer.status_code == 422
    assert all(words in text(answer) for words in WORDS[reason])
    assert ("https://www.fern.example" in text(answer)) == (reason == "redirects")
    assert house.nothing_kept()


TRIALS = {
    "key_without_write": {"read_only": True},
    "key_revoked": {"drops_authorization": True},
    "firewall": {"firewall": True},
    "old_woocommerce": {"version": "5.7.1"},
}


@pytest.mark.parametrize("reason", TRIALS)
def test_keys_that_do_not_work_are_thrown_away_and_the_owner_reads_why(house, shop, reason):
    url = house.grant_url()
    for name, value in TRIALS[reason].items():
        setattr(shop.switches, name, value)

    status, back = shop.approve(url, house.post)

    assert status == 200
    assert all(words in text(house.get(back)) for words in WORDS[reason])
    assert "Remove them from your shop" in text(house.get(back))
    assert house.nothing_kept()


def test_keys_of_another_shop_are_thrown_away(house, shop):
    with FakeShop() as other:
        page = house.connect(other.new_keys() | {"consumer_secret": "cs_" + "9" * 40, "consumer_key": "ck_" + "9" * 40})

    assert WORDS["key_revoked"][0] in page
    assert house.nothing_kept()


def test_declined_and_unheard_owners_read_what_happened(house):
    back = asked_in(house.grant_url())["return_url"]

    assert WORDS["declined"][0] in text(house.get(f"{back}&success=0"))
    assert WORDS["no_keys"][0] in text(house.get(f"{back}&success=1"))
    assert house.nothing_kept()


def test_a_one_time_value_is_good_for_one_time(house, shop):
    url = house.grant_url()

    first, _ = shop.approve(url, house.post)
    again, _ = shop.approve(url, house.post)

    assert (first, again) == (200, 410)
    assert house.access().keys["consumer_key"].endswith("1")


def test_of_posts_at_the_same_time_one_is_taken(house, shop):
    url = house.grant_url()

    with ThreadPoolExecutor(6) as threads:
        statuses = [status for status, _ in threads.map(lambda _: shop.approve(url, house.post), range(6))]

    assert sorted(statuses) == [200, *[410] * 5]


def test_the_command_prints_a_link_that_opens_the_form(house):
    told = CliRunner().invoke(build(lambda: house.house), ["stores", "connect", "--platform", "woocommerce", "--json"])

    assert house.get(json.loads(told.stdout)["url"]).status_code == 200
    assert CliRunner().invoke(build(lambda: house.house), ["stores", "connect", "--platform", "custom"]).exit_code == 2


def test_a_one_time_value_ends_after_fifteen_minutes(house, shop):
    url = house.grant_url()
    house.clock.later(minutes=15, seconds=2)

    status, _ = shop.approve(url, house.post)

    assert status == 410
    assert house.nothing_kept()


def form(name):
    return json.loads((FORMS / f"frm-{name}.json").read_text("utf-8"))["fields"]


@pytest.mark.parametrize(("name", "statuses"), [("106", {400, 410}), ("107", {200, 400, 422}), ("108", {400, 422})])
def test_attack_forms_at_the_callback_store_nothing(house, shop, name, statuses):
    asked = asked_in(house.grant_url())
    fields = form(name) | {"user_id": asked["user_id"]}

    as_json = house.post(asked["callback_url"], json.dumps(fields).encode())
    as_form = house.browser.post(asked["callback_url"].removeprefix(ADDRESS), data=fields).status_code

    assert {as_json, as_form} <= statuses
    assert house.nothing_kept()


def test_a_callback_for_another_question_is_refused(house, shop):
    asked = asked_in(house.grant_url())
    body = json.dumps(shop.new_keys() | {"user_id": "A" * 22}).encode()

    assert house.post(asked["callback_url"], body) == 400
    assert house.post(f"{ADDRESS}/woocommerce/callback/rubbish", body) == 410
    assert house.nothing_kept()


ADDRESSES = sorted(file.stem for file in FORMS.glob("frm-0*.json") if "f_store_url" in file.read_text("utf-8"))


@pytest.mark.parametrize("name", [name for name in ADDRESSES if name != "frm-042"])
def test_attack_addresses_are_refused_and_call_nobody(records, shop, name):
    house = WooHouse(records, shop, near="")
    port = shop.url.rpartition(":")[2]
    (address,) = form(name[4:]).values()
    address = address.replace("{canary_port}", port).replace("{app_host}", "localhost")

    answer = house.submit(address)

    assert answer.status_code == 422
    assert shop.asked == []
    assert "refused" not in text(answer).lower()
    assert house.nothing_kept()


def test_fields_that_nobody_asked_for_change_nothing(house, shop):
    extra = form("075")

    answer = house.submit(shop.url, **extra)

    assert answer.status_code == 200
    assert house.nothing_kept()


def test_pages_open_by_their_own_links_only(house):
    link = connect_link(house.house, "woocommerce")
    key = link.partition("key=")[2]

    assert house.get("/woocommerce/connect").status_code == 404
    assert house.get(f"/woocommerce/connect?key={key}x").status_code == 404
    assert house.get(f"/woocommerce/connected?back={key}").status_code == 404
    assert house.get(f"/woocommerce/by-hand/{key}").status_code == 404
    assert house.browser.post("/woocommerce/connect", data={"key": key, "address": "x.example"}).status_code == 404
    assert house.get(link).headers["Referrer-Policy"] == "no-referrer"
    house.clock.later(hours=1, seconds=2)
    assert house.get(link).status_code == 404
    with pytest.raises(BadSetting):
        connect_link(house.house, "shopify")


def test_a_form_is_good_only_with_the_link_it_was_made_for(house, shop):
    other = re.search(r'name="form" value="([^"]+)"', text(house.get(connect_link(house.house, "woocommerce"))))[1]

    assert house.submit(shop.url, form=other).status_code == 404


def test_by_hand_shows_delivery_url_and_secret(house):
    from pages.links import links_of

    house.connect()
    store = house.store()

    page = text(house.get(links_of(house.house).page("woocommerce/by-hand", [store.id]).rstrip("/")))

    assert f"{ADDRESS}/webhooks/woocommerce/{store.token}" in page
    assert store.secrets[0] in page
