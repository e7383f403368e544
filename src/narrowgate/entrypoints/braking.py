"""One officer brakes: an act is drawn up, signed and applied in one go, or handed to the gate at work."""

from __future__ import annotations

from datetime import datetime

from narrowgate.adapters.private_keys.port import SigningKey
from narrowgate.adapters.signing.certificates import public_key_sha256
from narrowgate.adapters.signing.cms_signer import CmsSigner
from narrowgate.core.base.errors import InUseError, UsageError
from narrowgate.core.governance.act import Act, parse_act
from narrowgate.core.governance.in_force import require_signed
from narrowgate.entrypoints.acts import books_of_files
from narrowgate.entrypoints.bootstrap import opened_acts
from narrowgate.entrypoints.settings import GateSettings
from narrowgate.governance.acts import Wanted, after_waiting, apply_act, outcome, propose, require_brake
from narrowgate.governance.books import Books


def brake(settings: GateSettings, wanted: Wanted, key: SigningKey, now: datetime, shown: str) -> Act:
    """The act, which is in force; a gate at work puts it in force within a second.

    Revocation is not looked at: a late list must not keep a hold from being put in force.

    Args:
        settings: of the gate.
        wanted: an act that brakes.
        key: of a custody officer, who was shown what it does.
        now: aware UTC time.
        shown: the text that the officer was shown.

    Raises:
        UsageError: the key is of no custody officer.
        ActRefusedError: the act contradicts what is in force, or does not brake.
        OperationalError: the disk refused.
    """
    books = books_of_files(settings)
    before = after_waiting(books, now)
    charter = books.charter(before)
    if not charter.officers_of([public_key_sha256(key.chain[0])]):
        raise UsageError(
            "The certificate is of no custody officer.",
            why="The charter names the keys that may sign acts.",
            next_step="Name the card of an officer of the charter.",
        )
    act = propose(books, before, wanted, now)
    signature = CmsSigner(key).sign(books.files.proposal(act.number).data, now, shown)
    books.files.add_signature(act.number, signature)
    try:
        with opened_acts(settings, None) as at_work:
            apply_act(at_work, books.files.proposal(act.number), now)
    except InUseError:
        hand_over(books, act.number, now)
    return act


def hand_over(books: Books, number: int, now: datetime) -> None:
    """An act that brakes waits for the gate at work; it is looked at as if it were applied.

    Raises:
        ActRefusedError: it does not brake, is not signed, or contradicts what is in force.
    """
    proposal = books.files.proposal(number)
    drawn_up = parse_act(proposal.data, f"act {number}")
    require_brake(drawn_up)
    before = after_waiting(books, now)
    charter = books.charter(before)
    require_signed(charter, before, drawn_up.kind, books.signers(proposal, charter, now))
    outcome(books, before, proposal, now)
    books.files.let_wait(number)
