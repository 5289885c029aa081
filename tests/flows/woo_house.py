"""A house before a fake WooCommerce shop: its owner opens the operator's link, and we look at what is kept."""

import html
import re
from contextlib import nullcontext
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask

import templates
from adapters.woocommerce import WooCommerce
from lifecycle.desk import Desk
from lifecycle.house import House
from lifecycle.ports import Records, Rooms
from lifecycle.settings import Settings
from pages.doors import blueprint
from pages.links import Links
from pages.woocommerce import connect_link
from tests.fakes.woocommerce import FakeShop
from tests.flows.houses import RecordingPostman, TurnableClock
from webhooks.receive import blueprint as webhooks

ADDRESS = "https://mail.example.com"
KEY = "k" * 40


@dataclass
class WooHouse:
    """`near`: the shop on this machine that may be called; empty = the client as it is in production."""

    records: Records
    shop: FakeShop
    near: str | None = None

    def __post_init__(self):
        self.clock = TurnableClock()
        near = self.shop.url if self.near is None else self.near
        rooms = Rooms(
            records=self.records,
            platforms={"woocommerce": WooCommerce(near)},
            postman=RecordingPostman(),
            words=templates.open_words(),
            links=Links((KEY,), ADDRESS, self.clock.now),
            clock=self.clock,
            secret=KEY.encode(),
            public_url=ADDRESS,
        )
        self.desk = Desk(rooms)
        self.house = House(
            settings=Settings(secret_key=KEY, public_url=ADDRESS),
            records=self.records, platforms=rooms.platforms, postman=rooms.postman, words=rooms.words, clock=self.clock,
            desk=self.desk, migrate=lambda: "", serve=lambda _host, _port: 0, work=lambda: 0, demo=lambda _say: (),
            served=nullcontext, rotate_keys=lambda _say: {},
        )  # fmt: skip
        app = Flask("house")
        app.register_blueprint(blueprint(self.house))
        app.register_blueprint(webhooks(rooms))
        self.browser = app.test_client(use_cookies=False)

    def get(self, url):
        return self.browser.get(url.removeprefix(ADDRESS))

    def post(self, url, body, headers=None):
        """What the shop posts to us; its answer's status."""
        sent = headers or {"Content-Type": "application/json;charset=UTF-8"}
        return self.browser.post(urlsplit(url).path, data=body, headers=sent).status_code

    def submit(self, address, **fields):
        """The owner opens the link, types the address and sends the form."""
        form = text(self.get(connect_link(self.house, "woocommerce")))
        hidden = dict(re.findall(r'name="(key|form)" value="([^"]+)"', form))
        return self.browser.post("/woocommerce/connect", data=hidden | {"address": address} | fields)

    def grant_url(self):
        """The shop's page that the owner is led to."""
        return re.search(r'class="button" rel="noreferrer" href="([^"]+)"', text(self.submit(self.shop.url)))[1]

    def connect(self, keys=None):
        """From the address to the page on which the owner comes back; its text."""
        self.clock.later(seconds=1)
        status, back = self.shop.approve(self.grant_url(), self.post, keys)
        assert status == 200
        return text(self.get(back))

    def store(self):
        with self.records.reading() as tx:
            return tx.stores.by_key("woocommerce", self.shop.url)

    def access(self):
        with self.records.reading() as tx:
            return tx.access.get(self.store().id) if self.store() else None

    def nothing_kept(self):
        with self.records.reading() as tx:
            return not tx.stores.all() and not tx.access.list()

    def deliveries(self):
        with self.records.reading() as tx:
            return tx.deliveries.list(limit=5000)


def text(answer):
    return html.unescape(answer.get_data(as_text=True))
