"""Every column that can hold words says whether they are somebody's, and what becomes of them."""

import pytest
from sqlalchemy import LargeBinary, Text

from records.personal import CONTEXT, NOT_PERSONAL, PERSONAL, Erasing
from records.tables import metadata


def can_hold_words(column):
    kind = getattr(column.type, "impl", column.type)
    return isinstance(kind, Text | LargeBinary)


WORDS = {(table.name, column.name) for table in metadata.tables.values() for column in table.c if can_hold_words(column)}
SAID_PERSONAL = [(row.table.name, row.column) for row in PERSONAL]
SAID_NOT = [(table, column) for table, columns in NOT_PERSONAL.items() for column in columns]


def test_every_column_of_words_is_in_one_of_the_two_tables_once():
    said = SAID_PERSONAL + SAID_NOT

    assert len(WORDS) > 100
    assert sorted(said) == sorted(WORDS)


def test_what_is_not_personal_says_why():
    assert all(reason for columns in NOT_PERSONAL.values() for reason in columns.values())


@pytest.mark.parametrize("row", PERSONAL, ids=lambda row: f"{row.table.name}.{row.column}")
def test_a_personal_column_can_be_erased_as_it_says(row):
    column = row.of

    assert (row.erasing is Erasing.KEEP) == bool(row.why)
    if row.erasing is Erasing.EMPTY:
        assert column.nullable or row.empty is not None
    if row.erasing is Erasing.ROW:
        rows = [each.erasing for each in PERSONAL if each.table is row.table]
        assert set(rows) == {Erasing.ROW}, "a row goes with all of its columns"


def test_context_of_an_export_is_not_personal_itself():
    shown = {(table, column) for table, columns in CONTEXT.items() for column in columns}

    assert not shown & set(SAID_PERSONAL)
    assert {table for table, _ in shown} >= {row.table.name for row in PERSONAL if row.show is not None}
