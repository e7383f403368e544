"""The documents that acts put in force: drawn from files, and read before an act is applied."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from narrowgate import __version__
from narrowgate.adapters.files.governance_directory import GovernanceDirectory
from narrowgate.adapters.files.regular import read_regular
from narrowgate.adapters.signing.certificates import (
    certificate_sha256,
    load_certificates,
    load_root,
    public_key_sha256,
)
from narrowgate.core.address.model import CANONICAL_FORM_VERSION
from narrowgate.core.agreement.parse import parse_agreement, require_real
from narrowgate.core.answers.officers_document import parse_officers_document
from narrowgate.core.base.errors import ActRefusedError, EnvelopeError, OperationalError, UsageError
from narrowgate.core.base.system_errors import system_reason
from narrowgate.core.eligibility.ruleset import RULE_SET_VERSION
from narrowgate.core.governance.act import Act
from narrowgate.core.governance.charter import Charter, parse_charter
from narrowgate.core.governance.in_force import INDEX, InForce, refused
from narrowgate.core.governance.kinds import KINDS, Digest, Kind
from narrowgate.core.governance.recall_list import PackageRecalled, parse_recall_list
from narrowgate.core.governance.rules_document import Versions, parse_versions, versions_bytes
from narrowgate.core.log.acts import LoggedAct
from narrowgate.core.log.leaf import PACKAGE_DECIDED, parse_leaf
from narrowgate.core.matching.match_rule import MATCH_RULE_VERSION
from narrowgate.entrypoints.document_signature import CUSTODIAN, PARTIES, REQUESTER, signature_path
from narrowgate.governance.ports import ActLog, OfficerSignatures
from narrowgate.index.manifest import MANIFEST_NAME, parse_index_manifest


def rules_document() -> bytes:
    """The versions that decide, of the software that runs: canonical JSON."""
    return versions_bytes(running_versions())


def running_versions() -> Versions:
    """The versions of the software that runs."""
    return Versions(CANONICAL_FORM_VERSION, MATCH_RULE_VERSION, RULE_SET_VERSION, __version__)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a file gives an act.

    Args:
        subject: what the act is about.
        data: the document.
        signatures: party to detached CMS, as far as they lie beside the file.
    """

    subject: str
    data: bytes
    signatures: Mapping[str, bytes]


def draft(kind: Kind, file: Path | None) -> Draft:
    """The document of an act from a file, or from the software itself for ``rules-in-force``.

    Args:
        kind: of the act.
        file: an agreement, a register's document, a facility list, a charter, or the directory of an index.

    Raises:
        UsageError: the kind needs a file.
        NarrowgateError: the file is not of the kind.
    """
    if kind is Kind.RULES_IN_FORCE:
        return Draft(f"rules-{RULE_SET_VERSION}", rules_document(), {})
    if file is None:
        raise UsageError(f"The act {kind} puts a document in force.", next_step="Name it with --document.")
    if file.is_dir():
        file /= MANIFEST_NAME
    try:
        data = read_regular(file)
    except OSError as error:
        raise UsageError(
            "The document cannot be read.",
            why=system_reason(error)[0],
            next_step=system_reason(error)[1],
            where=str(file),
        ) from error
    signatures = {}
    for party in PARTIES:
        beside = signature_path(file, party)
        if beside.exists():
            signatures[party] = read_regular(beside)
    return Draft(_SUBJECTS[kind](data, str(file)), data, signatures)


_Subject = Callable[[bytes, str], str]

