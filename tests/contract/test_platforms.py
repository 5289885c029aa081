"""Every discovered platform, with every sample that its party brings, keeps the contract of `lifecycle.ports.Platform`."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters import platforms, postmen
from lifecycle.deliveries import Envelope
from lifecycle.errors import BadValue, NotAuthentic, Unaddressed, Unreadable
from lifecycle.events import Event
from lifecycle.ports import Platform, RawRequest
from tests.contract.samples import NOW, SETTINGS, Sample, all_samples

SAMPLES = all_samples()
PARTIES = sorted({sample.platform for sample in SAMPLES})
BRIEF = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

of_each_sample = pytest.mark.parametrize("sample", SAMPLES, ids=str)
of_each_party = pytest.mark.parametrize("party", PARTIES)


@cache
def found() -> dict[str, Platform]:
    return platforms(SETTINGS)


def platform_of(sample: Sample) -> Platform:
    return found()[sample.platform]


def told(platform: Platform, envelope: Envelope, body: bytes) -> tuple[Event, ...] | str:
    """What a body says: its events, or the reason why it says nothing. Anything else that happens is a failure."""
    try:
        return tuple(platform.read(envelope, body))
    except Unreadable as error:
        return error.reason


def with_signature(sample: Sample, text: str | None) -> RawRequest:
    headers = dict(sample.raw.headers)
    headers.pop(sample.signature)
    return replace(sample.raw, headers=headers if text is None else {**headers, sample.signature: text})


def is_handled(sample: Sample) -> bool:
    return platform_of(sample).topics[sample.topic].reader is not None


HANDLED = [sample for sample in SAMPLES if sample.topic in platform_of(sample).topics and is_handled(sample)]
# One sample a topic is enough for what does not depend on the body.
FIRSTS = list({(sample.platform, sample.topic): sample for sample in reversed(HANDLED)}.values())

# ---- who is there ----------------------------------------------------------------------------------------------------


def test_every_folder_with_a_platform_is_found_and_brings_samples():
    assert found()
    if PARTIES != ["shopify"]:  # a party being built alone, by SAMPLES_OF
        assert set(found()) == set(PARTIES)


def test_every_platform_is_named_like_its_place_in_the_webhook_path():
    for name, platform in found().items():
        assert re.fullmatch(r"[a-z]+", name)
        assert platform.title


def test_postmen_are_found_without_being_made():
    assert all(callable(maker) for maker in postmen(object()).values())
    assert not set(postmen(object())) & set(found())


# ---- topics ----------------------------------------------------------------------------------------------------------


@of_each_party
def test_every_topic_is_either_read_or_ignored_with_a_reason(party):
    for name, topic in found()[party].topics.items():
        assert topic.name == name
        assert bool(topic.reader) != bool(topic.ignored), name
        assert topic.lane in range(4)


@of_each_sample
def test_topic_of_every_sample_is_known(sample):
    assert sample.topic in platform_of(sample).topics


# ---- the door --------------------------------------------------------------------------------------------------------


@of_each_sample
def test_true_signature_opens_with_the_current_and_with_the_previous_secret(sample):
    platform_of(sample).verify(sample.raw, sample.secrets, sample.now)
    platform_of(sample).verify(sample.raw, (b"a newer secret", *sample.secrets[:1]), sample.now)


@of_each_sample
def test_headers_say_who_it_is_from_and_say_it_twice_alike(sample):
    envelope = platform_of(sample).address(sample.raw)

    assert (envelope.party, envelope.topic) == (sample.platform, sample.topic)
    assert envelope.store_key
    assert 0 < len(envelope.delivery_id) <= 200
    assert envelope == platform_of(sample).address(sample.raw)


@of_each_sample
def test_a_delivery_is_no_probe(sample):
    assert not platform_of(sample).is_probe(sample.raw)


@pytest.mark.parametrize("sample", FIRSTS, ids=str)
def test_a_flipped_bit_anywhere_is_not_authentic(sample):
    body = sample.raw.body
    for at in {0, len(body) // 2, len(body) - 1}:
        flipped = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        with pytest.raises(NotAuthentic):
            platform_of(sample).verify(replace(sample.raw, body=flipped), sample.secrets, sample.now)


@pytest.mark.parametrize("sample", FIRSTS, ids=str)
def test_every_other_signature_is_not_authentic(sample):
    true = sample.raw.headers[sample.signature]
    forged = (
        None,
        "",
        " ",
        "not base64!",
        "é" * 44,
        "\ud800" * 44,
        true[:-4],
        true[:10] + " " + true[10:],
        true[:10] + "!" + true[10:],
        true.swapcase(),
        f"{true},{true}",
        f"AAAA,{true}",
        "A" * 8_000,
        "0" * 64,
    )
    for text in forged:
        with pytest.raises(NotAuthentic):
            platform_of(sample).verify(with_signature(sample, text), sample.secrets, sample.now)


@pytest.mark.parametrize("sample", FIRSTS, ids=str)
@pytest.mark.parametrize("secrets", [(), (b"",), (b"", b""), (b"another secret",)])
def test_without_the_right_secret_nothing_is_authentic(sample, secrets):
    with pytest.raises(NotAuthentic):
        platform_of(sample).verify(sample.raw, secrets, sample.now)


@of_each_party
def test_a_request_that_says_nothing_is_unaddressed_and_not_authentic(party):
    for body in (b"", b"{}"):
        with pytest.raises(Unaddressed):
            found()[party].address(RawRequest({}, body))
        with pytest.raises(NotAuthentic):
            found()[party].verify(RawRequest({}, body), (b"secret",), NOW)


@of_each_party
@BRIEF
@given(data=st.data())
def test_any_rubbish_at_the_door_gives_a_declared_answer(party, data):
    names = sorted({name for sample in SAMPLES if sample.platform == party for name in sample.raw.headers})
    headers = data.draw(st.dictionaries(st.sampled_from(names), st.text(max_size=60)))
    raw = RawRequest(headers, data.draw(st.binary(max_size=60)), data.draw(st.text(max_size=20)))

    with pytest.raises(NotAuthentic):
        found()[party].verify(raw, (b"secret",), NOW)
    try:
        envelope = found()[party].address(raw)
    except Unaddressed:
        return
    assert envelope.party == party
    assert isinstance(found()[party].is_probe(raw), bool)
    assert all(isinstance(secret, bytes) for secret in found()[party].secrets(envelope, None))


@of_each_party
@BRIEF
@given(text=st.text(max_size=60))
def test_a_typed_store_is_one_spelling_or_refused(party, text):
    try:
        key = found()[party].store_key(text)
    except BadValue:
        return
    assert found()[party].store_key(key) == key


# ---- reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", HANDLED, ids=str)
def test_reading_is_the_same_twice_and_leaves_the_store_to_others(sample):
    envelope = platform_of(sample).address(sample.raw)

    events = told(platform_of(sample), envelope, sample.raw.body)

    assert events == told(platform_of(sample), envelope, sample.raw.body)
    if not isinstance(events, str):
        assert all(event.store_id == "" and event.occurred_at.utcoffset() is not None for event in events)
        assert len({event.id for event in events}) == len(events)


@pytest.mark.parametrize("sample", FIRSTS, ids=str)
def test_what_is_no_object_of_the_topic_is_unreadable(sample):
    envelope = platform_of(sample).address(sample.raw)
    whole = sample.raw.body
    wrong = (
        b"",
        b"[]",
        b"null",
        b"1",
        b'"text"',
        b"{}",
        whole[: len(whole) // 2],
        whole + b"x",
        b"[" + whole + b"]",
        b"\xff",
    )

    for body in wrong:
        assert isinstance(told(platform_of(sample), envelope, body), str), body[:40]


@pytest.mark.parametrize("sample", FIRSTS, ids=str)
@pytest.mark.parametrize(
    "body",
    [
        b'{"id":' * 990 + b"1" + b"}" * 990,
        b"[" * 200_000,
        b'{"id":1,"total":NaN}',
        b'{"id":1,"total":-Infinity}',
        b'{"id":1,"total":1e999999999}',
        b'{"id":' + b"9" * 5_000 + b"}",
        b'{"id":1,"id":2}',
        '{"id":1}'.encode("utf-16"),
        b'{"id":"\xc0\xaf"}',
    ],
    ids=["deep", "unclosed", "nan", "infinity", "exponent", "digits", "repeated", "utf16", "overlong"],
)
def test_what_two_parsers_could_read_in_two_ways_is_unreadable(sample, body):
    envelope = platform_of(sample).address(sample.raw)

    assert isinstance(told(platform_of(sample), envelope, body), str)


def test_an_ignored_topic_says_nothing_whatever_its_body():
    for sample in SAMPLES:
        if not is_handled(sample):
            assert told(platform_of(sample), platform_of(sample).address(sample.raw), sample.raw.body) == ()


def places(value, path=()) -> Iterator[tuple]:
    """Every place in a JSON value, as the keys that lead there."""
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield from places(item, (*path, key))


def changed(value, path, new):
    """A copy with `new` at `path`; the place itself gone when `new` is the Ellipsis."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    if len(path) == 1 and new is ...:
        del copy[path[0]]
    else:
        copy[path[0]] = changed(copy[path[0]], path[1:], new)
    return copy


