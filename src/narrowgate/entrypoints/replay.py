"""From settings to a replay: log, vault, agreement, register, rules and index of then; nothing is held or written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.adapters.files.facility_list import read_facility_list
from narrowgate.adapters.files.governance_directory import GovernanceDirectory
from narrowgate.adapters.files.officers import OfficerRegister
from narrowgate.adapters.files.vault import DirectoryVault
from narrowgate.adapters.keys import load_secret_key
from narrowgate.adapters.workers import workers_for
from narrowgate.core.agreement.model import Agreement
from narrowgate.core.agreement.parse import parse_agreement
from narrowgate.core.base.errors import ActRefusedError, IndeterminateError, LogInconsistentError, UsageError
from narrowgate.core.base.times import parse_time
from narrowgate.core.governance.in_force import RULES, InForce, after, founded
from narrowgate.core.governance.rules_document import Versions, parse_versions
from narrowgate.core.log.acts import LoggedCharter, governance_of
from narrowgate.core.log.leaf import ACT, CHARTER, PACKAGE_DECIDED, PACKAGE_RECEIVED, build_leaf
from narrowgate.core.log.multi_proof import peaks
from narrowgate.entrypoints.act_documents import running_versions
from narrowgate.entrypoints.acts import NothingRemembered, acts_on_disk
from narrowgate.entrypoints.bootstrap import token_processes
from narrowgate.entrypoints.governed import REGISTERS, Governed
from narrowgate.entrypoints.settings import GateSettings
from narrowgate.gate.ports import Workers
from narrowgate.gate.replay import KeptDesk, Recorded, ReplayDesk, Replayed, replay_package
from narrowgate.verify.entries import LogEntries
from narrowgate.verify.events import events
from narrowgate.verify.log_directory import log_hashes


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """A replay, and the versions then and now.

    Args:
        replayed: what came out.
        then: versions in force when the package was decided; ``None`` in a log whose acts name none.
        now: versions of the software that replayed it.
    """

    replayed: Replayed
    then: Versions | None
    now: Versions


def replay(settings: GateSettings, package_id: str, index: Path | None = None) -> ReplayResult:
    """Returns what comes out when a decided package is decided again from what is kept of it.

    Neither log nor state is held, and nothing is written: a gate may be at work.

    Args:
        settings: of the gate.
        package_id: of the package.
        index: directory of the index that was asked; the gate's own where none is given.

    Raises:
        UsageError: the log decides no such package.
        DestroyedError: its data key was destroyed on its day.
        IndeterminateError: it was decided by another rule set, canonical form or match rule than this software has, or
            with another index than the one at hand.
        LogInconsistentError: the log is not the one signed.
        OperationalError, ConfigurationError: copy, keys or documents cannot be read.
    """
    entries = LogEntries(settings.log)
    found = events(settings.log, entries.checkpoint)
    recorded = list(recorded_in(found))
    position = next((at for at, each in enumerate(recorded) if each.received["package"] == package_id), None)
    if position is None:
        raise UsageError(
            "The log decides no package of this name.",
            next_step="'narrowgate log list --kind package-decided' shows their names.",
        )
    package = recorded[position]
    files = GovernanceDirectory(settings.governance)
    then, now = _versions(found, package, files), running_versions()
    _require_same_versions(entries, package, then, now)

    def leaves(start: int, end: int) -> Iterator[bytes]:
        return (build_leaf(fields) for _, fields in entries.between(start, end))

    subtree = log_hashes(settings.log, entries.checkpoint.size)
    from narrowgate.adapters.engines.duckdb.duckdb_index import DuckDBIndex  # noqa: PLC0415 - as in ``bootstrap``

    with workers_for(settings.workers) as workers, token_processes(settings) as tokens:
        opened = DuckDBIndex.open(
            index or _in_force(settings),
            tokens.key_id(),
            spill=settings.spill,
            memory_limit=settings.memory_limit,
            threads=settings.workers,
            store=None if index else settings.index_store,
        )
        desk = ReplayDesk(
            kept=kept_desk(settings, workers),
            leaves=leaves,
            peaks=lambda size: peaks(size, subtree),
            log_origin=settings.log_origin,
            tokens=tokens,
            index=opened,
        )
        return ReplayResult(replay_package(desk, package, recorded[:position]), then, now)


def _in_force(settings: GateSettings) -> Path:
    """The directory of the index in force."""
    if settings.indexes is None:
        return settings.index
    governed = Governed(settings, acts_on_disk(settings), NothingRemembered())
    return governed.located(SystemClock().now()).index


def kept_desk(settings: GateSettings, workers: Workers) -> KeptDesk:
    """What packages of a gate are examined again from: its vault, and the documents that its acts named."""
    files = GovernanceDirectory(settings.governance)

    def agreement(digest: str) -> Agreement:
        return parse_agreement(files.document(digest), f"agreement {digest[:16]}")

    def facilities(under: Agreement) -> frozenset[str]:
        named = under.addresses.facility_list
        return read_facility_list(files.document_path(named.sha256)) if named else frozenset()

    return KeptDesk(
        agreement=agreement,
        officers=OfficerRegister({}, settings.vault / REGISTERS).as_of,
        facilities=facilities,
        vault=DirectoryVault(settings.vault, SystemEntropy()),
        commitment_key=load_secret_key(settings.commitment_key),
        workers=workers,
    )


def recorded_in(found: Sequence[tuple[int, dict[str, Any]]]) -> Iterator[Recorded]:
    """The decided packages, in the order of their decisions."""
    received: dict[str, tuple[int, dict[str, Any]]] = {}
    for index, fields in found:
        if fields["type"] == PACKAGE_RECEIVED:
            received[fields["package"]] = (index, fields)
        elif fields["type"] == PACKAGE_DECIDED and fields["package"] in received:
            at, start = received[fields["package"]]
            yield Recorded(start, at, fields, index)


def _versions(
    found: Sequence[tuple[int, dict[str, Any]]], package: Recorded, files: GovernanceDirectory
) -> Versions | None:
    """The versions in force when the package was decided, by the acts before it."""
    state: InForce | None = None
    for index, fields in found:
        if index >= package.decided_leaf:
            break
        if fields["type"] not in {ACT, CHARTER}:
            continue
        entry = governance_of(fields)
        try:
            state = (
                founded(entry) if isinstance(entry, LoggedCharter) else after(state, entry) if state else None
            )
        except ActRefusedError as error:
            raise LogInconsistentError(error.what, why=error.why, where=f"leaf {index}") from error
    placed = state.current(RULES, parse_time(package.decided["time"])) if state else None
    return parse_versions(files.document(placed.sha256), placed.subject) if placed else None


def _require_same_versions(
    entries: LogEntries, package: Recorded, then: Versions | None, now: Versions
) -> None:
    """Return only if this software decides by the canonical form, rule set and match rule of then.

    Raises:
        IndeterminateError: it has others; another result would say nothing.
    """
    first = package.first_item_leaf
    ((_, item),) = entries.between(first, first + 1)
    known = {"canonical form": item["canonical_form"], "rule set": item["rule_set"]}
    if then is not None:
        known["match rule"] = then.match_rule
    running = {"canonical form": now.canonical_form, "rule set": now.rule_set, "match rule": now.match_rule}
    other = [
        f"{name} {value}, here {running[name]}" for name, value in known.items() if running[name] != value
    ]
    if other:
        raise IndeterminateError(
            "The package was decided by another version of the rules.",
            why=f"Then {'; '.join(other)}.",
            next_step="Replay it with the software of then"
            + (f", version {then.software}." if then is not None else "."),
        )
