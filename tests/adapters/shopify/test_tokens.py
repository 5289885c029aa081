import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.shopify import door, tokens
from lifecycle.errors import BadValue, NotAuthentic
from lifecycle.ports import Visit

VECTORS = json.loads((Path(__file__).parents[2] / "fixtures" / "shopify" / "vectors.json").read_text("utf-8"))
KEY, SECRET, OLD = VECTORS["api_key"], VECTORS["secret"].encode(), VECTORS["old_secret"].encode()
NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
SHOP = "sample-shop.myshopify.com"

# Inputs that Shopify's JavaScript library takes and we do not, each with the reason.
STRICTER_SHOPS = {
    "sample-shop.myshopify.com/": "the name ends in a host's name and in an address, and an address is built from it: full match only",
    "under_score.myshopify.com": "Shopify's own documentation allows letters, digits and hyphens only",
    "sample-shop.myshopify.io": "Shopify's internal domain: no merchant's shop is there",
    "sample-shop.shop.dev": "Shopify's internal domain: no merchant's shop is there",
}


def vectors(kind):
    return pytest.mark.parametrize("vector", VECTORS[kind], ids=lambda one: one.get("name") or one["input"])


def at(vector):
    return datetime.fromtimestamp(vector["verify_at"], UTC)


def accepted(check, *args):
    try:
        check(*args)
    except (NotAuthentic, BadValue):
        return False
    return True


def claims(**changes):
    made = {
        "iss": f"https://{SHOP}/admin", "dest": f"https://{SHOP}", "aud": KEY, "sub": "42", "jti": "j", "sid": "s",
        "exp": int(NOW.timestamp()) + 50, "nbf": int(NOW.timestamp()) - 10, "iat": int(NOW.timestamp()) - 10,
    }  # fmt: skip
    return {name: value for name, value in (made | changes).items() if value is not None}


def made(secret=SECRET, headers=None, **changes):
    return jwt.encode(claims(**changes), secret, "HS256", headers=headers)


def reason(token, secrets=(SECRET,), now=NOW):
    with pytest.raises(NotAuthentic) as refused:
        tokens.visitor(token, KEY, secrets, now)
    return refused.value.reason


# ---- Shopify's vectors -----------------------------------------------------------------------------------------------


@vectors("session_tokens")
def test_session_token_is_taken_exactly_when_it_should_be(vector):
    assert accepted(tokens.visitor, vector["token"], KEY, [SECRET], at(vector)) == vector["should_accept"]


@vectors("oauth_queries")
def test_query_is_taken_exactly_when_it_should_be(vector):
    assert accepted(tokens.signed_query, vector["query_string"], [SECRET], at(vector)) == vector["should_accept"]


@vectors("shop_domains")
def test_shop_is_taken_as_shopify_takes_it_or_more_strictly(vector):
    taken = accepted(door.shop, vector["input"])

    assert taken == (vector["library_sanitizeShop"] is not None and vector["input"] not in STRICTER_SHOPS)
    assert not taken or door.shop(vector["input"]) == vector["library_sanitizeShop"]


@vectors("host_params")
def test_host_leads_into_the_admin_exactly_when_shopify_says_so(vector):
    taken = accepted(tokens.place_in_admin, vector["input"])

    assert taken == (vector["library_sanitizeHost"] is not None)
    assert not taken or tokens.place_in_admin(vector["input"]) == vector["decoded"]


def test_every_stricter_shop_is_still_a_vector():
    known = {vector["input"] for vector in VECTORS["shop_domains"] if vector["library_sanitizeShop"]}

    assert set(STRICTER_SHOPS) <= known


def test_old_secret_counts_while_it_is_active():
    token = next(one for one in VECTORS["session_tokens"] if one["name"] == "wrong_secret")["token"]

    assert tokens.visitor(token, KEY, [SECRET, OLD], NOW).store_key == SHOP


# ---- id tokens -------------------------------------------------------------------------------------------------------


def test_token_names_the_shop_and_the_person():
    assert tokens.visitor(made(), KEY, [SECRET], NOW) == Visit(SHOP, "42")


