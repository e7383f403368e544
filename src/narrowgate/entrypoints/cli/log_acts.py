"""What ``log verify`` says of charter and acts: whether there are any, and whether their files are those of the log."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from narrowgate.core.log.leaf import ACT, CHARTER, build_leaf
from narrowgate.verify.entries import LogEntries


@dataclass(frozen=True, slots=True)
class ActsReport:
    """What is known of the charter and the acts of a log.

    Args:
        founded: whether leaf 0 is a charter.
        acts: how many were compared with their files and signatures.
    """

    founded: bool
    acts: int

    def __str__(self) -> str:
        if not self.founded:
            return (
                "NO CHARTER: no officers founded this log, and no act says what was in force; it is not a gate's log, "
                "or not a whole one."
            )
        return f"The charter and {self.acts} acts are those of the log, each signed by the officers that it names"


NO_CHARTER: Final = ActsReport(founded=False, acts=0)


def compare_acts(governance: Path, log: Path, vkey: str | None) -> ActsReport:
    """What the files of charter and acts say is what the log says, under the signatures of its officers.

    Args:
        governance: the directory of charter, acts and documents.
        log: the log.
        vkey: its verifier key; without it the one beside it is used.

    Raises:
        LogInconsistentError: a file or its signatures are not those of the leaf.
        OperationalError: a file is missing or cannot be read.
    """
    entries = [entry for entry in LogEntries(log, vkey) if entry.kind in {CHARTER, ACT}]
    if not any(entry.kind == CHARTER for entry in entries):
        return NO_CHARTER
    # Whoever verifies a log without acts needs no library for signatures.
    from narrowgate.adapters.files.governance_directory import GovernanceDirectory  # noqa: PLC0415
    from narrowgate.adapters.signing.officer_signatures import RootOfficerSignatures  # noqa: PLC0415
    from narrowgate.entrypoints.act_documents import ActDocuments  # noqa: PLC0415
    from narrowgate.entrypoints.acts import NothingRemembered, ReadLeaves  # noqa: PLC0415
    from narrowgate.governance.books import Books  # noqa: PLC0415

    files = GovernanceDirectory(governance)
    officers = RootOfficerSignatures(files.root)
    leaves = ReadLeaves([build_leaf(entry.fields) for entry in entries])
    documents = ActDocuments(files, officers, officers, files.root)
    Books(leaves, NothingRemembered(), files, officers, documents).verify_files(officers)
    return ActsReport(founded=True, acts=len(entries) - 1)