ODD = st.sampled_from(
    [
        ...,
        None,
        "",
        [],
        {},
        [None],
        [[]],
        [{}],
        {"": None},
        0,
        -1,
        1.5,
        True,
        False,
        10**12,
        2**63,
        2**64,
        10**30,
        1e308,
        "\x00",
        "\ud800",
        "\u202e",
        "a\r\nBcc: b@example.com",
        "9" * 400,
        "1e999999999",
        "NaN",
        "-1.00",
        "٣٤",
        "999999999999999.99",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "2026-02-30T00:00:00Z",
        "2026-11-20T10:00:00",
        "a@example.com,b@example.com",
        "javascript:alert(1)",
        "https://[",
        "USD",
        "x" * 5_000,
        {"name": "USD", "amount": "1"},
    ]
)


@of_each_party
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_any_recorded_body_with_something_odd_in_it_is_read_or_unreadable(party, data):
    sample = data.draw(st.sampled_from([sample for sample in HANDLED if sample.platform == party]))
    platform, envelope = platform_of(sample), platform_of(sample).address(sample.raw)
    try:
        value = json.loads(sample.raw.body)
    except ValueError:
        return
    for _ in range(data.draw(st.integers(1, 3))):
        if isinstance(value, dict) and (spots := list(places(value))):
            value = changed(value, data.draw(st.sampled_from(spots)), data.draw(ODD))

    events = told(platform, envelope, json.dumps(value).encode())

    if not isinstance(events, str):
        assert all(isinstance(event, Event) and event.id and event.occurred_at.tzinfo for event in events)


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=6),
    max_leaves=20,
)


