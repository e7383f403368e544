"""The way of one package, or of one item of it, through the log: every leaf that it met, each with its proof."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from narrowgate.core.base.errors import LogInconsistentError, UsageError
from narrowgate.core.log.leaf import ACT, ITEM_DECIDED, parse_leaf
from narrowgate.core.log.opening import Opening
from narrowgate.verify.leaf_index import LeafIndex, known_index
from narrowgate.verify.openings_file import openings_of_item
from narrowgate.verify.package_leaves import fields_at, package_in
from narrowgate.verify.proved_leaves import ProvedLeaves
from narrowgate.verify.source import Source
from narrowgate.verify.trace_acts import acts_met

_NAME: Final = re.compile(r"([a-z0-9][a-z0-9-]{0,63})(?::(0|[1-9][0-9]{0,9}))?")


@dataclass(frozen=True, slots=True)
class Traced:
    """What is traced: a package, or one item of it.

    Args:
        package: id of the package.
        row: of the item, from 0 as in the log; ``None`` for the whole package.
    """

    package: str
    row: int | None = None

    def __str__(self) -> str:
        return self.package if self.row is None else f"{self.package}:{self.row}"


@dataclass(frozen=True, slots=True)
class Step:
    """One leaf on the way.

    Args:
        index: of the leaf.
        leaf: its bytes.
        fields: of the leaf.
        proof: hashes that lead from it to the signed root, its sibling first (RFC 9162 section 2.1.3).
    """

    index: int
    leaf: bytes
    fields: Mapping[str, Any]
    proof: tuple[bytes, ...]

    @property
    def kind(self) -> str:
        """The kind of leaf; of an act, the kind of act."""
        kind = str(self.fields["type"])
        return str(self.fields["act"]) if kind == ACT else kind


@dataclass(frozen=True, slots=True)
class Trace:
    """The way of a package or an item.

    Args:
        of: what is traced.
        key: the log's verifier key.
        checkpoint: signed note of the log, verbatim.
        steps: in the order of the log.
        openings: of the item, each what its leaf commits to.
    """

    of: Traced
    key: str
    checkpoint: str
    steps: tuple[Step, ...]
    openings: tuple[Opening, ...] = ()


def traced(text: str) -> Traced:
    """Returns what ``PACKAGE`` or ``PACKAGE:ROW`` names.

    Raises:
        UsageError: the text is neither.
    """
    match = _NAME.fullmatch(text)
    if match is None:
        raise UsageError(
            "That names neither a package nor an item.",
            why="A package has an id such as p-20260102-0123456789ab; its items are ID:0, ID:1 and so on.",
            next_step="'narrowgate log list' shows the packages of a log and the rows of their items.",
        )
    return Traced(match[1], int(match[2]) if match[2] else None)


def trace_in(
    source: Source, of: Traced, index: Path | None = None, openings: Path | None = None, processes: int = 1
) -> Trace:
    """Returns the way of a package or an item through the log of a source.

    Args:
        source: a bundle, a world or a log.
        of: what is traced.
        index: a file that says where leaves lie, so that only those are read; it is made where there is none, in one
            pass over the log, and brought up to date where the log has grown. Without it every leaf is read.
        openings: a file that the custodian granted; of it only what opens this item is looked at.
        processes: how many read the log at once.

    Raises:
        UsageError: the log has no such package or item, or the index is damaged.
        LogInconsistentError: the log is not the signed one, or does not continue the one that was indexed.
        ProofError: an opening of the item is not what its leaf commits to.
        ConfigurationError: the key given is not a verifier key.
        OperationalError: the machine cannot read or write a file.
    """
    entries = source.entries()
    checkpoint = entries.checkpoint
    known = known_index(source, checkpoint, index, processes)
    steps = way_of(of, ProvedLeaves(source.log, checkpoint), known)
    opened = () if openings is None else _opened(of, openings, steps)
    return Trace(of, str(entries.key), entries.checkpoint_text, steps, opened)


def _opened(of: Traced, openings: Path, steps: tuple[Step, ...]) -> tuple[Opening, ...]:
    item = next((step for step in steps if step.kind == ITEM_DECIDED), None)
    if of.row is None or item is None:
        raise UsageError(
            "Openings are of one item.",
            why="The whole package was named, or the item has no leaf.",
            next_step="Name the item, as PACKAGE:ROW.",
        )
    return openings_of_item(openings, of.package, of.row, item.fields)


def way_of(of: Traced, leaves: ProvedLeaves, index: LeafIndex) -> tuple[Step, ...]:
    """Returns every leaf on the way of a package or an item, in the order of the log, each proved.

    Args:
        of: what is traced.
        leaves: of the log.
        index: of the same log.

    Raises:
        UsageError: the log knows no such package, or the package has no such item.
        LogInconsistentError: a leaf is not the one that the signed tree holds, or the acts contradict one another.
        OperationalError: the machine cannot read a file.
    """
    package = package_in(of.package, of.row, leaves, index)
    acts = {at: fields_at(leaves, at) for at in index.leaves_of("")}
    chosen = {*package.own, *acts_met(of.package, acts, package.own)}
    chosen |= set(package.ends()) if of.row is None else {package.item(of.row, leaves)}
    steps = tuple(
        Step(at, leaf, parse_leaf(leaf, f"leaf {at}"), leaves.proof(at))
        for at, leaf in ((at, leaves.leaf(at)) for at in sorted(chosen))
    )
    for step in steps:
        _require_own(of, step)
    return steps


def _require_own(of: Traced, step: Step) -> None:
    """An item's leaf is of the package, and the row is its own: the index proves neither."""
    wrong = step.fields.get("package", of.package) != of.package
    if step.kind == ITEM_DECIDED and of.row is not None:
        wrong = wrong or step.fields["row"] != of.row
    if wrong:
        raise LogInconsistentError(
            "The index leads to a leaf of something else.",
            why="It was made of another log, or the rows of the package are not in their order.",
            next_step="Delete the index and trace again; if it happens again, run 'narrowgate inspector verify'.",
            where=f"leaf {step.index}",
        )
