"""Given name and family name in each other's place: read so only where a tradition writes the family name first."""

from __future__ import annotations

from narrowgate.core.base.tables import read_table
from narrowgate.core.person.nicknames import KNOWN_GIVEN_NAMES
from narrowgate.core.person.spacing import given_forms, surname_forms

FAMILY_NAMES_FIRST = frozenset(
    name
    for row in read_table(__package__, "family_names_first.txt")
    for name in row.partition(":")[2].split()
)
"""Chinese, Korean, Vietnamese, Japanese and Hungarian family names, as US records write them."""

_SHORT_NAMES = FAMILY_NAMES_FIRST.union(read_table(__package__, "short_family_names.txt"))


def may_bear_one_letter(surnames: tuple[str, ...]) -> bool:
    """Whether a given name of one letter (O, E, U) is a whole name beside these surnames, and not an initial.

    Args:
        surnames: canonical.
    """
    return len(surnames) == 1 and surnames[0] in _SHORT_NAMES


def exchanged(given_names: tuple[str, ...], surnames: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Forms of the given names and of the surnames when each is in the other's place; none where that is not so.

    One side is a single family name of the table, the other holds none, and no word of either is a given name of the
    published table: NGUYEN MINH is MINH NGUYEN, but JAMES THOMAS is not THOMAS JAMES, nor MARTIN GARCIA GARCIA MARTIN.

    Args:
        given_names: canonical.
        surnames: canonical.
    """
    if not is_exchangeable(given_names, surnames):
        return [], []
    return given_forms([(name, name) for name in surnames]), surname_forms(given_names)


def is_exchangeable(given_names: tuple[str, ...], surnames: tuple[str, ...]) -> bool:
    """Whether ``exchanged`` reads the name in the other order."""
    if not (KNOWN_GIVEN_NAMES.isdisjoint(given_names) and KNOWN_GIVEN_NAMES.isdisjoint(surnames)):
        return False
    if FAMILY_NAMES_FIRST.isdisjoint(given_names) and FAMILY_NAMES_FIRST.isdisjoint(surnames):
        return False
    families = [sum(name in FAMILY_NAMES_FIRST for name in names) for names in (given_names, surnames)]
    return (families == [1, 0] and len(given_names) == 1) or (families == [0, 1] and len(surnames) == 1)
