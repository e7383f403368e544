"""From settings to an openings file: which leaves are meant, and where salts and values come from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.adapters.files.durable_files import write_private_pieces
from narrowgate.adapters.files.vault import DirectoryVault
from narrowgate.adapters.keys import load_secret_key
from narrowgate.core.base.errors import NothingToProcessError, UsageError
from narrowgate.core.log.leaf import ITEM_DECIDED, PACKAGE_DECIDED, PACKAGE_RECEIVED, PACKAGE_RELEASED
from narrowgate.core.log.opening import Opened, opening_line
from narrowgate.entrypoints.settings import GateSettings
from narrowgate.gate.grant_openings import grant_openings
from narrowgate.verify.entries import LogEntries
from narrowgate.verify.events import events

_IN_MONTH = frozenset({PACKAGE_RECEIVED, PACKAGE_DECIDED, PACKAGE_RELEASED})


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a grant names: whole packages, single items, or the packages of months.

    Args:
        packages: ids.
        items: pairs of a package's id and a row, from 0.
        months: as ``2026-03``: every package received, decided or released in it.
    """

    packages: frozenset[str] = frozenset()
    items: frozenset[tuple[str, int]] = frozenset()
    months: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Packages:
    """Of each package chosen: its manifest, where its leaves lie, and which rows are meant; none says all."""

    manifests: dict[str, bytes] = field(default_factory=dict)
    leaves: dict[str, tuple[int, int]] = field(default_factory=dict)
    rows: dict[str, frozenset[int] | None] = field(default_factory=dict)


def write_openings(
    settings: GateSettings, chosen: Chosen, what: Collection[Opened], order_sha256: str, out: Path
) -> tuple[int, int]:
    """Returns how many openings of how many items the new file ``out`` holds; it is whole, or not there.

    Neither the log nor the state is held: a gate may run meanwhile.

    Args:
        settings: of the gate.
        chosen: what the grant names.
        what: which commitments of each item.
        order_sha256: digest of the document that allows it.
        out: is written, mode 0600, and never replaced.

    Raises:
        UsageError: the log decides no such package or row.
        NothingToProcessError: no item was decided in the months named.
        OperationalError: a copy or its data key is missing, or the disk refused.
        LogInconsistentError: log and copies do not fit.
        ConfigurationError: the key or the vault cannot be used.
    """
    entries = LogEntries(settings.log)
    packages = _chosen(settings.log, entries, chosen)
    vault = DirectoryVault(settings.vault, SystemEntropy())
    opened = grant_openings(
        _leaves(entries, packages),
        packages.manifests,
        what,
        order_sha256,
        vault,
        load_secret_key(settings.commitment_key),
    )
    counted = _Counted()
    write_private_pieces(out, counted.lines(map(opening_line, opened)))
    return counted.lines_written, counted.lines_written // len(what)


@dataclass(slots=True)
class _Counted:
    lines_written: int = 0

    def lines(self, lines: Iterator[bytes]) -> Iterator[bytes]:
        for line in lines:
            self.lines_written += 1
            yield line
        if not self.lines_written:
            raise NothingToProcessError(
                "Nothing was decided of what the grant names.",
                why="Only an item that was decided has a leaf to open.",
                next_step="'narrowgate log list --kind package-decided' shows what was.",
            )


def _chosen(log: Path, entries: LogEntries, chosen: Chosen) -> _Packages:
    found = _Packages()
    whole = set(chosen.packages)
    received: dict[str, tuple[int, dict[str, Any]]] = {}
    for index, fields in events(log, entries.checkpoint):
        package = fields.get("package", "")
        if fields["type"] == PACKAGE_RECEIVED:
            received[package] = (index, fields)
        elif fields["type"] == PACKAGE_DECIDED and package in received:
            found.leaves[package] = (received[package][0], index)
        if fields["type"] in _IN_MONTH and fields["time"][:7] in chosen.months:
            whole.add(package)
    single = {package for package, _ in chosen.items}
    found.leaves = {package: span for package, span in found.leaves.items() if package in whole | single}
    for package in chosen.packages | single:
        if package not in found.leaves:
            raise UsageError(
                "The log decides no package of this name.",
                next_step="'narrowgate log list --kind package-decided' shows their names.",
                where=package,
            )
    for package in found.leaves:
        fields = received[package][1]
        found.manifests[package] = bytes.fromhex(fields["manifest_sha256"])
        rows = frozenset(row for of, row in chosen.items if of == package)
        if max(rows, default=0) >= fields["rows"]:
            raise UsageError(
                "The package has no such row.",
                why=f"It has {fields['rows']:,} rows, which the log counts from 0.",
                next_step="'narrowgate log list --package NAME' shows them.",
                where=package,
            )
        found.rows[package] = None if package in whole else rows
    return found


def _leaves(entries: LogEntries, packages: _Packages) -> Iterator[Mapping[str, Any]]:
    for package, (first, end) in packages.leaves.items():
        rows = packages.rows[package]
        for _, fields in entries.between(first, end):
            if fields["type"] == ITEM_DECIDED and (rows is None or fields["row"] in rows):
                yield fields
