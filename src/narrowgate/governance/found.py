"""A gate is founded: its charter is leaf 0 of its log."""

from __future__ import annotations

from datetime import datetime

from narrowgate.core.base.errors import ActRefusedError, UsageError
from narrowgate.core.governance.charter import parse_charter
from narrowgate.core.governance.in_force import InForce, founded
from narrowgate.core.log.acts import LoggedCharter
from narrowgate.governance.books import Books


def found(books: Books, log_key: str, now: datetime) -> InForce:
    """What is in force at a new gate: nothing, under the charter that is leaf 0 of its log.

    Done again after a crash it ends what it began.

    Args:
        books: an empty log, and a directory with the charter and its signatures.
        log_key: verifier key of the log.
        now: aware UTC time.

    Raises:
        ActRefusedError: the charter is for another log, or signed by too few of its officers.
        UsageError: the log has leaves already, of another charter.
        EnvelopeError, ConfigurationError, UnavailableError: charter or signatures cannot be used.
    """
    signed = books.files.charter()
    charter = parse_charter(signed.data, "charter.toml")
    if charter.log_key != log_key:
        raise ActRefusedError(
            "The charter names another log key than the gate's.",
            next_step="Correct log_key in the charter, and have it signed again.",
        )
    signers = books.signers(signed, charter, now)
    persons = charter.officers_of(signers)
    if len(persons) < charter.quorum:
        raise ActRefusedError(
            f"The charter is signed by {len(persons)} of the {charter.quorum} officers it needs.",
            why="Two cards of one person count once.",
            next_step="Have another of its officers sign it.",
        )
    books.files.keep_document(signed.data)
    entry = LoggedCharter(charter.gate, charter.digest, signers, now)
    if books.log.size():
        first = next(iter(books.entries()), None)
        if isinstance(first, LoggedCharter) and first.charter_sha256 == charter.digest:
            return books.in_force()
        raise UsageError("The log is founded already.", next_step="Name a new directory for a new gate.")
    books.log.append([entry.leaf()])
    books.log.integrate()
    return founded(entry)
