"""The one hierarchy of errors: each says what happened, why, and what to do next.

    NarrowgateError
    ├── UsageError            exit 2   the command was called in a way it does not offer
    ├── NothingToProcessError exit 3   the input is well-formed and empty
    │   ├── UnknownPackageError        the intake has no such package of this office
    │   └── NotReleasedError           the answers of a package have not left
    ├── ConfigurationError    exit 4   an agreement, mapping, key or setting is not usable
    ├── RefusedError          exit 11  a package or file is refused by a named rule
    │   ├── ActRefusedError            an act cannot be applied as it is
    │   ├── DestroyedError             the data key of a package was destroyed on its day
    │   ├── ClientRefusedError         the certificate of a caller opens nothing at the intake
    │   └── TooLargeError              more bytes than the intake takes
    ├── EnvelopeError         exit 12  a package is malformed, changed, or wrongly signed
    │   ├── RevokedCertificateError    the signer's certificate, or one above it, is revoked
    │   ├── TimestampError             a trusted time stamp is missing, or is not the agreed authority's
    │   └── ConflictError              one package id was used for other bytes
    ├── ProofError            exit 13  a log proof is missing or does not verify
    ├── LogInconsistentError  exit 14  the log contradicts itself: stop and call
    │   └── ReplayDiffersError         a package decided again has another result than the log
    ├── SuspendedError        exit 15  a package that has begun waits for the custodian; nothing is lost
    ├── NotInForceError       exit 16  what a decision needs is not in force by a signed act; nothing is decided
    ├── IndeterminateError    exit 17  nothing contradicts, and something that an inspection needs is missing
    └── OperationalError      exit 1   the machine failed: disk, file, database, memory
        └── UnavailableError           an answer cannot be computed now; never NOT_CONFIRMED
            ├── InUseError             another process holds the log or the state
            ├── BusyError              more requests than one client may have
            ├── RevocationMissingError no revocation list speaks for an authority
            ├── RevocationStaleError   every list of an authority is too old
            └── RevocationUnusableError  no list of an authority can be relied on

A message never holds a name, a number, an address or any other value of a record or an item:
it names files, lines, columns and rules.
"""

from __future__ import annotations

from typing import Final

REPORT_IT: Final = "Report it as a fault of the program; nothing was released."
"""What to do about a state that the program should not be able to reach."""

_MADE_AGAIN: Final = (
    "Take the file again as its sender made it; refused again, it must be made and signed anew."
)
_NOTHING_PROVED: Final = (
    "Rely on nothing that it was to show; keep the file, and get it again where it is published."
)


