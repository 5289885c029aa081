"""The tables, the templates and the settings know the same letters."""

import ast
import re
from pathlib import Path

import pytest

from lifecycle.events import Kind
from lifecycle.mails import MAILS, NO_LETTER, Purpose, rows_for
from lifecycle.messages import MOVES, State
from lifecycle.oversight import RAISES, Mode, mode_for

TOP = Path(__file__).parents[2]
LETTERS = TOP / "templates" / "emails"
SOURCES = [
    file
    for room in ("adapters", "lifecycle", "pages", "records", "templates", "webhooks")
    for file in (TOP / room).rglob("*.py")
]
READERS_ONLY = {Kind.ORDER_SEEN, Kind.FULFILLMENT_SEEN}


def test_every_letter_has_its_folder_and_every_folder_its_letter():
    folders = {folder.name for folder in LETTERS.iterdir() if folder.is_dir() and not folder.name.startswith("_")}

    assert folders == set(MAILS)


@pytest.mark.parametrize("mail", MAILS)
def test_a_letters_folder_holds_subject_html_and_markdown(mail):
    assert {file.name for file in (LETTERS / mail).iterdir()} >= {"subject.txt", "body.html", "body.md"}


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in READERS_ONLY])
def test_every_kind_makes_a_letter_or_says_why_not(kind):
    assert bool(rows_for(kind)) != (kind in NO_LETTER)


@pytest.mark.parametrize("row", MAILS.values(), ids=lambda row: row.name)
def test_a_letters_default_is_not_looser_than_it_may_be(row):
    assert row.mode >= row.loosest


def test_marketing_is_never_autonomous():
    assert {row.loosest for row in MAILS.values() if row.purpose is Purpose.MARKETING} == {Mode.MONITORED}


def test_modes_are_ordered_from_loose_to_strict():
    assert sorted([Mode.READ_ONLY, Mode.GATED_ALL, Mode.AUTONOMOUS, Mode.GATED_SEND, Mode.MONITORED]) == list(Mode)


@pytest.mark.parametrize("chosen", [None, *Mode])
@pytest.mark.parametrize("floor", list(Mode))
def test_the_strictest_wins(chosen, floor):
    mode = mode_for(Mode.MONITORED, chosen, floor)

    assert mode >= floor
    assert mode >= (chosen or Mode.MONITORED)
    assert mode in (floor, chosen or Mode.MONITORED)


def test_every_raise_says_why():
    assert all(row.why and row.mode > Mode.AUTONOMOUS for row in RAISES)


def test_every_state_has_its_moves_and_ends_are_ends():
    assert set(MOVES) == set(State)
    assert {state for state, moves in MOVES.items() if not moves} == {
        State.BOUNCED, State.COMPLAINED, State.STOPPED, State.REJECTED, State.STALE, State.FAILED,
    }  # fmt: skip


def test_a_letter_that_left_never_waits_again():
    def reachable(state: State) -> set[State]:
        found, todo = set(), [state]
        while todo:
            for after in MOVES[todo.pop()]:
                if after not in found:
                    found.add(after)
                    todo.append(after)
        return found

    assert not reachable(State.DELIVERED) & {State.WAITING, State.SENDING, State.APPROVED}
    assert not reachable(State.HANDED_OVER) & {State.WAITING, State.SENDING, State.APPROVED, State.HELD}


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.relative_to(TOP).as_posix())
def test_a_file_is_read_in_five_minutes(file):
    lines = file.read_text("utf-8").count("\n")
    # Tables of codes are data.
    assert lines <= 300 or file.name == "codes.py"


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.relative_to(TOP).as_posix())
def test_a_function_fits_a_screen(file):
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1}"
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno >= 50
    ]
    assert long == []


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.relative_to(TOP).as_posix())
def test_nothing_is_named_manager_helper_utils_or_common(file):
    names = [node.name for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.ClassDef)]

    assert not [name for name in (file.stem, *names) if re.search(r"manager|helper|^utils?$|^common$", name, re.IGNORECASE)]
