"""However rows come and wherever their tokens lie, each question gets the answer it would get alone."""

from __future__ import annotations

import errno
import os
from array import array
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from narrowgate.adapters.engines import gathered
from narrowgate.adapters.engines.duckdb.build import build_index
from narrowgate.adapters.engines.duckdb.duckdb_index import DuckDBIndex
from narrowgate.adapters.engines.gathered import Gathered, deal
from narrowgate.core.base.errors import UnavailableError
from narrowgate.core.matching.token import Token
from narrowgate.gate.gathering import DealtRows, RowsAsked
from narrowgate.index.build import write_manifest
from narrowgate.index.columns import token_batch
from narrowgate.index.files import write_sorted
from narrowgate.index.manifest import IndexManifest
from support.index_worlds import KEY, MAPPING, Row, settings, write_rows

Question = tuple[int, Sequence[Token]]
"""The years it names, and the rows it asks for."""

LOWEST, HIGHEST = b"\x80" + bytes(15), b"\x7f" + b"\xff" * 15
"""The first and the last token in the order of signed integers."""

EDGES = [LOWEST, HIGHEST, bytes(16), b"\xff" * 16]
EDGES += [(number << 122).to_bytes(16) for number in (1, 31, 32, 63)]
EDGES += [((number << 122) - 1).to_bytes(16) for number in (1, 31, 32, 63)]
"""Where parts and files begin and end."""

HALVES = [token[:8] + bytes([token[8] ^ 1]) + token[9:] for token in EDGES]
"""Tokens whose first halves, by which rows are joined, are those of others."""

tokens = st.sampled_from(EDGES + HALVES) | st.binary(min_size=16, max_size=16)
held = st.dictionaries(tokens, st.integers(0, 7), max_size=40)
layers = st.lists(held, min_size=1, max_size=3)


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> IndexManifest:
    """Of an index, for its versions and its key."""
    home = tmp_path_factory.mktemp("gathered")
    source = write_rows(home / "r.csv", [Row("212345671", "MARIA", "LOPEZ", "1980-01-02", "538 ORCHID ST")])
    return build_index(source, MAPPING, home / "index", KEY, settings(home)).manifest


def index_of(home: Path, manifest: IndexManifest, layers: list[dict[Token, int]], bits: int) -> DuckDBIndex:
    """An index of those rows, whose masks are zeros, in as many layers."""
    (home / "index").mkdir()
    files = []
    for number, layer in enumerate(layers):
        rows = sorted(
            layer.items(), key=lambda row: (row[0][0] ^ 0x80, row[0][1:8], row[0][8] ^ 0x80, row[0])
        )
        batch = token_batch(token=[token for token, _ in rows]).append_column(
            "sealed", pa.array([years for _, years in rows], pa.int64())
        )
        files += write_sorted([batch] if rows else [], home / "index", "tokens", f"{number:04d}-", bits)
    write_manifest(replace(manifest, files=tuple(files)), home / "index", None)
    return DuckDBIndex.open(home / "index", KEY.key_id, spill=home / "spill", threads=2)


def dealt(questions: Sequence[Question]) -> DealtRows:
    return deal(
        RowsAsked(
            b"".join(token + bytes(16) for _, rows in questions for token in rows),
            array("Q", [len(rows) for _, rows in questions]),
            array("Q", [years for years, _ in questions]),
        )
    )


def answered(index: DuckDBIndex, batches: Sequence[Sequence[Question]]) -> list[bool]:
    with index.gather() as rows:
        for batch in batches:
            rows.add(dealt(batch))
        return list(rows.answers())


