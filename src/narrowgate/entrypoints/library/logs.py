"""The log for programs: verified offline, without the gate."""

from __future__ import annotations

from pathlib import Path

from narrowgate.verify.report import WorldReport
from narrowgate.verify.source import LOG
from narrowgate.verify.world import verify_bare_log, verify_world


def verify_log(directory: Path, *, key: str | None = None, earlier: str | None = None) -> WorldReport:
    """Returning proves that every file of the log follows from its leaves and its signed checkpoint.

    Each row of a package was then decided once. In a directory that holds a log and the answers given under it,
    the answers are verified too.

    Args:
        directory: a log, or a directory with a log in ``log`` and answers in ``answers``.
        key: the published verifier key of the log; without it the one beside the log is used, and the report says so.
        earlier: a signed checkpoint kept elsewhere, which the log must continue.

    Raises:
        LogInconsistentError: any byte, file or signature does not fit; the message names the file.
        ConfigurationError: ``key`` is not a verifier key.
        ProofError: ``earlier`` is not a checkpoint signed by the log's key, or the proof of an answer does not verify.
        IndeterminateError: it is an inspector's bundle that continues an earlier one, whose files are not there.
        OperationalError: the machine cannot read a file.

    Source: C2SP tlog-tiles and tlog-checkpoint; RFC 9162 section 2.1.
    """
    verify = verify_world if (directory / LOG).is_dir() else verify_bare_log
    return verify(directory, key, earlier)
