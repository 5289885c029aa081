"""Whatever stands in the facts stays text: in the subject, in HTML and in Markdown."""

import re
from dataclasses import replace

import html5lib
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lifecycle.composing import Change, Link
from lifecycle.figures import figures_of, trace
from lifecycle.mails import MAILS
from lifecycle.orders import Labelled, Tracking
from lifecycle.people import Address
from templates import open_words
from tests.templates import reading
from tests.templates.stories import story

WORDS = open_words()
OWN = ("https://shop.example.com/", "https://track.example.com/", "https://mail.example.com/")
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\u202egnirts\u202c \u2066x",
    "x" * 10_000,
    "👩‍👩‍👧‍👦 مرحبا 漢字",
    "a\r\nBcc: b@example.com\r\n\r\n# heading",
    "{{7*7}} {%raw%} {number} {0.__class__}",
    "%s %(x)s %n",
    "[click](https://evil.example.net) ![i](https://evil.example.net/i.png)",
    "https://evil.example.net www.evil.example.net a@evil.example.net",
    "=?utf-8?q?=0d=0aBcc:_b@example.com?=",
    "- item\n1. one\n# head\n> quote\n***\n---",
    "12. Street",
    "*bold* _it_ `code` ~~x~~ a|b &lt; &#60;b&#62; \\",
    "\x00\x07\x1b[31m\ud800\ufffe\u2028\u0085",
    "]]></style></title><!-- -->",
    "",
    " ",
)


def infected(told, text):
    """The story with this text in every place that a platform or a customer fills."""
    place = Address(text, text, text, text, text, text, text, text)
    order, checkout, parcel = told.order, told.checkout, told.fulfillment
    if order is not None:
        customer = replace(order.customer, first_name=text)
        items = tuple(replace(line, title=text, variant=text, note=(text, text)) for line in order.lines)
        labels = tuple(Labelled(text, one.amount) for one in order.discounts)
        order = replace(
            order, customer=customer, lines=items, discounts=labels, number=text or "#1", ship_to=place, bill_to=place
        )
        order = replace(order, shipping_method=text, payment_method=text, cancel_reason=text)
    if checkout is not None:
        items = tuple(replace(line, title=text, variant=text, note=(text,)) for line in checkout.lines)
        checkout = replace(checkout, customer=replace(checkout.customer, first_name=text), lines=items, number=text)
    if parcel is not None:
        parcel = replace(parcel, lines=tuple(replace(part, title=text, variant=text) for part in parcel.lines), place=text)
    link = Link(Tracking(text, text), text, text)
    return replace(
        told,
        order=order,
        checkout=checkout,
        fulfillment=parcel,
        refund=told.refund and replace(told.refund, method=text, reason=text),
        parcels=(link,) if told.parcels else (),
        old_parcels=(link,) if told.old_parcels else (),
        changes=tuple(Change(one.what, text, one.old, one.new) for one in told.changes)
        and (Change("address", "", text, text),),
        store=replace(told.store, name=text or "Shop"),
        incentive=told.incentive and replace(told.incentive, code=text),
    )


def check(told, text):
    letter = WORDS.print(infected(told, text))
    plain = WORDS.print(told)

    assert letter.subject
    assert len(letter.subject) <= 200
    assert letter.subject.isprintable() or not re.search(
        r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", letter.subject
    )
    assert "=?" not in letter.subject
    assert {name for name, _ in reading.tags(letter)} <= {name for name, _ in reading.tags(plain)} | {
        "bdi",
        "script",
        "strong",
    }
    assert {name for _, attrs in reading.tags(letter) for name in attrs} <= {
        name for _, attrs in reading.tags(plain) for name in attrs
    } | {"type", "dir"}
    assert all(link.startswith(OWN) for link in reading.links(letter))
    html5lib.HTMLParser(strict=True).parse(letter.html)
    for part in (letter.subject, letter.html, letter.text):
        words = part.replace("{{7*7}}", "")
        assert "49" not in re.sub(r"#\w+|&#\d+;|\d{3,}", "", reading.words_of_html(part)) or "49" in text
        assert text in ("None", "undefined", "NaN") or not re.search(r"\bNone\b|undefined|\bNaN\b|Undefined", words)
        assert not re.search(r"[\u202a-\u202e\u2066-\u2069\x00\ud800-\udfff]", part)
    assert len(letter.html.encode()) <= 90_000
    return letter


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("locale", ["en_US", "ar_KW"])
@pytest.mark.parametrize("mail", MAILS)
def test_hostile_text_stays_text(mail, locale, text):
    check(story(mail, locale), text)


ALPHABET = st.text(st.one_of(st.characters(), st.sampled_from("<>&\"'`*_[]()#+-.!|~{}%\\=?:/@ \n\r\u202e123")), max_size=60)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ALPHABET, st.sampled_from(sorted(MAILS)), st.sampled_from(["en_US", "de_DE", "ar_KW", "ja_JP"]))
def test_any_text_stays_text(text, mail, locale):
    check(story(mail, locale), text)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("mail", MAILS)
def test_markdown_of_hostile_text_has_only_our_links_and_headings(mail, text):
    ours = WORDS.print(story(mail, "en_US")).text
    theirs = WORDS.print(infected(story(mail, "en_US"), text)).text

    links = re.findall(r"<(https?://[^>]*)>", theirs)
    assert all(link.startswith(OWN) for link in links)
    assert "<" not in re.sub(r"<https?://[^>\s]*>", "", theirs)
    assert not re.search(r"(?<!\\)\]\(|(?<!\\)!\[|(?<!\\)\[", theirs)
    assert not re.search(r"(?<![<\\:/])\bhttps?://|(?<!\\)www\.", re.sub(r"<https?://[^>\s]*>", "", theirs))
    headings = {line for line in ours.splitlines() if line.startswith("#")}
    for line in theirs.splitlines():
        assert not line.startswith("#") or line in headings
        assert not re.match(r"[-+*>=]\s+([-+*>=#]+|\d+[.)])(\s|$)|\d+[.)]\s|>|={2,}|-{3,}|\*{3,}", line), line


@pytest.mark.parametrize("text", [text for text in HOSTILE if "http" not in text and "www" not in text])
@pytest.mark.parametrize("mail", MAILS)
def test_figures_in_hostile_text_still_trace(mail, text):
    told = infected(story(mail, "en_US"), text)
    letter = WORDS.print(told)

    found = trace(letter, [(figure, WORDS.forms(figure, told)) for figure in figures_of(told)])

    assert [figure for figure in found if not figure.fact] == []


def test_braces_of_a_fact_are_no_places():
    told = story("refund_notice", "en_US")

    letter = WORDS.print(replace(told, order=replace(told.order, number="{amount}")))

    assert letter.subject == "Order {amount}: refund of $18.50"


def test_address_with_a_login_or_another_scheme_is_no_link():
    for url in (
        "https://shop.example.com@evil.example.net/",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://a b",
        "//x.example",
    ):
        letter = WORDS.print(replace(story("order_confirmation", "en_US"), links={"order": url}))

        assert reading.links(letter) == []
        assert "View your order" not in letter.html + letter.text


def test_an_apostrophe_of_theirs_stays_escaped_after_the_styles_were_put_in_place():
    text = "' onmouseover='alert(1)"

    letter = WORDS.print(infected(story("order_confirmation", "en_US"), text))

    assert text not in letter.html
    assert "&#39; onmouseover=&#39;alert(1)" in letter.html
    assert text in letter.text
