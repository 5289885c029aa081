"""Shopify's admin for tests: token endpoint and GraphQL on loopback, over real HTTP.

Questions are answered by the recorded schema of 2026-10 itself, so one that Shopify would refuse is refused here too. Tokens
rotate as documented on 2026-11-20: one refreshable chain a shop, an exchange retires the chain before it, and an old refresh
token stays good until the new pair is first used.
"""

import contextlib
import gzip
import itertools
import json
import re
import threading
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jwt
from graphql import GraphQLError, build_client_schema, execute_sync, parse, validate

SCHEMA = Path(__file__).parents[1] / "fixtures" / "shopify" / "admin_2026-10.json.gz"
CLIENT_ID = "a61950a2cbd5f32876b0b55587ec7a27"
SECRET = "shpss_" + "5" * 32
OLD_SECRET = "shpss_" + "4" * 32
SCOPES = "read_customers,read_fulfillments,read_locales,read_orders,read_products"
VERSION = "2026-10"


@cache
def schema():
    """The recorded schema; Shopify's own has deprecations that the rules of GraphQL do not allow."""
    told = json.loads(gzip.decompress(SCHEMA.read_bytes()))
    return build_client_schema(told.get("data", told), assume_valid=True)


def not_approved(name):
    """A resolver of a field that Shopify keeps from this app."""

    def resolve(_info, **_args):
        raise GraphQLError(
            f"This app is not approved to use the {name} field. See https://shopify.dev",
            extensions={"code": "ACCESS_DENIED"},
        )

    return resolve


@dataclass
class FakeShop:
    """One shop: its orders (GraphQL shapes), its customers and variants, and who may ask."""

    orders: list = field(default_factory=list)
    nodes: dict = field(default_factory=dict)
    scopes: str = SCOPES
    webhooks: list = field(default_factory=list)
    tokens: set = field(default_factory=set)
    chain: tuple = ()  # (current refresh token, its access token, the one before)
    status: int = 200
    name: str = "Blue Fern"


