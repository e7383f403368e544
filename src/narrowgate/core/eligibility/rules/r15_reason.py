"""R-15: the reason is specific and serves the investigation."""

from __future__ import annotations

import re

from narrowgate.core.eligibility.facts import ItemFacts
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-15",
    title="The reason is specific and serves the criminal investigation",
    scope=Scope.ITEM,
    citation="26 USC 6103(i)(2)(B)(iv); 26 USC 6103(i)(5)",
    text=(
        "An item is refused unless its reason code is one of four that serve a criminal investigation "
        "and its text gives the reason in this person's case in at least four different words. "
        "Locating a person (which needs a court order under 26 USC 6103(i)(5)) and civil removal are "
        "always refused."
    ),
    hint=(
        "Choose CORROBORATE_RESIDENCE, ESTABLISH_IDENTITY, SERVE_PROCESS or REBUT_DEFENSE, and say in "
        "a sentence what the address shows in this case."
    ),
)

ACCEPTED = ("CORROBORATE_RESIDENCE", "ESTABLISH_IDENTITY", "SERVE_PROCESS", "REBUT_DEFENSE")
ALWAYS_REFUSED = ("LOCATE_PERSON", "CIVIL_REMOVAL")
LEAST_DIFFERENT_WORDS = 4

_FIRST_WORDS = LEAST_DIFFERENT_WORDS + 2
_WORD = re.compile(r"[^\W\d_]{2,}")
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def check(facts: ItemFacts) -> str:
    """Empty when code and text give a reason that serves the investigation; otherwise what is wrong."""
    code = facts.item.reason_code
    if code in ALWAYS_REFUSED:
        return "Locating a person and civil removal are no reasons under the agreement."
    if code not in ACCEPTED:
        return "The reason code is missing or none of the agreement's."
    return (
        "" if _is_sentence(facts.item.reason) else "The reason is missing or not a sentence about the case."
    )


def _is_sentence(text: str) -> bool:
    if text.isascii():
        # The first words of most reasons say so; else every run of letters is looked at.
        beginning = text.upper().split(" ", _FIRST_WORDS)[:-1]
        if len(set(filter(str.isalpha, beginning)) - _LETTERS) >= LEAST_DIFFERENT_WORDS:
            return True
    words: set[str] = set()
    for match in _WORD.finditer(text):
        words.add(match[0].upper())
        if len(words) == LEAST_DIFFERENT_WORDS:
            return True
    return False
