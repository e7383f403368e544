"""A sandbox founds its own gate and signs its acts itself, with throw-away keys: there is one way in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from narrowgate.adapters.files.governance_directory import GovernanceDirectory
from narrowgate.adapters.signing.cms_signer import FileSigner
from narrowgate.adapters.signing.issuing import Credential
from narrowgate.core.governance.in_force import InForce
from narrowgate.core.governance.kinds import Kind
from narrowgate.core.log.acts import LoggedAct
from narrowgate.entrypoints.act_documents import draft
from narrowgate.entrypoints.bootstrap import load_officers, log_signer, opened_acts
from narrowgate.entrypoints.document_signature import CUSTODIAN, PARTIES, REQUESTER
from narrowgate.entrypoints.founding import Founding, FoundingOfficer, prepare
from narrowgate.entrypoints.sandbox.credentials import SECRETS
from narrowgate.entrypoints.settings import GateSettings
from narrowgate.gate.ports import Entropy
from narrowgate.governance.acts import Wanted, apply_act, propose
from narrowgate.governance.books import Books
from narrowgate.governance.found import found

_FUNCTIONS = ("Disclosure officer", "Safeguards officer", "Privacy officer")


def prepare_gate(
    home: Path, origin: str, workers: int, entropy: Entropy, index: str = "index"
) -> GateSettings:
    """A sandbox gate in ``home``, beside the keys that ``create_credentials`` made there; not yet founded."""
    keys = home / "keys"
    return prepare(
        home,
        Founding(
            gate="sandbox",
            log_origin=origin,
            custodian_root=keys / "root.pem",
            trust_root=keys / "root.pem",
            requester_signatory=(keys / "signatory.pem",),
            index_signer=keys / "custodian.pem",
            officers=tuple(
                FoundingOfficer(f"custody-{number}", function, (keys / f"custody-{number}.pem",))
                for number, function in enumerate(_FUNCTIONS, 1)
            ),
            quorum=2,
            checkpoints=home / "checkpoints",
            checkpoint_copy="beside the sandbox",
            revocation=home / "revocation" if (home / "revocation").exists() else None,
            revocation_days=366,
            keys={name: f"file:keys/{name}.key" for name in SECRETS},
            sandbox=True,
            workers=workers,
            index=index,
        ),
        entropy,
    )


class Custody:
    """Two of the sandbox's custody officers at work.

    Args:
        settings: of the sandbox's gate.
        officers: who sign charter and acts.
        signatory: who signs for the requester.
    """

    def __init__(self, settings: GateSettings, officers: Sequence[Credential], signatory: Credential) -> None:
        self._settings = settings
        self._files = GovernanceDirectory(settings.governance)
        self._officers = [FileSigner(each.key, each.certificate) for each in officers]
        self._signatory = FileSigner(signatory.key, signatory.certificate)

    def found_with(self, agreement: Path, register: Path, facilities: Path | None, now: datetime) -> InForce:
        """The gate is founded, and all that a decision needs is in force: both parties' signatures are made, too.

        Args:
            agreement: TOML.
            register: CSV of the officers.
            facilities: CSV, where the agreement names a list.
            now: aware UTC time.
        """
        self.found_without_index(agreement, register, facilities, now)
        return self.put_index(now)

    def found_without_index(
        self, agreement: Path, register: Path, facilities: Path | None, now: datetime
    ) -> None:
        """As ``found_with``, but for the index, which may be in the making."""
        with opened_acts(self._settings, self._settings.revocation) as books:
            charter = self._files.charter().data
            for officer in self._officers:
                self._files.sign_charter(officer.sign(charter, now))
            found(books, str(log_signer(self._settings).key), now)
            self.put(books, Kind.AGREEMENT_IN_FORCE, agreement, now)
            self.put_register(books, register, now)
            if facilities is not None:
                self.put(books, Kind.FACILITIES_IN_FORCE, facilities, now)
            self.put(books, Kind.RULES_IN_FORCE, None, now)

    def put_index(self, now: datetime) -> InForce:
        """The index of the settings is in force."""
        with opened_acts(self._settings, self._settings.revocation) as books:
            self.put(books, Kind.INDEX_IN_FORCE, self._settings.index, now)
            return books.in_force()

    def put_register(self, books: Books, register: Path, now: datetime) -> None:
        """The register of a CSV is signed for the requester and in force."""
        document = load_officers(self._settings, register, now).document
        self._sign_document(document, REQUESTER, now)
        self.enact(books, Wanted(Kind.REGISTER_IN_FORCE, "officers", "sandbox", document), now)

    def enact(self, books: Books, wanted: Wanted, now: datetime) -> LoggedAct:
        """An act is drawn up, signed by two officers and applied."""
        act = propose(books, books.in_force(), wanted, now)
        data = books.files.proposal(act.number).data
        for officer in self._officers:
            books.files.add_signature(act.number, officer.sign(data, now))
        return apply_act(books, books.files.proposal(act.number), now)

    def put(self, books: Books, kind: Kind, file: Path | None, now: datetime) -> None:
        """The document of a file is in force; an agreement is signed by both parties before."""
        drafted = draft(kind, file)
        if kind is Kind.AGREEMENT_IN_FORCE:
            for party in PARTIES:
                self._sign_document(drafted.data, party, now)
        self.enact(books, Wanted(kind, drafted.subject, "sandbox", drafted.data), now)

    def _sign_document(self, data: bytes, party: str, now: datetime) -> None:
        signer = self._officers[0] if party == CUSTODIAN else self._signatory
        self._files.keep_document_signature(self._files.keep_document(data), party, signer.sign(data, now))
