"""What passes from one step to the next; a step takes only what the step before it makes."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from itertools import repeat

from narrowgate.core.agreement.model import Agreement
from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.eligibility.history.charges import Charges
from narrowgate.core.log.leaf import Salts
from narrowgate.core.request.manifest import Manifest
from narrowgate.gate.package_ports import KeptPackage, OfficerDirectory, PackageSource, SignerIdentity
from narrowgate.gate.ports import PackageStart

UNREADABLE_ITEM = "R-10"
"""The rule that refuses an item which cannot be read, or which brings about a fault that nobody foresaw."""


@dataclass(frozen=True, slots=True)
class RawPackage:
    """Bounded and parsed; nobody vouches for it yet (step 1)."""

    manifest: Manifest
    manifest_data: bytes
    signature: bytes
    source: PackageSource

    @property
    def manifest_sha256(self) -> bytes:
        """Digest of the manifest."""
        return sha256(self.manifest_data).digest()

    @property
    def signature_sha256(self) -> bytes:
        """Digest of the signature."""
        return sha256(self.signature).digest()


@dataclass(frozen=True, slots=True)
class AuthenticatedPackage:
    """A manifest that the key of an office in force signed; the rows are compared with it in step 5 (step 2)."""

    raw: RawPackage
    signer: SignerIdentity

    @property
    def manifest(self) -> Manifest:
        """What was signed."""
        return self.raw.manifest

    @property
    def manifest_sha256(self) -> bytes:
        """Digest of what was signed."""
        return self.raw.manifest_sha256


@dataclass(frozen=True, slots=True)
class PermittedPackage:
    """What the agreement, the safeguards approval, the holds and the quotas let in, now or when it began (step 4).

    Args:
        package: from step 2.
        agreement: it is decided under.
        slot: aware UTC time at which its answers are to leave.
        begun: the start that is stored, where an earlier run was cut off.
    """

    package: AuthenticatedPackage
    agreement: Agreement
    slot: datetime
    begun: PackageStart | None = None


@dataclass(frozen=True, slots=True)
class LoggedPackage:
    """Received: copy and leaf are durable, and from here it is decided or taken up again (step 5).

    Args:
        permitted: from step 4.
        kept: the gate's own copy; the files handed over are not looked at again.
        officers: the register it began with.
        received_at: aware UTC time of the first run.
        slot: aware UTC time at which its answers are to leave.
        received_leaf: index of the *package received* leaf.
        salts: of the package.
    """

    permitted: PermittedPackage
    kept: KeptPackage
    officers: OfficerDirectory
    received_at: datetime
    slot: datetime
    received_leaf: int
    salts: Salts

    @property
    def manifest(self) -> Manifest:
        """What was signed."""
        return self.permitted.package.manifest

    @property
    def agreement(self) -> Agreement:
        """The agreement it was admitted under."""
        return self.permitted.agreement

    @property
    def today(self) -> date:
        """The day that every rule of this package counts from."""
        return self.received_at.date()


@dataclass(frozen=True, slots=True)
class ExaminedBatch:
    """Consecutive items after every eligibility rule (step 6); what is admitted stays packed until step 8.

    Args:
        first: ordinal of the first item.
        items: item ids, one a line; empty where the row could not be read.
        officers: the registered officers each item names.
        findings: ordinal to rule ids, for the refused ones.
        commitments: for each item the commitments to its row and to its canonical address, 64 bytes.
        ordinals: of the admitted items, ascending.
        history: for each admitted item its history digests (``core.eligibility.history.digests``).
        admitted: the admitted items' persons, delivery points and years, packed.
    """

    first: int
    items: str
    officers: tuple[tuple[str, ...], ...]
    findings: Mapping[int, tuple[str, ...]]
    commitments: bytes
    ordinals: array[int]
    history: tuple[bytes, ...]
    admitted: bytes

    @property
    def count(self) -> int:
        """How many items there are."""
        return len(self.officers)

    def item_ids(self) -> list[str]:
        """Of each item its id, or nothing."""
        return self.items.split("\n")


@dataclass(frozen=True, slots=True)
class JudgedPackage:
    """Every item admitted or refused with all its findings, history included; the index is unread (step 7)."""

    logged: LoggedPackage
    batches: Sequence[ExaminedBatch]
    findings: Mapping[int, tuple[str, ...]]
    remembered: Mapping[int, bool]
    charges: Charges

    @property
    def items(self) -> int:
        """How many there are."""
        return self.logged.manifest.rows.count

    def refusing(self, ordinals: Iterable[int]) -> JudgedPackage:
        """The same package with these admitted items refused as unreadable; they stay charged."""
        refused = dict.fromkeys(ordinals, (UNREADABLE_ITEM,))
        return replace(self, findings={**self.findings, **refused}) if refused else self


@dataclass(frozen=True, slots=True)
class Decisions:
    """What was decided of some items: three sequences side by side, small on their way to a worker process."""

    ordinals: Sequence[int]
    outcomes: Sequence[Outcome]
    findings: Sequence[tuple[str, ...]]


class Bits:
    """The index's answers to the items of a package: one bit for each that was asked about, and none for the others.

    Args:
        items: of the package.
        remembered: answers to questions that were answered before, by ordinal.
    """

    _UNASKED = 2

    def __init__(self, items: int, remembered: Mapping[int, bool]) -> None:
        self._answers = bytearray((self._UNASKED,)) * items
        for ordinal, answer in remembered.items():
            self[ordinal] = answer

    def __setitem__(self, ordinal: int, is_member: bool) -> None:
        self._answers[ordinal] = is_member

    def get(self, ordinal: int) -> bool | None:
        """The answer, or nothing where there is none."""
        answer = self._answers[ordinal]
        return None if answer == self._UNASKED else bool(answer)


@dataclass(frozen=True, slots=True)
class DecidedPackage:
    """One outcome for every item, in request order (step 10).

    Args:
        judged: from step 7.
        outcomes: one for each item.
        decided_at: aware UTC time.
        first_item_leaf: index that the leaf of row 0 has, or will have.
    """

    judged: JudgedPackage
    outcomes: Sequence[Outcome]
    decided_at: datetime
    first_item_leaf: int

    def decisions(self, ordinals: Sequence[int]) -> Decisions:
        """The decisions of these items, in the order given."""
        found = self.judged.findings.get
        return Decisions(
            ordinals,
            list(map(self.outcomes.__getitem__, ordinals)),
            list(map(found, ordinals, repeat(()))),
        )


@dataclass(frozen=True, slots=True)
class SealedAnswers:
    """Sealed and staged answers; none has left (step 11).

    Args:
        manifest_sha256: digest of their manifest, by which the log names them.
        peaks: of the log up to the last item leaf, to which the proofs in the sealed parts lead.
    """

    manifest_sha256: bytes
    peaks: tuple[bytes, ...]
