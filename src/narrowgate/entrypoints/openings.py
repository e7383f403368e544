"""From settings to an openings file: which leaves are meant, and where salts and values come from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.adapters.files.durable_files import write_private_pieces
from narrowgate.adapters.files.vault import DirectoryVault
from narrowgate.adapters.keys import load_secret_key
from narrowgate.core.base.errors import NothingToProcessError, UsageError
from narrowgate.core.log.leaf import ITEM_DECIDED, PACKAGE_DECIDED, PACKAGE_RECEIVED, PACKAGE_RELEASED
from narrowgate.core.log.leaf_forms import DATA_KEY_DESTROYED
from narrowgate.core.log.opening import Opened, opening_line
from narrowgate.entrypoints.settings import GateSettings
from narrowgate.gate.find_subject import items_about
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
        tin: nine digits: every item that names this number, in any package whose data key is still there.
    """

    packages: frozenset[str] = frozenset()
    items: frozenset[tuple[str, int]] = frozenset()
    months: frozenset[str] = frozenset()
    tin: str = ""


@dataclass(frozen=True, slots=True)
class Granted:
    """What was opened.

    Args:
        openings: lines of the file.
        items: that they are of.
        closed: packages that were not looked through for a person, because their data keys were destroyed.
    """

    openings: int
    items: int
    closed: int = 0


@dataclass(slots=True)
class _Packages:
    """Of each package chosen: its manifest, where its leaves lie, and which rows are meant; none says all.

    ``closed`` counts packages that cannot be looked through any more.
    """

    manifests: dict[str, bytes] = field(default_factory=dict)
    leaves: dict[str, tuple[int, int]] = field(default_factory=dict)
    rows: dict[str, frozenset[int] | None] = field(default_factory=dict)
    closed: int = 0


def write_openings(
    settings: GateSettings, chosen: Chosen, what: Collection[Opened], order_sha256: str, out: Path
) -> Granted:
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
    vault = DirectoryVault(settings.vault, SystemEntropy())
    key = load_secret_key(settings.commitment_key)
    packages = _chosen(settings.log, entries, chosen, lambda each: items_about(chosen.tin, each, vault, key))
    opened = grant_openings(
        _leaves(entries, packages),
        packages.manifests,
        what,
        order_sha256,
        vault,
        key,
    )
    counted = _Counted(may_be_none=bool(chosen.tin))
    write_private_pieces(out, counted.lines(map(opening_line, opened)))
    return Granted(counted.lines_written, counted.lines_written // len(what), packages.closed)


@dataclass(slots=True)
class _Counted:
    may_be_none: bool
    lines_written: int = 0

    def lines(self, lines: Iterator[bytes]) -> Iterator[bytes]:
        for line in lines:
            self.lines_written += 1
            yield line
        if not self.lines_written and not self.may_be_none:
            raise NothingToProcessError(
                "Nothing was decided of what the grant names.",
                why="Only an item that was decided has a leaf to open.",
                next_step="'narrowgate log list --kind package-decided' shows what was.",
            )


def _chosen(
    log: Path,
    entries: LogEntries,
    chosen: Chosen,
    about: Callable[[Mapping[str, bytes]], Iterator[tuple[str, int]]],
) -> _Packages:
    found, received, destroyed, whole = _decided(log, entries, chosen)
    items = set(chosen.items)
    if chosen.tin:
        kept = [package for package in found.leaves if package not in destroyed]
        found.closed = len(found.leaves) - len(kept)
        items.update(about({name: _manifest(received[name][1]) for name in kept}))
    single = {package for package, _ in items}
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
        found.manifests[package] = _manifest(fields)
        rows = frozenset(row for of, row in items if of == package)
        if max(rows, default=0) >= fields["rows"]:
            raise UsageError(
                "The package has no such row.",
                why=f"It has {fields['rows']:,} rows, which the log counts from 0.",
                next_step="'narrowgate log list --package NAME' shows them.",
                where=package,
            )
        found.rows[package] = None if package in whole else rows
    return found


def _decided(
    log: Path, entries: LogEntries, chosen: Chosen
) -> tuple[_Packages, dict[str, tuple[int, dict[str, Any]]], set[str], set[str]]:
    """Every decided package, every received one, those whose data keys are gone, and those that are meant whole."""
    found = _Packages()
    whole = set(chosen.packages)
    received: dict[str, tuple[int, dict[str, Any]]] = {}
    destroyed: set[str] = set()
    for index, fields in events(log, entries.checkpoint):
        package = fields.get("package", "")
        if fields["type"] == PACKAGE_RECEIVED:
            received[package] = (index, fields)
        elif fields["type"] == PACKAGE_DECIDED and package in received:
            found.leaves[package] = (received[package][0], index)
        elif fields["type"] == DATA_KEY_DESTROYED:
            destroyed.add(package)
        if fields["type"] in _IN_MONTH and fields["time"][:7] in chosen.months:
            whole.add(package)
    return found, received, destroyed, whole


def _manifest(received: Mapping[str, Any]) -> bytes:
    return bytes.fromhex(received["manifest_sha256"])


def _leaves(entries: LogEntries, packages: _Packages) -> Iterator[Mapping[str, Any]]:
    for package, (first, end) in packages.leaves.items():
        rows = packages.rows[package]
        for _, fields in entries.between(first, end):
            if fields["type"] == ITEM_DECIDED and (rows is None or fields["row"] in rows):
                yield fields
