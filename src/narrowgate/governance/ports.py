"""What the charter and the acts need from outside, as narrow protocols; adapters implement them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from narrowgate.core.governance.act import Act
from narrowgate.core.governance.charter import Charter
from narrowgate.core.governance.in_force import InForce
from narrowgate.core.log.acts import LoggedAct


@dataclass(frozen=True, slots=True)
class Signed:
    """A charter or an act with its signatures.

    Args:
        data: the signed bytes.
        signatures: detached CMS, one for each person.
    """

    data: bytes
    signatures: tuple[bytes, ...]


class ActLog(Protocol):
    """The log, as far as acts need it; see ``gate.ports.LogStore``."""

    def size(self) -> int:
        """Number of integrated leaves."""
        ...

    def append(self, leaves: Iterable[bytes]) -> range:
        """The indexes the leaves will have once ``integrate`` has returned."""
        ...

    def integrate(self) -> str:
        """The signed checkpoint over all leaves appended."""
        ...

    def leaves(self, start: int, end: int) -> Iterator[bytes]:
        """The integrated leaves ``start`` to ``end - 1``, in order."""
        ...

    def acts(self, start: int, end: int) -> Iterator[bytes]:
        """Those of them that are of the charter or of an act."""
        ...


class Remembered(Protocol):
    """The cache of the log's charter and acts, so that a log of millions of leaves need not be read for them."""

    def governance(self) -> tuple[int, tuple[bytes, ...]]:
        """How many leaves of the log were looked through, and those of them that are of the charter or of an act."""
        ...

    def keep_governance(self, looked_through: int, leaves: Sequence[bytes]) -> None:
        """Add the leaves found since, in one transaction."""
        ...

    def forget_governance(self) -> None:
        """Empty the cache; the log still says all of it."""
        ...


class ActFiles(Protocol):
    """The directory of charter, acts and documents; everything is durable when a method returns.

    Raises:
        OperationalError: the disk refused, or a file is missing.
    """

    def charter(self) -> Signed:
        """The founding charter."""
        ...

    def act(self, number: int) -> Signed:
        """An act that was applied."""
        ...

    def keep_act(self, number: int, act: Signed) -> None:
        """The act is among those applied, before its leaf is."""
        ...

    def proposals(self) -> tuple[int, ...]:
        """Numbers of the acts that wait for signatures."""
        ...

    def proposal(self, number: int) -> Signed:
        """An act that waits for signatures."""
        ...

    def propose(self, number: int, data: bytes) -> None:
        """A new proposal; another one of the same number is overtaken by it."""
        ...

    def add_signature(self, number: int, signature: bytes) -> None:
        """One more signature of a proposal."""
        ...

    def waiting(self) -> tuple[int, ...]:
        """Numbers of the acts that wait for the gate at work to carry them out, ascending."""
        ...

    def waiting_act(self, number: int) -> Signed:
        """One of them."""
        ...

    def let_wait(self, number: int) -> None:
        """The proposal waits for the gate at work."""
        ...

    def set_aside(self, number: int) -> None:
        """An act that waited and cannot be applied waits no more; its file is kept under another name."""
        ...

    def settle(self, number: int) -> None:
        """The act of this number is applied: no proposal of it is left and none waits; another one is overtaken."""
        ...

    def overtake(self, number: int) -> str:
        """The proposal of this number is among those overtaken; its hex SHA-256."""
        ...

    def overtaken(self) -> tuple[str, ...]:
        """Hex SHA-256 of the proposals that another act took the number of."""
        ...

    def overtaken_act(self, sha256: str) -> Signed:
        """One of them."""
        ...

    def forget_overtaken(self, sha256: str) -> None:
        """It is drawn up again, and overtaken no more."""
        ...

    def document(self, sha256: str) -> bytes:
        """The document of this digest, compared with it."""
        ...

    def keep_document(self, data: bytes) -> str:
        """The digest of the document, which is kept."""
        ...


class OfficerSignatures(Protocol):
    """Verifies the signatures of the custodian's officers against the charter's root."""

    def signer(
        self, data: bytes, signature: bytes, keys: Collection[str], root_sha256: str, at: datetime
    ) -> str:
        """The one of ``keys`` that signed ``data``, certified under the root and valid at ``at``.

        Raises:
            EnvelopeError: none did.
            ConfigurationError: the root at hand is another than the charter's.
            UnavailableError: its revocation cannot be looked up.
        """
        ...


class Documents(Protocol):
    """Looks at what acts are about: documents that they put in force, and packages that they end."""

    def require_usable(self, act: Act, charter: Charter, before: InForce, now: datetime) -> None:
        """Return only if what the act names can be put in force, or ended.

        A document is there, of its kind, signed as it must be, and inside the ceilings; a package has not left.

        Raises:
            NarrowgateError: it is not.
        """
        ...

    def leaves(self, logged: LoggedAct, before: InForce, log: ActLog) -> Sequence[bytes]:
        """What the log holds directly behind the act's leaf: of a recall, which answers of which packages it concerns.

        Raises:
            ActRefusedError: the log does not hold what the act is about.
        """
        ...
