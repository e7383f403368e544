"""An index directory opened by its manifest, whatever engine reads its files (``gate.ports.ConfirmationIndex``)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import pyarrow as pa

from narrowgate.core.base.errors import ConfigurationError, OperationalError, UnavailableError
from narrowgate.core.matching.guard_facts import GuardFacts, tokens_in
from narrowgate.core.matching.token import TOKEN_SIZE, Token
from narrowgate.gate.ports import IndexSnapshot
from narrowgate.index.columns import every_word, integers, side_by_side, words
from narrowgate.index.integrity import VerifySignature, check_size, read_manifest
from narrowgate.index.manifest import IndexFile, IndexManifest

# Both engines run these very statements.
_MEMBERS = """
    SELECT DISTINCT asked.position
    FROM asked JOIN stored ON asked.token_high = stored.token_high AND asked.token_low = stored.token_low
    WHERE asked.tax_years & stored.tax_years <> 0
"""

_GUARDS = """
    SELECT batch, stored.token_high, stored.token_low, value_high, value_low, bool_or(shared) AS shared
    FROM asked JOIN stored ON asked.token_high = stored.token_high AND asked.token_low = stored.token_low
    GROUP BY batch, stored.token_high, stored.token_low, value_high, value_low
    ORDER BY batch, stored.token_high, stored.token_low, value_high, value_low
"""


class StoredIndex(ABC):
    """A data file is hashed, then read, when tokens need it; an engine says how.

    Args:
        directory: of the index.
        manifest: parsed and verified (``opened_manifest``).
    """

    def __init__(self, directory: Path, manifest: IndexManifest) -> None:
        self._directory = directory
        self._manifest = manifest
        self._hashed: set[str] = set()
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
        )

    def guards(self, batches: Sequence[bytes]) -> Sequence[GuardFacts]:
        """For each batch of distinct tokens, side by side, the facts kept under them; one pass for all.

        Raises:
            UnavailableError: a data file is missing, damaged or unreadable; never answered as absence.
        """
        tokens = b"".join(batches)
        high, low = every_word(tokens, 2)
        numbers = array("Q")
        for number, batch in enumerate(batches):
            numbers.extend(array("Q", [number]) * (len(batch) // TOKEN_SIZE))
        asked = pa.table({"token_high": high, "token_low": low, "batch": integers(numbers)})
        found = self._probe(_GUARDS, "guards", tokens, asked)
        if not found:
            return [GuardFacts()] * len(batches)
        return _facts_of_batches(pa.Table.from_batches(found), len(batches))

    def members(self, tokens: bytes, years: Sequence[int]) -> Sequence[bool]:
        """For each token, side by side, whether the set holds it for any tax year of the mask beside it; one pass.

        Raises:
            UnavailableError: a data file is missing, damaged or unreadable; never answered as absence.
        """
        high, low = every_word(tokens, 2)
        positions = integers(range(len(years)))
        asked = pa.table(
            {"token_high": high, "token_low": low, "tax_years": integers(years), "position": positions}
        )
        answers = [False] * len(years)
        for batch in self._probe(_MEMBERS, "tokens", tokens, asked):
            for position in words(batch.column(0)):
                answers[position] = True
        return answers

    @abstractmethod
    def _answer(self, query: str, files: Sequence[IndexFile], asked: pa.Table) -> list[pa.RecordBatch]:
        """The rows of ``query`` over ``asked`` and the rows ``stored`` in ``files``."""

    @abstractmethod
    def _check(self, files: Sequence[IndexFile]) -> None:
        """The bytes of ``files`` are those of the manifest (``check_digest``).

        Raises:
            UnavailableError: they are not, or cannot be read.
        """

    def _probe(self, query: str, kind: str, tokens: bytes, asked: pa.Table) -> list[pa.RecordBatch]:
        files = files_for(tokens, self._manifest.files_of(kind))
        if not files:
            return []
        self.reads += 1
        try:
            self._check([file for file in files if file.path not in self._hashed])
            self._hashed.update(file.path for file in files)
            return self._answer(query, files, asked)
        except UnavailableError:
            raise
        except OperationalError as error:
            raise UnavailableError(
                "The index cannot be read.",
                why=error.what,
                next_step=error.next_step,
                where=self._directory.name,
            ) from error


def opened_manifest(directory: Path, key_id: str, verify: VerifySignature | None) -> IndexManifest:
    """The manifest of an index of this code's versions and of the expected key; no data file is read.

    Args:
        directory: of the index.
        key_id: of the key the questions are made with.
        verify: checks the manifest's signature; None for an index without one.

    Raises:
        ConfigurationError: another key, canonical form or match rule.
        UnavailableError: the manifest or a data file is missing, damaged or of another size.
    """
    manifest = read_manifest(directory, verify)
    if manifest.key_id != key_id:
        raise ConfigurationError(
            f"The index was built with key {manifest.key_id}, and the key given is {key_id}.",
            why="Tokens of one key never meet those of another.",
            next_step="Give the key the index was built with, or build it again with this one.",
            where=directory.name,
        )
    for file in manifest.files:
        check_size(directory, file)
    return manifest


def _facts_of_batches(rows: pa.Table, batches: int) -> list[GuardFacts]:
    """The rows of ``_GUARDS``, which are in the order of the batches, cut into those of each batch."""
    numbers, *token, value_high, value_low, shared = rows.columns
    tokens, values = side_by_side(*token), side_by_side(value_high, value_low)
    flags = bytes(map(bool, shared.to_pylist()))
    counts = Counter(chain.from_iterable(map(words, numbers.chunks)))
    found: list[GuardFacts] = []
    start = 0
    for number in range(batches):
        end = start + counts[number]
        cut = slice(start * TOKEN_SIZE, end * TOKEN_SIZE)
        found.append(GuardFacts(tokens[cut], values[cut], flags[start:end]))
        start = end
    return found


def files_for(tokens: bytes, files: Sequence[IndexFile]) -> list[IndexFile]:
    """The files whose range holds at least one of ``tokens``, which stand side by side.

    The ranges are those of signed integers, so that the order of a file is the order of its columns.
    """
    if len(tokens) > 8 * TOKEN_SIZE * len(files):
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
