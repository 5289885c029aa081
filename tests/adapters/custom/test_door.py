import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.custom import door, platform
from lifecycle.errors import BadValue, NotAuthentic, Unaddressed, Unreadable
from lifecycle.ports import MakesSecrets, RawRequest
from lifecycle.stores import Store
from tests.contract.samples import NOW
from tests.contract.samples_custom import FOLDER, SECRETS, signed

BODY = b'{"type":"order.placed"}'
HOUSE = platform(None)
ATTACKS = json.loads((FOLDER / "attack" / "cases.json").read_text())
# Example of the specification's own text: secret, id, time, body and signature.
PUBLISHED = RawRequest(
    {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    },
    b'{"test": 2432232314}',
)


def refusal(raw, keys=SECRETS[:1], now=NOW):
    with pytest.raises(NotAuthentic) as refused:
        HOUSE.verify(raw, keys, now)
    return refused.value.reason


def with_headers(raw, **headers):
    return RawRequest(
        {**raw.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}, raw.body, raw.token
    )


def test_published_example_is_authentic():
    key = door.key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

    HOUSE.verify(PUBLISHED, [key], datetime.fromtimestamp(1614265330, UTC))


@pytest.mark.parametrize("seconds", [-300, -1, 0, 1, 300])
def test_time_within_five_minutes_is_authentic(seconds):
    HOUSE.verify(signed(BODY), SECRETS, NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-301, 301, 10**6])
def test_time_further_away_is_refused_though_signed(seconds):
    assert refusal(signed(BODY), now=NOW + timedelta(seconds=seconds)) == "wrong_time"


@pytest.mark.parametrize(
    "text", ["", "NaN", "1e10", "9" * 20, "9" * 5000, "1763649000.5", " 1763649000", "0x65", "-5", "١٧٦٣٦٤٩٠٠٠", "1_0"]
)
def test_odd_time_is_refused(text):
    assert refusal(with_headers(signed(BODY), webhook_timestamp=text)) in ("no_timestamp", "wrong_time")


def own(webhook_id, body=BODY, now=NOW):
    """Signed over an id that `signed` would not take either."""
    return signed(body, webhook_id=webhook_id, now=now)


@pytest.mark.parametrize("webhook_id", ["", "msg_1.1700000000", ".", "a b", "x" * 201, "a\nb", "ü"])
def test_odd_id_is_refused_though_signed(webhook_id):
    raw = own("placeholder")
    timestamp = raw.headers["webhook-timestamp"]
    mac = hmac.new(SECRETS[0], f"{webhook_id}.{timestamp}.".encode() + BODY, hashlib.sha256).digest()
    raw = with_headers(raw, webhook_id=webhook_id, webhook_signature="v1," + base64.b64encode(mac).decode())

    assert refusal(raw) == "no_webhook_id"
    with pytest.raises(Unaddressed):
        HOUSE.address(raw)


def test_id_time_and_body_are_all_signed():
    raw = signed(BODY)

    assert refusal(with_headers(raw, webhook_id="msg_other")) == "wrong_signature"
    later = str(int(raw.headers["webhook-timestamp"]) + 1)
    assert refusal(with_headers(raw, webhook_timestamp=later)) == "wrong_signature"
    assert refusal(RawRequest(raw.headers, BODY + b" ", raw.token)) == "wrong_signature"


BAD = "v1," + base64.b64encode(b"y" * 32).decode()


@pytest.mark.parametrize(("before", "after"), [(0, 0), (1, 1), (2, 2), (9, 0), (9, 490)])
def test_one_true_signature_among_the_first_ten_is_enough(before, after):
    true = signed(BODY).headers["webhook-signature"]

    HOUSE.verify(
        with_headers(signed(BODY), webhook_signature=" ".join([BAD] * before + [true] + [BAD] * after)), SECRETS, NOW
    )


@pytest.mark.parametrize("before", [10, 499])
def test_true_signature_after_the_tenth_is_not_looked_at(before):
    true = signed(BODY).headers["webhook-signature"]

    assert refusal(with_headers(signed(BODY), webhook_signature=" ".join([BAD] * before + [true]))) == "wrong_signature"


def test_five_hundred_signatures_over_a_large_body_are_refused_at_once():
    body = b"x" * 100_000
    raw = with_headers(signed(body), webhook_signature=" ".join([BAD] * 500))
    began = time.perf_counter()

    for _ in range(10):
        assert refusal(raw, keys=SECRETS) == "wrong_signature"

    assert (time.perf_counter() - began) / 10 < 0.05


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "v1,",
        "v1",
        "{true}",
        "v1a,{true}",
        "v2,{true}",
        "V1,{true}",
        "v1 {true}",
        "v1,{true}=",
        "v1,{short}",
        "v1,{safe}",
        "v1,v1,{true}",
    ],
)
def test_every_other_form_of_a_signature_is_refused(text):
    true = signed(BODY).headers["webhook-signature"].removeprefix("v1,")
    safe = "_" + true[1:]
    short = base64.b64encode(b"y" * 31).decode()

    assert refusal(with_headers(signed(BODY), webhook_signature=text.format(true=true, short=short, safe=safe))) in (
        "no_signature", "wrong_signature",
    )  # fmt: skip


