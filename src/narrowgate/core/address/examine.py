"""Is this a sufficient address, and if so, which delivery point?"""

from __future__ import annotations

from collections.abc import Container
from functools import lru_cache

from narrowgate.core.address.facilities import is_listed_name, is_listed_point
from narrowgate.core.address.localities import Locality
from narrowgate.core.address.model import Defect, DeliveryPoint, Examined, RawAddress
from narrowgate.core.address.parse import Draft, parse
from narrowgate.core.address.postal import cities_of_zip, state_accepts_zip
from narrowgate.core.address.sufficiency import early_defects

CITY_UNKNOWN_TO_ZIP = "city_unknown_to_zip"
"""The warning that the postal table does not know the city for the ZIP Code."""


def examine(raw: RawAddress, facilities: Container[str] = frozenset()) -> Examined:
    """A delivery point in canonical form, or every defect found; never both, and no text raises.

    Args:
        raw: the address as written.
        facilities: entries of the facilities that the agreement lists; an address that is or names one is refused.
    """
    early = early_defects(raw)
    if facilities and is_listed_name(raw, facilities):
        early = (*early, Defect.INSTITUTION_LISTED)
    if early:
        return Examined(None, early)
    draft = parse(raw)
    conflict, warnings = _judge_locality(draft.locality)
    if draft.defects or conflict:
        return Examined(None, tuple(dict.fromkeys((*draft.defects, *conflict))))
    point = delivery_point(draft)
    if facilities and is_listed_point(point, facilities):
        return Examined(None, (Defect.INSTITUTION_LISTED,))
    return Examined(point, (), warnings)


@lru_cache(maxsize=65536)
def _judge_locality(locality: Locality) -> tuple[tuple[Defect, ...], tuple[str, ...]]:
    city, state, zip5, _ = locality
    if state and zip5 and not state_accepts_zip(state, zip5):
        return (Defect.ZIP_STATE_CONFLICT,), ()
    return (), (CITY_UNKNOWN_TO_ZIP,) if city and zip5 and city not in cities_of_zip(zip5) else ()


def delivery_point(draft: Draft) -> DeliveryPoint:
    """The delivery point of a parsed address without defects."""
    street = draft.street
    return DeliveryPoint(
        address_class=draft.address_class,
        number=draft.number,
        predirectional=street.predirectional,
        street_name=street.name,
        suffix=street.suffix,
        postdirectional=street.postdirectional,
        units=tuple(draft.units),
        route=draft.route,
        box=draft.box,
        urbanization=draft.urbanization,
        city=draft.locality.city,
        state=draft.locality.state,
        zip5=draft.locality.zip5,
    )
