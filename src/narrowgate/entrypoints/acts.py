"""The books of a gate, put together: over its log for what is applied, over the acts' files for what is drawn up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime

from narrowgate.adapters.files.governance_directory import GovernanceDirectory
from narrowgate.adapters.signing.officer_signatures import RootOfficerSignatures
from narrowgate.adapters.signing.revocation_directory import RevocationDirectory
from narrowgate.core.base.errors import REPORT_IT, OperationalError
from narrowgate.core.governance.act import parse_act
from narrowgate.core.governance.charter import parse_charter
from narrowgate.core.log.acts import LoggedAct, LoggedCharter
from narrowgate.core.log.leaf import ACT, CHARTER, build_leaf
from narrowgate.entrypoints.act_documents import ActDocuments
from narrowgate.entrypoints.settings import GateSettings
from narrowgate.governance.books import Books
from narrowgate.governance.ports import ActLog, Remembered
from narrowgate.verify.entries import LogEntries


def books_over(
    settings: GateSettings,
    log: ActLog,
    remembered: Remembered,
    revocation: RevocationDirectory | None = None,
    require_abandonable: Callable[[str], None] = lambda _package_id: None,
) -> Books:
    """The books over the log of the gate, which this process holds, and its cache.

    Args:
        settings: of the gate.
        log: of the gate.
        remembered: its cache.
        revocation: the directory of revocation lists, for signatures that are to let the gate answer more; without
            one revocation is not looked at.
        require_abandonable: raises where a package cannot be ended, which only the gate's state tells.
    """
    files = GovernanceDirectory(settings.governance)
    officers = RootOfficerSignatures(files.root, revocation)
    requester = RootOfficerSignatures(settings.trust_root, revocation)
    documents = ActDocuments(
        files, officers, requester, settings.trust_root, require_abandonable, settings.index_signer
    )
    return Books(log, remembered, files, officers, documents)


def books_of_files(settings: GateSettings, revocation: RevocationDirectory | None = None) -> Books:
    """The books as the acts' files tell them: to draw up, show and sign acts while a gate is at work, without its keys.

    Whoever applies an act holds the log, and everything is looked at again.

    Args:
        settings: of the gate.
        revocation: lists that signers are looked up in; none where nothing is to come in force by it.
    """
    return books_over(settings, acts_of_files(settings), NothingRemembered(), revocation)


def acts_of_files(settings: GateSettings) -> ReadLeaves:
    """Charter and acts as their files tell them, which is quick however long the log is, and proves nothing."""
    return ReadLeaves(list(_leaves(GovernanceDirectory(settings.governance))))


def acts_on_disk(settings: GateSettings) -> ReadLeaves:
    """Charter and acts as the log on disk has them, each proved to be in the signed tree; a gate may be at work.

    Raises:
        LogInconsistentError: a leaf is not the one that the tree holds.
        OperationalError: the log cannot be read.
    """
    kinds = {CHARTER, ACT}
    return ReadLeaves([build_leaf(entry.fields) for entry in LogEntries(settings.log) if entry.kind in kinds])


class NothingRemembered:
    """A cache that keeps nothing: the log, or what takes its place, is read each time."""

    def governance(self) -> tuple[int, tuple[bytes, ...]]:
        """Nothing."""
        return 0, ()

    def keep_governance(self, looked_through: int, leaves: Sequence[bytes]) -> None:
        """Keep nothing."""

    def forget_governance(self) -> None:
        """Nothing to forget."""


class ReadLeaves:
    """Leaves of charter and acts that are read and never written (``governance.ports.ActLog``)."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self._leaves = leaves

    def size(self) -> int:
        """How many there are."""
        return len(self._leaves)

    def leaves(self, start: int, end: int) -> Iterator[bytes]:
        """Some of them."""
        return iter(self._leaves[start:end])

    def acts(self, start: int, end: int) -> Iterator[bytes]:
        """The same: there are no others."""
        return self.leaves(start, end)

    def append(self, leaves: Iterable[bytes]) -> range:
        """Nothing is written here."""
        raise _read_only()

    def integrate(self) -> str:
        """Nothing is written here."""
        raise _read_only()


def _leaves(files: GovernanceDirectory) -> Iterator[bytes]:
    """The leaves that the files of charter and acts would have, with the times at which they were drawn up."""
    charter = parse_charter(files.charter().data, "charter.toml")
    acts = [parse_act(files.act(number).data, f"act {number}") for number in files.acts()]
    first = acts[0].issued if acts else datetime.fromtimestamp(0, UTC)
    yield LoggedCharter(charter.gate, charter.digest, (), first).leaf()
    for act in acts:
        yield LoggedAct.of(act, (), act.issued).leaf()


def _read_only() -> OperationalError:
    return OperationalError("Acts are applied to the log, not to their files.", next_step=REPORT_IT)
