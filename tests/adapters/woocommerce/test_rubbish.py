"""Whatever comes in: events or one declared error."""

import json
from copy import deepcopy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lifecycle.errors import NotAuthentic, Unaddressed, Unreadable
from lifecycle.events import Event
from lifecycle.ports import RawRequest
from tests.adapters.woocommerce.recordings import PLATFORM, read_as, recordings
from tests.adapters.woocommerce.test_door import NOW

TOPICS = sorted(name for name, topic in PLATFORM.topics.items() if topic.reader)
RICH = (59, 171, 193, 218, 223, 237, 258, 259, 292, 32, 58, 300)
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(
        ["", "0", "-0.00", "1e9", "999999999999999.999999999999", "\ud800", "\x00", "<" * 200, "&amp;#;", "JPY"]
    ),
    st.sampled_from(
        ["9999-12-31T23:59:59", "0001-01-01T00:00:00", "0001-01-01T00:00:00+23:00", "a@x.test", "_tracking_number"]
    ),
    st.sampled_from(["processing", "completed", "cancelled", "failed", "trash", "refunded", "checkout-draft"]),
    st.just([]),
    st.just({}),
    st.just([[]]),
    st.just(
        {"id": 1, "key": "_wc_shipment_tracking_items", "value": [{"tracking_number": 1, "products_list": [{"qty": "x"}]}]}
    ),
)
SLOW = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def tells(topic, body):
    try:
        events = read_as(topic, body)
    except Unreadable:
        return None
    assert all(isinstance(event, Event) and event.id and event.fact_id for event in events)
    return events


def paths(value, at=()):
    yield at
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from paths(item, (*at, key))


PATHS = {number: [path for path in paths(recordings()[number].json) if path] for number in RICH}


@st.composite
def mutated(draw):
    number = draw(st.sampled_from(RICH))
    body = recordings()[number].json
    for path in draw(st.lists(st.sampled_from(PATHS[number]), min_size=1, max_size=4)):
        _put(body, path, deepcopy(draw(ODD)))
    return body


def _put(body, path, value):
    """Sets what stands at the path, if an earlier change has left it there."""
    for key in path[:-1]:
        if not _has(body, key):
            return
        body = body[key]
    if _has(body, path[-1]):
        body[path[-1]] = value


def _has(body, key):
    return key in body if isinstance(body, dict) else isinstance(body, list) and isinstance(key, int) and key < len(body)


@given(st.sampled_from(TOPICS), st.binary(max_size=200))
@SLOW
def test_any_bytes_are_events_or_not_understood(topic, body):
    tells(topic, body)


@given(st.sampled_from(TOPICS), mutated())
@SLOW
def test_a_recording_with_odd_parts_is_events_or_not_understood(topic, body):
    events = tells(topic, body)

    if events is not None:
        assert [event.id for event in events] == [event.id for event in tells(topic, body)]


@given(mutated())
@SLOW
def test_a_recording_with_odd_parts_scrubs_or_is_not_understood(body):
    try:
        scrubbed = PLATFORM.scrub(json.dumps(body).encode())
    except Unreadable:
        return
    assert PLATFORM.scrub(scrubbed) == scrubbed


@given(st.sampled_from(RICH), st.data())
@SLOW
def test_a_recording_with_one_other_byte_is_events_or_not_understood(number, data):
    recording = recordings()[number]
    where = data.draw(st.integers(0, len(recording.raw.body) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != recording.raw.body[where]))
    body = recording.raw.body[:where] + bytes([byte]) + recording.raw.body[where + 1 :]

    tells(PLATFORM.address(recording.raw).topic, body)
    with pytest.raises(NotAuthentic):
        PLATFORM.verify(RawRequest(recording.raw.headers, body, token="t"), [recording.secret], NOW)


@given(st.sampled_from(RICH), st.data())
def test_a_body_cut_short_is_never_understood(number, data):
    body = recordings()[number].raw.body

    with pytest.raises(Unreadable):
        read_as("order.updated", body[: data.draw(st.integers(0, len(body) - 1))])


@given(st.text(max_size=100), st.binary(max_size=50), st.lists(st.binary(max_size=10), max_size=3))
@SLOW
def test_any_signature_is_refused_as_one(signature, body, secrets):
    with pytest.raises(NotAuthentic):
        PLATFORM.verify(RawRequest({"x-wc-webhook-signature": signature}, body, token="t"), secrets, NOW)


HEADERS = st.dictionaries(
    st.sampled_from(
        ["x-wc-webhook-topic", "x-wc-webhook-delivery-id", "x-wc-webhook-id", "content-type", "x-wc-webhook-signature"]
    ),
    st.text(max_size=30),
)


@given(HEADERS, st.binary(max_size=30), st.text(max_size=20))
@SLOW
def test_any_headers_have_an_address_or_none(headers, body, token):
    raw = RawRequest(headers, body, token=token)
    PLATFORM.is_probe(raw)
    try:
        envelope = PLATFORM.address(raw)
    except Unaddressed:
        return

    assert envelope.topic == headers["x-wc-webhook-topic"]
    assert envelope.store_key == token
