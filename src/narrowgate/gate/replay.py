"""Decide a package again from what is kept of it, and compare with the log; nothing is written, charged or released.

What the history refused (budgets over packages) is taken as the log has it: the history of that day is not kept. A
repeated question had the answer of the first time (R-74): where the index says otherwise, the earlier packages of the
term are looked through for it.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from narrowgate.core.agreement.model import Agreement
from narrowgate.core.agreement.term import term_of
from narrowgate.core.answers.answer import outcome_commitment
from narrowgate.core.answers.decision import decide
from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.base.errors import DestroyedError, IndeterminateError, OperationalError
from narrowgate.core.base.times import parse_time
from narrowgate.core.eligibility.history.charges import Charges, keeps_subjects
from narrowgate.core.eligibility.history.digests import HistoryDigester
from narrowgate.core.eligibility.history.keys import QUESTION_COLUMN, HistoryKeys
from narrowgate.core.eligibility.ruleset import RULE_IDS
from narrowgate.core.log.leaf import Salts, parse_leaf
from narrowgate.gate.grant_openings import KeptPackages
from narrowgate.gate.item_leaves import item_leaves
from narrowgate.gate.package_ports import OfficerDirectory, SignerIdentity
from narrowgate.gate.ports import ConfirmationIndex, Workers
from narrowgate.gate.run import GROUP_ITEMS
from narrowgate.gate.step_01_envelope import open_envelope
from narrowgate.gate.step_06_eligibility import Terms, examine_package
from narrowgate.gate.step_08_tokens import Asker, in_groups
from narrowgate.gate.step_09_probe import gather, look_up
from narrowgate.gate.step_11_seal import LogBefore, seal_answers
from narrowgate.gate.token_ports import TokenMaker
from narrowgate.gate.types import (
    AuthenticatedPackage,
    Bits,
    DecidedPackage,
    ExaminedBatch,
    JudgedPackage,
    LoggedPackage,
    PermittedPackage,
)

OF_THE_HISTORY: Final = frozenset({"R-24", "R-25", "R-28", "R-29", "R-73", "R-74"})
"""Rules of step 7, which look at other items."""

_LABEL: Final = sha256(b"narrowgate replay").digest()
"""A key for digests that are compared within one replay and kept nowhere."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A decided package, as the log has it.

    Args:
        received: fields of its *package received* leaf.
        received_leaf: index of it.
        decided: fields of its *package decided* leaf.
        decided_leaf: index of it.
    """

    received: Mapping[str, Any]
    received_leaf: int
    decided: Mapping[str, Any]
    decided_leaf: int

    @property
    def rows(self) -> int:
        """How many items."""
        return int(self.received["rows"])

    @property
    def first_item_leaf(self) -> int:
        """Index of the leaf of row 0."""
        return self.decided_leaf - self.rows


@dataclass(frozen=True, slots=True)
class KeptDesk:
    """What a package is examined again from.

    Args:
        agreement: of a digest.
        officers: the register of a digest, with the certificates that answers were sealed to.
        facilities: of an agreement.
        vault: the copies, of which each still has its data key.
        commitment_key: wraps the data keys.
        workers: for the pure parts.
    """

    agreement: Callable[[str], Agreement]
    officers: Callable[[bytes], OfficerDirectory]
    facilities: Callable[[Agreement], frozenset[str]]
    vault: KeptPackages
    commitment_key: bytes = field(repr=False)
    workers: Workers


@dataclass(frozen=True, slots=True)
class ReplayDesk:
    """What a replay reads.

    Args:
        kept: what packages are examined again from.
        leaves: of the log, from an index to another, the last one excluded.
        peaks: of the tree of so many first leaves.
        log_origin: of the log.
        tokens: holds the index key.
        index: that was asked then.
    """

    kept: KeptDesk
    leaves: Callable[[int, int], Iterator[bytes]]
    peaks: Callable[[int], tuple[bytes, ...]]
    log_origin: str
    tokens: TokenMaker
    index: ConfirmationIndex


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of a replay.

    Args:
        items: decided again.
        findings: rows, from 0, that are refused otherwise than the log says.
        outcomes: rows, from 0, that have another outcome than the one given.
        leaves: rows, from 0, whose leaf differs otherwise.
        answers_equal: whether the sealed answers are those that the log names, byte for byte.
        by_history: items whose refusal by the history was taken as logged.
        repeated: items that have the answer of the first time.
    """

    items: int
    findings: tuple[int, ...]
    outcomes: tuple[int, ...]
    leaves: tuple[int, ...]
    answers_equal: bool
    by_history: int
    repeated: int

    @property
    def is_equal(self) -> bool:
        """Whether everything came out as it was given."""
        return self.answers_equal and not (self.findings or self.outcomes or self.leaves)


