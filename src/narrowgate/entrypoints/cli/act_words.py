"""An act and what it does, in words and as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from narrowgate.core.base.times import format_time
from narrowgate.core.governance.act import Act
from narrowgate.core.governance.in_force import InForce
from narrowgate.entrypoints.cli.frame import answer, note
from narrowgate.governance.acts import Outcome, outcome
from narrowgate.governance.books import Books


def act_as_dict(found: Outcome) -> dict[str, Any]:
    """What ``--json`` says of an act."""
    drawn_up = found.act
    return {
        "number": drawn_up.number,
        "act": drawn_up.kind.value,
        "subject": drawn_up.subject,
        "sha256": drawn_up.sha256,
        "from": format_time(drawn_up.start) if drawn_up.start else None,
        "until": format_time(drawn_up.until) if drawn_up.until else None,
        "reason": drawn_up.reason,
        "act_sha256": drawn_up.digest,
        "effect": found.effect,
        "changes": list(found.changes),
        "signed_by": list(found.persons),
        "signatures_needed": found.needed,
    }


def act_in_words(found: Outcome) -> str:
    """What a person reads of an act before signing it."""
    drawn_up = found.act
    signed = ", ".join(found.persons) or "nobody yet"
    lines = [
        f"Act {drawn_up.number}, {drawn_up.kind}: {found.effect}",
        f"Reason: {drawn_up.reason}",
        *(f"  {change}" for change in found.changes),
        f"Signed by {signed}; {found.needed} needed. SHA-256 {drawn_up.digest}",
    ]
    return "\n".join(lines)


def tell_drawn_up(books: Books, before: InForce, drawn_up: Act, now: datetime) -> None:
    """Say what a proposal would change, and what is to be done with it."""
    found = outcome(books, before, books.files.proposal(drawn_up.number), now)
    answer(act_as_dict(found), act_in_words(found))
    note(
        f"It waits for its signatures: 'narrowgate act sign {drawn_up.number}', then 'act apply {drawn_up.number}'."
    )