_SUBJECTS: Final[Mapping[Kind, _Subject]] = {
    Kind.AGREEMENT_IN_FORCE: lambda data, where: parse_agreement(data, where).id,
    Kind.AGREEMENT_WITHDRAWN: lambda data, where: parse_agreement(data, where).id,
    Kind.INDEX_IN_FORCE: lambda data, where: parse_index_manifest(data, where).snapshot_id,
    Kind.INDEX_WITHDRAWN: lambda data, where: parse_index_manifest(data, where).snapshot_id,
    Kind.REGISTER_IN_FORCE: lambda _data, _where: "officers",
    Kind.FACILITIES_IN_FORCE: lambda _data, _where: "facilities",
    Kind.CHARTER_REPLACED: lambda data, where: parse_charter(data, where).gate,
    Kind.RECALL: lambda data, where: str(parse_recall_list(data, where).answers),
}


class ActDocuments:
    """``governance.ports.Documents``: each document is of its kind, inside the ceilings, and signed as it must be.

    Args:
        files: where they are kept.
        officers: verifies the custodian's officers.
        requester: verifies the requester's signatories, against ``requester_root``.
        requester_root: PEM of the root that both sides agreed on.
        require_abandonable: raises where a package cannot be ended; nothing where no state is at hand, which is looked
            at when the act is applied.
        index_signer: PEM of the one certificate whose signature the gate takes of an index; ``None`` where it takes
            indexes without.
    """

    def __init__(
        self,
        files: GovernanceDirectory,
        officers: OfficerSignatures,
        requester: OfficerSignatures,
        requester_root: Path,
        require_abandonable: Callable[[str], None] = lambda _package_id: None,
        index_signer: Path | None = None,
    ) -> None:
        self._files = files
        self._officers = officers
        self._requester = requester
        self._requester_root = requester_root
        self._require_abandonable = require_abandonable
        self._index_signer = index_signer

    def require_usable(self, act: Act, charter: Charter, before: InForce, now: datetime) -> None:
        """See ``governance.ports.Documents``."""
        if act.kind is Kind.PACKAGE_ABANDONED:
            self._require_abandonable(act.subject)
        if KINDS[act.kind].digest is not Digest.DOCUMENT:
            return
        data = self._files.document(act.sha256)
        where = f"document {act.sha256[:16]}"
        if act.kind is Kind.AGREEMENT_IN_FORCE:
            self._require_agreement(act, data, charter, before, now)
        elif act.kind is Kind.INDEX_IN_FORCE:
            self._require_newest(act, data, before, now)
        elif act.kind is Kind.REGISTER_IN_FORCE:
            parse_officers_document(data, where)
            self._require_requester(act, data, charter, before, now)
        elif act.kind is Kind.RULES_IN_FORCE:
            parse_versions(data, where)
        elif act.kind is Kind.CHARTER_REPLACED:
            _require_successor(parse_charter(data, where), charter)
        elif act.kind is Kind.RECALL and str(parse_recall_list(data, where).answers) != act.subject:
            raise refused("The act names another number of answers than its list holds.")

    def leaves(self, logged: LoggedAct, before: InForce, log: ActLog) -> list[bytes]:
        """See ``governance.ports.Documents``."""
        if logged.kind is not Kind.RECALL:
            return []
        recall = parse_recall_list(self._files.document(logged.sha256), f"document {logged.sha256[:16]}")
        for package in recall.packages:
            _require_decided(package, before, log)
        return [each.leaf() for each in recall.leaves(logged.number, logged.time)]

    def _require_agreement(
        self, act: Act, data: bytes, charter: Charter, before: InForce, now: datetime
    ) -> None:
        agreement = parse_agreement(data, f"document {act.sha256[:16]}")
        if agreement.id != act.subject:
            raise refused("The act names another agreement than its document is.")
        if not charter.sandbox:
            require_real(agreement, act.sha256)
        if certificate_sha256(load_root(self._requester_root)) not in agreement.trust_roots:
            raise refused(
                "The agreement does not name the trust root of the gate.",
                "Officials sign and officers are answered under a root that both sides agreed on.",
            )
        with self._signed_by_those_of_now(act):
            signature = self._signature(act.sha256, CUSTODIAN)
            self._officers.signer(data, signature, before.counting(charter.keys()), charter.trust_root, now)
        self._require_requester(act, data, charter, before, now)

    def _require_newest(self, act: Act, data: bytes, before: InForce, now: datetime) -> None:
        manifest = parse_index_manifest(data, f"document {act.sha256[:16]}")
        if manifest.snapshot_id != act.subject:
            raise refused("The act names another index than its manifest is.")
        signer = self._index_signer
        if signer is not None and not before.counting([public_key_sha256(load_certificates(signer)[0])]):
            raise refused(
                "The key that signs the indexes of this gate is revoked by an act.",
                "An index that only a revoked key signed may be the thief's.",
                "Sign the index with another certificate, and name that as 'index_signer' in gate.toml.",
            )
        for placed in (before.current(INDEX, now), *before.scheduled(INDEX, now)):
            if placed is None or placed.sha256 == act.sha256:
                continue
            known = parse_index_manifest(self._files.document(placed.sha256), placed.subject)
            if manifest.created <= known.created:
                raise refused(
                    "The index is older than the one in force.",
                    "Persons suppressed since would be confirmed again, and corrected records would be wrong again.",
                )

    def _require_requester(
        self, act: Act, data: bytes, charter: Charter, before: InForce, now: datetime
    ) -> None:
        root = certificate_sha256(load_root(self._requester_root))
        with self._signed_by_those_of_now(act):
            signature = self._signature(act.sha256, REQUESTER)
            self._requester.signer(data, signature, before.counting(charter.requester_signatory), root, now)

    @contextmanager
    def _signed_by_those_of_now(self, act: Act) -> Iterator[None]:
        """What an earlier act put in force keeps the signature of then, whose signer may be gone.

        Raises:
            ActRefusedError: so it is.
        """
        try:
            yield
        except EnvelopeError as error:
            if not self._files.is_named_by_an_act(act.sha256):
                raise
            raise refused(
                "The document was in force before, and who signed it then may not sign now.",
                "Its signature stays as it was, because an inspector verifies it against the charter of that time.",
                "Give the agreement its next version (a register one officer more or less), and have it signed anew.",
            ) from error

    def _signature(self, sha256: str, party: str) -> bytes:
        try:
            return self._files.document_signature(sha256, party)
        except OperationalError as error:
            raise ActRefusedError(
                f"The document is not signed by the {party}.",
                why="An agreement needs the signatures of both parties over its bytes, a register the requester's.",
                next_step=f"Put the signature beside the file as FILE.{party}.p7s, and propose the act again.",
            ) from error


