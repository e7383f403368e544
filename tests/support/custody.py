"""Three custody officers with throw-away cards, a directory of acts and a log of their own, over simple documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from narrowgate.adapters.entropy import SeededEntropy
from narrowgate.adapters.files.governance_directory import GovernanceDirectory
from narrowgate.adapters.signing.certificates import certificate_sha256, public_key_sha256, save_certificates
from narrowgate.adapters.signing.cms_signer import FileSigner
from narrowgate.adapters.signing.issuing import Credential, Validity, create_root, issue_office
from narrowgate.adapters.signing.officer_signatures import RootOfficerSignatures
from narrowgate.core.governance.act import Act
from narrowgate.core.governance.charter import Charter, CustodyOfficer, render_charter
from narrowgate.core.governance.in_force import InForce, refused
from narrowgate.core.log.acts import LoggedAct, is_governance
from narrowgate.governance.acts import Wanted, apply_act, propose
from narrowgate.governance.books import Books
from narrowgate.governance.found import found
from narrowgate.governance.ports import ActLog, Signed
from support.governance import LOG_SIGNER, NOON, charter


@dataclass(frozen=True)
class Cards:
    """A root, and four cards of three officers: the first has two."""

    root: Credential
    first: Credential
    first_again: Credential
    second: Credential
    third: Credential


@cache
def cards() -> Cards:
    """The cards of this test run."""
    entropy, validity = (
        SeededEntropy(b"custody"),
        Validity(NOON - timedelta(days=1), NOON + timedelta(days=900)),
    )
    root = create_root("custody root", validity, entropy)
    return Cards(root, *(issue_office(root, f"custody {number}", validity, entropy) for number in range(4)))


def custody_charter(**changes: object) -> Charter:
    """A charter of the three officers."""
    held = cards()
    officers = (
        CustodyOfficer("custody-1", "Disclosure officer", _keys(held.first, held.first_again)),
        CustodyOfficer("custody-2", "Safeguards officer", _keys(held.second)),
        CustodyOfficer("custody-3", "Privacy officer", _keys(held.third)),
    )
    return charter(
        **{"officers": officers, "trust_root": certificate_sha256(held.root.certificate), **changes}
    )


def _keys(*credentials: Credential) -> tuple[str, ...]:
    return tuple(public_key_sha256(each.certificate) for each in credentials)


def signature(credential: Credential, data: bytes, at: datetime = NOON) -> bytes:
    """A detached signature by a card."""
    return FileSigner(credential.key, credential.certificate).sign(data, at)


@dataclass
class MemoryLog:
    """A log in memory; ``fail_next`` lets the next write fail before or after it is durable."""

    kept: list[bytes] = field(default_factory=list)
    appended: list[bytes] = field(default_factory=list)

    def size(self) -> int:
        """Integrated leaves."""
        return len(self.kept)

    def append(self, leaves: Iterable[bytes]) -> range:
        """Take leaves."""
        self.appended += leaves
        return range(len(self.kept), len(self.kept) + len(self.appended))

    def integrate(self) -> str:
        """Keep them."""
        self.kept += self.appended
        self.appended = []
        return ""

    def leaves(self, start: int, end: int) -> Iterator[bytes]:
        """Some leaves."""
        return iter(self.kept[start:end])

    def acts(self, start: int, end: int) -> Iterator[bytes]:
        """Those of charter and acts."""
        return filter(is_governance, self.leaves(start, end))


@dataclass
class MemoryCache:
    """``Remembered`` in memory."""

    looked: int = 0
    found: tuple[bytes, ...] = ()

    def governance(self) -> tuple[int, tuple[bytes, ...]]:
        """What is remembered."""
        return self.looked, self.found

    def keep_governance(self, looked_through: int, leaves: Sequence[bytes]) -> None:
        """Remember more."""
        self.looked, self.found = looked_through, (*self.found, *leaves)

    def forget_governance(self) -> None:
        """Forget."""
        self.looked, self.found = 0, ()


class AnyDocument:
    """``Documents`` that takes any document but ``b"unusable"``."""

    def __init__(self, files: GovernanceDirectory) -> None:
        self._files = files

    def require_usable(self, act: Act, charter: Charter, before: InForce, now: datetime) -> None:
        """Refuse one document."""
        if act.sha256 and self._files.document(act.sha256) == b"unusable":
            raise refused("The document is wider than the code allows.")

    def leaves(self, logged: LoggedAct, before: InForce, log: ActLog) -> list[bytes]:
        """None follow."""
        return []


def new_books(directory: Path, charter: Charter | None = None) -> Books:
    """Books of a gate that is not yet founded: the charter lies there with two signatures."""
    files = GovernanceDirectory(directory)
    data = render_charter(charter or custody_charter()).encode()
    files.keep_charter(data)
    save_certificates(files.root, [cards().root.certificate])
    for credential in (cards().first, cards().second):
        files.sign_charter(signature(credential, data))
    officers = RootOfficerSignatures(files.root)
    return Books(MemoryLog(), MemoryCache(), files, officers, AnyDocument(files))


def founded_books(directory: Path) -> Books:
    """Books of a gate that is founded."""
    books = new_books(directory)
    found(books, str(LOG_SIGNER.key), NOON)
    return books


def proposed(books: Books, wanted: Wanted, *credentials: Credential, at: datetime = NOON) -> int:
    """The number of an act that was drawn up and signed."""
    act = propose(books, books.in_force(), wanted, at)
    data = books.files.proposal(act.number).data
    for credential in credentials:
        books.files.add_signature(act.number, signature(credential, data, at))
    return act.number


def enact(books: Books, wanted: Wanted, *credentials: Credential, at: datetime = NOON) -> InForce:
    """What is in force after an act by these cards; by the first two officers where none is named."""
    number = proposed(books, wanted, *(credentials or (cards().first, cards().second)), at=at)
    apply_act(books, books.files.proposal(number), at)
    return books.in_force()


def resigned(signed: Signed, *credentials: Credential) -> Signed:
    """The same bytes with other signatures."""
    return replace(signed, signatures=tuple(signature(each, signed.data) for each in credentials))
