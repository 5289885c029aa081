"""The corpus of attacks on the install flow and on session tokens, sent to the app as it stands."""

import base64
import hashlib
import hmac
import json
import logging
import re
import uuid
from pathlib import Path
from urllib.parse import quote_plus, urlencode

import pytest

import records as memory
from tests.fakes.shopify import CLIENT_ID, SECRET, FakeShopify
from tests.flows.shopify_house import ADDRESS, OTHER, SHOP, ShopifyHouse

CORPUS = Path(__file__).parents[1] / "fixtures" / "attack_app"
CASES = json.loads((CORPUS / "shopify.json").read_text("utf-8"))["cases"]
# There is no sign-in page yet; what leads on from one would be the app's own pages.
PATHS = {
    "{oauth_begin}": "/shopify/install", "{oauth_callback}": "/shopify/callback", "{app_home}": "/shopify/",
    "{login}": "/shopify/", "{api_me}": "/shopify/connection",
}  # fmt: skip
LEAKS = ("Traceback", "sqlite3.", "psycopg", "werkzeug", SECRET, "shpat_", "shprt_", "shpss_")


def cases(kind):
    return pytest.mark.parametrize(
        "case", [case for case in CASES if case["id"].startswith(kind)], ids=lambda case: case["id"]
    )


@pytest.fixture
def shopify():
    with FakeShopify() as fake:
        for shop in (SHOP, OTHER):
            fake.shop(shop)
            fake.codes["abc"] = SHOP
        yield fake


@pytest.fixture
def house(migrated_file, tmp_path, shopify):
    path = tmp_path / "memory.db"
    path.write_bytes(migrated_file.read_bytes())
    opened = memory.open(f"sqlite:///{path}", secret=b"k" * 40)
    yield ShopifyHouse(opened, shopify)
    opened.close()


class Attacker:
    """Fills in what a case leaves open, and sends it from a browser that began to install shop A."""

    def __init__(self, house):
        self.house = house
        self.browser = house.app.test_client()
        self.words = {"shop_a": SHOP, "shop_b": OTHER, "shopify_key": CLIENT_ID, "canary_port": "9"}

    def begin(self):
        answer = self.browser.get(f"/shopify/install?{self.house.signed(shop=SHOP)}", base_url=ADDRESS)
        return re.search(r"state=([0-9a-f]{32})", answer.headers["Location"])[1]

    def fill(self, text):
        if not isinstance(text, str):
            return text
        text = re.sub(r"\{b64:((?:[^{}]|\{\w+\})*)\}", lambda m: base64.b64encode(self.fill(m[1]).encode()).decode(), text)
        text = re.sub(r"\{now([+-]\d+)?\}", lambda m: str(self.house.stamp + int(m[1] or 0)), text)
        return re.sub(r"\{(\w+)\}", lambda m: uuid.uuid4().hex if m[1] == "uuid" else self.words.get(m[1], m[0]), text)

    def query(self, case):
        given = json.loads((CORPUS / case["file"]).read_text("utf-8"))["params"]
        pairs = [(key, self.fill(value)) for key, value in given]
        variant = case["request"]["sign"]["variant"]
        if variant == "none":
            return urlencode(pairs)
        message = "&".join(f"{form(key)}={form(value)}" for key, value in sorted(pairs))
        if variant == "includes_hmac":
            message += "&hmac="
        mac = hmac.new(SECRET.encode(), message.encode(), hashlib.sha256).hexdigest()
        mac = {"wrong": "0" * 64, "uppercase_hex": mac.upper() + "A"}.get(variant, mac)
        before = [("shop", "evil.test")] if variant == "duplicate_param" else []
        return urlencode([*before, *pairs, ("hmac", mac)])

    def token(self, case):
        spec = json.loads((CORPUS / case["file"]).read_text("utf-8"))
        head, claims = ({key: self.fill(value) for key, value in part.items()} if isinstance(part, dict) else part
                        for part in (spec["header"], spec["claims"]))  # fmt: skip
        if isinstance(claims, dict):
            claims = {key: int(value) if key in ("exp", "nbf", "iat") else value for key, value in claims.items()}
        message = f"{b64(json.dumps(head).encode())}.{b64(json.dumps(claims).encode())}"
        key = {"empty_key": b"", "wrong_key": b"nope"}.get(spec["sign"], SECRET.encode())
        mac = b"" if spec["sign"] == "unsigned" else hmac.new(key, message.encode(), hashlib.sha256).digest()
        return f"{message}.{b64(mac)}", spec["sign"]

    def send(self, case):
        asked = case["request"]
        path = PATHS[asked["path"]]
        headers = {name: value for name, value in asked.get("headers", {}).items() if name != "Cookie"}
        if "query_from" in asked:
            return self.browser.get(f"{path}?{self.query(case)}", base_url=ADDRESS, headers=headers)
        token, how = self.token(case)
        if asked["token_in"] == "query":
            return self.browser.get(f"{path}?id_token={token}", base_url=ADDRESS)
        # As a server hands them on: two headers joined by a comma, a folded line by its blank.
        bearer = {"two_headers": f"Bearer {token},Bearer x.y.z", "newline": f"Bearer {token[:20]}  {token[20:]}"}
        query = f"?{self.fill(asked['query'])}" if "query" in asked else ""
        return self.browser.get(
            f"{path}{query}", base_url=ADDRESS, headers={"Authorization": bearer.get(how, f"Bearer {token}")}
        )


