"""Without its key an index is random rows: a hunt through the files of a planted one finds no relation."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from narrowgate.adapters.engines.duckdb.build import build_index
from narrowgate.core.matching.token import exclusion_token
from support.index_worlds import KEY, MAPPING, Row, settings, write_rows
from support.relations import Row as Stored
from support.relations import equal_parts, movable, repeated_differences, stand_out
from support.xor_construction import Stay, guard_rows, token_rows

STREETS = [("MAPLE", "ST"), ("HOWELL", "AVE"), ("CLIFTON", "AVE"), ("LUDLOW", "ST")]
PEOPLE = [f"2123456{number:02d}" for number in range(40)]
HIDDEN = PEOPLE[-4:]


def planted() -> list[Row]:
    """Everybody lived on all four streets at one house number, which is worse than any tax file."""
    return [
        Row(
            tin,
            "MARIA",
            f"GARCIA{chr(65 + number // 26)}{chr(65 + number % 26)}",
            f"19{60 + number % 40}-01-02",
            f"{100 + number} {street} {suffix}",
            tax_year=str(2019 + at),
            suppressed="yes" if tin in HIDDEN else "no",
        )
        for number, tin in enumerate(PEOPLE)
        for at, (street, suffix) in enumerate(STREETS)
    ]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Stored]]:
    """The rows of the planted index, as they stand in its files."""
    home = tmp_path_factory.mktemp("planted")
    source = write_rows(home / "records.csv", planted())
    streets = [("45220", *street) for street in STREETS]
    build_index(source, MAPPING, home / "index", KEY, settings(home, streets=streets))
    return {kind: stored_rows(home / "index" / kind) for kind in ("tokens", "guards")}


def stored_rows(directory: Path) -> list[Stored]:
    """Every column of every file, as numbers without sign."""
    return [
        {name: value % 2**64 for name, value in row.items()}
        for path in sorted(directory.iterdir())
        for row in pq.read_table(path).to_pylist()
    ]


def stays(people: list[str]) -> list[Stay]:
    return [
        Stay(person, str(100 + number), street, suffix, 1 << at)
        for number, person in enumerate(people)
        for at, (street, suffix) in enumerate(STREETS)
    ]


def test_the_hunt_finds_what_was_wrong_with_the_construction_before() -> None:
    shown = stays(PEOPLE[:-4])
    tokens, guards = token_rows(KEY, shown), guard_rows(KEY, shown, HIDDEN)
    assert repeated_differences([{"token_high": row["token_high"]} for row in tokens]) > len(tokens)
    assert equal_parts(guards) > 0
    facts = [{"value": row["value_high"]} for row in guards[: -len(HIDDEN)]]
    assert movable([{"token_high": row["token_high"]} for row in tokens], facts) > len(tokens) // 2
    assert stand_out(guards, [number >= len(guards) - len(HIDDEN) for number in range(len(guards))])


def test_no_value_stands_in_two_rows(files: dict[str, list[Stored]]) -> None:
    rows = [*files["tokens"], *files["guards"]]
    assert len(rows) > 1200
    assert equal_parts(rows) == 0


def test_no_two_pairs_of_rows_differ_by_the_same_value(files: dict[str, list[Stored]]) -> None:
    assert repeated_differences([*files["tokens"][:300], *files["guards"][:300]]) == 0


def test_no_row_moves_to_another_by_what_stands_in_the_guards(files: dict[str, list[Stored]]) -> None:
    values = [{"sealed": row["sealed"]} for row in files["guards"][:150]]
    assert movable(files["tokens"], values) == 0


def test_the_rows_of_persons_kept_out_do_not_stand_out(files: dict[str, list[Stored]]) -> None:
    hidden = {int.from_bytes(exclusion_token(KEY, f"T|{tin}")[:8]) for tin in HIDDEN}
    marked = [row["token_high"] in hidden for row in files["guards"]]
    assert sum(marked) == len(HIDDEN)
    assert not stand_out(files["guards"], marked)


def test_neither_guards_nor_manifest_count_the_persons_kept_out(tmp_path: Path) -> None:
    """The attack: build, or suppress, with one person more, and compare what stands in the files."""
    told = []
    for count in (1, 4):
        home = tmp_path / str(count)
        home.mkdir()
        hidden = PEOPLE[-count:]
        rows = [row._replace(suppressed="yes" if row.tin in hidden else "no") for row in planted()]
        report = build_index(
            write_rows(home / "records.csv", rows), MAPPING, home / "index", KEY, settings(home)
        )
        guards = sum(file.rows for file in report.manifest.files_of("guards"))
        (layer,) = report.manifest.layers
        told.append((guards, {name for name in layer.counts if "suppressed" in name}))
        assert report.counts["excluded_suppressed"] == count * len(STREETS)
    assert told[0] == told[1] == (1024, set())


def test_the_bits_of_every_column_are_even(files: dict[str, list[Stored]]) -> None:
    for rows in files.values():
        for column in rows[0]:
            share = sum(row[column].bit_count() for row in rows) / (64 * len(rows))
            assert share == pytest.approx(0.5, abs=0.05)