class NarrowgateError(Exception):
    """Any condition Narrowgate reports to a person, with a next step.

    Args:
        what: what happened, one sentence, without personal data.
        why: the reason, one sentence; may be empty.
        next_step: what the reader can do; never empty. The reader may be the requester, the custodian or an inspector.
        rule: id of the rule concerned, such as ``R-26``; empty when no rule is.
        where: file and line, such as ``cases.csv:12``; empty when there is none.
    """

    exit_code = 1
    problem = "error"

    def __init__(self, what: str, *, why: str = "", next_step: str, rule: str = "", where: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.next_step = next_step
        self.rule = rule
        self.where = where

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        rule = f" [{self.rule}]" if self.rule else ""
        parts = [f"{place}{self.what}{rule}", self.why, self.next_step]
        return " ".join(part for part in parts if part)

    def __reduce__(self) -> tuple[object, ...]:
        """Survive the way back from a worker process."""
        return _rebuild, (type(self), self.what, self.why, self.next_step, self.rule, self.where)


def _rebuild(
    kind: type[NarrowgateError], what: str, why: str, next_step: str, rule: str, where: str
) -> NarrowgateError:
    return kind(what, why=why, next_step=next_step, rule=rule, where=where)


class UsageError(NarrowgateError):
    """The command was called in a way it does not offer."""

    exit_code = 2
    problem = "usage"


class NothingToProcessError(NarrowgateError):
    """The input is well-formed and holds nothing to work on."""

    exit_code = 3
    problem = "nothing-to-process"


class UnknownPackageError(NothingToProcessError):
    """The intake has no such package that this office handed over."""

    problem = "unknown-package"


class NotReleasedError(NothingToProcessError):
    """The answers of a package are not in place: their slot has not come, they are held, or they have expired."""

    problem = "not-released"


class ConfigurationError(NarrowgateError):
    """An agreement, a mapping, a key or a setting cannot be used as it is."""

    exit_code = 4
    problem = "configuration"


class RefusedError(NarrowgateError):
    """A package or a file is refused whole by a named rule, the index unopened."""

    exit_code = 11
    problem = "refused"


class ActRefusedError(RefusedError):
    """An act cannot be applied as it is; nothing of it is in force or in the log."""

    problem = "act-refused"


class ClientRefusedError(RefusedError):
    """The certificate of a caller is bound to no office at the intake, or to another than it speaks for."""

    problem = "client-refused"


class TooLargeError(RefusedError):
    """More bytes than the intake takes."""

    problem = "too-large"


class DestroyedError(RefusedError):
    """The data key of a package was destroyed on its day; what it closed stays closed for good."""

    problem = "destroyed"


class EnvelopeError(NarrowgateError):
    """A package is malformed, changed after signing, or wrongly signed."""

    exit_code = 12
    problem = "envelope"

    def __init__(
        self,
        what: str,
        *,
        why: str = "",
        next_step: str = _MADE_AGAIN,
        rule: str = "",
        where: str = "",
    ) -> None:
        super().__init__(what, why=why, next_step=next_step, rule=rule, where=where)


class RevokedCertificateError(EnvelopeError):
    """The certificate of a signer, or one above it, is revoked or on hold."""

    problem = "certificate-revoked"


class TimestampError(EnvelopeError):
    """A trusted time stamp (RFC 3161) is missing, or is not one that the agreed authority made of these bytes."""

    problem = "timestamp"


class ConflictError(EnvelopeError):
    """One package id was used for other bytes, or bytes are in another place than they claim."""

    problem = "conflict"


class ProofError(NarrowgateError):
    """A proof that something is in the log is missing or does not verify."""

    exit_code = 13
    problem = "proof"

    def __init__(
        self,
        what: str,
        *,
        why: str = "",
        next_step: str = _NOTHING_PROVED,
        rule: str = "",
        where: str = "",
    ) -> None:
        super().__init__(what, why=why, next_step=next_step, rule=rule, where=where)


class LogInconsistentError(NarrowgateError):
    """The log contradicts itself or an earlier checkpoint: stop and call the custodian."""

    exit_code = 14
    problem = "log-inconsistent"

    def __init__(
        self,
        what: str,
        *,
        why: str = "",
        next_step: str = "Stop: change and restore nothing, keep a copy of the log, and call the inspector.",
        rule: str = "",
        where: str = "",
    ) -> None:
        super().__init__(what, why=why, next_step=next_step, rule=rule, where=where)


class ReplayDiffersError(LogInconsistentError):
    """A package that was decided again from what is kept of it has another result than the one given."""

    problem = "replay-differs"


class SuspendedError(NarrowgateError):
    """A package that has begun may not go on now: a hold, or its agreement was withdrawn; nothing of it is lost."""

    exit_code = 15
    problem = "suspended"


class NotInForceError(NarrowgateError):
    """What a decision needs is not in force by a signed act in the log; nothing is decided."""

    exit_code = 16
    problem = "not-in-force"


class IndeterminateError(NarrowgateError):
    """An inspection found no contradiction, and could not look at everything: it says what is missing."""

    exit_code = 17
    problem = "indeterminate"


class PromiseBrokenError(NarrowgateError):
    """A promise of the gate did not hold when it was tried (``narrowgate assure``)."""

    exit_code = 18
    problem = "promise-broken"


class OperationalError(NarrowgateError):
    """The machine failed: a disk, a file, a database, memory."""

    exit_code = 1
    problem = "operational"


class UnavailableError(OperationalError):
    """An answer cannot be computed now; this is never the same as ``NOT_CONFIRMED``."""

    problem = "unavailable"


class InUseError(UnavailableError):
    """Another process holds the log or the state; only one can."""

    problem = "in-use"


class BusyError(UnavailableError):
    """One client has more requests or uploads open than it may."""

    problem = "busy"


class NotReadyError(UnavailableError):
    """A service cannot do its work now; its readiness says which checks failed."""

    problem = "not-ready"


class RevocationMissingError(UnavailableError):
    """No revocation list and no stored OCSP answer speaks for a certificate that must be checked."""

    problem = "revocation-missing"


class RevocationStaleError(UnavailableError):
    """Every list and every stored answer about a certificate that must be checked is too old."""

    problem = "revocation-stale"


class RevocationUnusableError(UnavailableError):
    """There are fresh lists or answers about a certificate, and none is signed by whoever may speak for it."""

    problem = "revocation-unusable"
