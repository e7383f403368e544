"""Opened parts against the log: each answer that was read is the decision that the log holds of its item."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from narrowgate.core.answers.answer import AnswerPart, parse_part, verify_record
from narrowgate.core.answers.answer_record import AnswerRecord
from narrowgate.core.answers.proved_answers import malformed_is_unproved, verify_proof_of_part
from narrowgate.core.base.errors import ProofError
from narrowgate.core.log.leaf import PACKAGE_DECIDED, parse_leaf
from narrowgate.core.log.merkle import SubtreeHash, leaf_hash
from narrowgate.core.log.multi_proof import peaks
from narrowgate.verify.files import read_bytes, regular_files
from narrowgate.verify.report import OpeningsReport


@dataclass(frozen=True, slots=True)
class _Opened:
    """A part as its reader has it, and what to call it."""

    part: AnswerPart
    where: str

    @property
    def package_id(self) -> str:
        return self.part.header.package_id


class Openings:
    """Opened parts, and what a walk over the log has said of them so far.

    Args:
        path: the content of one sealed part (what ``openssl cms -decrypt`` or ``answers open --opened`` writes), or a
            directory of such files and nothing else.

    Raises:
        ProofError: a file is no opened part, or there is none.
        OperationalError: the machine cannot read a file.
    """

    def __init__(self, path: Path) -> None:
        files = [path / name for name in regular_files(path, ProofError)] if path.is_dir() else [path]
        if not files:
            raise ProofError("The directory holds no opened part.", where=str(path))
        with malformed_is_unproved():
            self._opened = [
                _Opened(parse_part(read_bytes(file, ProofError), str(file)), str(file)) for file in files
            ]
        self._waiting: dict[int, list[tuple[_Opened, AnswerRecord]]] = defaultdict(list)
        for opened in self._opened:
            for record in opened.part.records:
                self._waiting[record.leaf_index].append((opened, record))
        self._hashes: dict[int, bytes] = {}
        self._packages = {opened.package_id for opened in self._opened}
        self._decided_at: dict[str, int] = {}

    def take(self, index: int, leaf: bytes) -> None:
        """Compare one leaf of the log, of which none is left out, with the answers that name it.

        Raises:
            ProofError: an answer is not the decision of the leaf.
        """
        with malformed_is_unproved():
            for opened, record in self._waiting.pop(index, ()):
                where = f"{opened.where}, row {record.ordinal + 1}"
                verify_record(record, opened.package_id, leaf, where)
                self._hashes[index] = leaf_hash(leaf)
            fields = parse_leaf(leaf, f"leaf {index}")
        if fields["type"] == PACKAGE_DECIDED and fields["package"] in self._packages:
            self._decided_at[fields["package"]] = index

    def conclude(self, subtree: SubtreeHash) -> OpeningsReport:
        """Every answer of every part is in the log, and proved by its own part; the whole log was taken.

        Args:
            subtree: hashes of the log's tree.

        Raises:
            ProofError: the leaf of an answer is missing, its package is not decided, or a proof does not hold.
        """
        for waiting in self._waiting.values():
            opened, record = waiting[0]
            raise ProofError(
                "The log holds no leaf for an answer.",
                why="An answer counts only with the leaf that commits to it.",
                next_step="Keep the file as evidence and call the custodian's disclosure officers.",
                where=f"{opened.where}, row {record.ordinal + 1}",
                rule="R-30",
            )
        for opened in self._opened:
            size = self._decided_at.get(opened.package_id)
            if size is None:
                raise ProofError("The log decides no package of this name.", where=opened.where)
            leaves = [(record.leaf_index, self._hashes[record.leaf_index]) for record in opened.part.records]
            verify_proof_of_part(leaves, size, opened.part.proof, peaks(size, subtree), opened.where)
        return OpeningsReport(len(self._opened), sum(len(opened.part.records) for opened in self._opened))