def form(text):
    return quote_plus(text, safe="*-._").replace("~", "%7E")


def b64(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def check(case, answer):
    wanted, location = case["expect"], answer.headers.get("Location", "")
    assert answer.status_code in wanted["status"], answer.status_code
    assert not [leak for leak in LEAKS if leak in answer.text]
    assert not [word for word in wanted.get("forbid_body", []) if word.startswith("{") is False and word in answer.text]
    assert not [word for word in wanted.get("forbid_location", []) if word in location]
    if wanted.get("location_same_origin") and location:
        assert location.startswith((f"{ADDRESS}/", "https://admin.shopify.com/"))
    cookies = " ".join(answer.headers.getlist("Set-Cookie"))
    assert not [word for word in wanted.get("forbid_set_cookie", []) if word in cookies]
    if wanted.get("frame_ancestors_exact") and answer.mimetype == "text/html":
        framers = set(re.search(r"frame-ancestors ([^;]*)", answer.headers["Content-Security-Policy"])[1].split())
        assert framers in ({f"https://{SHOP}", "https://admin.shopify.com"}, {"'none'"})


@cases("OAQ")
def test_odd_query_opens_nothing(case, house, shopify):
    attacker = Attacker(house)
    attacker.words["state"] = attacker.begin()
    attacker.words["state_used"] = "0" * 32
    if case["id"] == "OAQ-047":  # a state that was used: its install is done
        attacker.words["state_used"] = attacker.words["state"]
        done = house.signed(shop=SHOP, code="abc", state=attacker.words["state"])
        assert attacker.browser.get(f"/shopify/callback?{done}", base_url=ADDRESS).status_code == 302
        shopify.codes["abc"] = SHOP
    asked_before = len(shopify.asked)
    kept_before = house.access()

    answer = attacker.send(case)

    check(case, answer)
    if case["id"] != "OAQ-052":  # a cookie that an attacker planted: the installation itself is a true one
        assert len(shopify.asked) == asked_before
        assert house.access() == kept_before
    assert house.access(OTHER) is None


def test_planted_cookie_stands_for_nothing(house):
    case = next(case for case in CASES if case["id"] == "OAQ-052")
    attacker = Attacker(house)
    attacker.words["state"] = attacker.begin()
    for name in ("session", "__Host-session"):
        attacker.browser.set_cookie(name, "attackerfixed", domain="mail.example.com", secure=True)

    answer = attacker.send(case)

    assert answer.status_code == 302
    assert "session" not in " ".join(answer.headers.getlist("Set-Cookie"))


@cases("TOK")
def test_odd_token_opens_nothing(case, house, caplog):
    caplog.set_level(logging.DEBUG)
    house.visit()
    house.visit(shop=OTHER)
    attacker = Attacker(house)

    answer = attacker.send(case)

    check(case, answer)
    assert "Blue Fern" not in answer.text
    assert attacker.token(case)[0] not in caplog.text + answer.text


def test_the_same_sender_gets_in_with_what_is_true(house):
    house.visit()
    attacker = Attacker(house)
    true = next(case for case in CASES if case["id"] == "TOK-028")

    token, _ = attacker.token(true)
    answer = attacker.browser.get("/shopify/connection", base_url=ADDRESS, headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 200
    assert attacker.begin()


def test_corpus_is_whole():
    assert {kind: sum(case["id"].startswith(kind) for case in CASES) for kind in ("OAQ", "TOK")} == {"OAQ": 32, "TOK": 19}
    kept = {path.relative_to(CORPUS).as_posix() for folder in ("queries", "tokens") for path in (CORPUS / folder).iterdir()}
    assert kept == {case["file"] for case in CASES}