@given(layers, st.integers(0, 3), st.data())
@example([dict.fromkeys(EDGES, 1), dict.fromkeys(EDGES, 2)], 3, None)
@hypothesis_settings(max_examples=8, deadline=None)
def test_dealt_out_or_not_every_question_gets_the_answer_it_would_get_alone(
    manifest: IndexManifest, layers: list[dict[Token, int]], bits: int, data: st.DataObject | None
) -> None:
    known = [token for layer in layers for token in layer] or EDGES
    question = st.tuples(st.integers(0, 7), st.lists(st.sampled_from(known) | tokens, max_size=6))
    drawn = st.lists(st.lists(question, max_size=8), max_size=5)
    every = [(years, [token]) for years in (1, 2, 4) for token in EDGES + HALVES]
    batches = data.draw(drawn) if data else [every, [], [(7, EDGES), (7, [])]]
    expected = [
        any(layer.get(token, 0) & years for layer in layers for token in rows)
        for batch in batches
        for years, rows in batch
    ]
    with TemporaryDirectory() as home, pytest.MonkeyPatch.context() as patch:
        index = index_of(Path(home), manifest, layers, bits)
        assert answered(index, batches) == expected
        patch.setattr(gathered, "_WAITING_ROWS", 3)
        patch.setattr(gathered, "_ANSWERED_ROWS", 6)
        assert answered(index, batches) == expected


def test_the_same_files_are_read_and_as_much_comes_back_for_hits_as_for_misses(
    manifest: IndexManifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathered, "_WAITING_ROWS", 50)
    monkeypatch.setattr(gathered, "_ANSWERED_ROWS", 20)
    stored = {(number << 120 | 1).to_bytes(16): 1 for number in range(1 << 8)}
    index = index_of(tmp_path, manifest, [stored], 3)
    traces = []
    for low in (1, 2):
        seen: list[tuple[tuple[str, ...], int, int]] = []
        ask = index._ask

        def traced(connection, query, files, asked, seen=seen, ask=ask):  # type: ignore[no-untyped-def]
            found = ask(connection, query, files, asked)
            seen.append(
                (tuple(file.path for file in files), asked.num_rows, sum(one.num_rows for one in found))
            )
            return found

        monkeypatch.setattr(index, "_ask", traced)
        asked = [(1, [(number << 120 | low).to_bytes(16)]) for number in range(0, 1 << 8, 3)]
        assert set(answered(index, [asked])) == {low == 1}
        monkeypatch.setattr(index, "_ask", ask)
        traces.append(sorted(seen))
    assert traces[0] == traces[1]
    assert len(traces[0]) > 1


def test_rows_that_the_system_gives_back_in_pieces_are_read_whole(
    manifest: IndexManifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = os.pread
    monkeypatch.setattr(gathered, "_WAITING_ROWS", 3)
    monkeypatch.setattr(os, "pread", lambda file, size, at: whole(file, min(size, 10), at))
    index = index_of(tmp_path, manifest, [dict.fromkeys(EDGES, 1)], 3)
    assert answered(index, [[(1, [token]) for token in EDGES]]) == [True] * len(EDGES)


def test_an_engine_that_leaves_out_a_question_gives_no_answer(tmp_path: Path) -> None:
    with Gathered(
        tmp_path,
        lambda pieces: [[pa.RecordBatch.from_pydict({"question": [0], "years": [1]})] for _ in pieces],
    ) as rows:
        rows.add(dealt([(1, [LOWEST]), (1, [HIGHEST])]))
        with pytest.raises(UnavailableError, match="other questions"):
            rows.answers()


def test_an_engine_that_leaves_out_a_row_gives_no_answer(tmp_path: Path) -> None:
    with Gathered(
        tmp_path,
        lambda pieces: [[pa.RecordBatch.from_pydict({"question": [0, 1], "years": [1, 0]})] for _ in pieces],
    ) as rows:
        rows.add(dealt([(1, [LOWEST]), (1, [HIGHEST, LOWEST])]))
        with pytest.raises(UnavailableError, match="other questions"):
            rows.answers()


def test_what_waits_on_the_disk_has_no_name_and_a_full_disk_is_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathered, "_WAITING_ROWS", 1)
    with Gathered(tmp_path / "spill", lambda pieces: iter(())) as rows:
        rows.add(dealt([(1, EDGES)]))
        assert list((tmp_path / "spill").iterdir()) == []

        def full(*_: object) -> None:
            raise OSError(errno.ENOSPC, "full")

        monkeypatch.setattr(gathered, "_write_all", full)
        with pytest.raises(UnavailableError, match="no place on the disk"):
            rows.add(dealt([(1, EDGES)]))
