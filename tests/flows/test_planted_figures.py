"""A wrong figure in a template is caught in every kind of letter, wherever it stands, and the letter waits for a person."""

import shutil

import pytest

import records
import templates
from lifecycle.mails import MAILS
from lifecycle.messages import State
from templates.printing import EMAILS
from tests.conftest import SECRET
from tests.flows.houses import TestHouse
from tests.flows.stories import STORIES

PARTS = {"subject.txt": "subject", "body.html": "html", "body.md": "text"}
PLANTED = {"an amount": "$13.37", "a promise": "in 3-5 business days", "a date": "by 24 November", "a count": "7 items"}


def written(tmp_path, mail, **planted):
    """The state and the letter of this mail, printed from templates into which something was planted."""
    emails = tmp_path / "emails"
    shutil.copytree(EMAILS, emails)
    for part, text in planted.items():
        file = emails / mail / part
        kept = file.read_text("utf-8").rstrip("\n")
        # A page of HTML is extended by its block, whatever that is called: the figure goes where its words are.
        file.write_text(
            kept.replace("{% endblock", f" {text} {{% endblock", 1) if "{% endblock" in kept else f"{kept} {text}\n",
            "utf-8",
        )
    house = TestHouse(records.open("sqlite://", secret=SECRET), words=templates.open_words(emails))
    store = house.store(large_order="none")
    STORIES[mail](house, store)
    for _ in range(100):
        house.clock.later(hours=1)
        house.work()
        if house.letters(mail) and house.letter(mail).state is not State.WAITING:
            break
    return house


def test_there_is_a_history_for_every_letter():
    assert set(STORIES) == set(MAILS)


@pytest.mark.parametrize("mail", MAILS)
def test_an_honest_letter_leaves(tmp_path, mail):
    house = written(tmp_path, mail)

    assert (mail, "nora@example.com") in house.posted()


@pytest.mark.parametrize("figure", PLANTED.values(), ids=PLANTED)
@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("mail", MAILS)
def test_a_planted_figure_is_caught(tmp_path, mail, part, figure):
    house = written(tmp_path, mail, **{part: figure})

    assert (mail, "nora@example.com") not in house.posted()
    letter = house.letter(mail)
    assert letter.state is State.HELD
    assert any(reason.startswith("figure_untraced") for reason in letter.reasons)
    assert any(not found.fact and found.where == PARTS[part] for found in letter.figures)
