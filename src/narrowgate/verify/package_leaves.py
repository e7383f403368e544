"""Where the leaves of one package and of its items are, each proved in the signed tree before it is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from narrowgate.core.base.errors import EnvelopeError, LogInconsistentError, UsageError
from narrowgate.core.log.leaf import ITEM_DECIDED, PACKAGE_RECEIVED, parse_leaf
from narrowgate.verify.leaf_index import LeafIndex
from narrowgate.verify.proved_leaves import ProvedLeaves

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PackageLeaves:
    """The leaves of one package.

    Args:
        package: its id.
        own: every leaf that is about it and is no item's, by index; of those that name rows, only those that name the
            row in question.
        runs: the first leaf of each run of its items, by index.
    """

    package: str
    own: Mapping[int, Fields]
    runs: Mapping[int, Fields]

    def one(self, kind: str) -> tuple[int, Fields] | None:
        """Returns index and fields of the last leaf of a kind; nothing where there is none."""
        found = [at for at, fields in self.own.items() if fields["type"] == kind]
        return (max(found), self.own[max(found)]) if found else None

    def item(self, row: int, leaves: ProvedLeaves) -> int:
        """Returns the index of the leaf of an item.

        Args:
            row: of the item, from 0.
            leaves: of the log.

        Raises:
            UsageError: the package has no such item, or it is not decided yet.
        """
        received = self.one(PACKAGE_RECEIVED)
        if received is None:
            raise UsageError(
                "The log has no such item.",
                why="The package was refused whole; no item was looked at.",
                next_step="Trace the package alone.",
            )
        if row >= received[1]["rows"]:
            raise UsageError(
                "The package has no such item.",
                why=f"It has {received[1]['rows']:,} items, counted from 0.",
                next_step="Name one of them, or the package alone.",
            )
        before = [at for at, fields in self.runs.items() if fields["row"] <= row]
        start = max(before, key=lambda at: int(self.runs[at]["row"]), default=None)
        at = -1 if start is None else start + row - int(self.runs[start]["row"])
        if not self._is_item(at, row, leaves):
            raise UsageError(
                "The item is not decided yet.",
                why="The package was received, and the log has no leaf of this item.",
                next_step="Trace the package alone, or trace again when the log has gone on.",
            )
        return at

    def ends(self) -> list[int]:
        """Returns the leaves of the first and the last item, as far as it is decided; between them are all others."""
        received = self.one(PACKAGE_RECEIVED)
        if not self.runs or received is None:
            return []
        first, last = min(self.runs), max(self.runs)
        decided = max(at for at in (*self.own, last))
        end = last + int(received[1]["rows"]) - 1 - int(self.runs[last]["row"])
        return [first, end] if end < decided else [first]

    def _is_item(self, at: int, row: int, leaves: ProvedLeaves) -> bool:
        """Whether the leaf there is the item's; a run of items may have ended before it."""
        try:
            fields = fields_at(leaves, at)
        except UsageError:  # outside of the log
            return False
        return bool(
            (fields["type"], fields.get("package"), fields.get("row")) == (ITEM_DECIDED, self.package, row)
        )


def package_in(package: str, row: int | None, leaves: ProvedLeaves, index: LeafIndex) -> PackageLeaves:
    """Returns the leaves of a package.

    Args:
        package: its id.
        row: of the item in question, from 0; ``None``: all rows.
        leaves: of the log.
        index: of the same log.

    Raises:
        UsageError: the log knows no such package.
        LogInconsistentError: a leaf is not the one that the signed tree holds, or is of another package.
        OperationalError: the machine cannot read a file.
    """
    found = {at: fields_at(leaves, at) for at in index.leaves_of(package)}
    for at, fields in found.items():
        if fields.get("package") != package:
            raise LogInconsistentError(
                "The index leads to a leaf of something else.",
                why="It was made of another log, or was changed.",
                next_step="Delete the index and try again; if it happens again, run 'narrowgate inspector verify'.",
                where=f"leaf {at}",
            )
    runs = {at: each for at, each in found.items() if each["type"] == ITEM_DECIDED}
    own = {at: each for at, each in found.items() if each["type"] != ITEM_DECIDED and touches(each, row)}
    if _is_refused(PackageLeaves(package, own, runs), row, leaves):
        # A range of a recall covers the answers in it, and no refusal.
        own = {at: each for at, each in own.items() if not names_rows(each)}
    recalls = {each.get("act_number") for each in own.values() if "rows" in each}
    own = {at: each for at, each in own.items() if each.get("act_number") in {None, *recalls}}
    if not own:
        raise UsageError(
            "The log has no such package.",
            why="No leaf of it names one.",
            next_step="'narrowgate log list SOURCE --kind package-received' lists the packages.",
        )
    return PackageLeaves(package, own, runs)


def _is_refused(package: PackageLeaves, row: int | None, leaves: ProvedLeaves) -> bool:
    if row is None:
        return False
    try:
        return bool(fields_at(leaves, package.item(row, leaves))["class"] == "refused")
    except UsageError:  # there is no such item, or it is not decided yet
        return False


def fields_at(leaves: ProvedLeaves, at: int) -> dict[str, Any]:
    """Returns the fields of a leaf, which is in the signed tree.

    Raises:
        UsageError: the log has no such leaf.
        LogInconsistentError: the leaf is not the one that the signed tree holds, or has no form of a leaf.
        OperationalError: the machine cannot read a file.
    """
    try:
        return parse_leaf(leaves.leaf(at), f"leaf {at}")
    except EnvelopeError as error:
        raise LogInconsistentError(error.what, why=error.why, where=error.where) from error


def touches(fields: Fields, row: int | None) -> bool:
    """Whether a leaf that names rows of the package names this one."""
    if row is None or not names_rows(fields):
        return True
    ranges = (each.partition("-") for each in fields["rows"])
    return any(int(first) <= row <= int(last) for first, _, last in ranges)


def names_rows(fields: Fields) -> bool:
    """Whether a leaf is about answers of some rows of the package; elsewhere ``rows`` is how many it has."""
    return isinstance(fields.get("rows"), list)
