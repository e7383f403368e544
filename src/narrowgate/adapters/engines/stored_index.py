"""An index directory opened by its manifest, whatever engine reads its files (``gate.ports.ConfirmationIndex``)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from narrowgate.adapters.engines.gathered import Gathered, Piece, deal, parts_between
from narrowgate.adapters.object_store.location import ObjectLocation
from narrowgate.adapters.object_store.stored_index import bring_manifest, check_sizes
from narrowgate.core.base.errors import ConfigurationError, OperationalError, UnavailableError
from narrowgate.core.matching.guard_facts import GuardFacts, tokens_in
from narrowgate.core.matching.token import TOKEN_SIZE, Token
from narrowgate.gate.gathering import RowsAsked
from narrowgate.gate.ports import IndexSnapshot
from narrowgate.index import sql
from narrowgate.index.columns import every_word, integer_column, integers, side_by_side, words
from narrowgate.index.integrity import VerifySignature, check_size, read_manifest
from narrowgate.index.manifest import IndexFile, IndexManifest

_ARROW: Any = pc
"""The published types leave out ``sort_indices``."""

Asked = tuple[Sequence[IndexFile], pa.Table]
"""Data files, and the rows asked that only they can hold."""

Answer = Callable[[str, Sequence[IndexFile], pa.Table], list[pa.RecordBatch]]

_FEW_ROWS = 8
"""Tokens for each data file, up to which it is looked for those that can hold one; more are in all of them."""


class StoredIndex(ABC):
    """A data file is hashed, then read, when tokens need it; an engine says how.

    Args:
        directory: of the index.
        manifest: parsed and verified (``opened_manifest``).
        spill: directory for what does not fit in memory; tokens only.
        at_once: pieces of the set that are read at the same time.
    """

    def __init__(self, directory: Path, manifest: IndexManifest, spill: Path, at_once: int = 1) -> None:
        self._directory = directory
        self._manifest = manifest
        self._spill = spill
        self._hashed: set[str] = set()
        self._at_once = at_once
        self.reads = 0
        """How often data files were read: a refused item causes none."""

    @property
    def directory(self) -> Path:
        """Where the index lies."""
        return self._directory

    @property
    def manifest(self) -> IndexManifest:
        """What the index holds, counted and hashed; never leaves the custodian."""
        return self._manifest

    def snapshot(self) -> IndexSnapshot:
        """The index's description, read from its verified manifest."""
        manifest = self._manifest
        return IndexSnapshot(
            manifest.snapshot_id,
            manifest.data_as_of,
            manifest.canonical_form_version,
            manifest.key_id,
            manifest.digest,
            manifest.created,
            manifest.has_street_reference,
        )

    def guards(self, batches: Sequence[bytes]) -> Sequence[GuardFacts]:
        """For each batch of distinct tokens, side by side, what is kept under each; one pass for all.

        Raises:
            UnavailableError: a data file is missing, damaged or unreadable; never answered as absence.
        """
        tokens = b"".join(batches)
        found, first, last = self._found(tokens)
        facts: list[GuardFacts] = []
        start = 0
        for batch in batches:
            end = start + len(batch) // TOKEN_SIZE
            facts.append(GuardFacts(found[start:end], first[start:end], last[start:end]))
            start = end
        return facts

    def gather(self) -> Gathered:
        """Where the rows of a package come together; see ``gate.gathering.Gathering``."""
        return Gathered(self._spill, self._held, self._at_once)

    def members(self, rows: bytes, years: Sequence[int]) -> Sequence[bool]:
        """For each row whether the set holds it for any tax year of those beside it; one pass.

        Args:
            rows: the ``row_digest`` of each, side by side.
            years: beside each a mask of tax years.

        Raises:
            UnavailableError: a data file is missing, damaged or unreadable; never answered as absence.
        """
        with self.gather() as gathered:
            gathered.add(deal(RowsAsked(rows, array("Q", [1]) * len(years), array("Q", years))))
            return gathered.answers()

    @abstractmethod
    def _answer(self, query: str, files: Sequence[IndexFile], asked: pa.Table) -> list[pa.RecordBatch]:
        """The rows of ``query`` over ``asked`` and the rows ``stored`` in ``files``."""

    @abstractmethod
    def _check(self, files: Sequence[IndexFile]) -> None:
        """The bytes of ``files`` are those of the manifest (``check_digest``).

        Raises:
            UnavailableError: they are not, or cannot be read.
        """

    def _answers(self, query: str, pieces: Iterable[Asked]) -> Iterator[list[pa.RecordBatch]]:
        """The rows of ``query`` for each piece, in their order; an engine may read for several at the same time."""
        for files, asked in pieces:
            yield self._answered(self._answer, query, files, asked)

    def _answered(
        self, answer: Answer, query: str, files: Sequence[IndexFile], asked: pa.Table
    ) -> list[pa.RecordBatch]:
        """The rows of ``query`` over files whose bytes are those of the manifest; without files there is no row."""
        if not files:
            return []
        self._check([file for file in files if file.path not in self._hashed])
        self._hashed.update(file.path for file in files)
        return answer(query, files, asked)

    def _held(self, pieces: Iterable[Piece]) -> Iterator[list[pa.RecordBatch]]:
        """For each row of each piece its question and the years it is held for."""
        every = self._manifest.files_of("tokens")
        absent: deque[list[pa.RecordBatch]] = deque()

        def with_files() -> Iterator[Asked]:
            for asked, parts in pieces:
                if asked.num_rows > _FEW_ROWS * len(every):
                    files = [file for file in every if _lies_in(file, parts)]
                else:
                    files = files_for(
                        side_by_side(asked.column("token_high"), asked.column("token_low")), every
                    )
                absent.append([] if files else [_nothing_held(asked)])
                yield files, asked

        for held in self._read(sql.MEMBERS, with_files()):
            yield held + absent.popleft()

    def _found(self, tokens: bytes) -> tuple[array[int], array[int], array[int]]:
        """For each token whether there is a guard, and the lowest and the highest of the values held."""
        count = len(tokens) // TOKEN_SIZE
        files = files_for(tokens, self._manifest.files_of("guards"))
        if not files:
            return array("q", bytes(8 * count)), array("q", bytes(8 * count)), array("q", bytes(8 * count))
        high, low = every_word(tokens, 2)
        asked = pa.table({"token_high": high, "token_low": low, "position": integers(range(count))})
        (batches,) = self._read(sql.FOUND, [(files, asked)])
        return _by_position(pa.Table.from_batches(batches), count, len(self._manifest.layers))

    def _read(self, query: str, pieces: Iterable[Asked]) -> Iterator[list[pa.RecordBatch]]:
        """The same as ``_answers``; whatever fails, the index cannot be read."""

        def counted() -> Iterator[Asked]:
            for files, asked in pieces:
                self.reads += bool(files)
                yield files, asked

        try:
            yield from self._answers(query, counted())
        except UnavailableError:
            raise
        except OperationalError as error:
            raise UnavailableError(
                "The index cannot be read.",
                why=error.what,
                next_step=error.next_step,
                where=self._directory.name,
            ) from error


