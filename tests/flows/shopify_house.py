"""A house with a Shopify app before the fake Shopify: a merchant opens the app, and we look at what is kept."""

import base64
import hashlib
import hmac
import uuid
from contextlib import nullcontext
from dataclasses import dataclass
from urllib.parse import urlencode

import jwt
from flask import Flask

import templates
from adapters.shopify import Shopify
from lifecycle.desk import Desk
from lifecycle.house import House
from lifecycle.ports import Records, Rooms
from lifecycle.settings import Settings
from pages.doors import blueprint
from pages.links import Links
from tests.fakes.shopify import CLIENT_ID, OLD_SECRET, SECRET, FakeShopify
from tests.flows.houses import RecordingPostman, TurnableClock
from webhooks.receive import blueprint as webhooks

SHOP = "fern.myshopify.com"
OTHER = "oak.myshopify.com"
ADDRESS = "https://mail.example.com"
KEY = "k" * 40


@dataclass
class ShopifyHouse:
    """`visit()` is the document load in the admin's frame; `browser` keeps cookies, as outside of the frame."""

    records: Records
    shopify: FakeShopify
    secrets: tuple = (SECRET, OLD_SECRET)
    client_id: str = CLIENT_ID

    def __post_init__(self):
        self.clock = TurnableClock()
        self.shopify.now = self.clock.now
        self.platform = Shopify(self.secrets, self.client_id, base=self.shopify.url)
        rooms = Rooms(
            records=self.records,
            platforms={"shopify": self.platform},
            postman=RecordingPostman(),
            words=templates.open_words(),
            links=Links((KEY,), ADDRESS, self.clock.now),
            clock=self.clock,
            secret=KEY.encode(),
            public_url=ADDRESS,
        )
        self.house = House(
            settings=Settings(secret_key=KEY, public_url=ADDRESS, shopify_api_key=self.client_id),
            records=self.records,
            platforms=rooms.platforms,
            postman=rooms.postman,
            words=rooms.words,
            clock=self.clock,
            desk=Desk(rooms),
            migrate=str,
            serve=lambda _host, _port: 0,
            work=lambda: 0,
            demo=lambda _say: (),
            served=nullcontext,
            rotate_keys=lambda _say: {},
        )
        self.app = Flask("house")
        self.app.register_blueprint(webhooks(rooms))
        self.app.register_blueprint(blueprint(self.house))
        self.browser = self.app.test_client()

    @property
    def stamp(self):
        return int(self.clock.at.timestamp())

    def token(self, shop=SHOP, secret=SECRET, **claims):
        told = {
            "iss": f"https://{shop}/admin", "dest": f"https://{shop}", "aud": CLIENT_ID, "sub": "42",
            "exp": self.stamp + 55, "nbf": self.stamp - 5, "iat": self.stamp - 5, "jti": uuid.uuid4().hex, "sid": "s",
        } | claims  # fmt: skip
        return jwt.encode({name: value for name, value in told.items() if value is not None}, secret, "HS256")

    def signed(self, secret=SECRET, **params):
        """A query as Shopify signs it now."""
        params = {"timestamp": str(self.stamp)} | params
        text = "&".join(f"{key}={value}" for key, value in sorted(params.items()))
        return urlencode({**params, "hmac": hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()})

    def launch(self, shop=SHOP, **params):
        name = shop.split(".")[0]
        return {"shop": shop, "host": host(f"admin.shopify.com/store/{name}"), "embedded": "1", "locale": "en"} | params

    def visit(self, path="/shopify/", shop=SHOP, **params):
        """The document load in the frame; without `id_token` a true one is made, with None there is none."""
        params = self.launch(shop) | {"id_token": self.token(shop)} | params
        query = urlencode({name: value for name, value in params.items() if value is not None})
        return self.app.test_client(use_cookies=False).get(f"{path}?{query}")

    def access(self, shop=SHOP):
        with self.records.reading() as tx:
            store = tx.stores.by_key("shopify", shop)
            return tx.access.get(store.id) if store else None

    def store(self, shop=SHOP):
        with self.records.reading() as tx:
            return tx.stores.by_key("shopify", shop)

    def notices(self, shop=SHOP):
        with self.records.reading() as tx:
            return {notice.code for notice in tx.notices.of(self.store(shop).id)}

    def chores(self, shop=SHOP):
        with self.records.reading() as tx:
            return {chore.name for chore in tx.chores.of(self.store(shop).id)}


def host(text):
    return base64.b64encode(text.encode()).decode().rstrip("=")
