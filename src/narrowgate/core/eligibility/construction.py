"""Requirements that no rule checks, because the software has no way not to hold them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

HELD_BY_CONSTRUCTION: Final[Mapping[str, str]] = {
    "R-1": "The type of an answer has no third value beside a refusal (core/answers/outcome.py).",
    "R-2": "The index holds keyed tokens: there is no part of a record to show (core/matching/token.py).",
    "R-4": "Facts that rules look at come from the request, the agreement and the clock (facts.py).",
    "R-6": "Whatever is not confirmed is the absence of a token: one case, not four (core/answers/decision.py).",
    "R-30": "An answer is proved by its log entry, so there is none without one (gate step 12).",
    "R-32": "The log verifies from its files and one public key (narrowgate log verify).",
    "R-40": "Each item's answer is sealed to the officers it names (gate step 11).",
    "R-55": "A suppressed person has no token: nothing outside differs (index build).",
    "R-60": "The address is part of every token that is asked for (core/matching/token.py).",
    "R-70": "An address that too many filers share without units has no token (index build).",
}
"""Requirement id to how it is held; a clause may name these like rules."""
