"""The two offices that may ask."""

from __future__ import annotations

from enum import StrEnum


class Office(StrEnum):
    """The requester offices; a third is a change of this code, never of an agreement (R-20).

    The office is the role, whoever holds it: keys are bound to it with dates (26 USC 6103(i)(2)(A) names the
    head of the agency and has no words for a delegate).
    """

    SECRETARY_OF_HOMELAND_SECURITY = "secretary_of_homeland_security"
    ACTING_DIRECTOR_OF_ICE = "acting_director_of_ice"
