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

    @property
    def agency(self) -> str:
        """The agency whose head the office is."""
        return _AGENCIES[self]


_AGENCIES = {
    Office.SECRETARY_OF_HOMELAND_SECURITY: "Department of Homeland Security",
    Office.ACTING_DIRECTOR_OF_ICE: "U.S. Immigration and Customs Enforcement",
}


def agency_of(office_id: str) -> str:
    """The agency of an office by its id, as a log names it; ``unknown`` for an office that is none of the two."""
    return Office(office_id).agency if office_id in tuple(Office) else "unknown"
