"""A fake WordPress with WooCommerce on loopback, by real HTTP: index, REST v3 with OAuth 1.0a, wc-auth, webhooks.

Codes, filters and counters as measured on WooCommerce 10.5.0, 2026-11-20.
"""

import base64
import contextlib
import gzip
import hashlib
import hmac
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import requests

from tests.fakes.woocommerce_data import ShopData, Switches, signature, written

PAGE = b"<!doctype html><html><body>%s</body></html>"


class FakeShop(ShopData):
    """`with FakeShop() as shop:` serves at `shop.url`."""

    def __enter__(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"shop": self}))
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def approve(self, authorize_url, post=None, keys=None):
        """The owner approves on the wc-auth page: keys are posted to the callback, and the owner is sent back, or is not."""
        asked = dict(parse_qsl(urlsplit(authorize_url).query))
        body = written((keys or self.new_keys()) | {"user_id": asked["user_id"]})
        status = (post or _posted)(asked["callback_url"], body)
        if status != 200:
            return status, ""
        return 200, f"{asked['return_url']}&{urlencode({'success': 1, 'user_id': asked['user_id']})}"

    def deliver(self, topic, body, post=None):
        """A signed webhook to everybody who subscribed."""
        raw, statuses = written(body), []
        for webhook in [one for one in self.webhooks if one["topic"] == topic and one["status"] == "active"]:
            resource, _, event = topic.partition(".")
            headers = {
                "User-Agent": "WooCommerce/10.5.0 Hookshot (WordPress/6.9)", "Content-Type": "application/json",
                "X-WC-Webhook-Source": f"{self.url}/", "X-WC-Webhook-Topic": topic, "X-WC-Webhook-Resource": resource,
                "X-WC-Webhook-Event": event, "X-WC-Webhook-Signature": signature(webhook["secret"], raw),
                "X-WC-Webhook-ID": str(webhook["id"]), "X-WC-Webhook-Delivery-ID": hashlib.md5(raw).hexdigest(),
            }  # fmt: skip
            status = (post or _posted)(webhook["delivery_url"], raw, headers)
            self.delivered(webhook, status)
            statuses.append(status)
        return statuses


def _posted(url, body, headers=None):
    sent = headers or {"Content-Type": "application/json;charset=UTF-8", "User-Agent": "WordPress/6.9; fake"}
    with contextlib.suppress(requests.RequestException):
        return requests.post(url, data=body, headers=sent, allow_redirects=False, timeout=20).status_code
    return 0