@pytest.mark.parametrize("name", ["exp", "nbf", "aud", "iss", "dest", "sub"])
def test_token_without_a_needed_claim_is_refused(name):
    assert reason(made(**{name: None})) in {"odd_token", "wrong_audience"}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"exp": int(NOW.timestamp()) + 10 * 365 * 86400}, "odd_token"),
        ({"exp": int(NOW.timestamp()) + 291}, "odd_token"),
        ({"exp": int(NOW.timestamp()) + 50.5}, "odd_token"),
        ({"exp": True}, "odd_token"),
        ({"exp": int(NOW.timestamp()) - 11, "nbf": int(NOW.timestamp()) - 70, "iat": None}, "stale_token"),
        ({"nbf": int(NOW.timestamp()) + 11, "iat": None}, "stale_token"),
        ({"iat": int(NOW.timestamp()) + 11}, "stale_token"),
        ({"aud": [KEY]}, "wrong_audience"),
        ({"aud": [KEY, "other"]}, "wrong_audience"),
        ({"aud": "other"}, "wrong_audience"),
        ({"iss": "https://other.myshopify.com/admin"}, "wrong_shop"),
        ({"iss": f"https://{SHOP}"}, "wrong_shop"),
        ({"iss": f"https://{SHOP}/admin/"}, "wrong_shop"),
        ({"iss": f"http://{SHOP}/admin", "dest": f"http://{SHOP}"}, "wrong_shop"),
        ({"iss": "https://evil.test/admin", "dest": "https://evil.test"}, "wrong_shop"),
        ({"dest": f"https://{SHOP}@evil.test"}, "wrong_shop"),
        ({"dest": f"https://{SHOP}\n"}, "wrong_shop"),
        ({"dest": f"https://{SHOP}/"}, "wrong_shop"),
        ({"dest": [SHOP]}, "wrong_shop"),
        ({"sub": ""}, "odd_token"),
    ],
)  # fmt: skip
def test_odd_claim_is_refused_with_its_reason(changes, why):
    assert reason(made(**changes)) == why


def test_token_signed_by_nobody_we_know_is_refused():
    assert reason(made(b"x" * 40)) == "wrong_signature"
    assert reason(made(), secrets=()) == "no_secret"


def test_empty_client_id_opens_nothing():
    with pytest.raises(NotAuthentic):
        tokens.visitor(jwt.encode(claims(aud=""), SECRET, "HS256"), "", [SECRET], NOW)


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_other_algorithm_is_refused_even_with_the_true_secret(algorithm):
    with_long_key = jwt.encode(claims(), SECRET * 3, algorithm)

    assert reason(with_long_key, secrets=(SECRET * 3,)) == "odd_token"


def test_unsigned_token_and_unknown_extension_are_refused():
    assert reason(jwt.encode(claims(), None, "none")) == "odd_token"
    assert reason(made(headers={"crit": ["x"], "x": 1})) == "odd_token"


def test_refusal_says_nothing_of_the_token():
    token = made(aud="other")

    with pytest.raises(NotAuthentic) as refused:
        tokens.visitor(token, KEY, [SECRET], NOW)

    assert token not in repr(refused.value)
    assert SHOP not in str(refused.value)


@given(
    st.text(max_size=300)
    | st.binary(max_size=200).map(lambda raw: ".".join(base64.urlsafe_b64encode(raw[i::3]).decode() for i in range(3)))
)
def test_any_rubbish_for_a_token_is_refused_and_never_more(text):
    assert not accepted(tokens.visitor, text, KEY, [SECRET], NOW)


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=9), lambda inner: st.lists(inner, max_size=2))
)
def test_any_signed_value_for_any_claim_is_refused_or_read(value):
    for name in ("exp", "nbf", "iat", "sub", "iss", "dest", "aud"):
        token = ".".join(
            base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
            for part in ({"alg": "HS256", "typ": "JWT"}, claims() | {name: value})
        )
        mac = base64.urlsafe_b64encode(hmac.new(SECRET, token.encode(), hashlib.sha256).digest()).decode().rstrip("=")
        accepted(tokens.visitor, f"{token}.{mac}", KEY, [SECRET], NOW)


