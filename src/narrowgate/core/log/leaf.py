"""The leaves of the log: canonical JSON that shows an inspector what was decided and nobody's data.

What a leaf says of a row, an address, an outcome or an index is a commitment: SHA-256 over a secret
128-bit salt and the value. Without the salt one bit could be read off its hash. The custodian keeps the
salts' key and opens single leaves under court order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from narrowgate.core.base.canonical_json import canonical_bytes, parse_canonical
from narrowgate.core.base.errors import REPORT_IT, EnvelopeError, OperationalError
from narrowgate.core.base.mac import MacKey
from narrowgate.core.base.times import format_time
from narrowgate.core.log.leaf_forms import (
    ACT,
    ANSWERS_EXPIRED,
    CHARTER,
    ITEM_DECIDED,
    KINDS,
    PACKAGE_DECIDED,
    PACKAGE_RECEIVED,
    PACKAGE_REFUSED,
    PACKAGE_RELEASED,
    RELEASE_DELAYED,
    require_form,
    require_word,
)
from narrowgate.core.log.merkle import HASH_SIZE
from narrowgate.core.log.tiles import MAX_ENTRY_BYTES

__all__ = [
    "ACT",
    "ANSWERS_EXPIRED",
    "CHARTER",
    "ITEM_DECIDED",
    "KINDS",
    "PACKAGE_DECIDED",
    "PACKAGE_RECEIVED",
    "PACKAGE_REFUSED",
    "PACKAGE_RELEASED",
    "RELEASE_DELAYED",
    "SALT_BYTES",
    "ItemLeaves",
    "PackageDecided",
    "PackageReceived",
    "PackageRefused",
    "Salts",
    "build_leaf",
    "parse_leaf",
    "time_in_leaf",
]

SALT_BYTES = 16


_TIME_KEY = b'"time":"'


class Salts:
    """The salts of one package, each different, none guessable without the key.

    Args:
        key: at least 32 secret random bytes, drawn for this package alone.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < 32:
            raise OperationalError(
                "The salt key of a package must have at least 32 bytes.",
                next_step=REPORT_IT,
            )
        self._key = MacKey(key)

    def salt(self, label: str, ordinal: int = 0) -> bytes:
        """16 bytes for one commitment: HMAC-SHA-256 of the label and the ordinal, truncated.

        Args:
            label: what is committed to: ``row``, ``address``, ``outcome``, ``index``.
            ordinal: the row, from 0.
        """
        return self._key.mac(label.encode() + ordinal.to_bytes(8, "big"))[:SALT_BYTES]

    def salts(self, label: str, ordinals: Iterable[int]) -> list[bytes]:
        """``salt`` for each ordinal."""
        return self._key.macs(
            label.encode(), [ordinal.to_bytes(8, "big") for ordinal in ordinals], SALT_BYTES
        )

    def commit(self, label: str, ordinal: int, value: bytes) -> bytes:
        """The commitment to ``value``; the salt opens it."""
        return sha256(self.salt(label, ordinal) + value).digest()

    def commit_all(self, label: str, first: int, values: Sequence[bytes]) -> list[bytes]:
        """``commit`` of each value, with ascending ordinals.

        Args:
            label: as for ``salt``.
            first: ordinal of the first value.
            values: what is committed to.
        """
        salts = self.salts(label, range(first, first + len(values)))
        return [sha256(salt + value).digest() for salt, value in zip(salts, values, strict=True)]


@dataclass(frozen=True, slots=True)
class PackageReceived:
    """An authentic package of an office in force was taken in; ``slot`` is when its answers are to leave."""

    package_id: str
    manifest_sha256: bytes
    signature_sha256: bytes
    agreement_sha256: bytes
    officers_sha256: bytes
    rows: int
    rows_sha256: bytes
    office_id: str
    signer_key_sha256: bytes
    slot: datetime
    time: datetime

    def leaf(self) -> bytes:
        """The canonical leaf."""
        return build_leaf(
            {
                "type": PACKAGE_RECEIVED,
                "package": self.package_id,
                "manifest_sha256": self.manifest_sha256.hex(),
                "signature_sha256": self.signature_sha256.hex(),
                "agreement_sha256": self.agreement_sha256.hex(),
                "officers_sha256": self.officers_sha256.hex(),
                "rows": self.rows,
                "rows_sha256": self.rows_sha256.hex(),
                "office": self.office_id,
                "signer_key_sha256": self.signer_key_sha256.hex(),
                "slot": format_time(self.slot),
                "time": format_time(self.time),
            }
        )


@dataclass(frozen=True, slots=True)
class PackageRefused:
    """A package was refused whole, the index unopened.

    Args:
        package_id: as its manifest says.
        manifest_sha256: digest of the manifest.
        office_id: as the manifest says; proved only where a key is named.
        signer_key_sha256: digest of the key whose signature verified; empty where none did.
        rules: ids of the rules that refuse it.
        time: of the refusal.
    """

    package_id: str
    manifest_sha256: bytes
    office_id: str
    signer_key_sha256: bytes
    rules: Sequence[str]
    time: datetime

    def leaf(self) -> bytes:
        """The canonical leaf."""
        return build_leaf(
            {
                "type": PACKAGE_REFUSED,
                "package": self.package_id,
                "manifest_sha256": self.manifest_sha256.hex(),
                "office": self.office_id,
                "signer_key_sha256": self.signer_key_sha256.hex(),
                "rules": list(self.rules),
                "time": format_time(self.time),
            }
        )