def replay_package(desk: ReplayDesk, package: Recorded, earlier: Sequence[Recorded]) -> Replayed:
    """The comparison of what comes out now with the leaves and the answers of then.

    Args:
        desk: what is read.
        package: to be decided again.
        earlier: decided before it, in the order of the log.

    Raises:
        DestroyedError: its data key was destroyed on its day.
        IndeterminateError: the index asked then is not the one at hand, or an earlier package that a repetition may go
            back to is kept no more.
        OperationalError: the copy is missing, or was changed.
    """
    logged = logged_again(desk.kept, package)
    snapshot = desk.index.snapshot()
    if logged.salts.commit("index", 0, snapshot.digest).hex() != package.decided["index_commitment"]:
        raise IndeterminateError(
            "The index at hand is not the one that was asked.",
            why="The log commits to the digest of that one's manifest.",
            next_step="Name its snapshot with --index, if it is still kept.",
        )
    known = [
        parse_leaf(leaf, "the log") for leaf in desk.leaves(package.first_item_leaf, package.decided_leaf)
    ]
    batches = examined_again(desk.kept, logged)
    findings, wrong = _findings(batches, known)
    judged = JudgedPackage(logged, batches, findings, {}, _no_charges(logged.agreement))
    judged, bits = _ask(desk, judged)
    outcomes = [decide(judged.findings.get(row, ()), bits.get(row)) for row in range(judged.items)]
    given = _given(known, logged.salts)
    other = [row for row, outcome in enumerate(given) if outcome is not None and outcome is not outcomes[row]]
    other = [row for row in other if row not in wrong]
    repeated = _repetitions(desk, logged, batches, given, other, earlier)
    for row in repeated:
        outcomes[row] = given[row] or outcomes[row]
    decided_at = parse_time(package.decided["time"])
    decided = DecidedPackage(judged, outcomes, decided_at, package.first_item_leaf)
    held = desk.leaves(package.first_item_leaf, package.decided_leaf)
    made = item_leaves(decided, desk.kept.workers)
    differ = {row for row, (now, then) in enumerate(zip(made, held, strict=True)) if now != then}
    before = LogBefore(desk.log_origin, desk.peaks(package.first_item_leaf))
    sealed = seal_answers(decided, snapshot, before, logged.officers, _Nowhere(), desk.kept.workers)
    left = set(other) - repeated
    return Replayed(
        items=judged.items,
        findings=tuple(sorted(wrong)),
        outcomes=tuple(sorted(left)),
        leaves=tuple(sorted(differ - left - wrong)),
        answers_equal=sealed.manifest_sha256.hex() == package.decided["answers_sha256"],
        by_history=sum(bool(OF_THE_HISTORY & set(each["findings"])) for each in known),
        repeated=len(repeated),
    )


class _Nowhere:
    """A staging that keeps nothing: what is sealed again leaves no file."""

    def put(self, name: str, data: bytes) -> None:
        """Keep nothing."""

    def finish(self) -> None:
        """Nothing waits."""


def logged_again(desk: KeptDesk, package: Recorded) -> LoggedPackage:
    """The package as step 5 had it, from the copy and the log.

    Raises:
        DestroyedError: its data key was destroyed on its day.
        OperationalError: the copy is missing, or was changed.
    """
    received = package.received
    kept = desk.vault.kept(bytes.fromhex(received["manifest_sha256"]), desk.commitment_key)
    raw = open_envelope(kept)
    signer = SignerIdentity(received["signer_key_sha256"], "")
    permitted = PermittedPackage(
        AuthenticatedPackage(raw, signer),
        desk.agreement(received["agreement_sha256"]),
        parse_time(received["slot"]),
    )
    return LoggedPackage(
        permitted,
        kept,
        desk.officers(bytes.fromhex(received["officers_sha256"])),
        parse_time(received["time"]),
        permitted.slot,
        package.received_leaf,
        Salts(kept.secret("salts")),
    )


def examined_again(desk: KeptDesk, logged: LoggedPackage, key: bytes = _LABEL) -> list[ExaminedBatch]:
    """Every item as step 6 has it.

    Args:
        desk: what is read.
        logged: the package.
        key: of the digests of the history; another one than the gate's where they are compared with each other only.
    """
    agreement = logged.agreement
    terms = Terms(
        agreement=agreement,
        today=logged.today,
        officers=logged.officers.registered(),
        facilities=desk.facilities(agreement),
        digester=HistoryDigester(
            key, term_of(agreement).digest.encode(), subjects=keeps_subjects(agreement.limits)
        ),
        salts=logged.salts,
    )
    return list(examine_package(logged, terms, desk.workers))


