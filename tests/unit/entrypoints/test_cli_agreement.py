"""An agreement is shown for the signing table, and an amendment is told in words, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.command_line import CommandLine

EXAMPLE = Path(__file__).parents[3] / "examples" / "agreement.toml"


@pytest.fixture
def amended(tmp_path: Path) -> Path:
    text = EXAMPLE.read_text().replace("version = 1\n", "version = 2\n", 1)
    path = tmp_path / "amended.toml"
    path.write_text(text)
    return path


def set_limit(path: Path, name: str, figure: int) -> None:
    lines = [
        f"{name} = {figure}" if line.startswith(f"{name} =") else line
        for line in path.read_text().splitlines()
    ]
    path.write_text("\n".join(lines) + "\n")


def test_every_clause_is_shown_with_its_rules_as_text_page_and_json(
    narrowgate: CommandLine, tmp_path: Path
) -> None:
    assert "R-22: " in narrowgate("agreement", "show", EXAMPLE).out
    page = tmp_path / "agreement.html"
    narrowgate("agreement", "show", EXAMPLE, "--html", page)
    assert "Acting Director" in page.read_text()
    shown = json.loads(narrowgate("agreement", "show", EXAMPLE, "--json").out)
    assert {"name": "Items in one package", "value": "1000"} in shown["provisions"]


def test_a_smaller_quota_is_narrower_and_a_greater_one_wider(narrowgate: CommandLine, amended: Path) -> None:
    set_limit(amended, "items_per_package", 999)
    set_limit(amended, "packages_per_day", 24)
    out = narrowgate("agreement", "diff", EXAMPLE, amended).out
    wider, narrower = out.index("Wider"), out.index("Narrower")
    assert wider < out.index("Packages of one office in one day: 24") < narrower
    assert narrower < out.index("Items in one package: 999 in place of 1000")


def test_what_the_code_does_not_allow_cannot_be(narrowgate: CommandLine, amended: Path) -> None:
    set_limit(amended, "items_per_package", 1_280_000)
    result = narrowgate("agreement", "diff", EXAMPLE, amended)
    assert result.code == 4
    assert "cannot be" in result.err
    assert "limits.items_per_package" in result.err


def test_an_amendment_of_the_same_version_cannot_be(narrowgate: CommandLine, amended: Path) -> None:
    amended.write_text(amended.read_text().replace("version = 2\n", "version = 1\n", 1))
    set_limit(amended, "items_per_package", 999)
    result = narrowgate("agreement", "diff", EXAMPLE, amended)
    assert result.code == 4
    assert "needs a greater one" in result.err
    assert "Items in one package" in result.out
