"""A shop whose API can be asked: what it shows, how it fails, and how often it was asked. It speaks plain JSON at our door."""

import json
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from flask import Flask

from lifecycle.access import LEAST
from lifecycle.deliveries import Envelope
from lifecycle.desk import Desk
from lifecycle.errors import NotAuthentic
from lifecycle.events import Event, Kind
from lifecycle.ports import Access, Found, Health, Topic
from lifecycle.privacy import PrivacyRequest, StoreChange
from tests.flows.facts import cart, order, parcel, parcel_seen, placed, refund, refunded, seen, touched
from tests.flows.houses import TurnableClock
from webhooks.receive import blueprint

PRIVACY = {
    "export": Kind.PRIVACY_EXPORT_REQUESTED,
    "erase": Kind.PRIVACY_ERASE_REQUESTED,
    "erase_store": Kind.PRIVACY_STORE_ERASE_REQUESTED,
}


def told(what: str, number: int = 1001, *, at: datetime, **more: object) -> bytes:
    """The body of a delivery."""
    return json.dumps({"what": what, "number": number, "at": at.isoformat(), **more}).encode()


@dataclass
class FakeShop:
    """`changes`: what its API shows. `breaks_after`: so many and then the `trouble`. `troubles` come first, one a call.

    `watch` says how many transactions are open; `inside` keeps that for every call.
    """

    clock: TurnableClock
    name: str = "custom"
    title: str = "A shop"
    changes: list[Found] = field(default_factory=list)
    breaks_after: int | None = None
    trouble: Exception | None = None
    troubles: deque[Exception] = field(default_factory=deque)
    health: deque[Health] = field(default_factory=deque)
    asked: list[tuple[datetime, datetime]] = field(default_factory=list)
    checked: list[str] = field(default_factory=list)
    completed: list[Event] = field(default_factory=list)
    renewed: list[str] = field(default_factory=list)
    renewing_s: float = 0
    watch: Callable[[], int] = lambda: 0
    inside: list[tuple[str, int]] = field(default_factory=list)

    topics = {  # noqa: RUF012 - a table, never written
        **{name: Topic(name, reader=name, lane=1) for name in ("order", "update", "refund", "parcel", "cart")},
        **{name: Topic(name, reader=name, lane=0) for name in (*PRIVACY, "uninstalled")},
    }

    # ---- Platform ----

    def is_probe(self, raw):
        return False

    def address(self, raw):
        return Envelope(self.name, raw.token, raw.header("x-topic"), raw.header("x-id"), self.clock.now())

    def secrets(self, envelope, store):
        return [b"secret"]

    def verify(self, raw, secrets, now):
        if raw.header("x-sign") != "good":
            raise NotAuthentic("wrong_signature")

    def read(self, envelope, body):
        said = json.loads(body)
        at = datetime.fromisoformat(said["at"])
        email, customer_id = said.get("email", "nora@example.com"), said.get("customer_id", "7")
        bought = order(said["number"], at=at)
        bought = replace(bought, customer=replace(bought.customer, email=email, id=customer_id))
        if said["what"] in PRIVACY:
            fact = PrivacyRequest(
                said.get("id", "7"), said.get("customer_id"), said.get("email"), tuple(said.get("orders", ()))
            )
            return [Event(PRIVACY[said["what"]], fact, at, revision=envelope.delivery_id)]
        basket = replace(cart(f"c{said['number']}", at=at), customer=replace(cart().customer, email=email, id=customer_id))
        made = {
            "order": lambda: placed(bought),
            "update": lambda: seen(bought),
            "refund": lambda: refunded(refund(bought, at=at)),
            "parcel": lambda: parcel_seen(parcel(bought, at=at), at),
            "cart": lambda: touched(basket),
            "uninstalled": lambda: Event(Kind.STORE_UNINSTALLED, StoreChange("1"), at, revision=envelope.delivery_id),
        }
        return [made[said["what"]]()]

    def scrub(self, body):
        return body

    # ---- what its API can do ----

    def catch_up(self, store, access, since, until) -> Iterator[Found]:
        self.asked.append((since, until))
        self._may_fail("catch_up")
        given = 0
        for change in sorted(self.changes, key=lambda each: each.at):
            if since <= change.at <= until:
                if given == self.breaks_after:
                    self.breaks_after = None
                    raise self.trouble
                given += 1
                yield change

    def check_subscriptions(self, store, access, address):
        self.checked.append(address)
        self._may_fail("check_subscriptions")
        return self.health.popleft() if self.health else Health()

    def complete(self, event, store, access):
        self.completed.append(event)
        self._may_fail("complete")
        if event.order_id and not hasattr(event.fact, "placed_at") and not hasattr(event.fact, "token"):
            return replace(event, before=order(int(event.order_id)))
        if hasattr(event.fact, "token"):
            return replace(event, fact=replace(event.fact, customer=replace(event.fact.customer, orders_count=3)))
        return event

    def renew(self, store, access, now):
        self._may_fail("renew")
        time.sleep(self.renewing_s)
        self.renewed.append(access.keys["refresh_token"])
        return hourly(now, f"r{len(self.renewed)}")

    def _may_fail(self, call):
        self.inside.append((call, self.watch()))
        if self.troubles:
            raise self.troubles.popleft()

    # ---- what tests do ----

    def changed(self, what: str, number: int, at: datetime) -> Found:
        """Something happened in the shop that its API shows from now on."""
        found = Found(what, f"api-{what}-{number}-{at.timestamp()}", told(what, number, at=at), at)
        self.changes.append(found)
        return found


