"""Which ZIP codes, cities and states belong together."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple

from narrowgate.core.address.parse.place_names import fold_city, state_code
from narrowgate.core.base.tables import read_table

__all__ = [
    "canonical_city",
    "cities_of_zip",
    "city_words",
    "counties_of",
    "is_city_of_state",
    "is_county",
    "state_accepts_zip",
    "state_code",
    "states_of_zip",
    "zip_exists",
    "zips_of_city",
]


class _Postal(NamedTuple):
    """The table of ZIP codes, by each of the ways it is asked."""

    cities_by_zip: dict[str, tuple[str, ...]]
    state_by_zip: dict[str, str]
    zips_by_city: dict[tuple[str, str], list[str]]
    states_by_prefix: dict[str, frozenset[str]]
    spelling_by_letters: dict[str, str]


_MUNICIPALITY = re.compile(
    r"^(?:CITY|TOWN|TOWNSHIP|VILLAGE|BOROUGH|CIUDAD) (?:OF|DE) | (?:TOWNSHIP|BOROUGH|BORO|CITY|TOWN)$"
)
"""Words that say what a place is: ``CITY OF EL PASO`` is El Paso where the table knows no city of the longer name."""


@cache
def _postal() -> _Postal:
    """One walk over the rows: a process that reads a few addresses waits for it."""
    cities: dict[str, tuple[str, ...]] = {}
    states: dict[str, str] = {}
    spellings: dict[str, str] = {}
    zips: dict[tuple[str, str], list[str]] = {}
    for row in read_table("narrowgate.core.address.words", "zip_codes.txt"):
        head, endings = row.split("=")
        prefix, state, names = head[:3], head[4:6], head[7:]
        # Nine rows of ten hold one ZIP Code, and three of four one city: no loop is begun for them.
        row_zips = (
            [prefix + endings]
            if len(endings) == len("00")
            else [prefix + endings[at : at + 2] for at in range(0, len(endings), 2)]
        )
        # Of names that differ in spaces only (DE KALB, DEKALB), the one that the table holds first.
        row_cities = (
            (spellings.setdefault(names.replace(" ", ""), names),)
            if "," not in names
            else tuple([spellings.setdefault(name.replace(" ", ""), name) for name in names.split(",")])
        )
        for zip5 in row_zips:
            cities[zip5] = cities[zip5] + row_cities if zip5 in cities else row_cities
            states[zip5] = state
        for city in row_cities:
            place = (city, state)
            zips[place] = zips[place] + row_zips if place in zips else row_zips
    prefixes: dict[str, set[str]] = {}
    for zip5, state in states.items():
        prefixes.setdefault(zip5[:3], set()).add(state)
    return _Postal(
        cities, states, zips, {prefix: frozenset(found) for prefix, found in prefixes.items()}, spellings
    )


@lru_cache(maxsize=65536)
def canonical_city(text: str) -> str:
    """The one spelling of a city's name, in A-Z, 0-9 and single spaces.

    Accents, punctuation, case, postal abbreviations (``SAINT``/``ST``, ``FORT``/``FT``, ``MOUNT``/``MT``,
    ``NORTH``/``N``, ``SPGS``), what the place is (``CITY OF``) and, for cities of the table, spaces inside the name
    make no difference.
    The canonical name of a canonical name is itself. Unknown names are folded, never refused.
    """
    folded = fold_city(text)
    spellings = _postal().spelling_by_letters
    if known := spellings.get(folded.replace(" ", "")):
        return known
    bare = _MUNICIPALITY.sub("", folded)
    return spellings.get(bare.replace(" ", ""), folded)


@lru_cache(maxsize=65536)
def zips_of_city(city: str, state: str) -> tuple[str, ...]:
    """Every ZIP5 for which the city is the primary or an acceptable name, ascending; empty when unknown.

    Args:
        city: a canonical name, as :func:`canonical_city` returns it.
        state: a two-letter code.
    """
    return tuple(sorted({*_postal().zips_by_city.get((city, state), ())}))


def is_city_of_state(city: str, state: str) -> bool:
    """Whether the canonical city name is known in the state."""
    return (city, state) in _postal().zips_by_city


def city_words() -> frozenset[str]:
    """Every city of the table without the spaces in its name, and every word of such a name."""
    spellings = _postal().spelling_by_letters
    return frozenset(spellings).union(*(name.split() for name in spellings.values()))


def cities_of_zip(zip5: str) -> tuple[str, ...]:
    """The canonical names of the ZIP's cities, the primary one first; empty when the ZIP is unknown."""
    return _postal().cities_by_zip.get(zip5, ())


@cache
def _county_by_zip() -> dict[str, str]:
    found: dict[str, str] = {}
    for row in read_table("narrowgate.core.address.words", "counties.txt"):
        head, endings = row.split("=")
        prefix, county = head.split(" ")
        found.update({prefix + endings[at : at + 2]: county for at in range(0, len(endings), 2)})
    return found


@lru_cache(maxsize=65536)
def counties_of(zip5: str, city: str, state: str) -> frozenset[str]:
    """The county of the ZIP, without spaces; without a ZIP that of the city, where all its ZIPs have one; or none.

    A ZIP that several counties share has the one that the table holds.
    """
    zips = (zip5,) if zip5 else zips_of_city(canonical_city(city), state)
    found = {_county_by_zip().get(one, "") for one in zips}
    return frozenset(found) if len(found) == 1 and "" not in found else frozenset()


def is_county(name: str) -> bool:
    """Whether a county somewhere in the United States has this name, written without spaces."""
    return name in _county_names()


@cache
def _county_names() -> frozenset[str]:
    return frozenset(_county_by_zip().values())


def zip_exists(zip5: str) -> bool:
    """Whether the ZIP5 is or was assigned."""
    return zip5 in _postal().state_by_zip


def states_of_zip(zip5: str) -> frozenset[str]:
    """The states the ZIP can belong to: its own, or those of its three-digit prefix when it is unknown."""
    postal = _postal()
    state = postal.state_by_zip.get(zip5)
    return frozenset((state,)) if state else postal.states_by_prefix.get(zip5[:3], frozenset())


def state_accepts_zip(state: str, zip5: str) -> bool:
    """Whether the ZIP's three-digit prefix is assigned to the state, territory or military region.

    Where one prefix serves two states (063, 205, 726, 739, 834, 967, 969), the ZIP5 decides if it is known.

    Args:
        state: a two-letter code.
        zip5: five digits.

    Source: Publication 28 section 224 with the ZIP prefix matrix (Labeling List L002), as in the table.
    """
    return state in states_of_zip(zip5)
