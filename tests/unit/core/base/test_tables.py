"""Tables shipped in the package are read without their heads, and every head names title, source and licence."""

from pathlib import Path

import pytest

import narrowgate
from narrowgate.core.base.tables import read_table

PACKAGE = Path(narrowgate.__file__).parent
TABLES = sorted((PACKAGE / "core").rglob("*.txt"))


def test_the_rows_of_a_table_come_in_order_without_its_head() -> None:
    rows = read_table("narrowgate.core.person", "nicknames.txt")
    assert rows[0] == "AARON RON RONNIE"
    assert rows[-1] == "ZOE ZOEY"
    assert not any(row.startswith("#") for row in rows)


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.name)
def test_the_head_of_every_table_names_title_source_and_licence(path: Path) -> None:
    head = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    for what in ("Title", "Source", "Licence", "Form"):
        assert any(line.startswith(f"# {what}: ") for line in head), what


def test_a_table_that_is_not_shipped_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        read_table("narrowgate.core.person", "no_such_table.txt")