def _require_decided(package: PackageRecalled, before: InForce, log: ActLog) -> None:
    """Return only if the log holds the decision of the package where the list says, and as many answers or more."""
    at = package.decided_leaf
    leaf = parse_leaf(next(log.leaves(at, at + 1)), f"leaf {at}") if at < log.size() else {}
    if leaf.get("type") != PACKAGE_DECIDED or leaf.get("package") != package.package:
        raise refused(
            "The list of the recall names a package where the log holds another entry.",
            "It was found in another log, or changed.",
            "Find the answers again in this log: 'narrowgate recall find'.",
        )
    if package.package in before.abandoned or package.answers > leaf["answered"]:
        raise refused(
            "The list of the recall holds answers that the log does not.",
            "The package was abandoned, or has fewer answers.",
            "Find the answers again in this log: 'narrowgate recall find'.",
        )


def _require_successor(charter: Charter, before: Charter) -> None:
    if (charter.gate, charter.log_key, charter.predecessor, charter.sandbox) != (
        before.gate,
        before.log_key,
        before.predecessor,
        before.sandbox,
    ):
        raise refused(
            "The new charter is for another gate, another log or log key, or for a sandbox.",
            "A gate keeps its name; a log keeps its key and what came before it; a sandbox never becomes a real gate.",
            "Found a gate with a new log that names the end of this one: 'narrowgate docs begin-a-new-log'.",
        )
