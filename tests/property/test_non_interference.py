"""The one idea: what leaves the gate depends on the tax records through the answers and through nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from narrowgate.adapters.engines.duckdb.build import build_index
from narrowgate.adapters.engines.duckdb.duckdb_index import DuckDBIndex
from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.request.item import Item
from narrowgate.gate.ports import IndexSnapshot
from support.gate_world import everything_outgoing, opened_records, run
from support.index_worlds import KEY, LIMIT, MAPPING, Row, write_rows
from support.index_worlds import settings as build_settings
from support.requests import eligible_item
from support.simulated_index import SimulatedIndex

PEOPLE = [
    ("123-45-6701", "MARIA", "GARCIA LOPEZ", "1980-02-03", "123 N MAIN ST APT 4"),
    ("223-45-6702", "ROBERT", "SMITH", "1971-05-06", "55 OAK AVE"),
    ("323-45-6703", "ANN", "LEE", "1992-11-30", "77 PINE ST"),
    ("", "WEI", "CHEN", "1988-08-08", "9 ELM CT"),
]
"""One item each; the last is identified by the birth date."""

ADMITTED = [
    eligible_item(
        item=f"i{number}",
        given_names=given,
        surnames=surnames,
        birth_date=birth_date,
        tin=tin,
        alien_number=f"A01234567{number}",
        removal_order_number=f"RO-{number}",
        investigation_number=f"INV-2026-{number}",
        address_line_1=line,
        address_line_2="",
        city="CINCINNATI",
        state="OH",
        zip="45220",
        tax_years="2022",
        officers="officer-1 officer-2",
    )
    for number, (tin, given, surnames, birth_date, line) in enumerate(PEOPLE)
]
REFUSED = [
    ADMITTED[0]._replace(item="r0", address_line_1="Don't Care 12345"),
    ADMITTED[1]._replace(item="r1", in_custody="yes"),
]
ITEMS: list[Item] = [*ADMITTED, *REFUSED]


def true_row(number: int) -> Row:
    """The record that confirms item ``number``."""
    tin, given, surnames, birth_date, line = PEOPLE[number]
    return Row(tin or "423-45-6704", given, surnames, birth_date, line)


def near_misses(number: int) -> st.SearchStrategy[Row]:
    """Records about the same person, or the same place, that do not confirm item ``number``."""
    row = true_row(number)
    other = true_row((number + 1) % len(PEOPLE))
    return st.sampled_from(
        [
            row._replace(tax_year="2019"),
            row._replace(suppressed="yes"),
            row._replace(address_line_1="8 " + row.address_line_1.split(" ", 1)[1]),
            row._replace(zip="45202"),
            row._replace(address_line_1="UNKNOWN"),
            row._replace(given_names="Q", birth_date="1950-01-01", tin="523-45-6705"),
            other._replace(address_line_1="400 FAR AWAY RD"),
            Row("623-45-6706", "EVA", "NOVAK", "1960-06-06", "1 NEW ST", zip="45219"),
        ]
    )


@st.composite
def record_sets(draw: st.DrawFn, bits: tuple[bool, ...]) -> list[Row]:
    """A tax file whose answers are ``bits``, and which is otherwise anything."""
    rows = [true_row(number) for number, bit in enumerate(bits) if bit]
    suppressible = [number for number, bit in enumerate(bits) if not bit]
    for number in suppressible:
        rows += draw(st.lists(near_misses(number), max_size=3))
        if draw(st.booleans()):
            # In the file and at the address, and kept out by law.
            rows.append(true_row(number)._replace(suppressed="yes"))
    noise = st.integers(1, 400).map(
        lambda number: Row(
            f"7{number:02d}-45-67{number % 90 + 10}", "EVA", "NOVAK", "1960-06-06", f"{number} NEW ST"
        )
    )
    return rows + draw(st.lists(noise, max_size=5))


@st.composite
def pairs_of_record_sets(draw: st.DrawFn) -> tuple[tuple[bool, ...], list[Row], list[Row]]:
    """Two tax files that agree on the answers, and the answers."""
    bits = tuple(draw(st.booleans()) for _ in PEOPLE)
    return bits, draw(record_sets(bits)), draw(record_sets(bits))


def outgoing(rows: list[Row]) -> tuple[dict[str, bytes], bytes, list[Outcome]]:
    """Everything that leaves a gate over ``rows``, its receipt, and the answers an officer opens."""
    with TemporaryDirectory() as directory:
        receipt = run(ITEMS, Path(directory), SimulatedIndex(rows, KEY, LIMIT))
        answers = [record.outcome for record in opened_records(Path(directory))]
        return everything_outgoing(Path(directory)), receipt, answers


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pairs_of_record_sets())
def test_two_record_sets_that_agree_on_the_answers_cannot_be_told_apart_by_any_byte_that_leaves(
    worlds: tuple[tuple[bool, ...], list[Row], list[Row]],
) -> None:
    bits, one, other = worlds
    files, receipt, answers = outgoing(one)
    expected = [Outcome.CONFIRMED if bit else Outcome.NOT_CONFIRMED for bit in bits] + [Outcome.REFUSED] * 2
    assert answers == expected
    assert outgoing(other) == (files, receipt, answers)


def test_only_sealed_bytes_and_commitments_change_when_one_answer_changes() -> None:
    """The control: the comparison above does see a difference, and sees it nowhere but where the bit is hidden."""
    rows = [true_row(number) for number in range(len(PEOPLE))]
    files, receipt, answers = outgoing(rows)
    changed_files, changed_receipt, changed_answers = outgoing(rows[1:])
    assert answers != changed_answers
    assert receipt == changed_receipt
    assert files.keys() == changed_files.keys()
    assert {name: len(data) for name, data in files.items()} == {
        name: len(data) for name, data in changed_files.items()
    }
    different = {name for name in files if files[name] != changed_files[name]}
    assert not {name for name in different if name.endswith(("receipt.json", "refusals.ndjson", "log.vkey"))}
    assert any(name.endswith(".p7m") for name in different)


class SameDigest:
    """An index on disk whose digest is held equal, as its commitment hides it."""

    def __init__(self, index: DuckDBIndex) -> None:
        self._index = index
        self.guards = index.guards
        self.gather = index.gather

    def snapshot(self) -> IndexSnapshot:
        """The same description whatever the records."""
        real = self._index.snapshot()
        return replace(real, snapshot_id="same", digest=bytes(32))


def test_it_holds_for_the_index_on_disk_too(tmp_path: Path) -> None:
    bits = (True, False, False, True)
    absent = [true_row(number) for number, bit in enumerate(bits) if bit]
    elsewhere = [
        *absent,
        true_row(1)._replace(address_line_1="8 OTHER RD"),
        true_row(2)._replace(suppressed="yes"),
    ]
    seen = []
    for number, rows in enumerate((absent, elsewhere)):
        home = tmp_path / str(number)
        home.mkdir()
        source = write_rows(home / "records.csv", rows)
        build_index(source, MAPPING, home / "index", KEY, build_settings(home))
        index = DuckDBIndex.open(home / "index", KEY.key_id, spill=home / "spill")
        receipt = run(ITEMS, home, SameDigest(index))
        seen.append((everything_outgoing(home), receipt, [record.outcome for record in opened_records(home)]))
    assert seen[0] == seen[1]


@pytest.mark.parametrize("items", [REFUSED, [item._replace(officers="") for item in ADMITTED]])
def test_a_package_of_refused_items_reads_nothing_of_the_index(items: list[Item], tmp_path: Path) -> None:
    index = SimulatedIndex([true_row(number) for number in range(len(PEOPLE))], KEY, LIMIT)
    run(items, tmp_path, index)
    assert index.reads == 0


def test_a_refused_item_adds_nothing_to_what_is_asked(tmp_path: Path) -> None:
    class Recording(SimulatedIndex):
        asked: bytes

        def members(self, tokens, years):  # type: ignore[no-untyped-def]
            self.asked = tokens
            return super().members(tokens, years)

    rows = [true_row(number) for number in range(len(PEOPLE))]
    with_refused, without = Recording(rows, KEY, LIMIT), Recording(rows, KEY, LIMIT)
    run(ITEMS, tmp_path / "a", with_refused)
    run(ADMITTED, tmp_path / "b", without)
    assert with_refused.asked == without.asked
