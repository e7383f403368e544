"""Documentation that cannot drift: links lead somewhere, and every setting and problem is described."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields
from pathlib import Path

import pytest

from narrowgate.core.base import errors
from narrowgate.core.base.errors import NarrowgateError
from narrowgate.core.taxfile.mapping import parse_mapping
from narrowgate.entrypoints.pages_settings import PagesSettings
from narrowgate.entrypoints.settings import GateSettings
from support.requests import PROJECT

PAGES = sorted(
    [*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md"), *(PROJECT / "benchmarks").rglob("*.md")]
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(PROJECT).as_posix())
def test_every_relative_link_leads_to_a_file(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
    missing = [
        target
        for target in targets
        if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).exists()
    ]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(PROJECT).as_posix())
def test_no_page_holds_a_placeholder(page: Path) -> None:
    assert not re.search(
        r"@@\w+@@|TODO|FIXME|TBD\b(?!`)", page.read_text(encoding="utf-8").replace("`TBD`", "")
    )


def test_every_setting_of_a_gate_is_in_the_reference() -> None:
    page = (PROJECT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    named = {field.name for field in fields(GateSettings)} - {"index_store"}  # of `index`, too
    assert [name for name in named if f"`{name}`" not in page] == []


def test_every_setting_of_pages_is_in_the_reference() -> None:
    page = (PROJECT / "docs" / "reference" / "pages-settings.md").read_text(encoding="utf-8")
    named = {field.name for field in fields(PagesSettings)} - {"persons"}
    assert [name for name in named if f"`{name}`" not in page] == []


def test_every_problem_is_in_the_reference_with_its_exit_code() -> None:
    page = (PROJECT / "docs" / "reference" / "errors.md").read_text(encoding="utf-8")
    kinds = [
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, NarrowgateError) and kind is not NarrowgateError
    ]
    assert len(kinds) >= 24
    assert [kind.problem for kind in kinds if f"| `{kind.problem}` | {kind.exit_code} |" not in page] == []


def test_the_mapping_of_the_readme_is_one() -> None:
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert parse_mapping(example, "README.md").persons


THREATS = PROJECT / "docs" / "explanation" / "threats.md"


def threat_rows() -> list[str]:
    return [
        line
        for line in THREATS.read_text(encoding="utf-8").splitlines()
        if line.startswith("| ") and not re.match(r"\| (---|#|attack) ", line)
    ]


@pytest.mark.parametrize("row", threat_rows(), ids=lambda row: row[2:40].strip("| "))
def test_every_threat_names_tests_that_exist(row: str) -> None:
    named = re.findall(r"`(tests/[^`]+)`", row)
    missing = []
    for name in named:
        path, _, function = name.partition("::")
        found = (PROJECT / path).exists()
        if found and function:
            found = f"def {function}(" in (PROJECT / path).read_text(encoding="utf-8")
        if not found:
            missing.append(name)
    assert named
    assert missing == []


def test_every_threat_of_the_model_has_its_row() -> None:
    numbers = [match[1] for row in threat_rows() if (match := re.match(r"\| (\d+) \|", row))]
    assert numbers == [str(number) for number in range(1, 24)]
