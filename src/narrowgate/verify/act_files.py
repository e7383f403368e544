"""The files of charter and acts against the log: each says what its entry says, and its officers signed it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

from narrowgate.core.agreement.parse import MAX_AGREEMENT_BYTES, parse_agreement
from narrowgate.core.base.closed_document import SHA256
from narrowgate.core.base.errors import LogInconsistentError, NarrowgateError, OperationalError, ProofError
from narrowgate.core.governance.act import MAX_ACT_BYTES, parse_act
from narrowgate.core.governance.charter import MAX_CHARTER_BYTES, Charter, parse_charter
from narrowgate.core.governance.in_force import InForce, after, founded, require_next, require_signed
from narrowgate.core.governance.kinds import KINDS, Digest, Kind
from narrowgate.core.log.acts import LoggedAct, LoggedCharter
from narrowgate.core.signatures.cms import MAX_SIGNATURE_BYTES, parse_signature
from narrowgate.verify.files import read_bytes, regular_files
from narrowgate.verify.findings import Findings

CHARTER_FILE: Final = "charter.toml"
ACTS: Final = "acts"
DOCUMENTS: Final = "documents"
CUSTODIAN, REQUESTER = "custodian", "requester"

MAX_DOCUMENT_BYTES: Final = 64 * MAX_AGREEMENT_BYTES
MOST_SIGNATURES: Final = 50

_ACT: Final = re.compile(r"([0-9]{6})\.json")


class KeyMissingError(Exception):
    """No key is at hand that could have made a signature; whether it verifies cannot be told."""


@dataclass(frozen=True, slots=True)
class SignerKeys:
    """Public keys of those who sign, by their SHA-256; a bundle has them in place of certificates, which name persons.

    Args:
        known: hex digest to SubjectPublicKeyInfo.
    """

    known: Mapping[str, bytes]

    @classmethod
    def read(cls, directory: Path | None, findings: Findings) -> SignerKeys:
        """The keys of a directory, each in a file ``DIGEST.der`` that has this digest."""
        known: dict[str, bytes] = {}
        for path in sorted(directory.iterdir()) if directory is not None and directory.is_dir() else ():
            try:
                data = read_bytes(path, most=MAX_SIGNATURE_BYTES)
            except LogInconsistentError as error:
                findings.complain(error)
                continue
            digest = sha256(data).hexdigest()
            if path.name != f"{digest}.der":
                findings.complain(
                    LogInconsistentError("A key has another digest than its name.", where=str(path))
                )
            known[digest] = data
        return cls(known)

    def signer(self, data: bytes, signature: bytes, allowed: Collection[str], named: Collection[str]) -> str:
        """Returns the digest of the one of ``allowed`` that signed ``data``.

        Args:
            data: what was signed.
            signature: detached CMS.
            allowed: digests of the keys that may sign.
            named: of those that are said to have signed.

        Raises:
            KeyMissingError: a key that is said to have signed is not at hand, and none at hand did.
            ProofError: the signature is malformed, of other data, or of another key.
        """
        parsed = parse_signature(signature)
        parsed.require_of(data)
        own = {sha256(key).hexdigest(): key for key in parsed.certified_keys()}
        # A certificate names the key that signed; without one each key that may have is tried.
        at_hand = own or self.known
        for name in sorted(at_hand.keys() & set(allowed)):
            try:
                parsed.require(data, at_hand[name])
            except ProofError:
                continue
            return name
        if not own and not set(named) <= self.known.keys():
            raise KeyMissingError
        raise ProofError("A signature was made with the key of nobody who may sign.")


@dataclass(slots=True)
class ActsChecked:
    """What of charter and acts was looked at.

    Args:
        charter: in force at the end of the log; ``None`` where its file cannot be read.
        charters: each charter with the entry from which it held.
        acts: files compared with their entries.
        signatures: that verified.
        documents: compared with the digest that an act names.
        closed: documents that a bundle does not hold: registers, which name officers.
    """

    charter: Charter | None = None
    charters: list[tuple[int, Charter]] = field(default_factory=list)
    acts: int = 0
    signatures: int = 0
    documents: int = 0
    closed: int = 0


class ActFiles:
    """Compares the directory of charter, acts and documents with the entries of a log.

    Args:
        directory: of the charter.
        keys: of those who sign.
        findings: notes what does not fit.
    """

    def __init__(self, directory: Path, keys: SignerKeys, findings: Findings) -> None:
        self._directory = directory
        self._keys = keys
        self._findings = findings
        self._seen: set[tuple[str, str]] = set()
        self.checked = ActsChecked()

    def check(self, logged: Sequence[tuple[int, LoggedCharter | LoggedAct]], log_key: str) -> ActsChecked:
        """Returns what was looked at, after every file was compared with its entry.

        Args:
            logged: charter and acts with the indexes of their entries, in the order of the log.
            log_key: verifier key of the log.

        Raises:
            OperationalError: the machine cannot read a file.
        """
        state: InForce | None = None
        for index, entry in logged:
            where = f"entry {index}"
            if isinstance(entry, LoggedCharter):
                self._check_charter(entry, index, log_key)
                state = founded(entry)
            elif state is not None:
                with self._noted(f"act {entry.number} (entry {index})"):
                    self._check_act(entry, state, index)
                with self._noted(where):
                    state = after(state, entry)
        self._check_the_rest(state.number if state else 0)
        return self.checked

    def _check_the_rest(self, last: int) -> None:
        """Documents that no act in the log names, and acts that are not in it."""
        for folder in (DOCUMENTS, ACTS):
            path = self._directory / folder
            names = sorted(regular_files(path, complain=self._findings.complain)) if path.is_dir() else ()
            for name in names:
                if folder == DOCUMENTS and SHA256.fullmatch(name):
                    with self._noted(f"document {name}"):
                        if sha256(read_bytes(path / name, most=MAX_DOCUMENT_BYTES)).hexdigest() != name:
                            raise LogInconsistentError("A document has another digest than its name.")
                elif folder == ACTS and (number := _ACT.fullmatch(name)) and int(number[1]) > last:
                    self._findings.notes.append(
                        f"The act {int(number[1])} has a file and no entry in the log: it is not in force."
                    )

    def _noted(self, where: str) -> _Noted:
        return _Noted(self._findings, where)

    def _check_charter(self, entry: LoggedCharter, index: int, log_key: str) -> None:
        where = f"charter (entry {index})"
        with self._noted(where):
            path = self._directory / CHARTER_FILE
            data = read_bytes(path, most=MAX_CHARTER_BYTES)
            if sha256(data).hexdigest() != entry.charter_sha256:
                raise LogInconsistentError("The charter is not the one that the log was founded with.")
            charter = parse_charter(data, CHARTER_FILE)
            self._in_force(index, charter)
            if (charter.log_key, charter.gate) != (log_key, entry.gate):
                raise LogInconsistentError("The charter is of another gate, or of a log with another key.")
            signers = self._signers(path, data, charter, entry.signers)
            if signers is None:
                return
            if set(signers) != set(entry.signers):
                raise LogInconsistentError("The charter is signed by others than its entry says.")
            if len(charter.officers_of(signers)) < charter.quorum:
                raise LogInconsistentError("The charter is signed by fewer officers than its quorum.")

    def _check_act(self, entry: LoggedAct, before: InForce, index: int) -> None:
        path = self._directory / ACTS / f"{entry.number:06d}.json"
        data = read_bytes(path, most=MAX_ACT_BYTES)
        act = parse_act(data, path.name)
        if LoggedAct.of(act, entry.signers, entry.time) != entry:
            raise LogInconsistentError("The file of the act says another thing than its entry.")
        self.checked.acts += 1
        charter = self.checked.charter
        require_next(before, act, entry.time)
        if charter is not None:
            signers = self._signers(path, data, charter, entry.signers)
            if signers is not None:
                if set(signers) != set(entry.signers):
                    raise LogInconsistentError("The act is signed by others than its entry says.")
                require_signed(charter, before, act.kind, signers)
        self._check_document(entry, charter, before, index)

    def _check_document(self, entry: LoggedAct, charter: Charter | None, before: InForce, index: int) -> None:
        if KINDS[entry.kind].digest is not Digest.DOCUMENT:
            return
        path = self._directory / DOCUMENTS / entry.sha256
        if path.exists():
            data = read_bytes(path, most=MAX_DOCUMENT_BYTES)
            if sha256(data).hexdigest() == entry.sha256:  # otherwise it is a reason of its own
                self.checked.documents += 1
                self._check_content(path, data, entry, charter, before, index)
        elif entry.kind is Kind.REGISTER_IN_FORCE:
            self.checked.closed += 1
        else:
            self._findings.missing.append(f"The document {entry.sha256}, which act {entry.number} names.")

    def _check_content(
        self,
        path: Path,
        data: bytes,
        entry: LoggedAct,
        charter: Charter | None,
        before: InForce,
        index: int,
    ) -> None:
        if entry.kind is Kind.CHARTER_REPLACED:
            successor = parse_charter(data, path.name)
            if charter is not None and (successor.gate, successor.log_key, successor.predecessor) != (
                charter.gate,
                charter.log_key,
                charter.predecessor,
            ):
                raise LogInconsistentError(
                    "The new charter is of another gate, of a log with another key, or with another one before it."
                )
            self._in_force(index, successor)
        if charter is None:
            return
        if entry.kind is Kind.AGREEMENT_IN_FORCE:
            if parse_agreement(data, path.name).id != entry.subject:
                raise LogInconsistentError("The act names another agreement than its document is.")
            self._require_party(path, data, CUSTODIAN, before.counting(charter.keys()))
        if entry.kind in {Kind.AGREEMENT_IN_FORCE, Kind.REGISTER_IN_FORCE}:
            self._require_party(path, data, REQUESTER, before.counting(charter.requester_signatory))

    def _in_force(self, index: int, charter: Charter) -> None:
        self.checked.charter = charter
        self.checked.charters.append((index, charter))

    def _require_party(self, path: Path, data: bytes, party: str, allowed: Collection[str]) -> None:
        """The party's signature over a document; one that comes in force twice is looked at once."""
        if (path.name, party) in self._seen:
            return
        self._seen.add((path.name, party))
        signature = path.with_name(f"{path.name}.{party}.p7s")
        if not signature.exists():
            self._findings.missing.append(f"The {party}'s signature over the document {path.name}.")
            return
        try:
            self._keys.signer(data, read_bytes(signature, most=MAX_SIGNATURE_BYTES), allowed, allowed)
        except KeyMissingError:
            self._findings.missing.append(f"The key that signed the document {path.name} for the {party}.")
        else:
            self.checked.signatures += 1

    def _signers(
        self, path: Path, data: bytes, charter: Charter, named: Sequence[str]
    ) -> tuple[str, ...] | None:
        """Digests of the keys that signed a file; nothing where a key is not at hand, which is noted."""
        found = []
        for signature in signature_files(path):
            try:
                made = read_bytes(signature, most=MAX_SIGNATURE_BYTES)
                found.append(self._keys.signer(data, made, charter.keys(), named))
            except KeyMissingError:
                self._findings.missing.append(f"The key that made the signature {signature.name}.")
                return None
        self.checked.signatures += len(found)
        return tuple(found)


def signature_files(path: Path) -> Iterator[Path]:
    """The signatures beside a file, which are numbered from 1 without gaps."""
    for number in range(1, MOST_SIGNATURES + 1):
        signature = path.with_name(f"{path.name}.{number}.p7s")
        if not signature.exists():
            return
        yield signature


@dataclass(slots=True)
class _Noted:
    """Makes a reason of an error and goes on; what the machine cannot do ends the inspection."""

    findings: Findings
    where: str

    def __enter__(self) -> None:
        return

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        if isinstance(error, NarrowgateError) and not isinstance(error, OperationalError):
            self.findings.complain(error, self.where)
            return True
        return False
