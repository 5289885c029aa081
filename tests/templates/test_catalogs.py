import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from lifecycle.mails import MAILS
from templates.printing import EMAILS
from templates.tongues import SHIPPED, SOURCE, catalog_file
from tests.templates.said import said

TRANSLATED = [language for language in SHIPPED if language != SOURCE]
TEMPLATES = sorted(file for file in EMAILS.rglob("*") if file.is_file() and file.suffix != ".css")


def places(words: str) -> set[str]:
    return set(re.findall(r"\{\w+\}", words))


def catalog(language: str) -> dict[str, list[str]]:
    with catalog_file(language).open("rb") as file:
        entries = read_po(file, locale=language)
    found = {}
    for entry in entries:
        if entry.id:
            single = entry.id if isinstance(entry.id, str) else entry.id[0]
            found[single] = [entry.string] if isinstance(entry.string, str) else list(entry.string)
    return found


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_of_the_letters_is_translated_with_the_same_places(language):
    translated = catalog(language)

    assert set(translated) == said()
    for words, forms in translated.items():
        for form in forms:
            assert form.strip(), words
            assert places(form) == places(words), words


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_brings_a_figure_or_markup(language):
    for forms in catalog(language).values():
        for form in forms:
            assert not re.search(r"\d|[<>*_`\[\]\\]", re.sub(r"\{\w+\}", "", form)), form


@pytest.mark.parametrize("language", TRANSLATED)
def test_only_words_that_are_the_same_in_both_languages_stay_english(language):
    same = {words for words, forms in catalog(language).items() if forms == [words] and re.search(r"[a-z]{3}", words)}
    allowed = {"fr": {"Date", "Article", "Total"}, "es": {"Total", "Subtotal"}}

    letters = {words for words in same if re.sub(r"\{\w+\}", "", words).strip(" ×:→,()")}

    assert letters <= allowed.get(language, set())


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_no_template_holds_a_figure_of_its_own(file: Path):
    tree = Environment().parse(file.read_text())
    literals = [node.data for node in tree.find_all(nodes.TemplateData)]
    literals += [str(node.value) for call in tree.find_all(nodes.Call) for node in call.find_all(nodes.Const)]

    outside = re.sub(r"<!--.*?-->|<[^>]*>", "", "\0".join(literals), flags=re.DOTALL)

    assert not re.search(r"\d", re.sub(r"&#?\w+;|<\w[^>]*$|</?h\d", "", outside))


@pytest.mark.parametrize("mail", MAILS)
def test_every_mail_has_its_three_templates(mail):
    assert {file.name for file in (EMAILS / mail).iterdir()} == {"subject.txt", "body.html", "body.md"}


def test_every_folder_of_templates_is_a_mail():
    assert {folder.name for folder in EMAILS.iterdir()} == {*MAILS, "_base"}


@pytest.mark.parametrize("mail", [row.name for row in MAILS.values() if not row.is_marketing])
def test_subject_of_a_service_mail_has_no_word_of_promotion(mail):
    subject = (EMAILS / mail / "subject.txt").read_text().lower()

    assert not re.search(r"offer|free|sale|discount|deal|save|gift|hurry|last chance|incentive|!(?!=)", subject)


@pytest.mark.parametrize("mail", [row.name for row in MAILS.values() if row.is_marketing])
def test_subject_of_a_marketing_mail_does_not_pose_as_an_order(mail):
    subject = (EMAILS / mail / "subject.txt").read_text().lower()

    assert not re.search(r"order|invoice|re:|fwd:|hurry|last chance", subject)
