import pytest

from tests.golden import regenerate


@pytest.mark.parametrize(("mail", "locale"), regenerate.cases())
def test_letter_is_the_golden_one(mail, locale):
    for name, words in regenerate.printed(mail, locale).items():
        kept = (regenerate.HERE / name).read_bytes().decode()

        assert words == kept, f"{name} differs: run `python -m tests.golden.regenerate` and read the diff"


def test_no_golden_file_is_left_over():
    kept = {file.name for file in regenerate.HERE.iterdir() if file.suffix in (".txt", ".html", ".md")}

    assert kept == {name for mail, locale in regenerate.cases() for name in regenerate.printed(mail, locale)}
