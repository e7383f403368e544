"""Step 12: append the *item decided* leaves and the *package decided* leaf, integrate, sign the checkpoint."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import chain

from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.base.errors import LogInconsistentError
from narrowgate.core.log.leaf import PackageDecided
from narrowgate.core.log.proof import LogProof
from narrowgate.core.log.tiles import leaves_of_bundle
from narrowgate.gate.item_leaves import bundled_item_leaves
from narrowgate.gate.ports import IndexSnapshot, LogStore, Workers
from narrowgate.gate.step_05_receive import require_leaves
from narrowgate.gate.types import DecidedPackage, SealedAnswers


@dataclass(frozen=True, slots=True)
class Concluded:
    """What the log now holds of the package, with the proof that makes its answers count."""

    decided_leaf: int
    proof: LogProof


def log_decisions(
    decided: DecidedPackage,
    sealed: SealedAnswers,
    snapshot: IndexSnapshot,
    log: LogStore,
    workers: Workers,
) -> Concluded:
    """Every decision of the package is in the log, once, under a signed checkpoint, before any answer leaves.

    Args:
        decided: from step 10.
        sealed: the answers, sealed and staged; the last leaf names their manifest's digest.
        snapshot: the index that was asked; only its id and date leave, its digest stays in a commitment.
        log: all leaves become part of it together.
        workers: make the leaves.

    Raises:
        LogInconsistentError: the log holds other decisions in this place.
        OperationalError: the disk refused; nothing of the package may leave.
    """
    logged = decided.judged.logged
    refused = decided.outcomes.count(Outcome.REFUSED)
    last = PackageDecided(
        package_id=logged.manifest.package_id,
        answered=decided.judged.items - refused,
        refused=refused,
        refusals_by_rule=refusals_by_rule(decided),
        answers_sha256=sealed.manifest_sha256,
        snapshot_id=snapshot.snapshot_id,
        data_as_of=snapshot.data_as_of,
        index_commitment=logged.salts.commit("index", 0, snapshot.digest),
        time=decided.decided_at,
    ).leaf()
    first = decided.first_item_leaf
    bundled = bundled_item_leaves(decided, workers)
    if log.size() == first:
        log.append_bundled(bundled)
        log.append([last])
        log.integrate()
    else:
        items = chain.from_iterable(map(leaves_of_bundle, bundled))
        require_leaves(log, first, chain(items, [last]))
    decided_leaf = first + decided.judged.items
    if log.peaks(decided_leaf) != sealed.peaks:
        raise LogInconsistentError(
            "The log does not hold the leaves that the sealed answers prove.",
            why="An answer that is not in the log is no answer, so none leaves.",
            next_step="Keep log and state as they are and report it.",
        )
    proof = LogProof(decided_leaf, log.proof(decided_leaf), log.checkpoint(), last)
    return Concluded(decided_leaf, proof)


def refusals_by_rule(decided: DecidedPackage) -> dict[str, int]:
    """How many items each rule refused; an item may count under several."""
    return dict(sorted(Counter(chain.from_iterable(decided.judged.findings.values())).items()))
