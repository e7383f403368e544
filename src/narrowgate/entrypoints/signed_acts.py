"""A custody officer signs an act that was drawn up, and an act is put in force, for every way in which that is done."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from narrowgate.adapters.files.governance_directory import GovernanceDirectory
from narrowgate.adapters.private_keys.port import SigningKey
from narrowgate.adapters.signing.certificates import load_root, public_key_sha256
from narrowgate.adapters.signing.cms import verify_detached
from narrowgate.adapters.signing.cms_signer import CmsSigner
from narrowgate.adapters.signing.shown import require_shown
from narrowgate.adapters.signing.trust import Trust
from narrowgate.core.base.errors import InUseError, UsageError
from narrowgate.core.governance.act import parse_act
from narrowgate.core.governance.in_force import require_no_revoked_key
from narrowgate.core.governance.kinds import KINDS
from narrowgate.core.log.acts import LoggedAct
from narrowgate.entrypoints.acts import books_of_files
from narrowgate.entrypoints.bootstrap import opened_acts
from narrowgate.entrypoints.braking import hand_over
from narrowgate.entrypoints.cli.act_words import act_in_words
from narrowgate.entrypoints.settings import GateSettings
from narrowgate.gate.ports import Clock
from narrowgate.governance.acts import Outcome, after_waiting, apply_act, outcome
from narrowgate.governance.books import Books
from narrowgate.governance.ports import Signed


@dataclass(frozen=True, slots=True)
class SignableAct:
    """An act that this officer may sign, as it is now.

    Args:
        books: of the gate.
        proposal: the act with the signatures that it has.
        found: what it would do.
        officer: the id of who signs.
        key: of the officer.
    """

    books: Books
    proposal: Signed
    found: Outcome
    officer: str
    key: SigningKey = field(repr=False)


def proposal_of(books: Books, number: int) -> Signed:
    """The proposal of a number.

    Raises:
        UsageError: none waits; where another act took its number, it says how it is drawn up again.
    """
    if number in books.files.proposals():
        return books.files.proposal(number)
    for digest in books.files.overtaken():
        if parse_act(books.files.overtaken_act(digest).data, "the overtaken act").number == number:
            raise UsageError(
                f"Another act took the number {number}.",
                why="An act names its number and the act before it, so the signatures that it has are of no use now.",
                next_step=f"'narrowgate act again {digest[:8]}' draws it up as the next; have that one signed.",
            )
    raise UsageError(
        f"No act {number} waits for signatures or its application.",
        next_step="'narrowgate act list' shows them.",
    )


def require_signable_act(books: Books, number: int, key: SigningKey, now: datetime) -> SignableAct:
    """The act, which the holder of the key may sign.

    Args:
        books: of the gate, as its files tell them.
        number: of the act.
        key: of a custody officer.
        now: aware UTC time.

    Raises:
        UsageError: no such act waits, the key is of no custody officer, or the officer signed already.
        RefusedError: an act revoked the key.
    """
    before = after_waiting(books, now)
    proposal = proposal_of(books, number)
    found = outcome(books, before, proposal, now)
    own_key = public_key_sha256(key.chain[0])
    officer = books.charter(before).officers_of([own_key])
    if not officer:
        raise UsageError(
            "The certificate is of no custody officer.",
            why="The charter names the keys that may sign acts.",
            next_step="Name the certificate of an officer of the charter.",
        )
    _require_new(officer[0], found)
    require_no_revoked_key(before, [own_key])
    return SignableAct(books, proposal, found, officer[0], key)


def sign_act(settings: GateSettings, act: SignableAct, now: datetime, shown: str) -> int:
    """The act carries the officer's signature; how many persons have signed it.

    Args:
        settings: of the gate.
        act: that was looked at.
        now: aware UTC time.
        shown: the text that the officer was shown; its digest goes into the signature.

    Raises:
        ConfigurationError: the key may not sign, or its PIN is wrong or locked.
        EnvelopeError: a revocation list names the certificate.
        UnavailableError: a list is late, and the act lets the gate answer more.
    """
    signature = CmsSigner(act.key).sign(act.proposal.data, now, shown)
    revocation = None if KINDS[act.found.act.kind].brakes else settings.revocation
    charter = act.books.charter(after_waiting(act.books, now))
    books_of_files(settings, revocation).signers(Signed(act.proposal.data, (signature,)), charter, now)
    act.books.files.add_signature(act.found.act.number, signature)
    return len(act.found.persons) + 1


def take_signature(
    settings: GateSettings, number: int, signature: bytes, now: datetime, person: str = ""
) -> int:
    """The act carries a signature that was made elsewhere; how many persons have signed it.

    Its signer was shown what the act does now, word for word: the signature says so.

    Args:
        settings: of the gate.
        number: of the act.
        signature: detached, over the act's bytes.
        now: aware UTC time.
        person: whose signature alone is taken; empty for that of any officer.

    Raises:
        UsageError: no such act waits, or the officer signed already, or is not that person.
        EnvelopeError: it is no officer's, of other bytes, or its signer was shown another text.
        RefusedError: an act revoked the key.
        UnavailableError: a list is late, and the act lets the gate answer more.
    """
    books = books_of_files(settings)
    before = after_waiting(books, now)
    proposal = proposal_of(books, number)
    found = outcome(books, before, proposal, now)
    revocation = None if KINDS[found.act.kind].brakes else settings.revocation
    charter = books.charter(before)
    signed = books_of_files(settings, revocation).signers(Signed(proposal.data, (signature,)), charter, now)
    officer = charter.officers_of(signed)[0]
    if person and officer != person:
        raise UsageError(
            f"The signature is of {officer}, and this is the session of {person}.",
            why="An officer hands in no signature but the own one.",
            next_step=f"Have {officer} hand it in.",
        )
    _require_new(officer, found)
    require_no_revoked_key(before, signed)
    root = load_root(GovernanceDirectory(settings.governance).root)
    verified = verify_detached(proposal.data, signature, Trust(root, None), now, charter.keys())
    require_shown(verified.shown_sha256, act_in_words(found))
    books.files.add_signature(number, signature)
    return len(found.persons) + 1


def put_in_force(settings: GateSettings, number: int, clock: Clock) -> LoggedAct | None:
    """The signed act is in the log, and so in force; nothing where it was handed to the gate at work.

    Args:
        settings: of the gate.
        number: of the act.
        clock: asked once the log is held.

    Raises:
        ActRefusedError: the act is refused, and the log is as it was.
    """
    books = books_of_files(settings)
    kind = parse_act(proposal_of(books, number).data, f"act {number}").kind
    # One key brakes, whatever became of the lists: a late one must not keep a hold from being put in force.
    revocation = None if KINDS[kind].brakes else settings.revocation
    try:
        with opened_acts(settings, revocation) as at_work:
            return apply_act(at_work, books.files.proposal(number), clock.now())
    except InUseError:
        hand_over(books, number, clock.now())
        return None


def _require_new(officer: str, found: Outcome) -> None:
    if officer in found.persons:
        raise UsageError(
            f"{officer} has signed this act already; another officer must.",
            next_step="Give the act to another officer of the charter.",
        )