class _Handler(BaseHTTPRequestHandler):
    shop: FakeShop
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):  # noqa: PLR0911 - every way to misbehave ends the answer
        parts = urlsplit(self.path)
        self.query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.shop.asked.append((self.command, self.path))
        switches: Switches = self.shop.switches
        if switches.redirect_to:
            return self.say(301, b"", Location=switches.redirect_to + parts.path)
        if switches.bomb:
            return self.say(200, gzip.compress(b"[" * 50_000_000), "application/json", **{"Content-Encoding": "gzip"})
        if switches.status:
            return self.say(switches.status, b"{}", "application/json", **{"Retry-After": "7"})
        if switches.firewall:
            return self.say(403, PAGE % b"Checking your browser", "text/html")
        if parts.path.startswith("/wc-auth/v1/authorize"):
            return self.say(200, PAGE % b"Approve?", "text/html")
        if switches.wordpress and self.query.get("rest_route") == "/":
            return self.index()
        if not switches.wordpress or not switches.permalinks or not parts.path.startswith("/wp-json/"):
            return self.say(404, PAGE % b"Not found", "text/html")
        if switches.rest_closed:
            return self.error(401, "rest_cannot_access")
        if parts.path == "/wp-json/":
            return self.index()
        return self.rest(parts.path.removeprefix("/wp-json/wc/v3/"))

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - http.server's names

    def say(self, status, body, kind="application/json; charset=UTF-8", **headers):
        self.send_response(status)
        for name, value in ({"Content-Type": kind, "Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    def give(self, value, status=200):
        self.say(status, written(value))

    def error(self, status, code, message="Sorry."):
        self.give({"code": code, "message": message, "data": {"status": status}}, status)

    def index(self):
        spaces = ["oembed/1.0", "wp/v2", *(["wc/v3", "wc/store/v1"] if self.shop.switches.woocommerce else [])]
        self.give({"name": "Fern &amp; Co", "url": self.shop.url, "home": self.shop.url, "gmt_offset": "-5",
                   "timezone_string": "America/New_York", "namespaces": spaces})  # fmt: skip

    def rest(self, path):
        refused = self.refused()
        if refused:
            return self.error(*refused)
        for method, form, answer in ROUTES:
            match = re.fullmatch(form, path)
            if method == self.command and match:
                return answer(self, *match.groups())
        return self.error(404, "rest_no_route")

    def refused(self):
        """Plain HTTP takes OAuth 1.0a only; Basic is ignored."""
        key = "" if self.shop.switches.drops_authorization else self.query.get("oauth_consumer_key", "")
        if key not in self.shop.keys:
            return 401, "woocommerce_rest_cannot_view"
        secret, permissions = self.shop.keys[key]
        given = self.query.get("oauth_signature", "")
        if not hmac.compare_digest(given, self.signed(secret)):
            return 401, "woocommerce_rest_authentication_error"
        if self.command != "GET" and permissions == "read":
            return 401, "woocommerce_rest_authentication_error", "The API key provided does not have write permissions."
        return None

    def signed(self, secret):
        pairs = sorted(
            (quote(name, ""), quote(value, "")) for name, value in self.query.items() if name != "oauth_signature"
        )
        joined = "%26".join(f"{name.replace('%', '%25')}%3D{value.replace('%', '%25')}" for name, value in pairs)
        text = f"{self.command}&{quote(self.shop.url + urlsplit(self.path).path, '')}&{joined}"
        return base64.b64encode(hmac.new(f"{secret}&".encode(), text.encode(), hashlib.sha256).digest()).decode()

    # ---- resources ----------------------------------------------------------------------------------------------------

    def paged(self, rows):
        size, page = int(self.query.get("per_page", 10)), int(self.query.get("page", 1))
        if not 1 <= size <= 100:
            return self.error(400, "rest_invalid_param")
        if self.shop.switches.largest_page and size > self.shop.switches.largest_page:
            return self.say(200, b"[" + b" " * 3_000_000 + b"]")
        self.give(rows[(page - 1) * size : page * size])
        for happening in self.shop.on_page[:1] if rows else ():
            self.shop.on_page.pop(0)
            happening()
        return None

    def orders(self):
        self.paged(self.shop.listed(self.query))

    def refunds(self, order_id):
        if int(order_id) not in self.shop.orders:
            return self.error(404, "woocommerce_rest_invalid_order")
        return self.paged(self.shop.refunds.get(int(order_id), []))

    def fulfillments(self, order_id):
        if not self.shop.switches.fulfillments:
            return self.error(404, "rest_no_route")
        return self.give(self.shop.fulfillments.get(int(order_id), []))

    def customers(self):
        self.paged(
            [one for one in self.shop.customers if one["email"].lower() == self.query.get("email", one["email"]).lower()]
        )

    def webhooks(self):
        self.paged([{name: value for name, value in one.items() if name != "secret"} for one in self.shop.webhooks])

    def make_webhook(self):
        asked = json.loads(self.body)
        if not re.fullmatch(r"(coupon|customer|order|product)\.(created|updated|deleted|restored)|action\.(woocommerce|wc)_\w+",
                            asked["topic"]):  # fmt: skip
            return self.error(400, "woocommerce_rest_shop_webhook_invalid_topic")
        made = asked | {"id": len(self.shop.webhooks) + 1, "status": "active"}
        self.shop.webhooks.append(made)
        return self.give({name: value for name, value in made.items() if name != "secret"}, 201)

    def change_webhook(self, number):
        (found,) = [one for one in self.shop.webhooks if one["id"] == int(number)]
        found |= json.loads(self.body)
        self.give({name: value for name, value in found.items() if name != "secret"})

    def nothing_made(self):
        self.give({})

    def system_status(self):
        self.give(
            {"environment": {"version": self.shop.switches.version, "language": "de_DE"}, "settings": {"currency": "EUR"}}
        )

    def country(self):
        self.give({"id": "woocommerce_default_country", "value": "DE:DE-BE"})


ROUTES = (
    ("GET", r"orders", _Handler.orders),
    ("GET", r"orders/(\d+)/refunds", _Handler.refunds),
    ("GET", r"orders/(\d+)/fulfillments", _Handler.fulfillments),
    ("GET", r"customers", _Handler.customers),
    ("GET", r"webhooks", _Handler.webhooks),
    ("POST", r"webhooks", _Handler.make_webhook),
    ("POST", r"webhooks/batch", _Handler.nothing_made),
    ("PUT", r"webhooks/(\d+)", _Handler.change_webhook),
    ("GET", r"system_status", _Handler.system_status),
    ("GET", r"settings/general/woocommerce_default_country", _Handler.country),
)
