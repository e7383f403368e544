"""Step 12: append the *item decided* leaves and the *package decided* leaf, integrate, sign the checkpoint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain

from narrowgate.core.address.model import CANONICAL_FORM_VERSION
from narrowgate.core.answers.answer import outcome_commitment
from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.eligibility.ruleset import RULE_SET_VERSION
from narrowgate.core.log.leaf import ItemLeaves, PackageDecided, Salts
from narrowgate.core.log.proof import LogProof
from narrowgate.gate.ports import IndexSnapshot, LogStore, Workers
from narrowgate.gate.step_05_receive import append_once
from narrowgate.gate.types import DecidedPackage, Decisions, SealedAnswers

_HASH = 32


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
    """Every decision of the package stands in the log, once, under a signed checkpoint, before any answer leaves.

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
    last = PackageDecided(
        package_id=logged.manifest.package_id,
        answered=sum(outcome is not Outcome.REFUSED for outcome in decided.outcomes),
        refused=sum(outcome is Outcome.REFUSED for outcome in decided.outcomes),
        refusals_by_rule=refusals_by_rule(decided),
        answers_sha256=sealed.manifest_sha256,
        snapshot_id=snapshot.snapshot_id,
        data_as_of=snapshot.data_as_of,
        index_commitment=logged.salts.commit("index", 0, snapshot.digest),
        time=logged.received_at,
    ).leaf()
    first = logged.first_item_leaf
    append_once(log, first, chain(item_leaves(decided, workers), [last]))
    decided_leaf = first + decided.judged.items
    proof = LogProof(decided_leaf, log.proof(decided_leaf), log.checkpoint(), last)
    return Concluded(decided_leaf, proof)


def refusals_by_rule(decided: DecidedPackage) -> dict[str, int]:
    """How many items each rule refused; an item may count under several."""
    return dict(sorted(Counter(chain.from_iterable(decided.judged.findings.values())).items()))


def item_leaves(decided: DecidedPackage, workers: Workers) -> Iterator[bytes]:
    """The leaf of every item, in request order; equal decisions have leaves that cannot be told apart."""
    logged = decided.judged.logged
    form = ItemLeaves(logged.manifest.package_id, CANONICAL_FORM_VERSION, RULE_SET_VERSION)
    batches = (
        (batch.commitments, decided.decisions(range(batch.first, batch.first + batch.count)))
        for batch in decided.judged.batches
    )
    return chain.from_iterable(workers.map(partial(batch_leaves, form, logged.salts), batches))


def batch_leaves(form: ItemLeaves, salts: Salts, batch: tuple[bytes, Decisions]) -> list[bytes]:
    """The leaves of some items, the same in any process.

    Args:
        form: of the package's leaves.
        salts: of the package.
        batch: the commitments of each item, side by side as in ``ExaminedBatch``, and the decisions.
    """
    commitments, decisions = batch
    starts = range(0, len(commitments), 2 * _HASH)
    return [
        form.leaf(
            ordinal,
            findings,
            commitments[start : start + _HASH],
            commitments[start + _HASH : start + 2 * _HASH],
            outcome_commitment(salts.salt("outcome", ordinal), outcome),
        )
        for start, ordinal, outcome, findings in zip(
            starts, decisions.ordinals, decisions.outcomes, decisions.findings, strict=True
        )
    ]