@of_each_party
@BRIEF
@given(data=st.data())
def test_any_bytes_under_any_topic_are_read_or_unreadable(party, data):
    platform = found()[party]
    topic = data.draw(st.sampled_from(sorted(platform.topics)) | st.text(max_size=20))
    sample = next(sample for sample in SAMPLES if sample.platform == party)
    envelope = replace(platform.address(sample.raw), topic=topic)
    body = data.draw(st.binary(max_size=200) | ANY_JSON.map(lambda value: json.dumps(value).encode()))

    events = told(platform, envelope, body)

    assert isinstance(events, str | tuple)


@pytest.mark.parametrize("sample", HANDLED, ids=str)
def test_a_body_under_every_other_topic_is_read_as_that_topic_or_unreadable(sample):
    platform, envelope = platform_of(sample), platform_of(sample).address(sample.raw)

    for topic in platform.topics:
        assert told(platform, replace(envelope, topic=topic), sample.raw.body) is not None


# ---- scrubbing -------------------------------------------------------------------------------------------------------

# Keys under which any of the platforms keeps what says who somebody is.
PERSONAL = re.compile(
    r"(.*_)?(email|phone|first_name|last_name|address_?1|address_?2|postcode|zip|token|username|"
    r"customer_ip_address|browser_ip|customer_user_agent|street|street2)(_address)?|company"
)


def shape(value):
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return float if isinstance(value, int | float) and not isinstance(value, bool) else type(value)


def personal(value, key="") -> Iterator[str]:
    if isinstance(value, dict | list):
        for inner, item in value.items() if isinstance(value, dict) else ((key, item) for item in value):
            yield from personal(item, inner)
    elif isinstance(value, str) and len(value) > 3 and PERSONAL.fullmatch(key):
        yield value


@of_each_sample
def test_a_scrubbed_body_keeps_its_shape_and_tells_the_same_kinds(sample):
    platform, envelope = platform_of(sample), platform_of(sample).address(sample.raw)
    try:
        before = json.loads(sample.raw.body)
    except ValueError:
        before = None
    if not isinstance(before, dict):
        with pytest.raises(Unreadable):
            platform.scrub(sample.raw.body)
        return

    scrubbed = platform.scrub(sample.raw.body)

    assert shape(json.loads(scrubbed)) == shape(before)
    was, now = told(platform, envelope, sample.raw.body), told(platform, envelope, scrubbed)
    assert isinstance(was, str) == isinstance(now, str)
    if not isinstance(was, str):
        assert [(event.kind, event.occurred_at) for event in now] == [(event.kind, event.occurred_at) for event in was]


@of_each_sample
def test_a_scrubbed_body_has_nobody_in_it(sample):
    try:
        scrubbed = platform_of(sample).scrub(sample.raw.body).decode()
    except Unreadable:
        return

    left = set(personal(json.loads(sample.raw.body))) & set(personal(json.loads(scrubbed)))
    assert not {text for text in left if "scrubbed" not in text and "example." not in text and text.strip("+0-15")}
    # «example string» stands for every text in bodies of which only the keys are known.
    before = set(personal(json.loads(sample.raw.body))) - {"example string"}
    gone = before - set(personal(json.loads(scrubbed)))
    assert not {text for text in gone if f'"{text}"' in scrubbed}
    addresses = re.findall(r"[\w.+-]+@[\w.-]+", scrubbed)
    assert all(address.endswith(("@example.com", ".test")) for address in addresses), addresses
