"""The table: three answers for a topic."""

import pytest

from adapters.woocommerce.topics import TOPICS
from lifecycle.errors import Unreadable
from tests.adapters.woocommerce.recordings import changed, read_as, recordings

HANDLED = {
    "order.created": 1,
    "order.updated": 1,
    "order.restored": 1,
    "order.deleted": 1,
    "customer.updated": 3,
    "action.woocommerce_order_refunded": 3,
}


def test_six_topics_are_read_and_orders_come_first():
    assert {name: topic.lane for name, topic in TOPICS.items() if topic.reader} == HANDLED


@pytest.mark.parametrize("name", [name for name in TOPICS if name not in HANDLED])
def test_every_other_row_says_why_it_is_ignored(name):
    topic = TOPICS[name]

    assert topic.reader is None
    assert len(topic.ignored) > 20
    assert topic.lane == 3


@pytest.mark.parametrize("resource", ["coupon", "customer", "order", "product"])
@pytest.mark.parametrize("event", ["created", "updated", "deleted", "restored"])
def test_every_topic_of_core_is_known(resource, event):
    assert f"{resource}.{event}" in TOPICS


def test_a_family_answers_for_its_members_and_an_exact_row_comes_first():
    assert TOPICS["action.woocommerce_order_status_completed"].ignored
    assert TOPICS["action.woocommerce_order_status_shipped_by_drone"].ignored
    assert TOPICS["action.woocommerce_order_refunded"].reader


@pytest.mark.parametrize(
    "topic", ["action.woocommerce_new_thing", "order.published", "subscription.created", "", "order.*"]
)
def test_an_unknown_topic_is_in_no_row_and_tells_nothing(topic):
    assert topic not in TOPICS
    assert TOPICS.get(topic) is None
    if topic and "*" not in topic:
        assert list(read_as(topic, b"\xff not even json")) == []


@pytest.mark.parametrize("topic", HANDLED)
@pytest.mark.parametrize(
    ("code", "status", "reason"),
    [
        ("woocommerce_rest_cannot_view", 401, "owner_lost_access"),
        ("woocommerce_rest_cannot_view", 403, "owner_lost_access"),
        ("woocommerce_rest_shop_order_invalid_id", 404, "gone_before_delivery"),
        ("woocommerce_rest_invalid_shop_order_id", 404, "old_api_version"),
        ("internal_server_error", 500, "error_body"),
        ("rest_no_route", None, "error_body"),
    ],
)
def test_a_signed_error_is_never_taken_for_an_answer(topic, code, status, reason):
    body = {"code": code, "message": "Sorry.", "data": {"status": status}}

    with pytest.raises(Unreadable) as caught:
        read_as(topic, body)

    assert caught.value.reason == reason


def _body(number):
    return recordings()[number].json


@pytest.mark.parametrize(
    ("topic", "number"),
    [
        ("order.created", 37),  # a product
        ("order.updated", 31),  # a customer
        ("order.updated", 311),  # a coupon
        ("order.restored", 292),  # a deletion
        ("order.updated", 58),  # an action
        ("order.deleted", 36),  # an order
        ("order.deleted", 31),
        ("customer.updated", 36),
        ("customer.updated", 37),
        ("customer.updated", 292),
        ("action.woocommerce_order_refunded", 36),
        ("action.woocommerce_order_refunded", 57),  # another action
        ("action.woocommerce_order_refunded", 64),  # one that names nothing
    ],
)
def test_a_body_of_another_topic_is_not_understood(topic, number):
    with pytest.raises(Unreadable) as caught:
        read_as(topic, _body(number))

    assert caught.value.reason in ("wrong_shape", "no_id")


@pytest.mark.parametrize("odd", [None, 0, -1, 1.0, 1.5, True, 2**64, 10**30, "", "1x", "١", [1], {"id": 1}, ...])
def test_an_order_without_a_true_id_is_not_understood(odd):
    with pytest.raises(Unreadable, match="no id"):
        read_as("order.updated", changed(36, id=odd))
    with pytest.raises(Unreadable):
        read_as("order.deleted", {} if odd is ... else {"id": odd})
