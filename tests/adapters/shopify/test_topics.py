import json
import re

import pytest

from adapters.shopify.topics import HANDLED, IGNORED, TOPICS
from tests.adapters.shopify.bodies import FOLDER

SUBSCRIBED = [
    "orders/create",
    "orders/updated",
    "orders/edited",
    "orders/paid",
    "orders/cancelled",
    "fulfillments/create",
    "fulfillments/update",
    "fulfillment_events/create",
    "refunds/create",
    "checkouts/create",
    "checkouts/update",
    "checkouts/delete",
    "customers_email_marketing_consent/update",
    "app/uninstalled",
    "customers/data_request",
    "customers/redact",
    "shop/redact",
]


def test_every_topic_that_letters_come_of_is_read_except_the_delta_of_an_edit():
    assert {name for name in SUBSCRIBED if not TOPICS[name].reader} == {"orders/edited"}


def test_every_recorded_topic_is_known():
    recorded = {row.split("|")[2].strip() for row in (FOLDER / "INDEX.md").read_text().splitlines() if ".json" in row}

    assert recorded <= set(TOPICS)


def test_no_topic_stands_in_both_tables():
    assert not set(HANDLED) & set(IGNORED)
    assert all(re.fullmatch(r"[a-z0-9_]+([./][a-z0-9_]+)?", name) for name in TOPICS)


@pytest.mark.parametrize(
    ("lane", "names"),
    [
        (0, {"app/uninstalled", "customers/data_request", "customers/redact", "shop/redact"}),
        (2, {"checkouts/create", "checkouts/update", "checkouts/delete"}),
        (3, {"customers_email_marketing_consent/update"}),
    ],
)
def test_people_and_leaving_shops_come_first_carts_later(lane, names):
    assert {name for name in HANDLED if TOPICS[name].lane == lane} == names


def test_every_body_in_the_folder_is_used_and_sourced():
    index = (FOLDER / "INDEX.md").read_text()
    used = {vector["body_file"] for vector in json.loads((FOLDER / "vectors.json").read_text())["webhooks"]}
    others = {"vectors/body3_checkouts_update.json", "vectors/body6_fulfillments_update.json", "vectors/body_empty.json"}

    assert {file.name for file in FOLDER.glob("*__*.json")} <= set(re.findall(r"[\w.]+\.json", index))
    assert {f"vectors/{file.name}" for file in (FOLDER / "vectors").iterdir()} == used | others
