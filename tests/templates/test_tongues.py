from hypothesis import given
from hypothesis import strategies as st

from templates import open_words
from templates.tongues import SHIPPED

words = open_words()


def test_tags_of_shopify_become_names_of_babel():
    assert words.locale("en-US") == "en_US"
    assert words.locale("es-419") == "es_419"
    assert words.locale("de-AT") == "de_AT"
    assert words.locale("EN-us") == "en_US"
    assert words.locale("ar_KW") == "ar_KW"


def test_first_wish_that_is_shipped_wins():
    assert words.locale("pt-BR", "zh-TW", "iw", "fr-CA", "de") == "fr_CA"
    assert words.locale(None, "", "   ", "nonsense", "ja") == "ja"


def test_language_stays_when_its_region_is_unknown():
    assert words.locale("de-US") == "de"
    assert words.locale("fr-ZZ") == "fr"
    assert words.locale("de-AT-1996") == "de_AT"
    assert words.locale("ja-Jpan-JP") == "ja_JP"


def test_nothing_shipped_is_english():
    assert words.locale() == "en"
    assert words.locale("pt-BR", "zh-TW", "iw") == "en"


@given(st.lists(st.one_of(st.none(), st.text(max_size=60)), max_size=4))
def test_any_wish_gives_a_shipped_locale(wishes):
    assert words.locale(*wishes).split("_")[0] in SHIPPED
