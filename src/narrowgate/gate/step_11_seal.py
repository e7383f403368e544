"""Step 11: seal the answers to the officers named; nothing leaves yet.

Sealing comes before the last leaf of step 12, because that leaf names the digest of the sealed answers: an
answer that the log does not name is no answer.
"""

from __future__ import annotations

import hmac
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from itertools import chain

from narrowgate.core.address.model import CANONICAL_FORM_VERSION
from narrowgate.core.answers.answer import PartHeader, part_bytes
from narrowgate.core.answers.answer_record import RecordFormat
from narrowgate.core.answers.answers_manifest import (
    AnswersManifest,
    SealedPart,
    answers_manifest_bytes,
    part_file_name,
)
from narrowgate.core.answers.file_names import ANSWERS, REFUSALS
from narrowgate.core.answers.receipt import RefusalLine, refusal_line_bytes
from narrowgate.core.base.keyed_stream import KeyedStream
from narrowgate.core.eligibility.ruleset import RULE_IDS, RULE_SET_VERSION
from narrowgate.core.log.leaf import Salts
from narrowgate.gate.item_leaves import item_leaf_run
from narrowgate.gate.package_ports import OfficerDirectory, Recipient, Staging
from narrowgate.gate.packing import pick_commitments
from narrowgate.gate.ports import IndexSnapshot, Workers
from narrowgate.gate.types import DecidedPackage, Decisions, JudgedPackage, SealedAnswers

PARTS_AT_ONCE = 50
"""Parts that one worker seals at a time."""


@dataclass(frozen=True, slots=True)
class PartTerms:
    """What the parts of one package have in common.

    Args:
        package_id: the package.
        issued: when the answers were made, UTC.
        expires: when they become unreadable, UTC.
        first_leaf: index of the leaf of row 0.
        salts: of the package.
        secret: of the package, from which the randomness of the seals is derived.
    """

    package_id: str
    issued: datetime
    expires: datetime
    first_leaf: int
    salts: Salts
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class LogBefore:
    """The log as it was before the first item leaf.

    Args:
        origin: its name.
        peaks: of its tree.
    """

    origin: str
    peaks: Sequence[bytes]


def seal_answers(
    decided: DecidedPackage,
    snapshot: IndexSnapshot,
    log: LogBefore,
    officers: OfficerDirectory,
    staging: Staging,
    workers: Workers,
) -> SealedAnswers:
    """Each officer named in an item gets that item's answer, sealed to that officer alone, in request order.

    Each part proves its answers: it holds what makes the leaf of each item, and leads from these leaves to the log as
    it will be before the last leaf of the package, which is the part of the log that is known now.

    Size, order and names of everything staged depend on the request only.

    Args:
        decided: from step 10.
        snapshot: of the index asked.
        log: to which the answers are proved.
        officers: the register.
        staging: takes the sealed parts, the refusals and ``answers.json``; nothing leaves yet.
        workers: make the seals.
    """
    logged = decided.judged.logged
    expires = expiry(decided)
    terms = PartTerms(
        package_id=logged.manifest.package_id,
        issued=decided.decided_at,
        expires=expires,
        first_leaf=decided.first_item_leaf,
        salts=logged.salts,
        secret=logged.kept.secret("seals"),
    )
    run = item_leaf_run(decided, log.peaks, workers)
    commitments = b"".join(batch.commitments for batch in decided.judged.batches)
    named = sorted(_ordinals_by_officer(decided.judged).items())
    batches = (
        [
            PartContent(
                officer=officer,
                recipient=officers.recipient(officer),
                decisions=decided.decisions(ordinals),
                commitments=pick_commitments(commitments, ordinals),
                proof=b"".join(run.prove([terms.first_leaf + ordinal for ordinal in ordinals])),
            )
            for officer, ordinals in named[start : start + PARTS_AT_ONCE]
        ]
        for start in range(0, len(named), PARTS_AT_ONCE)
    )
    parts = []
    for part, sealed in chain.from_iterable(workers.map(partial(seal_parts, terms), batches)):
        staging.put(part.file, sealed)
        parts.append(part)
    refusals = b"".join(_refusal_lines(decided.judged))
    staging.put(REFUSALS, refusals)
    manifest = answers_manifest_bytes(
        AnswersManifest(
            package_id=logged.manifest.package_id,
            manifest_sha256=logged.permitted.package.manifest_sha256.hex(),
            agreement_sha256=logged.agreement.digest,
            rows=decided.judged.items,
            rules=RULE_IDS,
            parts=tuple(sorted(parts, key=lambda part: part.recipient_key_sha256)),
            refusals_sha256=sha256(refusals).hexdigest(),
            log_origin=log.origin,
            first_leaf=decided.first_item_leaf,
            snapshot_id=snapshot.snapshot_id,
            data_as_of=snapshot.data_as_of,
            canonical_form_version=CANONICAL_FORM_VERSION,
            rule_set_version=RULE_SET_VERSION,
            issued=decided.decided_at,
            expires=expires,
        )
    )
    staging.put(ANSWERS, manifest)
    return SealedAnswers(sha256(manifest).digest(), run.peaks())


