"""Whether the parts of a locality agree with each other."""

from __future__ import annotations

from narrowgate.core.address.model import Defect
from narrowgate.core.address.parse.localities import Locality
from narrowgate.core.address.postal import cities_of_zip, state_accepts_zip

CITY_UNKNOWN_TO_ZIP = "city_unknown_to_zip"
"""The warning that the postal table does not know the city for the ZIP Code."""


def judge_locality(locality: Locality) -> tuple[tuple[Defect, ...], tuple[str, ...]]:
    """Defects and warnings of a locality: a state that contradicts the ZIP Code, a city that it does not know."""
    city, state, zip5, _ = locality
    if state and zip5 and not state_accepts_zip(state, zip5):
        return (Defect.ZIP_STATE_CONFLICT,), ()
    return (), (CITY_UNKNOWN_TO_ZIP,) if city and zip5 and city not in cities_of_zip(zip5) else ()
