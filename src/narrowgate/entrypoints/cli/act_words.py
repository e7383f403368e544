"""An act and what it does, in words and as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from narrowgate.core.base.errors import UsageError
from narrowgate.core.base.shown import visible
from narrowgate.core.base.times import format_time
from narrowgate.core.governance.act import Act
from narrowgate.core.governance.difference import effect_in_words
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
        *_of_itself(drawn_up),
        *(f"  {change}" for change in found.changes),
        f"Signed by {signed}; {found.needed} needed. {_digest(drawn_up)}",
    ]
    return "\n".join(lines)


def require_about(text: str, drawn_up: Act) -> None:
    """Return only if a text from another machine says of the act what the act itself says, and nothing hides it.

    What the act would change depends on what is in force where it was drawn up; those lines alone are believed.

    Args:
        text: as ``act_in_words`` writes it.
        drawn_up: that is to be signed.

    Raises:
        UsageError: it says something else, or holds characters that move or turn what a terminal shows.
    """
    *said, last = text.split("\n")
    own = _of_itself(drawn_up)
    if (
        said[: len(own)] != own
        or not last.startswith("Signed by ")
        or not last.endswith(f". {_digest(drawn_up)}")
        or not all(line.startswith("  ") for line in said[len(own) :])
        or visible(text) != text
    ):
        raise UsageError(
            "The text is not about this act.",
            why="Its kind, effect, reason or SHA-256 are not the act's, or it holds what no page writes. Whoever made "
            "the text wants something signed that it does not say.",
            next_step="Download both from the page of the act again. If they differ again, sign nothing, and tell the "
            "other officers.",
        )


def _of_itself(drawn_up: Act) -> list[str]:
    """What an act says whatever is in force."""
    return [
        f"Act {drawn_up.number}, {drawn_up.kind}: {effect_in_words(drawn_up)}",
        f"Reason: {drawn_up.reason}",
    ]


def _digest(drawn_up: Act) -> str:
    return f"SHA-256 {drawn_up.digest}"


def tell_drawn_up(books: Books, before: InForce, drawn_up: Act, now: datetime) -> None:
    """Say what a proposal would change, and what is to be done with it."""
    found = outcome(books, before, books.files.proposal(drawn_up.number), now)
    answer(act_as_dict(found), act_in_words(found))
    note(
        f"It waits for its signatures: 'narrowgate act sign {drawn_up.number}', then 'act apply {drawn_up.number}'."
    )
