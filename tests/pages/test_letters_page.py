from dataclasses import replace

import pytest

from lifecycle.messages import State
from lifecycle.ports import AuditLine
from pages.links import letters_link
from tests.pages.world import ADA, NOW, keep, letter, message, placed, shop


def path(house, *stores):
    return letters_link(house, stores).removeprefix("https://mail.example.com")


@pytest.fixture
def letters(house):
    """One held letter of each of three stores; the link opens two of them."""
    event = placed("s1", "o1")
    keep(
        house.records,
        *(shop(ident) for ident in ("s1", "s2", "s3")),
        message(event_id=event.id),
        message(store_id="s2", order_number="#2002", letter=letter(subject="From the second")),
        message(store_id="s3", letter=letter(subject="From a stranger")),
        (event, "d1", ""),
        AuditLine("s1", message().id, NOW, "house", "planned", "large_order"),
    )
    return path(house, "s1", "s2")


def test_list_shows_the_letters_of_its_stores_and_no_others(visitor, letters):
    page = visitor.get(letters)

    assert page.status_code == 200
    assert "Your order #1001" in page.text
    assert "From the second" in page.text
    assert "From a stranger" not in page.text


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("store=s2", {"From the second"}),
        ("store=s3", set()),
        ("state=delivered", set()),
        ("state=held", {"From the second", "Your order #1001"}),
        ("mail=refund_notice", set()),
        ("order=1001", {"Your order #1001"}),
        ("order=%232002", {"From the second"}),
        ("state=nonsense&mail=../etc", {"From the second", "Your order #1001"}),
    ],
)
def test_filters_narrow_the_list(visitor, letters, asked, shown):
    page = visitor.get(f"{letters}?{asked}").text

    assert {subject for subject in ("Your order #1001", "From the second", "From a stranger") if subject in page} == shown


def test_letter_page_tells_everything_that_is_known(visitor, letters):
    page = visitor.get(letters + message().id).text

    for told in (
        "Your order #1001",
        ADA,
        "waits for a person",
        "gated send",
        "order.placed",
        "order.total",
        "none: it traces nowhere",
        "<mark>7</mark>",
        "planned",
        "3 min ago",
        "CET",
        message().digest,
    ):
        assert told in page, told
    assert page.count("<li>") >= 2


def test_letter_of_a_store_outside_the_link_is_not_there(visitor, letters):
    stranger = message(store_id="s3").id

    assert visitor.get(letters + stranger).status_code == 404
    assert visitor.get(f"{letters}{stranger}/body").status_code == 404


@pytest.mark.parametrize("change", ["wrong", "old"])
def test_wrong_or_old_link_says_how_to_get_another(house, visitor, letters, change):
    if change == "old":
        house.clock.passes(days=8)
    url = letters.replace("/letters/", "/letters/x") if change == "wrong" else letters

    for ending in ("", message().id, f"{message().id}/body"):
        page = visitor.get(url + ending)
        assert page.status_code == 404
        assert "multimail-commerce letters link" in page.text
        assert "Your order" not in page.text


def test_designed_letter_is_framed_without_scripts_and_its_policy_allows_only_style_and_pictures(visitor, letters):
    page = visitor.get(letters + message().id)
    body = visitor.get(f"{letters}{message().id}/body")

    assert f'<iframe sandbox="" src="{letters}{message().id}/body"' in page.text
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    assert body.text == letter().html
    policy = body.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "script" not in policy
    assert "frame-ancestors 'self'" in policy


def test_text_of_a_customer_is_text_and_nothing_else(house, visitor):
    evil = "<script>alert(1)</script>"
    keep(
        house.records,
        replace(shop("s1"), name=evil),
        message(letter=letter(to=evil, subject=evil, text=evil), to=evil, order_number=evil, reason=evil),
    )

    for url in (path(house, "s1"), path(house, "s1") + message().id, path(house, "s1") + message().id + "?as=text"):
        page = visitor.get(url).text
        assert evil not in page
        assert "&lt;script&gt;" in page


def test_letter_that_is_not_written_yet_says_so(house, visitor):
    keep(house.records, shop(), message(letter=None, figures=(), state=State.WAITING, reason="", reasons=(), due_at=NOW))

    page = visitor.get(path(house, "s1") + message().id)

    assert "Not written yet" in page.text
    assert "<iframe" not in page.text
    assert visitor.get(path(house, "s1") + message().id + "/body").text == ""


def test_text_form_shows_the_text(visitor, letters):
    page = visitor.get(f"{letters}{message().id}?as=text").text

    assert "Total: 20.00 EUR</pre>" in page
    assert "<iframe" not in page


def test_every_html_answer_is_guarded(visitor, letters):
    for url in (
        "/",
        letters,
        letters + message().id,
        f"{letters}{message().id}/body",
        "/letters/x/",
        "/unsubscribe/x",
        "/nowhere",
    ):
        headers = visitor.get(url).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"], url
        assert headers["Cache-Control"] == "no-store", url
        assert headers["X-Content-Type-Options"] == "nosniff", url
        assert headers["Referrer-Policy"] == "no-referrer", url


def test_pages_hold_no_script_and_no_style_of_their_own(visitor, letters):
    for url in ("/", letters, letters + message().id):
        page = visitor.get(url).text
        assert "<script" not in page
        assert "style=" not in page
        assert "<style" not in page


def test_empty_house_says_what_comes(house, visitor):
    keep(house.records, shop())

    assert "No letters yet" in visitor.get(path(house, "s1")).text
    with visitor.get("/pages/static/house.css") as sheet:
        assert sheet.status_code == 200
