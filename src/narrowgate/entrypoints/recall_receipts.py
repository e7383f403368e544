"""Receipts of disposal at the custodian: verified, kept, and one leaf for each, so that an inspector can count them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509

from narrowgate.adapters.files.governance_directory import GovernanceDirectory
from narrowgate.adapters.signing.certificates import public_key_sha256
from narrowgate.adapters.signing.enclosed import enclosed_signer
from narrowgate.adapters.signing.signature_verifier import RootVerifier
from narrowgate.core.agreement.parse import parse_agreement
from narrowgate.core.answers.disposal import Receipt, parse_receipt
from narrowgate.core.answers.officers_document import parse_officers_document
from narrowgate.core.base.errors import EnvelopeError, OperationalError
from narrowgate.core.governance.in_force import Placed
from narrowgate.core.governance.recall_list import PackageRecalled, RecallList, parse_recall_list
from narrowgate.core.log.leaf import parse_leaf
from narrowgate.core.log.leaf_forms import DISPOSAL_RECEIPT
from narrowgate.core.log.recalls import DisposalReceipt
from narrowgate.core.request.office import Office
from narrowgate.entrypoints.acts import books_over
from narrowgate.entrypoints.bootstrap import opened_books
from narrowgate.entrypoints.documents import read_file
from narrowgate.entrypoints.settings import GateSettings
from narrowgate.gate.package_ports import MAX_SIGNATURE_BYTES
from narrowgate.gate.ports import LogStore
from narrowgate.gate.step_05_receive import log_begun

RECIPIENT: Final = "recipient"
"""Whose signature lies beside a receipt among the documents of the acts."""

_MARK: Final = b'"type":"disposal-receipt"'


def signature_of(receipt: Path) -> Path:
    """Where the signature of a receipt lies."""
    return receipt.with_name(f"{receipt.name}.p7s")


def accept_receipt(settings: GateSettings, file: Path, now: datetime) -> Receipt:
    """The receipt, which is among the documents of the acts and has its leaf; done again it changes nothing.

    It counts only if a person signed it who may: an official who holds the office under the agreement, for any
    recipient of the package; or the holder of a signature certificate of the same name and authority as the certificate
    that the answers were sealed to (a card has one key to sign with and another one to receive with).

    Args:
        settings: of the gate.
        file: the receipt; its signature lies beside it.
        now: aware UTC time.

    Raises:
        EnvelopeError: it is no receipt, of no recall of this log or no recipient of it, or not signed by such a person.
        UnavailableError: the revocation of the signer cannot be looked up.
        OperationalError: the disk refused; do it again.
    """
    data = read_file(file)
    receipt = parse_receipt(data, str(file))
    signature = read_file(signature_of(file), MAX_SIGNATURE_BYTES)
    with opened_books(settings) as (log, state):
        files = GovernanceDirectory(settings.governance)
        in_force = books_over(settings, log, state).in_force()
        recall = _recall(in_force.recalls, receipt, files, str(file))
        package = _package(recall, receipt, str(file))
        # What a revoked key signs counts no more: a thief would say that answers were destroyed.
        keys = _may_sign(files, log, package, receipt, signature, now).difference(in_force.keys_revoked)
        verifier = RootVerifier(settings.trust_root, settings.revocation)
        signer = verifier.verify(data, signature, now, keys).public_key_sha256
        if _is_logged(log, recall.log_size, receipt):
            return receipt
        files.keep_document(data)
        files.keep_document_signature(receipt.digest, RECIPIENT, signature)
        log_begun(state, log)
        leaf = DisposalReceipt(
            receipt.act_number,
            receipt.package,
            receipt.recipient_key_sha256,
            signer,
            receipt.digest,
            now,
        )
        log.append([leaf.leaf()])
        log.integrate()
    return receipt


def _recall(
    recalls: tuple[Placed, ...], receipt: Receipt, files: GovernanceDirectory, where: str
) -> RecallList:
    for placed in recalls:
        if placed.number == receipt.act_number:
            return parse_recall_list(files.document(placed.sha256), placed.sha256)
    raise _stranger("The act that it names is no recall of this log.", where)


def _package(recall: RecallList, receipt: Receipt, where: str) -> PackageRecalled:
    for package in recall.packages:
        if (package.package, package.office) == (receipt.package, receipt.office):
            if receipt.recipient_key_sha256 in package.expected():
                return package
            raise _stranger("It is of no recipient of that package.", where)
    raise _stranger("That recall is not about that package.", where)


def _may_sign(
    files: GovernanceDirectory,
    log: LogStore,
    package: PackageRecalled,
    receipt: Receipt,
    signature: bytes,
    now: datetime,
) -> frozenset[str]:
    """The keys that may sign for this recipient."""
    agreement = parse_agreement(files.document(package.agreement_sha256), package.agreement_sha256)
    grant = agreement.grant(Office(package.office))
    keys = {key.sha256 for key in grant.keys if key.is_in_force(now.date())} if grant else set()
    received = parse_leaf(log.read_leaf(package.received_leaf), f"leaf {package.received_leaf}")
    register = _register(files, received["officers_sha256"])
    signer = enclosed_signer(signature)
    for der in register.values():
        certificate = x509.load_der_x509_certificate(der)
        if public_key_sha256(certificate) == receipt.recipient_key_sha256 and (
            (certificate.subject, certificate.issuer) == (signer.subject, signer.issuer)
        ):
            keys.add(public_key_sha256(signer))
    return frozenset(keys)


def _register(files: GovernanceDirectory, digest: str) -> dict[str, bytes]:
    """The officers' certificates; none where the register is not at hand any more: then an official signs."""
    try:
        return parse_officers_document(files.document(digest), digest)
    except OperationalError:
        return {}


def _is_logged(log: LogStore, start: int, receipt: Receipt) -> bool:
    """Whether the log has a receipt of this recipient for this recall and package already."""
    wanted = {
        "act_number": receipt.act_number,
        "package": receipt.package,
        "recipient_key_sha256": receipt.recipient_key_sha256,
    }
    for index, leaf in enumerate(log.leaves(start, log.size()), start):
        if _MARK in leaf:
            fields = parse_leaf(leaf, f"leaf {index}")
            if fields["type"] == DISPOSAL_RECEIPT and fields.items() >= wanted.items():
                return True
    return False


def _stranger(why: str, where: str) -> EnvelopeError:
    return EnvelopeError(
        "The receipt is not for a recall of this log.",
        why=why,
        next_step="Make it from the notice of this custodian: 'narrowgate recall receipt'.",
        where=where,
        rule="R-43",
    )