@dataclass(frozen=True, slots=True)
class PackageDecided:
    """Every item of a package was decided and its answers sealed.

    Holds no count of confirmed items: a count over few items is an answer.

    Args:
        refusals_by_rule: number of items each rule refused; an item may count under several.
        answers_sha256: digest of the answers' manifest.
        index_commitment: salted commitment to the digest of the index.
    """

    package_id: str
    answered: int
    refused: int
    refusals_by_rule: Mapping[str, int]
    answers_sha256: bytes
    snapshot_id: str
    data_as_of: str
    index_commitment: bytes
    time: datetime

    def leaf(self) -> bytes:
        """The canonical leaf."""
        return build_leaf(
            {
                "type": PACKAGE_DECIDED,
                "package": self.package_id,
                "answered": self.answered,
                "refused": self.refused,
                "refusals_by_rule": dict(self.refusals_by_rule),
                "answers_sha256": self.answers_sha256.hex(),
                "index_snapshot": self.snapshot_id,
                "index_data_as_of": self.data_as_of,
                "index_commitment": self.index_commitment.hex(),
                "time": format_time(self.time),
            }
        )


class ItemLeaves:
    """Builds the *item decided* leaves of one package, with the bytes canonical JSON would give.

    Assembling the text is several times faster than serializing; a million leaves are usual.

    Args:
        package_id: id of the package.
        canonical_form: version of the canonical form of addresses and persons.
        rule_set: version of the eligibility rules.

    Raises:
        EnvelopeError: one of them is not a plain word.
    """

    def __init__(self, package_id: str, canonical_form: str, rule_set: str) -> None:
        for word in (package_id, canonical_form, rule_set):
            require_word(word)
        self._canonical_form = canonical_form
        self._package_id = package_id
        self._tail = f'","rule_set":"{rule_set}","type":"{ITEM_DECIDED}"}}'
        self._findings: dict[tuple[str, ...], str] = {}

    def leaf(
        self,
        row: int,
        findings: tuple[str, ...],
        row_commitment: bytes,
        address_commitment: bytes,
        outcome_commitment: bytes,
    ) -> bytes:
        """The canonical leaf of one item: refused where there are findings, otherwise answered.

        Args:
            row: ordinal of the row in the package, from 0.
            findings: ids of the rules that refuse the item.
            row_commitment: salted commitment to the row's bytes.
            address_commitment: salted commitment to the canonical address, or to nothing.
            outcome_commitment: salted commitment to the outcome.

        Raises:
            EnvelopeError: a finding is not a plain word.
        """
        commitments = (row_commitment + address_commitment).hex()
        return self._leaf(row, findings, commitments, outcome_commitment)

    def leaves(
        self,
        rows: Sequence[int],
        findings: Sequence[tuple[str, ...]],
        commitments: bytes,
        outcome_commitments: Sequence[bytes],
    ) -> list[bytes]:
        """``leaf`` of many items, given side by side.

        Args:
            rows: of each item, as are the others.
            findings: see ``leaf``.
            commitments: to the row and to the canonical address of each, 64 bytes.
            outcome_commitments: see ``leaf``.

        Raises:
            EnvelopeError: a finding is not a plain word.
        """
        texts, width = commitments.hex(), 4 * HASH_SIZE
        return [
            self._leaf(row, found, texts[at : at + width], outcome)
            for at, row, found, outcome in zip(
                range(0, len(texts), width), rows, findings, outcome_commitments, strict=True
            )
        ]

    def _leaf(
        self, row: int, findings: tuple[str, ...], commitments: str, outcome_commitment: bytes
    ) -> bytes:
        middle = self._findings.get(findings) or self._remember(findings)
        return (
            f'{{"address_commitment":"{commitments[2 * HASH_SIZE :]}","canonical_form":"{self._canonical_form}",'
            f'{middle}"outcome_commitment":"{outcome_commitment.hex()}","package":"{self._package_id}",'
            f'"row":{row},"row_commitment":"{commitments[: 2 * HASH_SIZE]}{self._tail}'
        ).encode("ascii")

    def _remember(self, findings: tuple[str, ...]) -> str:
        for finding in findings:
            require_word(finding)
        decided = "refused" if findings else "answered"
        middle = f'"class":"{decided}","findings":{canonical_bytes(findings).decode("ascii")},'
        self._findings[findings] = middle
        return middle


def time_in_leaf(leaf: bytes) -> bytes:
    """The time of a leaf as it is written, whose order is that of the times; empty for an item's leaf, which has none.

    Reads a million leaves a second, because no other value of a leaf can hold a quotation mark.
    """
    start = leaf.rfind(_TIME_KEY)
    return leaf[start + len(_TIME_KEY) : -1].partition(b'"')[0] if start >= 0 else b""


def may_hold_time(leaves: bytes) -> bool:
    """Whether any of these leaves, side by side, has a time."""
    return _TIME_KEY in leaves


def build_leaf(fields: Mapping[str, Any]) -> bytes:
    """The canonical bytes of a leaf, which ``parse_leaf`` reads.

    Raises:
        EnvelopeError: a field is missing, unknown, or of another form; the leaf is too long.
    """
    require_form(fields, "")
    data = canonical_bytes(fields)
    if len(data) > MAX_ENTRY_BYTES:
        raise EnvelopeError("The leaf is longer than 65,535 bytes.")
    return data


def parse_leaf(data: bytes, where: str) -> dict[str, Any]:
    """The fields of a leaf: of a known type, each of its form, and no others.

    Raises:
        EnvelopeError: the data is not the canonical form of a leaf.
    """
    fields = parse_canonical(data, where)
    if not isinstance(fields, dict):
        raise EnvelopeError("The leaf is not an object.", where=where)
    require_form(fields, where)
    return fields
