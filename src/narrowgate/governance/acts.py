"""Acts are drawn up, signed and applied: the leaf first, then the effect."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from narrowgate.core.base.errors import ActRefusedError
from narrowgate.core.governance.act import Act, act_bytes, parse_act
from narrowgate.core.governance.difference import difference, effect_in_words
from narrowgate.core.governance.in_force import InForce, after, require_next, require_signed
from narrowgate.core.governance.incident_report import require_no_number
from narrowgate.core.governance.kinds import KINDS, Kind
from narrowgate.core.log.acts import LoggedAct
from narrowgate.governance.books import Books
from narrowgate.governance.ports import Signed


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an officer wants to put in force.

    Args:
        kind: of the act.
        subject: what it is about.
        reason: one line, without personal data.
        document: bytes of the document it puts in force; ``None`` where it names none, or ``sha256`` says which.
        sha256: digest of a document kept already, or a commitment.
        start: aware UTC time; ``None`` from its leaf on.
        until: aware UTC time; ``None`` until another act.
    """

    kind: Kind
    subject: str
    reason: str
    document: bytes | None = None
    sha256: str = ""
    start: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an act does, or would do.

    Args:
        act: the act.
        effect: what it says, in words.
        changes: what is in force after it and was not before, and the other way round.
        persons: ids of the officers who signed it.
        needed: how many must.
    """

    act: Act
    effect: str
    changes: tuple[str, ...]
    persons: tuple[str, ...]
    needed: int


def propose(books: Books, before: InForce, wanted: Wanted, now: datetime) -> Act:
    """The next act, drawn up and waiting for its signatures; its document is kept and was read.

    A proposal of the same number is overtaken, and kept to be drawn up again: acts are applied one after another.

    Args:
        books: of the gate.
        before: what is in force after every act applied and every act that waits.
        wanted: what is to be put in force.
        now: aware UTC time.

    Raises:
        UsageError: its reason holds nine digits like a taxpayer's number; a file of acts is never taken back.
        ActRefusedError: it contradicts what is in force, or begins in the past.
        NarrowgateError: its document cannot be used.
    """
    require_no_number("reason", wanted.reason)
    sha256 = wanted.sha256
    if wanted.document is not None:
        sha256 = books.files.keep_document(wanted.document)
    act = Act(
        gate=before.gate,
        number=before.number + 1,
        previous=before.last_sha256,
        kind=wanted.kind,
        subject=wanted.subject,
        sha256=sha256,
        start=wanted.start,
        until=wanted.until,
        reason=wanted.reason,
        issued=now,
    )
    data = act_bytes(act)
    _later(books, before, act, (), now)
    books.files.propose(act.number, data)
    return act


def propose_again(books: Books, before: InForce, sha256: str, now: datetime) -> Act:
    """The act that another one overtook, drawn up as the next: it says the same, and is signed anew.

    Its signatures are over its old number and the act before it, so they cannot be taken along.

    Args:
        books: of the gate.
        before: as for ``propose``.
        sha256: of the overtaken act.
        now: aware UTC time.

    Raises: as ``propose``.
    """
    old = parse_act(books.files.overtaken_act(sha256).data, "the overtaken act")
    wanted = Wanted(old.kind, old.subject, old.reason, None, old.sha256, old.start, old.until)
    drawn_up = propose(books, before, wanted, now)
    books.files.forget_overtaken(sha256)
    return drawn_up


def outcome(books: Books, before: InForce, signed: Signed, now: datetime) -> Outcome:
    """What the act would do if it were applied now, and who has signed it; nothing is changed.

    Raises: as ``apply_act``, but for signatures that are still missing.
    """
    act = parse_act(signed.data, "the act")
    charter = books.charter(before)
    signers = books.signers(signed, charter, now)
    later = _later(books, before, act, signers, now)
    return Outcome(
        act,
        effect_in_words(act),
        difference(before, later, now),
        charter.officers_of(signers),
        KINDS[act.kind].signatures(charter.quorum),
    )


def apply_act(books: Books, signed: Signed, now: datetime) -> LoggedAct:
    """The act is in the log, and so in force; done again after a crash it changes nothing.

    Its file is durable before its leaf is written, so that the log names no act that is nowhere.

    Args:
        books: of the gate.
        signed: the act and its signatures.
        now: aware UTC time.

    Raises:
        ActRefusedError: it does not follow the acts applied, contradicts them, or too few persons signed it.
        EnvelopeError: act or signature are malformed, or the signature is no officer's.
        NarrowgateError: its document cannot be used.
        OperationalError: the disk refused; apply it again.
    """
    act = parse_act(signed.data, "the act")
    for entry in books.entries():
        if isinstance(entry, LoggedAct) and entry.act_sha256 == act.digest:
            books.files.settle(act.number)
            return entry
    before = books.in_force()
    charter = books.charter(before)
    signers = books.signers(signed, charter, now)
    require_signed(charter, before, act.kind, signers)
    _later(books, before, act, signers, now)
    logged = LoggedAct.of(act, signers, now)
    leaves = [logged.leaf(), *books.documents.leaves(logged, before, books.log)]
    books.files.keep_act(act.number, signed)
    books.log.append(leaves)
    books.log.integrate()
    books.in_force()  # the cache knows it, too
    books.files.settle(act.number)
    return logged


def after_waiting(books: Books, now: datetime) -> InForce:
    """What will be in force when the acts that wait for the gate at work are carried out."""
    state = books.in_force()
    for number in books.files.waiting():
        act = parse_act(books.files.waiting_act(number).data, "the act")
        if act.number == state.number + 1:
            state = after(state, LoggedAct.of(act, (), now))
    return state


def require_brake(act: Act) -> None:
    """Return only for an act that a gate at work carries out: one that brakes.

    Raises:
        ActRefusedError: it releases; it is applied when no gate is at work.
    """
    if not KINDS[act.kind].brakes:
        raise ActRefusedError(
            "A gate is at work, and this act does not brake.",
            why="Only what makes the gate answer less is carried out while it decides a package.",
            next_step="Apply it again when the gate has ended its package.",
        )


def _later(books: Books, before: InForce, act: Act, signers: tuple[str, ...], now: datetime) -> InForce:
    """What would be in force after the act, which follows, contradicts nothing, and has its document."""
    require_next(before, act, now)
    later = after(before, LoggedAct.of(act, signers, now))
    if not KINDS[act.kind].brakes:
        books.documents.require_usable(act, books.charter(before), before, now)
    return later
