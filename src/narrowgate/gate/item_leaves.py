"""The leaf of every item of a decided package: step 11 proves them before step 12 writes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Final

from narrowgate.core.address.model import CANONICAL_FORM_VERSION
from narrowgate.core.answers.answer import outcome_commitment, proof_line
from narrowgate.core.eligibility.ruleset import RULE_SET_VERSION
from narrowgate.core.log.leaf import ItemLeaves, Salts
from narrowgate.core.log.merkle import HASH_SIZE, leaf_hash
from narrowgate.core.log.multi_proof import LeafRun
from narrowgate.core.log.tiles import TILE_WIDTH, BundledLeaves, bundle_leaves
from narrowgate.gate.ports import Workers
from narrowgate.gate.types import DecidedPackage, Decisions

_LEAVES_AT_ONCE: Final = 16 * TILE_WIDTH
"""Leaves that a worker makes at a time: whole bundles."""


def item_leaves(decided: DecidedPackage, workers: Workers) -> Iterator[bytes]:
    """The leaf of every item, in request order; equal decisions have leaves that cannot be told apart."""
    form, salts = _form(decided), decided.judged.logged.salts
    return chain.from_iterable(workers.map(partial(batch_leaves, form, salts), _batches(decided)))


def bundled_item_leaves(decided: DecidedPackage, workers: Workers) -> Iterator[BundledLeaves]:
    """The same leaves, encoded and hashed by the workers, as many at a time as lie in one bundle of the log."""
    form, salts = _form(decided), decided.judged.logged.salts
    bundles = partial(batch_bundles, form, salts, decided.first_item_leaf)
    return chain.from_iterable(workers.map(bundles, _runs(decided)))


def item_leaf_run(decided: DecidedPackage, peaks: Sequence[bytes], workers: Workers) -> LeafRun:
    """The item leaves as they will be in the log, ready to be proved by the lines of sealed parts.

    They are made again when they are written.

    To keep a million leaves in memory would take ten times what their hashes take.

    Args:
        decided: from step 10.
        peaks: of the log as it was before the first item leaf.
        workers: make and hash the leaves.
    """
    form, salts = _form(decided), decided.judged.logged.salts
    hashes = workers.map(partial(batch_leaf_hashes, form, salts), _batches(decided))
    return LeafRun(decided.first_item_leaf, peaks, b"".join(hashes), proof_line)


def batch_leaves(form: ItemLeaves, salts: Salts, batch: tuple[bytes, Decisions]) -> list[bytes]:
    """The leaves of some items, the same in any process.

    Args:
        form: of the package's leaves.
        salts: of the package.
        batch: the commitments of each item, packed as in ``ExaminedBatch``, and the decisions.
    """
    commitments, decisions = batch
    outcome_salts = salts.salts("outcome", decisions.ordinals)
    outcomes = list(map(outcome_commitment, outcome_salts, decisions.outcomes))
    return form.leaves(decisions.ordinals, decisions.findings, commitments, outcomes)


def batch_bundles(
    form: ItemLeaves, salts: Salts, first_leaf: int, batch: tuple[bytes, Decisions]
) -> list[BundledLeaves]:
    """The leaves of some items, parted where a bundle of the log ends.

    Args:
        form: as for ``batch_leaves``, as are the others.
        salts: see there.
        first_leaf: index of the leaf of row 0.
        batch: see there; items one after the other.
    """
    leaves = batch_leaves(form, salts, batch)
    begun = (first_leaf + batch[1].ordinals[0]) % TILE_WIDTH
    return [
        bundle_leaves(leaves[max(start, 0) : start + TILE_WIDTH])
        for start in range(-begun, len(leaves), TILE_WIDTH)
    ]


def batch_leaf_hashes(form: ItemLeaves, salts: Salts, batch: tuple[bytes, Decisions]) -> bytes:
    """The hashes of the leaves of some items, side by side."""
    return b"".join(map(leaf_hash, batch_leaves(form, salts, batch)))


def _form(decided: DecidedPackage) -> ItemLeaves:
    package_id = decided.judged.logged.manifest.package_id
    return ItemLeaves(package_id, CANONICAL_FORM_VERSION, RULE_SET_VERSION)


def _batches(decided: DecidedPackage) -> Iterator[tuple[bytes, Decisions]]:
    for batch in decided.judged.batches:
        yield batch.commitments, decided.decisions(range(batch.first, batch.first + batch.count))


def _runs(decided: DecidedPackage) -> Iterator[tuple[bytes, Decisions]]:
    """The items, parted where bundles end, and not where step 6 parted them."""
    commitments = b"".join(batch.commitments for batch in decided.judged.batches)
    size = 2 * HASH_SIZE
    begun = decided.first_item_leaf % TILE_WIDTH
    for start in range(-begun, decided.judged.items, _LEAVES_AT_ONCE):
        ordinals = range(max(start, 0), min(start + _LEAVES_AT_ONCE, decided.judged.items))
        packed = commitments[ordinals.start * size : ordinals.stop * size]
        yield packed, decided.decisions(ordinals)