class FakeShopify:
    """`with FakeShopify() as shopify:`; `shopify.url` is the base. What was asked stands in `asked` and `questions`."""

    def __init__(self):
        self.shops = {}
        self.secrets = [SECRET]
        self.codes = {}
        self.asked, self.questions = [], []
        self.throttled, self.restore, self.lost_replies, self.token_status = 0, 50, 0, 200
        self.instead = None
        self.slow_s = 0
        self.now = None
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                outer._answer(self)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def shop(self, name="fern.myshopify.com"):
        return self.shops.setdefault(name, FakeShop())

    def uninstall(self, name):
        """The token is dead at once."""
        self.shops[name].tokens.clear()
        self.shops[name].chain = ()

    # ---- HTTP ---------------------------------------------------------------------------------------------------------

    def _answer(self, line):
        raw = line.rfile.read(int(line.headers.get("Content-Length", 0)))
        body = json.loads(raw)
        _, shop, path = line.path.split("/", 2)
        with self._lock:
            if path == "admin/oauth/access_token":
                status, said = self._token(shop, body)
            elif path == f"admin/api/{VERSION}/graphql.json":
                status, said = self._graphql(shop, line.headers.get("X-Shopify-Access-Token", ""), body)
            else:
                status, said = 404, {"errors": "Not Found"}
            lost = self.lost_replies > 0 and path == "admin/oauth/access_token"
            self.lost_replies -= lost
        if lost:
            line.close_connection = True
            return
        text = said if isinstance(said, bytes) else json.dumps(said).encode()
        with contextlib.suppress(OSError):
            line.send_response(status)
            line.send_header("Content-Type", "application/json")
            line.send_header("Content-Length", str(len(text)))
            if status == 429:
                line.send_header("Retry-After", "2.0")
            line.end_headers()
            line.wfile.write(text)

    # ---- tokens -------------------------------------------------------------------------------------------------------

    def _token(self, shop, body):  # noqa: PLR0911 - one answer a line, as the documentation lists them
        self.asked.append(body)
        if self.token_status != 200:
            return self.token_status, {}
        if body.get("client_id") != CLIENT_ID or body.get("client_secret") not in self.secrets:
            return 401, {"error": "invalid_client"}
        found = self.shops.get(shop)
        if found is None:
            return 404, {"errors": "Not Found"}
        if body.get("grant_type") == "refresh_token":
            return self._refreshed(found, body.get("refresh_token"))
        if "code" in body:
            if self.codes.pop(body["code"], None) != shop:
                return 400, {"error": "invalid_request"}
        elif not self._is_subject(shop, body):
            return 400, {"error": "invalid_subject_token"}
        if body.get("expiring") != "1":
            return 200, {"access_token": self._made(found), "scope": found.scopes}
        return 200, self._pair(found, before="")

    def _is_subject(self, shop, body):
        for secret in self.secrets:
            with contextlib.suppress(jwt.PyJWTError):
                claims = jwt.decode(
                    body["subject_token"],
                    secret,
                    ["HS256"],
                    audience=CLIENT_ID,
                    options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
                )
                now = self.now() if self.now else datetime.now().astimezone()
                return claims["dest"] == f"https://{shop}" and claims["exp"] >= now.timestamp() - 10
        return False

    def _refreshed(self, found, refresh_token):
        current, _, before = found.chain or ("", "", "")
        if not refresh_token or refresh_token not in (current, before):
            return 400, {"error": "invalid_request"}
        # The pair whose reply was lost is forgotten: the old token is asked with once more.
        return 200, self._pair(found, before=refresh_token)

    def _pair(self, found, before):
        refresh = f"shprt_{next(self._numbers):032d}"
        access = self._made(found)
        found.chain = (refresh, access, before)
        return {
            "access_token": access, "scope": found.scopes, "expires_in": 3600,
            "refresh_token": refresh, "refresh_token_expires_in": 7776000,
        }  # fmt: skip

    def _made(self, found):
        access = f"shpat_{next(self._numbers):032d}"
        found.tokens.add(access)
        return access

    # ---- GraphQL ------------------------------------------------------------------------------------------------------

    def _graphql(self, shop, token, body):  # noqa: PLR0911 - one answer a line, as the documentation lists them
        found = self.shops.get(shop)
        if found is None:
            return 404, {"errors": "Not Found"}
        if found.status != 200:
            return found.status, {"errors": "refused"}
        if token not in found.tokens:
            return 401, {"errors": "[API] Invalid API key or access token"}
        if found.chain and token == found.chain[1]:
            found.chain = (*found.chain[:2], "")  # first use of the new pair ends the old refresh token
        document = parse(body["query"])
        self.questions.append(document.definitions[0].name.value)
        if self.throttled:
            self.throttled -= 1
            return 200, self._throttle()
        if self.instead is not None:
            return 200, self.instead
        problems = validate(schema(), document)
        if problems:
            return 200, {"errors": [{"message": problems[0].message, "extensions": {"code": "undefinedField"}}]}
        told = execute_sync(schema(), document, self._root(found), variable_values=body.get("variables"))
        said = {"data": told.data, "extensions": {"cost": self._cost()}}
        if told.errors:
            said["errors"] = [error.formatted for error in told.errors]
        return 200, json.loads(json.dumps(said, default=str))

    def _cost(self, asked=100, left=1900):
        status = {"maximumAvailable": 2000.0, "currentlyAvailable": left, "restoreRate": float(self.restore)}
        return {"requestedQueryCost": asked, "actualQueryCost": None, "throttleStatus": status}

    def _throttle(self):
        error = {
            "message": "Throttled",
            "extensions": {"code": "THROTTLED", "documentation": "https://shopify.dev/api/usage/rate-limits"},
        }
        return {"errors": [error], "extensions": {"cost": self._cost(150, 50)}}

    def _root(self, shop):
        by_id = {order["id"]: order for order in shop.orders} | shop.nodes
        inner = {}
        for order in shop.orders:
            for key in ("fulfillments", "refunds"):
                inner |= {row["id"]: row for row in order[key](None)}

        def orders(info, first=50, after=None, query="", **_rest):
            told = sorted((one for one in shop.orders if _fits(one, query)), key=lambda one: _moment(one["updatedAt"]))
            begin = int(after or 0)
            more = begin + first < len(told)
            page = {"hasNextPage": more, "endCursor": str(begin + first) if more else None}
            return {"nodes": told[begin : begin + first], "pageInfo": page}

        return {
            "order": lambda _info, **asked: by_id.get(asked["id"]),
            "customer": lambda _info, **asked: by_id.get(asked["id"]),
            "fulfillment": lambda _info, **asked: inner.get(asked["id"]),
            "refund": lambda _info, **asked: inner.get(asked["id"]),
            "nodes": lambda info, ids: [by_id.get(one) for one in ids],
            "orders": orders,
            "shop": {
                "name": shop.name, "currencyCode": "EUR", "ianaTimezone": "Europe/Berlin",
                "shopAddress": {"countryCodeV2": "DE"},
            },
            "shopLocales": [{"locale": "fr", "primary": False}, {"locale": "de", "primary": True}],
            "currentAppInstallation": {"accessScopes": [{"handle": one} for one in shop.scopes.split(",")]},
            "publicApiVersions": [{"handle": VERSION, "supported": True}],
            "webhookSubscriptions": {"nodes": shop.webhooks},
        }  # fmt: skip


def _moment(text):
    return datetime.fromisoformat(text)


def _fits(order, query):
    at = _moment(order["updatedAt"])
    for sign, text in re.findall(r"updated_at:(>=|<=)'([^']+)'", query or ""):
        edge = _moment(text)
        if (sign == ">=" and at < edge) or (sign == "<=" and at > edge):
            return False
    return True