# ---- queries ---------------------------------------------------------------------------------------------------------


def signed(secret=SECRET, **params):
    params = {"shop": SHOP, "timestamp": str(int(NOW.timestamp()))} | params
    text = "&".join(f"{key}={value}" for key, value in sorted(params.items()))
    return urlencode({**params, "hmac": hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()})


def test_query_signed_with_the_previous_secret_counts():
    assert tokens.signed_query(signed(OLD), [SECRET, OLD], NOW)["shop"] == SHOP


@pytest.mark.parametrize(
    ("query", "why"),
    [
        (signed() + "&shop=evil.myshopify.com", "odd_query"),
        (signed() + "&hmac=" + "0" * 64, "odd_query"),
        (signed().replace("hmac=", "hmac="[:-1] + "%3D="), "no_signature"),
        (signed(timestamp=str(int(NOW.timestamp()) + 91)), "stale_query"),
        (signed(timestamp=str(int(NOW.timestamp()) - 91)), "stale_query"),
        (signed(timestamp="١٧٩٥١٨٥٠٠٠"), "stale_query"),
        (signed(b"another"), "wrong_signature"),
        ("hmac=%E9", "odd_query"),
        ("&".join(f"a{i}=1" for i in range(100)), "odd_query"),
        ("a=" + "1" * 20_000, "odd_query"),
        ("", "no_signature"),
    ],
)
def test_odd_query_is_refused_with_its_reason(query, why):
    with pytest.raises(NotAuthentic) as refused:
        tokens.signed_query(query, [SECRET], NOW)

    assert refused.value.reason == why


def test_query_is_signed_as_javascript_writes_it():
    """~ becomes %7E, * stays, a blank becomes +: WHATWG URL, application/x-www-form-urlencoded, as read on 2026-11-20."""
    stamp = int(NOW.timestamp())
    message = f"shop={SHOP}&state=%7E%27%28%C3%BC+*-._%29&timestamp={stamp}"
    mac = hmac.new(SECRET, message.encode(), hashlib.sha256).hexdigest()

    found = tokens.signed_query(f"{message}&hmac={mac}", [SECRET], NOW)

    assert found["state"] == "~'(ü *-._)"


def test_callback_needs_a_code_and_a_shop():
    assert tokens.consented(signed(code="abc", state="s"), [SECRET], NOW).code == "abc"
    for odd in ({"code": ""}, {"code": "a b"}, {"code": "c" * 201}, {"code": "abc", "shop": "evil.test"}):
        assert not accepted(tokens.consented, signed(**odd), [SECRET], NOW)


@given(st.text(max_size=200))
def test_any_rubbish_for_a_query_or_host_is_refused_or_read(text):
    for check in (tokens.launch, tokens.place_in_admin, tokens.pairs):
        accepted(check, text)
    assert not accepted(tokens.signed_query, text, [SECRET], NOW)


def test_launch_reads_what_the_admin_writes():
    host = base64.b64encode(b"admin.shopify.com/store/sample-shop").decode().rstrip("=")

    found = tokens.launch(
        urlencode({"shop": SHOP.upper(), "host": host, "embedded": "1", "locale": "pt-BR", "id_token": "t.o.k"})
    )

    assert (found.shop, found.place, found.embedded, found.locale) == (
        SHOP,
        "admin.shopify.com/store/sample-shop",
        True,
        "pt-BR",
    )
    assert "t.o.k" not in repr(found)


@pytest.mark.parametrize(
    "host",
    [
        "evil.test@admin.shopify.com/store/x",
        "admin.shopify.com/store/x/../..",
        "admin.shopify.com/store/x\n",
        "x.myshopify.com",
        "admin.shopify.com/store/",
    ],
)
def test_host_that_leads_elsewhere_is_refused(host):
    assert not accepted(tokens.place_in_admin, base64.b64encode(host.encode()).decode())


def test_token_older_than_its_minute_is_told_apart_so_that_a_fresh_one_can_be_fetched():
    assert reason(made(), now=NOW + timedelta(minutes=2)) == "stale_token"
