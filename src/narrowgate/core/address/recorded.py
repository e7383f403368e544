"""Addresses of tax records: examined as every address is, but for a state that ZIP Code and city contradict."""

from __future__ import annotations

from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.model import Defect, Examined, RawAddress
from narrowgate.core.address.parse.localities import read_fields
from narrowgate.core.address.postal import cities_of_zip, states_of_zip

STATE_PASSED_OVER = "state_passed_over"
"""The warning that the state was not the one of ZIP Code and city, and counts for nothing."""


def examine_recorded(raw: RawAddress) -> Examined:
    """As ``examine``; where ZIP Code and city agree and the state alone does not, the record is kept under the ZIP.

    A tax file holds such slips, and two of three parts say where the place is. In an item the contradiction is a defect
    (R-62f), for its author can be asked.

    Args:
        raw: the address as the record has it, city, state and ZIP Code in their fields.
    """
    found = examine_address(raw)
    if found.defects != (Defect.ZIP_STATE_CONFLICT,):
        return found
    locality = read_fields(raw.city, raw.state, raw.zip)
    states = tuple(states_of_zip(locality.zip5))
    if len(states) != 1 or locality.city not in cities_of_zip(locality.zip5):
        return found
    kept = examine_address(raw._replace(state=states[0]))
    return kept._replace(warnings=(*kept.warnings, STATE_PASSED_OVER)) if kept.delivery_point else found
