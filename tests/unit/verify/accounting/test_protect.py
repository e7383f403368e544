"""What is withheld stays open: an integer solver that knows every report and every relation narrows no small number."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from narrowgate.core.base.errors import RefusedError
from narrowgate.verify.accounting.account import Wanted, account
from narrowgate.verify.accounting.protect import protect
from narrowgate.verify.accounting.table import YEAR, Cell, Place, with_sums
from narrowgate.verify.source import find_source
from support.accounted_log import drawn_packages, write_log, write_openings
from support.reader_of_reports import narrowed

MONTHS = [f"2026-{month:02d}" for month in range(1, 7)]
K = 11


def reports_of(tmp_path: Path, seed: int, months: list[str]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The report of each month, the report of the year, and what is true."""
    packages = drawn_packages(seed, months)
    source = find_source(write_log(tmp_path / f"log-{seed}", packages))
    opened = write_openings(tmp_path / f"opened-{seed}", (o for each in packages for o in each.openings()))

    def report(through: str, *, full: bool = False) -> dict[str, Any]:
        return account(source, Wanted((opened,), K, through, (), full))[0].as_dict()

    return [report(month) for month in (*months, "2026-12")], report("", full=True)


@pytest.mark.parametrize("seed", range(6))
def test_an_integer_solver_narrows_no_small_number_by_all_reports_of_a_year_together(
    tmp_path: Path, seed: int
) -> None:
    reports, full = reports_of(tmp_path, seed, MONTHS[: 2 + seed % 3])
    said: list[str] = []
    assert narrowed(reports, full, K, said.append) == 0, said


def test_the_solver_finds_a_number_that_only_its_own_line_withholds(tmp_path: Path) -> None:
    reports, full = reports_of(tmp_path, 1, MONTHS[:2])
    told = {(line["office"], line["statute"], line["period"]): line for line in full["lines"]}
    careless = {
        **reports[-1],
        "lines": [
            line
            if any(0 < told[key][count] < K for count in ("items", "refused", "confirmed"))
            else told[key]
            for line in reports[-1]["lines"]
            for key in [(line["office"], line["statute"], line["period"])]
        ],
    }
    assert narrowed([careless], full, K, lambda _: None) > 0


def test_months_are_withheld_alike_in_their_own_report_and_in_that_of_the_year(tmp_path: Path) -> None:
    reports, _ = reports_of(tmp_path, 3, MONTHS[:4])
    for earlier in reports[:-1]:
        for line in earlier["lines"]:
            assert line in reports[-1]["lines"]
        for rule in earlier["refusals"]:
            assert rule in reports[-1]["refusals"]


def test_a_line_alone_in_a_month_takes_its_sums_with_it() -> None:
    line = Cell(Place("a", "s"), "2026-01")
    table = with_sums(["2026-01"], {"items": {line: 4, Cell(Place("b", "s"), "2026-01"): 500}})
    withheld = protect(table, K, is_over=True)
    assert {Cell(Place("a", "s"), "2026-01"), Cell(Place("b", "s"), "2026-01")} <= withheld
    assert Cell(Place(), "2026-01") not in withheld


def test_a_sum_of_the_year_that_would_give_a_month_away_is_withheld() -> None:
    cells = {
        Cell(Place("a", "s"), month): count for month, count in zip(MONTHS[:3], (400, 400, 4), strict=True)
    }
    others = {Cell(Place("b", "s"), month): 300 for month in MONTHS[:3]}
    withheld = protect(with_sums(MONTHS[:3], {"items": {**cells, **others}}), K, is_over=True)
    assert Cell(Place("a"), MONTHS[2]) in withheld
    assert Cell(Place("a"), YEAR) in withheld
    assert Cell(Place(), YEAR) not in withheld


def test_what_was_published_before_is_not_taken_back_but_refused() -> None:
    cells = {Cell(Place("a", "s"), "2026-01"): 4, Cell(Place("b", "s"), "2026-01"): 500}
    table = with_sums(["2026-01"], {"items": cells})
    shown = [Cell(place, "2026-01") for place in (Place(), Place("b"), Place("b", "s"))]
    with pytest.raises(RefusedError, match="published before"):
        protect(table, K, is_over=False, shown_before=shown)


def test_large_numbers_and_none_are_all_told() -> None:
    cells = {Cell(Place(office, "s"), month): 40 for office in "ab" for month in MONTHS}
    assert protect(with_sums(MONTHS, {"items": cells}), K, is_over=True) == frozenset()
    assert protect(with_sums([], {"items": {}}), K, is_over=True) == frozenset()