def expiry(decided: DecidedPackage) -> datetime:
    """When the answers become unreadable: so many days after the slot they were to leave at, UTC."""
    logged = decided.judged.logged
    days = timedelta(days=logged.agreement.release.answers_expire_days)
    return max(decided.decided_at, logged.slot) + days


@dataclass(frozen=True, slots=True)
class PartContent:
    """What one officer is told; small on its way to a worker process.

    Args:
        officer: id.
        recipient: the officer as a recipient.
        decisions: of the items that name the officer.
        commitments: to each item's row and canonical address, 64 bytes, side by side.
        proof: of the items' leaves, the lines that end the part (``LeafRun.prove``, ``proof_line``).
    """

    officer: str
    recipient: Recipient
    decisions: Decisions
    commitments: bytes
    proof: bytes


def seal_parts(terms: PartTerms, contents: Iterable[PartContent]) -> list[tuple[SealedPart, bytes]]:
    """The sealed part of each officer named, with its entry in the manifest; the same in any process."""
    form = RecordFormat(RULE_IDS)
    return [_seal_part(terms, form, content) for content in contents]


def _seal_part(terms: PartTerms, form: RecordFormat, content: PartContent) -> tuple[SealedPart, bytes]:
    decisions = content.decisions
    records = len(decisions.ordinals)
    header = PartHeader(terms.package_id, content.officer, records, RULE_IDS, terms.issued, terms.expires)
    encoded = form.encode_all(
        decisions.ordinals,
        [terms.first_leaf + ordinal for ordinal in decisions.ordinals],
        terms.salts.salts("outcome", decisions.ordinals),
        decisions.outcomes,
        decisions.findings,
        content.commitments,
    )
    plaintext = part_bytes(header, encoded, content.proof)
    key_sha256 = content.recipient.key_sha256()
    # Secret, the same when a run is repeated, and no key or nonce for two texts: the text belongs to the seed.
    context = b"narrowgate sealing\x1f" + key_sha256.encode() + sha256(plaintext).digest()
    sealed = content.recipient.seal(plaintext, KeyedStream(hmac.digest(terms.secret, context, "sha256")))
    file = part_file_name(key_sha256)
    return SealedPart(key_sha256, file, len(sealed), sha256(sealed).hexdigest(), records), sealed


def _ordinals_by_officer(judged: JudgedPackage) -> Mapping[str, array[int]]:
    found: defaultdict[str, array[int]] = defaultdict(partial(array, "Q"))
    for batch in judged.batches:
        for ordinal, officers in enumerate(batch.officers, batch.first):
            for officer in officers if len(officers) < 2 else dict.fromkeys(officers):
                found[officer].append(ordinal)
    return found


def _refusal_lines(judged: JudgedPackage) -> Iterator[bytes]:
    for batch in judged.batches:
        for ordinal, item in enumerate(batch.item_ids(), batch.first):
            if findings := judged.findings.get(ordinal):
                yield refusal_line_bytes(RefusalLine(ordinal, item or f"row {ordinal + 1}", findings))