def _by_position(found: pa.Table, count: int, layers: int) -> tuple[array[int], array[int], array[int]]:
    """Of each position from 0 whether there is a value, and the lowest and the highest; zeros where there is none."""
    names = ["position", "sealed", "sealed"]
    if found.num_rows != count or layers > 1:
        found = found.group_by("position", use_threads=False).aggregate(
            [("sealed", "min"), ("sealed", "max")]
        )
        names = ["position", "sealed_min", "sealed_max"]
    position, first, last = (found.column(name).combine_chunks() for name in names)
    order = _ARROW.sort_indices(position)
    if position.take(order) != integers(range(count)):
        raise UnavailableError(
            "The index answered for other tokens than it was asked.",
            next_step="Check the index with 'narrowgate index verify'.",
        )
    first, last = first.take(order), last.take(order)
    is_found, zero = first.is_valid().cast(pa.int64()), integers([0])[0]
    return words(is_found), words(first.fill_null(zero)), words(last.fill_null(zero))


def _nothing_held(asked: pa.Table) -> pa.RecordBatch:
    """What is held for these rows where no file can hold one."""
    questions = asked.column("question").combine_chunks()
    years = integer_column(memoryview(bytes(8 * len(questions))))
    return pa.RecordBatch.from_arrays([questions, years], names=["question", "years"])


def opened_manifest(
    directory: Path, key_id: str, verify: VerifySignature | None, store: ObjectLocation | None = None
) -> IndexManifest:
    """The manifest of an index of this code's versions and of the expected key; no data file is read.

    Args:
        directory: of the index.
        key_id: of the key the questions are made with.
        verify: checks the manifest's signature; None for an index without one.
        store: where the index is, if ``directory`` is only where its files are brought to.

    Raises:
        ConfigurationError: another key, canonical form or match rule.
        UnavailableError: the manifest or a data file is missing, damaged or of another size.
    """
    if store is not None:
        bring_manifest(store, directory)
    manifest = read_manifest(directory, verify)
    if manifest.key_id != key_id:
        raise ConfigurationError(
            f"The index was built with key {manifest.key_id}, and the key given is {key_id}.",
            why="Tokens of one key never meet those of another.",
            next_step="Give the key the index was built with, or build it again with this one.",
            where=directory.name,
        )
    if store is not None:
        check_sizes(store, manifest)
        return manifest
    for file in manifest.files:
        check_size(directory, file)
    return manifest


def _lies_in(file: IndexFile, parts: range) -> bool:
    (first, _), (last, _) = _signed(bytes.fromhex(file.first)), _signed(bytes.fromhex(file.last))
    own = parts_between(first, last)
    return own.start < parts.stop and parts.start < own.stop


def files_for(tokens: bytes, files: Sequence[IndexFile]) -> list[IndexFile]:
    """The files whose range holds at least one of ``tokens``, which stand side by side.

    The ranges are those of signed integers, so that the order of a file is the order of its columns.
    """
    if len(tokens) > _FEW_ROWS * TOKEN_SIZE * len(files):
        return list(files) if tokens else []
    places = [_signed(token) for token in tokens_in(tokens)]
    return [
        file
        for file in files
        if any(
            _signed(bytes.fromhex(file.first)) <= place <= _signed(bytes.fromhex(file.last))
            for place in places
        )
    ]


def _signed(token: Token) -> tuple[int, int]:
    return int.from_bytes(token[:8], signed=True), int.from_bytes(token[8:], signed=True)
