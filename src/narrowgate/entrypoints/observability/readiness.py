"""Whether a service lives and is ready, in words that are the same for every gate: nothing of it is anybody's data."""

from __future__ import annotations

from typing import Any, Final

from narrowgate.core.base.errors import NotReadyError
from narrowgate.entrypoints.observability.look import Check
from narrowgate.entrypoints.web.problems import problem_document

TEXTS: Final[dict[Check, tuple[str, str]]] = {
    Check.IN_FORCE: (
        "Agreement, index, register or rules are not in force, or not those of this software.",
        "'narrowgate doctor --config' says what is missing; 'narrowgate act propose' puts it in force.",
    ),
    Check.STATE: (
        "The state cannot be read.",
        "See that its database runs and lets this user in: 'narrowgate doctor --config'.",
    ),
    Check.SCHEMA: (
        "The state has the schema of another version.",
        "Bring it up to this one: 'narrowgate state upgrade'.",
    ),
    Check.LOG: (
        "The log does not agree with its own checkpoint, its second place or its witnesses, or cannot be read.",
        "Stop the gate, change nothing, and run 'narrowgate doctor --config'.",
    ),
    Check.DISK: ("A disk has less free than the service needs.", "Make room on it."),
    Check.REVOCATION: (
        "A revocation list is missing or too old: signatures and clients under it are refused.",
        "See to the timer that fetches the lists: 'narrowgate docs revocation'.",
    ),
    Check.QUEUE: (
        "The directory of packages or notices cannot be read.",
        "See that it exists, and that this user may read it.",
    ),
    Check.TERMS: (
        "The gate has told no terms: no agreement was in force since it first ran.",
        "Start 'narrowgate gate work', and put an agreement in force.",
    ),
    Check.WORKER: (
        "The worker cannot decide now, or what it told last cannot be read.",
        "'narrowgate doctor --config' says what keeps it; packages wait, and none is lost.",
    ),
    Check.SOURCE: ("What the site shows cannot be read any more.", "Start it again over what is there."),
}
"""What happened and what to do, for each check."""


def not_ready(failed: tuple[Check, ...]) -> dict[str, Any]:
    """The problem document (RFC 9457) of a service that is not ready.

    Args:
        failed: checks, at least one.
    """
    told = [{"check": each.value, "what": TEXTS[each][0], "next_step": TEXTS[each][1]} for each in failed]
    error = NotReadyError(
        "The service is not ready: " + ", ".join(failed) + ".",
        why=TEXTS[failed[0]][0],
        next_step=TEXTS[failed[0]][1],
    )
    return {**problem_document(error), "checks": told}
