"""The front door, over the test client: what is kept, what is refused, and what the answer says."""

import base64
import hashlib
import hmac
import json

import pytest

from lifecycle.deliveries import DeliveryState
from lifecycle.errors import MemoryUnavailable
from tests.flows.houses import SECRET

LIMIT = 8 * 1024 * 1024


def knock(house, body=b'{"id":1}', *, secret=SECRET, topic="orders/create", shop="fern.myshopify.com", **headers):
    signature = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    named = {
        "X-Shopify-Topic": topic,
        "X-Shopify-Hmac-Sha256": signature,
        "X-Shopify-Shop-Domain": shop,
        "X-Shopify-Webhook-Id": "w1",
    }
    return house.client.post("/webhooks/shopify", data=body, headers=named | headers)


def kept(house):
    with house.records.reading() as tx:
        return list(tx.deliveries.list())


@pytest.fixture
def shop(house):
    return house.store("shopify")


def test_a_signed_delivery_is_on_disk_when_it_is_answered(house, shop):
    answer = knock(house)

    assert (answer.status_code, answer.data) == (200, b"")
    (delivery,) = kept(house)
    assert delivery.state is DeliveryState.WAITING


def test_the_previous_secret_is_still_good(house, shop):
    assert knock(house, secret="shpss_previous").status_code == 200
    assert len(kept(house)) == 1


@pytest.mark.parametrize("secret", ["wrong", SECRET + " ", SECRET.upper()])
def test_a_forged_delivery_is_refused_and_leaves_only_a_count(house, shop, secret):
    assert knock(house, secret=secret).status_code == 401
    assert kept(house) == []
    assert house.counts()["refused_wrong_signature"] == 1


@pytest.mark.parametrize("signature", ["", "é", "a,b", "=" * 44, "A" * 5000, "\x00"])
def test_whatever_rubbish_the_signature_is_the_answer_is_401(house, shop, signature):
    answer = knock(house, **{"X-Shopify-Hmac-Sha256": signature.encode("utf-8").decode("latin-1")})

    assert answer.status_code == 401
    assert kept(house) == []


def test_the_same_knock_twice_is_kept_once(house, shop):
    assert [knock(house).status_code for _ in range(3)] == [200] * 3
    assert len(kept(house)) == 1


def test_another_body_under_the_same_id_is_another_delivery(house, shop):
    knock(house)
    knock(house, b'{"id":2}')

    assert len(kept(house)) == 2


def test_a_strangers_true_signature_is_answered_200_and_nothing_is_kept(house, shop):
    assert knock(house, shop="other.myshopify.com").status_code == 200
    assert kept(house) == []
    assert house.counts()["strangers"] == 1


def test_a_body_over_the_limit_is_refused_before_anything_is_kept(house, shop):
    assert knock(house, b" " * (LIMIT + 1)).status_code == 413
    assert knock(house, b" " * LIMIT).status_code == 200
    assert len(kept(house)) == 1


def test_a_body_shorter_than_announced_is_400(house, shop):
    answer = house.client.post("/webhooks/shopify", data=b'{"id":1}', environ_overrides={"CONTENT_LENGTH": "100"})

    assert answer.status_code == 400
    assert kept(house) == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"[" * 100_000, "too_deep"),
        (b'{"id":NaN}', "not_a_number"),
        (b'{"id":1,"id":2}', "repeated_key"),
        (b"\xff\xfe{", "not_utf8"),
        (b"[]", "not_an_object"),
    ],
)
def test_authentic_but_unreadable_is_kept_visible_and_replayable(house, shop, body, reason):
    assert knock(house, body).status_code == 200
    house.work()

    (delivery,) = kept(house)
    assert (delivery.state, delivery.reason) == (DeliveryState.QUARANTINED, reason)

    again = house.desk.replay(delivery.store_id, delivery.id)
    assert again.state is DeliveryState.WAITING
    house.work()
    assert kept(house)[0].state is DeliveryState.QUARANTINED


def test_an_unknown_topic_is_kept_and_counted(house, shop):
    assert knock(house, topic="orders/gift_wrapped").status_code == 200
    house.work()

    assert kept(house)[0].state is DeliveryState.UNKNOWN
    assert house.counts()["deliveries_unknown"] == 1


def test_a_known_unwanted_topic_says_why(house, shop):
    knock(house, topic="products/update")
    house.work()

    assert kept(house)[0].state is DeliveryState.IGNORED
    assert kept(house)[0].reason


def test_woocommerces_unsigned_ping_is_answered_exactly_200_and_forgotten(house):
    store = house.store("woocommerce")

    answer = house.client.post(
        f"/webhooks/woocommerce/{store.token}", data=b"webhook_id=7", content_type="application/x-www-form-urlencoded"
    )

    assert answer.status_code == 200
    assert kept(house) == []


@pytest.mark.parametrize("path", ["/webhooks/nobody", "/webhooks/woocommerce/wrong-token", "/webhooks/shopify/"])
def test_an_address_that_is_not_here_is_404(house, path):
    house.store("woocommerce")

    assert house.client.post(path, data=b"{}").status_code == 404


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch", "head"])
def test_only_post_opens_the_door(house, shop, method):
    assert getattr(house.client, method)("/webhooks/shopify").status_code == 405


def test_a_memory_that_is_away_asks_to_come_back_and_keeps_nothing(house, shop):
    class Away:
        def transaction(self):
            raise MemoryUnavailable("memory_unavailable")

        reading = house.records.reading

    object.__setattr__(house.rooms, "records", Away())
    answer = knock(house)
    object.__setattr__(house.rooms, "records", house.records)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert kept(house) == []


def test_a_reader_that_breaks_does_not_loop_and_ends_where_a_person_sees_it(house, shop):
    class Broken:
        topics = house.rooms.platforms["shopify"].topics

        def read(self, envelope, body):
            raise KeyError("customer@example.com")

    knock(house)
    house.rooms.platforms["shopify"] = Broken()
    for _ in range(6):
        house.work()
        house.clock.later(hours=2)

    (delivery,) = kept(house)
    assert (delivery.state, delivery.reason) == (DeliveryState.QUARANTINED, "unexpected")


def test_the_customers_data_is_in_no_log_line(house, shop, caplog):
    class Broken:
        topics = house.rooms.platforms["shopify"].topics

        def read(self, envelope, body):
            raise ValueError(body.decode())

    knock(house, json.dumps({"email": "canary@example.com"}).encode())
    house.rooms.platforms["shopify"] = Broken()
    house.work()

    assert "ValueError" in caplog.text
    assert "canary" not in caplog.text
