"""One shop, one spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.errors import BadValue
from tests.adapters.woocommerce.recordings import PLATFORM


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("https://shop.example.com", "https://shop.example.com"),
        ("shop.example.com", "https://shop.example.com"),
        ("  HTTPS://Shop.Example.COM/  ", "https://shop.example.com"),
        ("https://example.com/Shop/", "https://example.com/Shop"),
        ("https://example.com/a//b/", "https://example.com/a/b"),
        ("https://example.com/?utm_source=x", "https://example.com"),
        ("https://example.com/shop#top", "https://example.com/shop"),
        ("https://example.com:443/", "https://example.com"),
        ("https://example.com:8443/", "https://example.com:8443"),
        ("https://example.com./", "https://example.com"),
        ("http://127.0.0.1:8090/", "http://127.0.0.1:8090"),
        ("http://localhost:8090/", "http://localhost:8090"),
        ("http://[::1]:8090/", "http://[::1]:8090"),
        ("http://demo.test/", "http://demo.test"),
        ("https://demo.test/", "https://demo.test"),
        ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example"),
    ],
)
def test_a_shop_has_one_key(typed, key):
    assert PLATFORM.store_key(typed) == key
    assert PLATFORM.store_key(key) == key


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "not_a_site"),
        ("http://shop.example.com", "not_https"),
        ("http://shop.test.example.com", "not_https"),
        ("ftp://shop.example.com", "not_a_site"),
        ("javascript:alert(1)", "not_a_site"),
        ("https://", "not_a_site"),
        ("shop", "not_a_site"),
        ("https://user:pw@shop.example.com", "not_a_site"),
        ("https://shop.example.com\\@evil.example", "not_a_site"),
        ("https://shop.example.com/../x", "not_a_site"),
        ("https://shop.example.com/a b", "not_a_site"),
        ("https://shop.example.com\nevil.example", "not_a_site"),
        ("https://bücher.example", "not_a_site"),
        ("https://10.0.0.1", "not_a_site"),
        ("https://127.1", "not_a_site"),
        ("https://0x7f000001", "not_a_site"),
        ("https://shop.example.com:99999", "not_a_site"),
        ("https://[::1", "not_a_site"),
        ("https://-a.example.com", "not_a_site"),
    ],
)
def test_what_is_no_shop_is_refused_with_advice(typed, reason):
    with pytest.raises(BadValue) as caught:
        PLATFORM.store_key(typed)

    assert caught.value.reason == reason
    assert "https://" in str(caught.value)


@given(st.text(max_size=80) | st.text("htps:/.@[]?#%a1-", max_size=40).map("https://".__add__))
def test_whatever_is_typed_gives_a_key_that_is_its_own_key_or_a_refusal(typed):
    try:
        key = PLATFORM.store_key(typed)
    except BadValue:
        return

    assert PLATFORM.store_key(key) == key
