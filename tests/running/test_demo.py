"""`make demo` as a newcomer runs it: docs/demo.md is what it does, and a second run doubles nothing."""

import pytest

from tests.docs import demo_page

pytestmark = pytest.mark.slow


def test_the_demo_does_what_its_page_says_and_nothing_twice(tmp_path):
    first = demo_page.rows(tmp_path)
    letters = sorted((tmp_path / "instance" / "outbox").glob("*.eml"))

    assert demo_page.page(first) == demo_page.PAGE.read_text("utf-8")
    assert len({row[0] for row in first}) >= 40
    assert letters

    again = demo_page.rows(tmp_path)
    assert again == first
    assert sorted((tmp_path / "instance" / "outbox").glob("*.eml")) == letters
