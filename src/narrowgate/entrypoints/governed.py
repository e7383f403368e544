"""What a gate decides under: read from the acts in its log and the documents they name; settings say none of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from narrowgate.adapters.files.facility_list import read_facility_list
from narrowgate.adapters.files.governance_directory import GovernanceDirectory
from narrowgate.adapters.files.officers import OfficerRegister
from narrowgate.adapters.files.regular import read_regular
from narrowgate.adapters.sealing.officer_certificates import OfficerCertificates
from narrowgate.adapters.signing.certificates import load_root
from narrowgate.adapters.signing.officer_signatures import RootOfficerSignatures
from narrowgate.core.agreement.model import Agreement, OfficeGrant
from narrowgate.core.agreement.parse import parse_agreement
from narrowgate.core.base.errors import NotInForceError, ProofError
from narrowgate.core.base.system_errors import refused_by_system
from narrowgate.core.governance.in_force import (
    AGREEMENT,
    FACILITIES,
    INDEX,
    REGISTER,
    RULES,
    InForce,
    Placed,
)
from narrowgate.core.governance.recall_list import parse_recall_list
from narrowgate.core.log.note import VerifierKey
from narrowgate.entrypoints.act_documents import rules_document
from narrowgate.entrypoints.acts import books_over
from narrowgate.entrypoints.settings import GateSettings
from narrowgate.gate.ports import ConfirmationIndex, IndexSnapshot
from narrowgate.gate.release import CosignedCheckpoint
from narrowgate.governance.ports import ActLog, Remembered
from narrowgate.index.manifest import MANIFEST_NAME
from narrowgate.verify.cosignatures import verify_cosigned

_agreement_of = lru_cache(maxsize=4)(parse_agreement)
"""Kept, because it is asked for several times for each package, and to read the text takes longer than a question."""

REGISTERS = "officers"
"""Directory in the vault for the registers that packages were begun with."""


class Governed:
    """The agreement, register, facilities, index and rules in force at a gate.

    Args:
        settings: where things lie.
        log: of the gate, held by this process.
        remembered: its cache of the acts.
    """

    def __init__(self, settings: GateSettings, log: ActLog, remembered: Remembered) -> None:
        self._settings = settings
        self.files = GovernanceDirectory(settings.governance)
        self.books = books_over(settings, log, remembered)
        self._recalled: dict[str, frozenset[str]] = {}

    def verified(self) -> InForce:
        """What is in force, every act's file and signatures compared with its leaf; done when a gate opens.

        Raises:
            NotInForceError: the log has no charter.
            LogInconsistentError: an act in the log is not one that its officers signed.
        """
        return self.books.verify_files(RootOfficerSignatures(self.files.root))

    def require_complete(self, now: datetime) -> None:
        """Return only if everything that a decision needs is in force, with the rules of this software.

        Raises:
            NotInForceError: something is not.
        """
        in_force = self.books.in_force()
        if missing := in_force.missing(now):
            raise not_in_force(missing)
        rules = in_force.current(RULES, now)
        if rules is None or rules.sha256 != sha256(rules_document()).hexdigest():
            raise NotInForceError(
                "Another rule set or software is in force than this one.",
                why="A package is decided with the versions that two officers put in force, and with no others.",
                next_step="Install that version, or put this one in force: 'narrowgate act propose rules-in-force'.",
            )

    def require_history(self, followed: int) -> None:
        """Return only if the charter names no log before this one, or the state holds what that one charged.

        Args:
            followed: leaves of the log that the state has followed; 0 before a history or a package.

        Raises:
            NotInForceError: the history of the log before was not carried over.
        """
        if followed == 0 and self.books.charter(self.books.in_force()).predecessor is not None:
            raise NotInForceError(
                "The budgets of the log before were not carried over.",
                why="The charter names that log; without its history every question could be put again.",
                next_step="Carry it over: 'narrowgate state carry --config gate.toml --log OLD/log --state "
                "OLD/state.sqlite'.",
            )

    def agreement(self, now: datetime) -> Agreement:
        """The agreement in force, without the offices switched off and the keys revoked.

        Raises:
            NotInForceError: none is.
            OperationalError: its document is missing or was changed.
        """
        in_force = self.books.in_force()
        placed = self._current(in_force, AGREEMENT, now)
        agreement = _agreement_of(self.files.document(placed.sha256), f"agreement {placed.subject}")
        return narrowed(agreement, in_force)

    def officers(self, now: datetime) -> OfficerRegister:
        """The register in force, of which every certificate holds at ``now``.

        Raises:
            NotInForceError: none is.
            ConfigurationError: a certificate does not hold; the message names each officer.
        """
        placed = self._current(self.books.in_force(), REGISTER, now)
        evidence = None if self._settings.revocation is None else self._settings.revocation.read()
        accept = OfficerCertificates(load_root(self._settings.trust_root), now, evidence)
        return OfficerRegister.of_document(
            self.files.document(placed.sha256), accept, self._settings.vault / REGISTERS
        )

    def facilities(self, agreement: Agreement, now: datetime) -> frozenset[str]:
        """The keys of the facilities that the agreement names; the list in force is the one it names.

        Raises:
            NotInForceError: the agreement names a list, and none or another is in force.
        """
        named = agreement.addresses.facility_list
        if named is None:
            return frozenset()
        placed = self._current(self.books.in_force(), FACILITIES, now)
        if placed.sha256 != named.sha256:
            raise NotInForceError(
                "The facility list in force is not the one that the agreement names.",
                next_step="Put that list in force: 'narrowgate act propose facilities-in-force'.",
            )
        return read_facility_list(self.files.document_path(placed.sha256))

    def cosigned(self) -> CosignedCheckpoint | None:
        """The newest checkpoint that a quorum of the charter's witnesses cosigned; nothing where it names none.

        Too few cosignatures count as none, and so does one that does not verify.

        Raises:
            LogInconsistentError: the log does not continue what they cosigned.
        """
        charter = self.books.charter(self.books.in_force())
        if not charter.witness_quorum:
            return None
        witnesses = [VerifierKey.parse(text) for text in charter.witnesses]
        try:
            verified = verify_cosigned(self._settings.log, charter.log_key, witnesses, charter.witness_quorum)
        except ProofError:
            return CosignedCheckpoint(0, "")
        return CosignedCheckpoint(verified.size, verified.text)

    def recalled(self) -> frozenset[str]:
        """The packages of which an answer was recalled.

        Raises:
            OperationalError: the list of a recall is missing or was changed; nothing is released meanwhile.
        """
        lists = {placed.sha256 for placed in self.books.in_force().recalls} - self._recalled.keys()
        for digest in lists:
            listed = parse_recall_list(self.files.document(digest), digest)
            self._recalled[digest] = frozenset(each.package for each in listed.packages)
        return frozenset().union(*self._recalled.values())

    def located(self, now: datetime) -> GateSettings:
        """The settings with the directory of the index in force, found by the digest that its act names.

        Where the settings name no directory of indexes they are as they were.

        Raises:
            NotInForceError: no index is in force, or it lies in none of the places.
        """
        if self._settings.indexes is None:
            return self._settings
        wanted = self._current(self.books.in_force(), INDEX, now).sha256
        unread = 0
        for place in (self._settings.index, *_directories(self._settings.indexes)):
            try:
                found = sha256(read_regular(place / MANIFEST_NAME)).hexdigest()
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError:  # one that is being built, or is closed to the gate, is not the one in force
                unread += 1
                continue
            if found == wanted:
                return replace(self._settings, index=place)
        more = f" {unread} could not be read." if unread else ""
        raise NotInForceError(
            "The index in force is not in the directory of indexes.",
            why=f"No manifest there has the digest {wanted}.{more}",
            next_step="Put the index there, or put one in force that is: 'narrowgate act propose index-in-force'.",
            where=str(self._settings.indexes),
        )

    def require_index(self, snapshot: IndexSnapshot, now: datetime) -> None:
        """Return only if the index is the one in force.

        Raises:
            NotInForceError: it is another, or none is.
        """
        if self._current(self.books.in_force(), INDEX, now).sha256 != snapshot.digest.hex():
            raise NotInForceError(
                "The index is not the one in force.",
                why="Only an index that two officers put in force is asked.",
                next_step="Put it in force: 'narrowgate act propose index-in-force --document INDEX'.",
            )

    def in_force_index(self, index: ConfirmationIndex, now: datetime) -> ConfirmationIndex:
        """The same index, which is the one in force.

        Raises:
            NotInForceError: it is not.
        """
        self.require_index(index.snapshot(), now)
        return index

    def _current(self, in_force: InForce, what: str, now: datetime) -> Placed:
        placed = in_force.current(what, now)
        if placed is None:
            raise not_in_force((what,))
        return placed


def _directories(indexes: Path) -> Iterator[Path]:
    """The directories of indexes, in the order of their names."""
    try:
        yield from sorted(path for path in indexes.iterdir() if path.is_dir())
    except OSError as error:
        raise refused_by_system(
            error, "The directory of indexes cannot be read.", where=str(indexes)
        ) from error


def narrowed(agreement: Agreement, in_force: InForce) -> Agreement:
    """The agreement, its offices switched off and its keys revoked as acts say; nothing of it is wider."""
    return replace(agreement, offices=tuple(_narrowed(grant, in_force) for grant in agreement.offices))


def _narrowed(grant: OfficeGrant, in_force: InForce) -> OfficeGrant:
    keys = tuple(key for key in grant.keys if key.sha256 not in in_force.keys_revoked)
    enabled = grant.enabled and grant.role.value not in in_force.offices_off
    return replace(grant, enabled=enabled, keys=keys)


def not_in_force(missing: tuple[str, ...]) -> NotInForceError:
    """The error of a gate where something is not in force."""
    return NotInForceError(
        f"Not in force: {', '.join(missing)}.",
        why="Nothing is decided without it; settings put nothing in force.",
        next_step="'narrowgate doctor --config' says what is in force; 'narrowgate act propose' puts it there.",
    )