def hourly(now: datetime, refresh_token: str = "r0", store_id: str = "s-custom", **more: object) -> Access:
    """Keys that end in an hour."""
    ends = {"expires_at": now + timedelta(hours=1), "renewable_until": now + timedelta(days=90)}
    keys = {"access_token": f"for-{refresh_token}", "refresh_token": refresh_token}
    return replace(Access(store_id, keys, now, ("read_orders",), **ends), **more)


def lasting(now: datetime, store_id: str = "s-custom") -> Access:
    """Keys that never end."""
    return Access(store_id, {"consumer_key": "ck", "consumer_secret": "cs"}, now)


def with_shop(house, *, access: Access | None = None):
    """This house with a shop behind its store, connected: (shop, store)."""
    shop = FakeShop(house.clock)
    house.rooms = replace(house.rooms, platforms={"custom": shop}, public_url="https://mail.example.com")
    house.desk = Desk(house.rooms)
    house.app = Flask("house")
    house.app.register_blueprint(blueprint(house.rooms))
    house.client = house.app.test_client()
    store = house.store()
    with house.records.transaction() as tx:
        tx.access.put(access or lasting(house.clock.now(), store.id))
    return shop, store


def knock(house, what: str, number: int = 1001, *, at: datetime | None = None, ident: str = "", **more: object) -> int:
    """A webhook at the door; the answer's status."""
    body = told(what, number, at=at or house.clock.now(), **more)
    headers = {"X-Topic": what, "X-Id": ident or f"w-{what}-{number}-{house.clock.now().timestamp()}", "X-Sign": "good"}
    return house.client.post("/webhooks/custom/token-custom", data=body, headers=headers).status_code


def chore_of(house, name: str):
    with house.records.reading() as tx:
        return next((each for each in tx.chores.of("s-custom") if each.name == name), None)


def notices_of(house) -> list[str]:
    with house.records.reading() as tx:
        return sorted(each.code for each in tx.notices.of("s-custom"))


def counted(house, name: str) -> int:
    with house.records.reading() as tx:
        return tx.counters.all().get((name, "s-custom"), 0)


def deliveries_of(house) -> list:
    with house.records.reading() as tx:
        return list(tx.deliveries.list("s-custom", limit=2000))


def unlucky(access: Access, now: datetime) -> Access:
    """The same keys with less left than is needed."""
    return replace(access, expires_at=now + LEAST - timedelta(seconds=1))
