"""Whether the witnesses that the charter names have seen the log, and how long ago."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from narrowgate.core.base.errors import ProofError
from narrowgate.core.base.times import format_time
from narrowgate.core.log.checkpoint import verify_cosignature
from narrowgate.core.log.note import VerifierKey
from narrowgate.entrypoints.finding import Finding, Verdict
from narrowgate.entrypoints.governed import Governed
from narrowgate.entrypoints.settings import GateSettings
from narrowgate.verify.entries import LogEntries

OLD: Final = timedelta(days=1)
"""Leaves that no quorum has cosigned for so long are an alarm: answers wait for them."""

_STEP: Final = (
    "Hand the witnesses a request ('narrowgate log request'), and add what they answer "
    "('narrowgate log cosign')."
)


@dataclass(frozen=True, slots=True)
class Cosigning:
    """How far the witnesses are.

    Args:
        leaves: of the log.
        cosigned: of them, by a quorum; 0 where no quorum ever was complete, or a line does not verify.
        complete: aware UTC time at which the quorum was; None where there is none.
    """

    leaves: int
    cosigned: int
    complete: datetime | None


def cosigning(governed: Governed, settings: GateSettings) -> Cosigning | None:
    """How far the quorum of the charter's witnesses is; nothing where the charter names none.

    Raises:
        NotInForceError: there is no charter.
        LogInconsistentError: the log does not continue what they cosigned.
    """
    cosigned = governed.cosigned()
    if cosigned is None:
        return None
    leaves = LogEntries(settings.log).checkpoint.size
    if not cosigned.size:
        return Cosigning(leaves, 0, None)
    charter = governed.books.charter(governed.books.in_force())
    times = sorted(_times(cosigned.text, charter.witnesses), reverse=True)
    complete = datetime.fromtimestamp(times[charter.witness_quorum - 1], UTC)
    return Cosigning(leaves, cosigned.size, complete)


def cosignature_findings(governed: Governed, settings: GateSettings, now: datetime) -> Iterator[Finding]:
    """An alarm where cosignatures are missing, or leaves wait for them longer than a day.

    Args:
        governed: over the gate's log.
        settings: of the gate.
        now: aware UTC time.

    Raises: as ``cosigning``.
    """
    found = cosigning(governed, settings)
    if found is None:
        return
    subject, missing = "cosignatures", found.leaves - found.cosigned
    if found.complete is None:
        remark = (
            f"no quorum of the charter's witnesses has cosigned the {found.leaves:,} leaves: no answer leaves"
        )
        yield Finding(subject, Verdict.FAILED, remark, _STEP)
        return
    remark = f"the first {found.cosigned:,} leaves, {format_time(found.complete)}; {missing:,} came since"
    if missing and now - found.complete > OLD:
        yield Finding(subject, Verdict.WARNING, f"{remark}, and their answers wait", _STEP)
    else:
        yield Finding(subject, Verdict.OK, remark)


def _times(note: str, witnesses: tuple[str, ...]) -> Iterator[int]:
    for text in witnesses:
        try:
            yield verify_cosignature(note, VerifierKey.parse(text))
        except ProofError:
            continue  # not of this one; there are enough of the others
