"""Attack: an office signs rows that are made to break the gate (issue 9, item 3).

One such row used to raise on every run, and no other package was answered from then on.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from narrowgate.core.answers.receipt import parse_receipt
from narrowgate.gate.run import run_package
from narrowgate.verify.world import verify_world
from support.gate_world import SilentProgress, gate_over, signed_package
from support.hostile import hostile_rows, signed_rows
from support.index_worlds import KEY, LIMIT, Row
from support.requests import eligible_item
from support.simulated_index import SimulatedIndex

RECORD = Row("123-45-6701", "MARIA", "GARCIA LOPEZ", "1980-02-03", "123 N MAIN ST APT 4")
HONEST = eligible_item(
    item="honest",
    given_names="Maria",
    surnames="Garcia Lopez",
    birth_date="1980-02-03",
    tin="123-45-6701",
    address_line_1="123 North Main Street #4",
    address_line_2="",
    city="Cincinnati",
    state="OH",
    zip="45220",
    tax_years="2022",
    officers="officer-1",
)


def index() -> SimulatedIndex:
    return SimulatedIndex([RECORD], KEY, LIMIT)


def run(package: object, home: Path) -> bytes:
    with gate_over(home, index) as gate:
        return run_package(gate, package, SilentProgress())  # type: ignore[arg-type]


def honest_is_answered(home: Path, seed: bytes = b"honest") -> None:
    package = signed_package([HONEST], home / f"honest-{seed.decode()}", seed=seed)
    receipt = parse_receipt(run(package, home), "receipt")
    assert (receipt.items, receipt.refused) == (1, 0)
    verify_world(home)


def test_a_package_of_every_hostile_row_is_decided_row_by_row(tmp_path: Path) -> None:
    rows = hostile_rows()
    began = time.monotonic()
    receipt = parse_receipt(run(signed_rows(list(rows.values()), tmp_path / "hostile"), tmp_path), "receipt")
    assert receipt.items == len(rows)
    assert time.monotonic() - began < 60
    honest_is_answered(tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in hostile_rows()
        if " in " not in name and not name.startswith(("long", "many", "empty"))
    ],
)
def test_one_hostile_row_is_refused_and_the_next_honest_package_is_answered(
    name: str, tmp_path: Path
) -> None:
    package = signed_rows([hostile_rows()[name]], tmp_path / "hostile")
    receipt = parse_receipt(run(package, tmp_path), "receipt")
    assert receipt.items == 1
    honest_is_answered(tmp_path)
