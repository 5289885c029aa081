"""What a fake shop keeps: orders as WooCommerce 10.5 writes them, its keys, webhooks, and what was asked of it."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

RECORDED = Path(__file__).parents[1] / "fixtures" / "woocommerce" / "034_order.created.json"
BEGIN = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)


@dataclass
class Switches:
    """How the shop misbehaves."""

    wordpress: bool = True
    woocommerce: bool = True
    permalinks: bool = True
    rest_closed: bool = False
    firewall: bool = False
    read_only: bool = False
    drops_authorization: bool = False
    fulfillments: bool = False
    redirect_to: str = ""
    bomb: bool = False
    status: int = 0
    version: str = "10.5.0"
    largest_page: int = 0


@dataclass
class ShopData:
    switches: Switches = field(default_factory=Switches)
    orders: dict[int, dict] = field(default_factory=dict)
    refunds: dict[int, list] = field(default_factory=dict)
    fulfillments: dict[int, list] = field(default_factory=dict)
    customers: list[dict] = field(default_factory=list)
    webhooks: list[dict] = field(default_factory=list)
    failures: dict[int, int] = field(default_factory=dict)
    keys: dict[str, tuple[str, str]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    on_page: list = field(default_factory=list)

    def order(self, order_id: int, at: datetime = BEGIN, **parts: object) -> dict:
        """An order as recorded, under another id; changed `at`."""
        body = json.loads(base64.b64decode(json.loads(RECORDED.read_text("utf-8"))["body_b64"]))
        local = (at - timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M:%S")
        gmt = at.strftime("%Y-%m-%dT%H:%M:%S")
        body |= {"id": order_id, "number": str(order_id), "date_modified": local, "date_modified_gmt": gmt}
        body |= {"date_created": local, "date_created_gmt": gmt, "date_paid": local, "date_paid_gmt": gmt}
        body |= {"refunds": [], "status": "processing"} | parts
        self.orders[order_id] = body
        return body

    def touch(self, order_id: int, at: datetime) -> None:
        self.orders[order_id]["date_modified_gmt"] = at.strftime("%Y-%m-%dT%H:%M:%S")

    def listed(self, asked: dict[str, str]) -> list[dict]:
        """What `orders?…` finds: unknown parameters are ignored."""
        found = list(self.orders.values())
        wanted = asked.get("status", "any").split(",")
        found = [one for one in found if one["status"] in wanted or ("any" in wanted and one["status"] != "trash")]
        if "modified_after" in asked:
            found = [one for one in found if one["date_modified_gmt"] > asked["modified_after"]]
        if "customer" in asked:
            found = [one for one in found if str(one["customer_id"]) == asked["customer"]]
        if "search" in asked:
            found = [one for one in found if asked["search"].lower() in json.dumps(one["billing"]).lower()]
        if asked.get("orderby") == "modified":
            found.sort(key=lambda one: (one["date_modified_gmt"], one["id"]), reverse=asked.get("order") != "asc")
        return found

    def new_keys(self, permissions: str = "read_write") -> dict[str, object]:
        """What the shop posts to a callback, without the user's word."""
        number = len(self.keys) + 1
        ck, cs = f"ck_{number:040x}", f"cs_{number + 4096:040x}"
        self.keys[ck] = (cs, "read" if self.switches.read_only else permissions)
        return {"key_id": number, "consumer_key": ck, "consumer_secret": cs, "key_permissions": permissions}

    def delivered(self, webhook: dict, status: int) -> None:
        """Count as WooCommerce counts: 200 to 302 is a success, the seventh failure in a row disables."""
        if 200 <= status <= 302:
            self.failures[webhook["id"]] = 0
        elif self.failures.get(webhook["id"], 0) > 5:
            webhook["status"] = "disabled"
        else:
            self.failures[webhook["id"]] = self.failures.get(webhook["id"], 0) + 1


def signature(secret: str, body: bytes) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def written(value: object) -> bytes:
    """JSON as wp_json_encode writes it."""
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/").encode("ascii")
