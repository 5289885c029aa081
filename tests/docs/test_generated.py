import pytest

from tests.docs import fixtures_page, regenerate
from tests.docs.fixtures_page import shopify_rows, woocommerce_rows


@pytest.mark.parametrize("name", regenerate.PAGES)
def test_generated_page_is_what_the_code_says(name):
    kept = (regenerate.DOCS / name).read_bytes().decode()

    assert regenerate.PAGES[name]() == kept, f"docs/{name} differs: run `make docs` and read the difference"


def test_no_recorded_delivery_meets_anything_unforeseen():
    rows = [*shopify_rows(), *woocommerce_rows()]

    assert [row.file for row in rows if "unexpected" in row.reasons] == []
    assert [row.file for row in rows if row.answer != 200] == []
    assert [row.file for row in rows if row.delivery and row.delivery.due_at is not None] == []
    assert len(rows) == len([*fixtures_page.BODIES.glob("*__*.json"), *fixtures_page.RECORDINGS.glob("[0-9]*_*.json")])
