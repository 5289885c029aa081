import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.searching import Person, named_in, quotes

ADA = Person("s1", frozenset({"ada.l+x@example.com"}), frozenset({"77"}), frozenset({"1001", "wc_a-b"}))
NAMED = {
    "bare": ("x", '{"note": "Ada.L+x@EXAMPLE.com"}'),
    "escaped": ("x", r'{"email": "\u0061da.l+x\u0040example.com"}'),
    "after a line's end": ("x", r'{"note": "write to\nada.l+x@example.com"}'),
    "in a link": ("x", '{"url": "https://shop.test/o?email=ada.l%2Bx%40example.com"}'),
    "form": ("x", "email=ada.l%2Bx%40example.com&id=1"),
    "order by id": ("x", '{"order_id": 1001}'),
    "order by text id": ("x", '{"order_id":"1001"}'),
    "order by name": ("x", r'{"admin_graphql_api_id": "gid:\/\/shopify\/Order\/1001"}'),
    "order inside": ("x", '{"order": {"id": "wc_A-b"}}'),
    "order itself": ("orders/updated", ' {"id": 1001, "cut'),
    "customer inside": ("x", '{"customer": {"id": 77, "x"'),
    "customer by id": ("x", '{"customer_id":77}'),
    "customer itself": ("customers/update", '{"id":77}'),
}
OTHERS = {
    "longer domain": ("x", "ada.l+x@example.com.au"),
    "longer name": ("x", "nada.l+x@example.com"),
    "other tag": ("x", "ada.l+y@example.com"),
    "longer id": ("x", '{"order_id": 10011, "customer_id": 771}'),
    "another thing's id": ("products/update", '{"id": 1001, "line_items": [{"id": 77}]}'),
    "an order with a customer's number": ("orders/updated", '{"id": 77}'),
    "an amount": ("x", '{"total": "1001", "quantity": 77}'),
    "nothing": ("x", ""),
}


@pytest.mark.parametrize(("topic", "body"), NAMED.values(), ids=NAMED)
def test_body_that_names_the_person_is_theirs(topic, body):
    assert named_in(ADA)(topic, body.encode())


@pytest.mark.parametrize(("topic", "body"), OTHERS.values(), ids=OTHERS)
def test_body_that_names_another_is_not(topic, body):
    assert not named_in(ADA)(topic, body.encode())


@given(st.text(), st.text(), st.booleans())
def test_address_is_found_wherever_json_puts_it(before, after, ascii_only):
    body = json.dumps({"note": f"{before} ada.l+x@example.com {after}"}, ensure_ascii=ascii_only)

    assert named_in(ADA)("x", body.encode("utf-8", "surrogatepass"))


@given(st.binary())
def test_search_is_total_on_any_bytes(body):
    assert not named_in(Person("s1", frozenset({"nobody.in.here@example.com"})))("x", body)


@given(st.text(min_size=1))
def test_search_for_anything_is_total(name):
    check = named_in(Person("s1", frozenset({name.casefold()}), frozenset({name}), frozenset({name})))

    assert check("x", json.dumps({"order_id": name}).encode()) in (True, False)


@pytest.mark.parametrize("shown", ["ada.l+x@example.com", r"Ada\.L\+x\@example\.com", "ada.l&#43;x&#64;example.com"])
def test_address_is_struck_out_as_markdown_and_html_write_it(shown):
    assert quotes(ADA.addresses).sub("[erased]", f"To {shown}, soon") == "To [erased], soon"
