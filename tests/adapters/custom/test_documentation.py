import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from adapters.custom import examples, platform
from adapters.custom.reading import TYPES
from lifecycle.deliveries import Envelope
from lifecycle.money import Money
from tests.adapters.custom.documentation import DOCS, SAMPLE_URL, SCHEMA, TEXT, blocks, sample_store, table
from tests.contract.samples_custom import FOLDER

HOUSE = platform(None)
CHECK = Draft202012Validator(SCHEMA)
ENVELOPE = Envelope("custom", "token", "event", "msg_1")


def read(body):
    (event,) = HOUSE.read(ENVELOPE, json.dumps(body).encode())
    return event


def test_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)


def test_every_example_fits_the_schema_and_reads():
    examples = [json.loads(block) for block in blocks("json")]

    assert {example["type"].partition(".")[0] for example in examples} == {"order", "fulfillment", "refund", "checkout"}
    for example in examples:
        CHECK.validate(example)
        assert read(example).fact


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.json")), ids=lambda file: file.stem)
def test_every_fixture_fits_the_schema(file):
    CHECK.validate(json.loads(file.read_text("utf-8")))


def test_schema_and_page_and_code_know_the_same_types():
    assert set(SCHEMA["properties"]["type"]["enum"]) == set(TYPES)
    assert all(f"| `{name}` |" in TEXT for name in TYPES)
    assert sorted(name for rule in SCHEMA["allOf"] for name in rule["if"]["properties"]["type"]["enum"]) == sorted(TYPES)


@pytest.mark.parametrize("definition", [name for name, one in SCHEMA["$defs"].items() if "properties" in one])
def test_page_lists_the_fields_as_the_schema_has_them(definition):
    assert table(definition) in TEXT


@pytest.mark.parametrize(
    "wrong",
    [
        {}, {"type": "order.placed"}, {"type": "order.exploded", "occurred_at": "2026-11-20T14:00:00Z", "data": {}},
        {"type": "order.placed", "occurred_at": "2026-11-20T14:00:00Z", "data": []},
        {"type": "order.placed", "occurred_at": "2026-11-20T14:00:00Z", "data": {}},
        {"type": "refund.issued", "occurred_at": "yesterday", "data": {"id": "r", "order_id": "o", "currency": "EUR", "amount": "1"}},
        {"type": "refund.issued", "occurred_at": "2026-11-20T14:00:00Z", "data": {"id": 1, "order_id": "o", "currency": "EUR", "amount": "1"}},
        {"type": "refund.issued", "occurred_at": "2026-11-20T14:00:00Z", "data": {"id": "r", "order_id": "o", "currency": "EUR", "amount": 1}},
        {"type": "refund.issued", "occurred_at": "2026-11-20T14:00:00Z", "data": {"id": "r", "order_id": "o", "currency": "eur", "amount": "1"}},
    ],
)  # fmt: skip
def test_schema_refuses_what_would_surprise(wrong):
    assert not CHECK.is_valid(wrong)


# ---- whatever the schema accepts reads -------------------------------------------------------------------------------

MOMENTS = st.builds(
    lambda at, offset: at.replace(tzinfo=UTC).isoformat().replace("+00:00", offset),
    st.datetimes(datetime(1980, 1, 1), datetime(2199, 12, 31)),  # noqa: DTZ001 - made aware above
    st.sampled_from(["Z", "+00:00", "-03:30", "+14:00"]),
)


def of_schema(schema):
    """Values that a definition accepts: each optional field there or not, each null where null is allowed."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return MOMENTS if name == "time" else of_schema(SCHEMA["$defs"][name])
    if "anyOf" in schema:
        return st.one_of(*map(of_schema, schema["anyOf"]))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return st.one_of(*(_of_kind(kind, schema) for kind in kinds))


def _of_kind(kind, schema):
    return {"null": st.none, "boolean": st.booleans}.get(kind, lambda: _WITH_RULES[kind](schema))()


def _object(schema):
    needed = schema.get("required", ())
    fields = {name: of_schema(field) for name, field in schema["properties"].items()}
    whole = st.fixed_dictionaries(
        {name: field for name, field in fields.items() if name in needed},
        optional={name: field for name, field in fields.items() if name not in needed},
    )
    return (
        whole.filter(lambda value: "shop_total" not in value or value.get("shop_currency"))
        if "shop_total" in fields
        else whole
    )


def _text(schema):
    if schema.get("pattern", "\\S") != "\\S":
        return st.from_regex(schema["pattern"].removeprefix("^").removesuffix("$"), fullmatch=True).filter(str.isascii)
    words = st.text(max_size=min(schema["maxLength"], 40)) | st.sampled_from(
        ["ann@example.com", "https://shop.example.com/x"]
    )
    return words.filter(lambda text: len(text) >= schema.get("minLength", 0) and (text.strip() or "pattern" not in schema))


_WITH_RULES = {
    "integer": lambda schema: st.integers(schema["minimum"], schema["maximum"]),
    "array": lambda schema: st.lists(of_schema(schema["items"]), max_size=2),
    "object": _object,
    "string": _text,
}

BODIES = st.one_of(
    *(
        st.fixed_dictionaries({"type": st.sampled_from(rule["if"]["properties"]["type"]["enum"]), "occurred_at": MOMENTS, "data": of_schema(rule["then"]["properties"]["data"])})
        for rule in SCHEMA["allOf"]
    )
)  # fmt: skip


@settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
@given(BODIES)
def test_whatever_the_schema_accepts_reads_as_it_says(body):
    CHECK.validate(body)

    event = read(body)

    data, fact = body["data"], event.fact
    assert event.kind is TYPES[body["type"]].kind
    assert event.occurred_at == datetime.fromisoformat(body["occurred_at"])
    assert event.id
    for name in ("total", "subtotal", "amount"):
        if data.get(name) is not None and hasattr(fact, name):
            assert getattr(fact, name) == Money.of(data[name], data["currency"])
    if "lines" in data:
        assert [line.quantity for line in fact.lines] == [line["quantity"] for line in data["lines"]]
    for name in (
        "shipped_at",
        "delivered_at",
        "refunded_at",
        "cancelled_at",
        "updated_at",
        "placed_at",
        "estimated_delivery",
    ):
        if data.get(name) and hasattr(fact, name):
            assert getattr(fact, name) == datetime.fromisoformat(data[name])
    assert read(json.loads(HOUSE.scrub(json.dumps(body).encode()))).kind is event.kind


# ---- the code on the page --------------------------------------------------------------------------------------------


def test_programs_on_the_page_are_those_that_the_command_prints():
    shown = examples.examples(sample_store(), SAMPLE_URL)

    assert [one.text for one in shown] == [*blocks("bash"), *blocks("python")]


def test_page_names_the_schema_that_is_there():
    assert "(../adapters/custom/schema.json)" in TEXT
    assert (DOCS / "../adapters/custom/schema.json").resolve().exists()
