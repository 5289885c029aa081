import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.links import is_public, links_in, unknown_links
from lifecycle.messages import Letter
from lifecycle.seen import fold, fold_with_places, visible


def letter(html="", text="", subject=""):
    return Letter("ada@example.com", subject, html, text)


@pytest.mark.parametrize(
    "url",
    ["https://shop.example.com", "https://shop.example.com/a?b=1#c", "https://xn--mnchen-3ya.de/", "https://a-b.co"],
)
def test_plain_https_address_is_public(url):
    assert is_public(url)


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "http://shop.example.com/",
        "javascript:alert(1)",
        "https://user@shop.example.com/",
        "https://shop.example.com@evil.example/",
        "https://evil.example\\@shop.example.com/",
        "https://shop.example.com:8443/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[broken/",
        "https://shop.example.com:x/",
        "https://localhost/",
        "https://printer.local/",
        "https://shop/",
        "https://shop.example.com/a b",
        "https://shop.example.com/\n",
        'https://shop.example.com/"onload',
        "https://shop.example.com/" + "a" * 3000,
        "//shop.example.com",
    ],
)
def test_any_other_address_is_not_public(url):
    assert not is_public(url)


@pytest.mark.parametrize(
    "html",
    [
        '<a href="https://evil.example/">x</a>',
        '<img src="https://evil.example/1.png">',
        '<img srcset="https://evil.example/1.png 1x, https://shop.example/2.png 2x">',
        '<td background="https://evil.example/1.png">',
        "<td style=\"background:url('https://evil.example/1.png')\">",
        '<style>p{background:url("https://evil.example/1.png")}</style>',
        '<form action="https://evil.example/">',
        "<p>see https://evil.example/.</p>",
        '<a href="http://shop.example/">x</a>',
        '<a href="javascript:alert(1)">x</a>',
        '<a href="https://shop.example@evil.example/">x</a>',
        '<a href="https://shop.example.evil.example/">x</a>',
        '<a href="//shop.example/">x</a>',
        '<a href="/orders/1">x</a>',
        '<a href="mailto:eve@evil.example">x</a>',
        '<a href="https://[broken/">x</a>',
        '<script type="application/ld+json">{"url": "https://evil.example/"}</script>',
    ],
)
def test_link_that_leads_elsewhere_is_unknown_wherever_it_stands(html):
    assert len(unknown_links(letter(html), ("shop.example", "ada@shop.example"))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "[x](https://evil.example/)",
        "![x](<https://evil.example/> 'title')",
        "<https://evil.example/>",
        "see https://evil.example/a.",
        "[https://evil.example/](https://shop.example/)",
        "https:\\/\\/evil.example/ https\\://evil.example/x [a](https://evil\\.example/b)",
    ],
)
def test_markdown_link_that_leads_elsewhere_is_unknown(text):
    found = unknown_links(letter(text=text), ("shop.example",))

    assert found
    assert all("evil.example" in link for link in found)


def test_shop_app_exact_address_and_mailbox_are_known():
    html = (
        '<a href="https://shop.example/a">x</a><a href="https://www.shop.example/">x</a><a href="#top">x</a>'
        '<a href="http://127.0.0.1:8000/unsubscribe/abc">x</a><img src="https://cdn.example/i.png?v=1">'
        '<a href="mailto:Hello@shop.example?subject=x">x</a>'
        '<script type="application/ld+json">{"@context": "http://schema.org", "status": "http://schema.org/Paid"}</script>'
    )
    allowed = ("shop.example", "http://127.0.0.1:8000", "https://cdn.example/i.png?v=1", "hello@shop.example")

    assert unknown_links(letter(html, "https://shop.example/a", "at www.shop.example"), allowed) == ("www.shop.example",)


def test_links_are_found_once_each():
    found = links_in(
        letter('<a href="https://a.example/">https://a.example/</a>', "[a](https://a.example/)", "https://b.example")
    )

    assert found == ("https://a.example/", "https://b.example")


def test_visible_text_is_what_a_reader_sees():
    html = (
        "<html><head><title>Order &amp; more</title><style>x{}</style><meta content=7></head><body><!--[if mso]>gone<![endif]-->"
        "<![if !mso]><p>One\n  two</p><![endif]><table><tr><td>a</td><td>b</td></tr></table><img alt='Logo'><script>gone()</script>"
        '<script type="application/ld+json">{"price": 5, "priceCurrency": "EUR", "on": true, "no": null, "list": ["x"]}</script>'
    )

    assert visible(html) == "Order & more\nOne two\na\nb\nLogo\n5 EUR\nEUR\nx"


def test_unreadable_structured_data_is_shown_as_it_is():
    deep = "[" * 100_000
    assert visible(f'<script type="application/ld+json">{deep}</script>') == deep
    assert visible('<script type="application/ld+json">{"a": NaN}</script>') == "NaN"


def test_html_that_ends_early_is_still_read():
    assert visible("<title>Hel") == "Hel"
    assert visible("<p>a</title></style></script>b") == "a\nb"
    assert visible("<p>a<script>") == "a"


@given(st.text())
def test_folded_text_keeps_its_places(text):
    folded, places = fold_with_places(text)

    assert folded == fold(text)
    assert len(places) == len(folded)
    assert all(0 <= place < len(text) for place in places)
    assert places == sorted(places)


@given(st.text(alphabet="<>/!-[]()\"'= abp1&;#https:."))
def test_any_html_and_markdown_is_read_without_an_error(text):
    unknown_links(letter(text, text, text), ())
    visible(text)
