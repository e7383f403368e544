"""An index directory opened by its manifest, whatever engine reads its files (``gate.ports.ConfirmationIndex``)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from narrowgate.adapters.index.columns import integers, joined, split, words
from narrowgate.adapters.index.integrity import VerifySignature, check_digest, check_size, read_manifest
from narrowgate.adapters.index.manifest import IndexFile, IndexManifest
from narrowgate.core.errors import ConfigurationError, OperationalError, UnavailableError
from narrowgate.core.token import Guard, Token
from narrowgate.gate.ports import IndexSnapshot

# Both engines run these very statements.
_MEMBERS = """
    SELECT DISTINCT asked.position
    FROM asked JOIN stored ON asked.token_high = stored.token_high AND asked.token_low = stored.token_low
    WHERE asked.tax_years & stored.tax_years <> 0
"""

_GUARDS = """
    SELECT token_high, token_low, value_high, value_low, bool_or(shared) AS shared
    FROM stored SEMI JOIN asked USING (token_high, token_low)
    GROUP BY token_high, token_low, value_high, value_low
    ORDER BY token_high, token_low, value_high, value_low
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

    def guards(self, tokens: Sequence[Token]) -> Mapping[Token, tuple[Guard, ...]]:
        """The guard facts kept under ``tokens``, each token's in ascending order of value; one pass.

        Raises:
            UnavailableError: a data file is missing, damaged or unreadable.
        """
        high, low = split(tokens)
        asked = pa.table({"token_high": high, "token_low": low})
        found: dict[Token, tuple[Guard, ...]] = {}
        for batch in self._probe(_GUARDS, "guards", tokens, asked):
            rows = pa.Table.from_batches([batch])
            keys = joined(rows.column(0), rows.column(1))
            values = joined(rows.column(2), rows.column(3))
            for token, value, shared in zip(keys, values, rows.column(4).to_pylist(), strict=True):
                found[token] = (*found.get(token, ()), Guard(value, bool(shared)))
        return found

    def members(self, tokens: Sequence[Token], years: Sequence[int]) -> Sequence[bool]:
        """For each token whether the set holds it for any tax year of the mask beside it; one pass.

        Raises:
            UnavailableError: a data file is missing, damaged or unreadable; never answered as absence.
        """
        high, low = split(tokens)
        positions = pa.array(range(len(tokens)), pa.int64())
        asked = pa.table(
            {"token_high": high, "token_low": low, "tax_years": integers(years), "position": positions}
        )
        answers = [False] * len(tokens)
        for batch in self._probe(_MEMBERS, "tokens", tokens, asked):
            for position in words(batch.column(0)):
                answers[position] = True
        return answers

    @abstractmethod
    def _answer(self, query: str, files: Sequence[IndexFile], asked: pa.Table) -> list[pa.RecordBatch]:
        """The rows of ``query`` over ``asked`` and the rows ``stored`` in ``files``."""

    def _check(self, files: Sequence[IndexFile]) -> None:
        """The bytes of ``files`` are those of the manifest.

        Raises:
            UnavailableError: they are not, or cannot be read.
        """
        for file in files:
            check_digest(self._directory, file)

    def _probe(self, query: str, kind: str, tokens: Sequence[Token], asked: pa.Table) -> list[pa.RecordBatch]:
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


def files_for(tokens: Sequence[Token], files: Sequence[IndexFile]) -> list[IndexFile]:
    """The files whose range holds at least one of ``tokens``.

    The ranges are those of signed integers, so that the order of a file is the order of its columns.
    """
    if len(tokens) > 8 * len(files):
        return list(files) if tokens else []
    places = [_signed(token) for token in tokens]
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