def _findings(
    batches: Sequence[ExaminedBatch], known: Sequence[Mapping[str, Any]]
) -> tuple[dict[int, tuple[str, ...]], set[int]]:
    """The findings of every refused row, those of the history as logged; and rows that the log refuses otherwise."""
    findings: dict[int, tuple[str, ...]] = {}
    for batch in batches:
        findings.update(batch.findings)
    wrong = set()
    for row, leaf in enumerate(known):
        then = tuple(leaf["findings"])
        now = tuple(rule for rule in RULE_IDS if rule in findings.get(row, ()))
        if not now and then and set(then) <= OF_THE_HISTORY:
            findings[row] = then
        elif now != then:
            wrong.add(row)
    in_order = {row: tuple(rule for rule in RULE_IDS if rule in found) for row, found in findings.items()}
    return in_order, wrong


def _ask(desk: ReplayDesk, judged: JudgedPackage) -> tuple[JudgedPackage, Bits]:
    """Steps 8 and 9."""
    bits = Bits(judged.items, {})
    faulty: list[int] = []
    asked = array("Q")
    asker = Asker(judged, desk.index.snapshot(), desk.tokens)
    with desk.index.gather() as rows:
        for group in in_groups(asker.ask(), GROUP_ITEMS):
            gather(group, desk.index, rows, desk.kept.workers)
            for batch in group:
                faulty += batch.faulty
                asked += batch.ordinals
        for row, is_member in look_up(asked, rows).items():
            bits[row] = is_member
    return judged.refusing(faulty), bits


def _given(known: Sequence[Mapping[str, Any]], salts: Salts) -> list[Outcome | None]:
    """The outcome that each leaf commits to; nothing where none opens it."""
    return [_opened(leaf["outcome_commitment"], salts.salt("outcome", row)) for row, leaf in enumerate(known)]


def _opened(commitment: str, salt: bytes) -> Outcome | None:
    return next((each for each in Outcome if outcome_commitment(salt, each).hex() == commitment), None)


def _repetitions(
    desk: ReplayDesk,
    logged: LoggedPackage,
    batches: Sequence[ExaminedBatch],
    given: Sequence[Outcome | None],
    rows: Sequence[int],
    earlier: Iterable[Recorded],
) -> set[int]:
    """The rows, of those given, whose question an earlier package of the term had answered as it was answered then."""
    if not rows:
        return set()
    wanted = questions_of(batches, frozenset(rows))
    found: set[int] = set()
    term = term_of(logged.agreement).digest
    for package in earlier:
        if not wanted:
            break
        agreement = desk.kept.agreement(package.received["agreement_sha256"])
        if term_of(agreement).digest != term:
            continue
        try:
            before = logged_again(desk.kept, package)
        except (DestroyedError, OperationalError) as error:
            raise IndeterminateError(
                f"{len(wanted):,} items have another outcome than the index gives, and may repeat a question (R-74).",
                why=f"The package {package.received['package']} of the same term is kept no more.",
                next_step="Nothing more can be said of these items; the others came out as they were given, or the "
                "command had said so.",
            ) from error
        answered = questions_of(examined_again(desk.kept, before))
        for digest in wanted.keys() & answered.keys():
            (first, *_) = answered[digest]
            leaf = next(desk.leaves(package.first_item_leaf + first, package.first_item_leaf + first + 1))
            outcome = _opened(
                parse_leaf(leaf, "the log")["outcome_commitment"], before.salts.salt("outcome", first)
            )
            if outcome in {Outcome.CONFIRMED, Outcome.NOT_CONFIRMED}:
                found |= {row for row in wanted.pop(digest) if given[row] is outcome}
    return found


def questions_of(
    batches: Iterable[ExaminedBatch], rows: frozenset[int] | None = None
) -> dict[bytes, list[int]]:
    """The rows that ask each question, by its digest; of some rows, or of all that were admitted."""
    keys = HistoryKeys()
    for batch in batches:
        for number, row in enumerate(batch.ordinals):
            if rows is None or row in rows:
                keys.append(row, batch.history[number], batch.officers[row - batch.first])
    found: dict[bytes, list[int]] = {}
    for number, row in enumerate(keys.ordinals):
        found.setdefault(keys.digest(number, QUESTION_COLUMN), []).append(row)
    return found


def _no_charges(agreement: Agreement) -> Charges:
    return Charges(HistoryKeys(), agreement.limits, array("Q"), {}, {}, {})