@given(
    st.dictionaries(st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]), st.text(max_size=80)),
    st.binary(max_size=30),
)
def test_any_rubbish_is_not_authentic(headers, body):
    assert refusal(RawRequest(headers, body, "token"))


@pytest.mark.parametrize("case", ATTACKS, ids=lambda case: case["id"])
def test_attack_is_answered_as_it_should_be(case):
    body = (FOLDER / "attack" / case["file"]).read_bytes()
    now = str(int(NOW.timestamp()))
    webhook_id = case["webhook-id"].replace("{uuid_hex}", "ab" * 16)
    timestamp = case["webhook-timestamp"].replace("{now}", now)
    message = f"{webhook_id}.{timestamp}.".encode() + body
    true = base64.b64encode(hmac.new(SECRETS[0], message, hashlib.sha256).digest()).decode()
    as_text = b"whsec_" + base64.b64encode(SECRETS[0])
    header = {
        "valid": "v1," + true,
        "v1_empty": "v1,",
        "no_prefix": true,
        "prefix_not_stripped": "v1," + base64.b64encode(hmac.new(as_text, message, hashlib.sha256).digest()).decode(),
    }[case["variant"]]
    raw = RawRequest(
        {"webhook-id": webhook_id, "webhook-timestamp": timestamp, "webhook-signature": header}, body, "token-of-the-path"
    )

    try:
        HOUSE.verify(raw, SECRETS[:1], NOW)
    except NotAuthentic:
        assert 401 in case["status"]
        return
    assert 200 in case["status"]
    # Every one of them either names no type of ours or has no data that could be read: kept, shown, and no letter.
    with pytest.raises(Unreadable) as unread:
        HOUSE.read(HOUSE.address(raw), body)
    assert unread.value.reason in ("unknown_type", "no_data")


def test_attacks_that_must_be_quarantined_come_that_far():
    assert [case["id"] for case in ATTACKS if case["quarantined"]] == ["CUB-024"]
    assert {case["variant"] for case in ATTACKS} >= {"valid", "no_prefix"}


def test_headers_claim_token_topic_id_and_time():
    envelope = HOUSE.address(signed(BODY, topic="order.placed"))

    assert (envelope.party, envelope.store_key, envelope.topic) == ("custom", "token-of-the-path", "order.placed")
    assert (envelope.delivery_id, envelope.at) == ("msg_contract", NOW)
    assert HOUSE.address(signed(BODY)).topic == "event"


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"token": ""}, "no_token"), ({"webhook_id": ""}, "no_webhook_id"), ({"topic": "../x"}, "odd_topic")],
)
def test_request_that_does_not_say_whose_it_is_is_unaddressed(change, reason):
    with pytest.raises(Unaddressed) as unaddressed:
        HOUSE.address(signed(BODY, **change))

    assert unaddressed.value.reason == reason


def store(*secrets):
    return Store(id="s", platform="custom", key="my-shop", token="t", name="", secrets=secrets)


def test_store_secrets_are_decoded_newest_first():
    texts = ["whsec_" + base64.b64encode(key).decode() for key in SECRETS]

    assert HOUSE.secrets(HOUSE.address(signed(BODY)), store(*texts)) == list(SECRETS)


@pytest.mark.parametrize(
    "secret",
    ["", "whsec_", "whsec_!!!", "hunter2", "whsec_" + base64.b64encode(b"short").decode(), "whsec_ü", "whsec_" + "A" * 400],
)
def test_secret_that_is_none_lets_nothing_in(secret):
    envelope = HOUSE.address(signed(BODY))

    assert HOUSE.secrets(envelope, store(secret)) == []
    assert HOUSE.secrets(envelope, None) == []
    assert refusal(signed(BODY), keys=HOUSE.secrets(envelope, store(secret))) == "no_secret"


def test_new_secrets_differ_and_work():
    one, other = HOUSE.new_secret(), HOUSE.new_secret()

    assert isinstance(HOUSE, MakesSecrets)
    assert one != other
    assert one.startswith("whsec_")
    (key,) = HOUSE.secrets(HOUSE.address(signed(BODY)), store(one))
    HOUSE.verify(signed(BODY, key=key), [key], NOW)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("my-shop", "my-shop"),
        (" My.Shop ", "my.shop"),
        ("https://Shop.net/en?x=1", "shop.net"),
        ("http://shop.net:8080", "shop.net"),
        ("7", "7"),
    ],
)
def test_store_key_is_a_short_name_or_a_host(typed, key):
    assert HOUSE.store_key(typed) == key


@pytest.mark.parametrize(
    "typed",
    ["", "-x", "x-", "a b", "a/b", "https://", "https://[", "ü", "a_b", "x" * 101, "shop.net."],
)
def test_other_store_keys_are_refused(typed):
    with pytest.raises(BadValue):
        HOUSE.store_key(typed)


def test_nothing_is_a_probe():
    assert not HOUSE.is_probe(RawRequest({}, b"", "t"))


def test_fixture_folder_is_where_its_sources_say():
    assert (Path(FOLDER) / "SOURCES.md").exists()
