import pytest

from lifecycle.mails import Purpose
from pages.links import links_of
from pages.unsubscribe_words import WORDS
from tests.pages.world import ADA, keep, shop


@pytest.fixture
def link(house):
    keep(house.records, shop("s1"), shop("s2"))
    return links_of(house).unsubscribe("s1", ADA).removeprefix("https://mail.example.com")


def lost(house, store_id="s1", purpose=Purpose.MARKETING):
    with house.records.reading() as tx:
        return tx.people.suppressed(store_id, ADA, purpose)


def test_looking_shows_one_button_and_changes_nothing(house, visitor, link):
    page = visitor.get(link)

    assert page.status_code == 200
    assert page.text.count("<button") == 1
    assert "password" not in page.text
    assert not lost(house)
    assert visitor.head(link).status_code == 200
    assert not lost(house)


@pytest.mark.parametrize(
    "body",
    [
        {"data": "List-Unsubscribe=One-Click", "content_type": "application/x-www-form-urlencoded"},
        {"data": {"List-Unsubscribe": "One-Click"}, "content_type": "multipart/form-data"},
        {"data": b"\xff\x00 rubbish", "content_type": "application/json"},
        {},
    ],
)
def test_one_post_without_cookies_unsubscribes_at_once(house, visitor, link, body):
    answer = visitor.post(link, **body)

    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert lost(house)


def test_only_marketing_of_this_store_ends(house, visitor, link):
    visitor.post(link)

    assert not lost(house, purpose=Purpose.SERVICE)
    assert not lost(house, "s2")


def test_second_post_says_the_same(visitor, link):
    assert visitor.post(link).text == visitor.post(link).text


@pytest.mark.parametrize("method", ["get", "post"])
def test_wrong_link_is_a_page_that_says_what_to_do(visitor, link, method):
    answer = getattr(visitor, method)(link[:-4] + "AAAA")

    assert answer.status_code == 404
    assert "<button" not in answer.text
    assert WORDS["en"].unknown in answer.text or WORDS["de"].unknown in answer.text


def test_link_of_a_store_that_is_gone_is_a_wrong_link(house, visitor):
    url = links_of(house).unsubscribe("s9", ADA).removeprefix("https://mail.example.com")

    assert visitor.get(url).status_code == 404
    assert visitor.post(url).status_code == 404


@pytest.mark.parametrize("language", WORDS)
def test_page_speaks_the_readers_language(visitor, link, language):
    page = visitor.get(link, headers={"Accept-Language": f"{language}-XX,{language};q=0.9"}).text

    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in page
    assert WORDS[language].ask.replace("{store}", "Shop s1") in page


def test_page_falls_back_to_the_stores_language(visitor, link):
    assert '<html lang="de"' in visitor.get(link).text


def test_address_is_not_on_the_page(visitor, link):
    assert ADA not in visitor.get(link).text
    assert ADA not in visitor.post(link).text
