"""Homes of a synthetic world, and the many ways in which one is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import NamedTuple

from narrowgate.entrypoints.sandbox.synthetic_places import (
    CALLES,
    DIRECTIONALS,
    ORDINAL_WORDS,
    PLACES,
    PUERTO_RICO,
    RURAL_PLACES,
    SHORT_WORDS,
    STATE_NAMES,
    STREET_NAMES,
    SUFFIXES,
    URBANIZATIONS,
    SyntheticPlace,
)


class Written(NamedTuple):
    """An address as somebody wrote it, in the five fields of a case file."""

    line_1: str = ""
    line_2: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""


@dataclass(frozen=True, slots=True)
class Home:
    """One delivery point: a street address, or ``route`` and ``box``, or ``box`` alone for a PO box."""

    place: SyntheticPlace
    number: str = ""
    predirectional: str = ""
    street: str = ""
    suffix: str = ""
    unit: str = ""
    route: str = ""
    box: str = ""
    urbanization: str = ""

    @property
    def is_street(self) -> bool:
        """Whether it is an ordinary street address of the mainland."""
        return bool(self.suffix)


class SyntheticStreet(NamedTuple):
    """A street of one place."""

    place: SyntheticPlace
    predirectional: str
    name: str
    suffix: str


class Town:
    """The streets and apartment buildings that homes of one place are drawn from."""

    def __init__(self, place: SyntheticPlace, random: Random) -> None:
        self._random = random
        names = random.sample(STREET_NAMES, 24)
        self._streets = [self._street(place, name) for name in names]
        # Some names stand for two streets, which a missing suffix or directional cannot tell apart.
        self._streets += [self._street(place, name) for name in names[:2]]
        self._buildings = [(random.choice(self._streets), str(random.randint(100, 9899))) for _ in range(12)]

    def _street(self, place: SyntheticPlace, name: str) -> SyntheticStreet:
        random = self._random
        suffixes = ("ST", "AVE", "PL") if name[0].isdigit() else tuple(SUFFIXES)
        direction = random.choice(tuple(DIRECTIONALS)) if random.random() < 0.25 else ""
        return SyntheticStreet(place, direction, name, random.choice(suffixes))

    def house(self) -> Home:
        """A house of its own number."""
        street = self._random.choice(self._streets)
        return _at(street, str(self._random.randint(100, 9899)))

    def apartment(self) -> Home:
        """A unit in one of the buildings."""
        street, number = self._random.choice(self._buildings)
        floor, door = self._random.randint(1, 9), self._random.randint(1, 12)
        unit = f"{floor}{door:02d}" if self._random.random() < 0.7 else f"{floor}{'ABCDEF'[door % 6]}"
        return replace(_at(street, number), unit=unit)


def _at(street: SyntheticStreet, number: str) -> Home:
    return Home(street.place, number, street.predirectional, street.name, street.suffix)


class Country:
    """Where the homes of a world are drawn from; the same seed draws the same homes."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._towns = [Town(place, random) for place in PLACES]

    def home(self) -> Home:
        """Mostly houses and apartments; some rural routes, Puerto Rico, and a few boxes."""
        random = self._random
        kind = random.random()
        if kind < 0.03:
            route, box = str(random.randint(1, 9)), str(random.randint(1, 480))
            return Home(random.choice(RURAL_PLACES), route=route, box=box)
        if kind < 0.06:
            return Home(
                random.choice(PUERTO_RICO),
                number=str(random.randint(1, 480)),
                street=f"CALLE {random.choice(CALLES)}",
                urbanization=random.choice(URBANIZATIONS),
            )
        if kind < 0.08:
            return Home(random.choice(PLACES), box=str(random.randint(10, 9899)))
        town = random.choice(self._towns)
        return town.apartment() if kind < 0.4 else town.house()

    def house(self) -> Home:
        """A house: what shelters and offices are registered under."""
        return self._random.choice(self._towns).house()


def standard(home: Home) -> Written:
    """The Publication 28 form: upper case, standard abbreviations, unit in the delivery line."""
    return Written(_line(home), "", home.place.city, home.place.state, home.place.zip5)


def _line(home: Home, *, suffix: str | None = None, direction: str | None = None, unit: str = "APT") -> str:
    if home.route:
        return f"RR {home.route} BOX {home.box}"
    if home.box:
        return f"PO BOX {home.box}"
    if home.urbanization:
        return f"URB {home.urbanization} {home.number} {home.street}"
    words = [
        home.number,
        home.predirectional if direction is None else direction,
        home.street,
        home.suffix if suffix is None else suffix,
        f"{unit} {home.unit}".replace("# ", "#") if home.unit and unit else "",
    ]
    return " ".join(word for word in words if word)


Spelling = Callable[[Home, Random], Written | None]
"""Another way to write the same home, or nothing where it has no such way."""


def _lower_case(home: Home, _: Random) -> Written:
    return Written(*(part.lower() for part in standard(home)))


def _punctuated(home: Home, _: Random) -> Written:
    written = standard(home)
    line = (
        written.line_1.title().replace("Po Box", "P.O. Box").replace("Rr ", "R.R. ").replace(" Apt", ", Apt.")
    )
    return written._replace(line_1=f"{line},", city=f"{home.place.city.title()},")


def _suffix_form(home: Home, random: Random) -> Written | None:
    if not home.is_street:
        return None
    return standard(home)._replace(line_1=_line(home, suffix=random.choice(SUFFIXES[home.suffix])))


def _directional_form(home: Home, _: Random) -> Written | None:
    if not home.predirectional:
        return None
    return standard(home)._replace(line_1=_line(home, direction=DIRECTIONALS[home.predirectional]))


def _unit_form(home: Home, random: Random) -> Written | None:
    if not home.unit:
        return None
    return standard(home)._replace(
        line_1=_line(home, unit=random.choice(("#", "UNIT", "Apartment", "Apt #")))
    )


def _unit_in_line_2(home: Home, random: Random) -> Written | None:
    if not home.unit:
        return None
    designator = random.choice(("APT", "Unit", "#"))
    return standard(home)._replace(line_1=_line(home, unit=""), line_2=f"{designator} {home.unit}")


def _ordinal_words(home: Home, _: Random) -> Written | None:
    if home.street not in ORDINAL_WORDS:
        return None
    return standard(home)._replace(line_1=_line(replace(home, street=ORDINAL_WORDS[home.street])))


def _short_words(home: Home, _: Random) -> Written | None:
    first, _space, rest = home.street.partition(" ")
    if first not in SHORT_WORDS:
        return None
    return standard(home)._replace(line_1=_line(replace(home, street=f"{SHORT_WORDS[first]} {rest}")))


def _zip_plus_4(home: Home, random: Random) -> Written:
    return standard(home)._replace(zip=f"{home.place.zip5}-{random.randint(1000, 9799)}")


def _state_name(home: Home, _: Random) -> Written | None:
    state = STATE_NAMES.get(home.place.state)
    return standard(home)._replace(state=state) if state else None


def _other_city(home: Home, _: Random) -> Written | None:
    return standard(home)._replace(city=home.place.other_city) if home.place.other_city else None


def _zip_missing(home: Home, _: Random) -> Written | None:
    return None if home.urbanization else standard(home)._replace(zip="")


def _one_line(home: Home, _: Random) -> Written:
    line_1, _line_2, city, state, zip5 = standard(home)
    return Written(f"{line_1}, {city}, {state} {zip5}")


def _rural_form(home: Home, random: Random) -> Written | None:
    if not home.route:
        return None
    form = random.choice(("RURAL ROUTE {} BOX {}", "R.R. {}, Box {}", "RFD {} BOX {}", "Rt {} Bx {}"))
    return standard(home)._replace(line_1=form.format(home.route, home.box))


def _urbanization_line(home: Home, _: Random) -> Written | None:
    if not home.urbanization:
        return None
    return standard(home)._replace(
        line_1=f"Urb. {home.urbanization.title()}", line_2=f"{home.number} {home.street.title()}"
    )


SPELLINGS: dict[str, Spelling] = {
    "lower case": _lower_case,
    "punctuation": _punctuated,
    "suffix form": _suffix_form,
    "directional form": _directional_form,
    "unit form": _unit_form,
    "unit in line 2": _unit_in_line_2,
    "ordinal words": _ordinal_words,
    "saint, mount, fort": _short_words,
    "ZIP+4": _zip_plus_4,
    "state name": _state_name,
    "other city of the ZIP": _other_city,
    "ZIP missing": _zip_missing,
    "one line": _one_line,
    "rural route form": _rural_form,
    "urbanization line": _urbanization_line,
}
"""Format variants that must never cost a true confirmation (DESIGN.md section 6)."""


def without_suffix(home: Home) -> Written:
    """The standard form with the suffix left out."""
    return standard(home)._replace(line_1=_line(home, suffix=""))


def with_street(home: Home, street: str) -> Written:
    """The standard form with another street name."""
    return standard(replace(home, street=street))


def neighbors(home: Home) -> dict[str, Home]:
    """Other delivery points that are one slip away, by what differs; all of them could be real."""
    if home.route:
        return {"other box": replace(home, box=str(int(home.box) + 1))}
    other = {"other number": replace(home, number=str(int(home.number) + 2))}
    if home.is_street:
        other["other suffix"] = replace(home, suffix="RD" if home.suffix != "RD" else "CT")
        direction = "S" if home.predirectional != "S" else "N"
        other["other directional"] = replace(home, predirectional=direction)
        place = next(place for place in PLACES if place.zip5 != home.place.zip5)
        other["other ZIP and city"] = replace(home, place=place)
    if home.predirectional:
        other["directional missing"] = replace(home, predirectional="")
    if home.unit:
        other["other unit"] = replace(home, unit=f"{home.unit}1")
    elif home.is_street:
        other["unit added"] = replace(home, unit="2")
    return other


def one_edit(word: str, random: Random) -> str:
    """The word with one letter changed, left out, doubled, or swapped with the next; the first letter stays."""
    at = random.randrange(1, len(word) - 1)
    letter = random.choice([other for other in "AEIORSTLN" if other != word[at]])
    return random.choice(
        (
            word[:at] + letter + word[at + 1 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        )
    )


def is_one_edit(left: str, right: str) -> bool:
    """Whether one letter changed, left out, added, or swapped with its neighbor makes one the other."""
    if left == right or abs(len(left) - len(right)) > 1:
        return False
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    short, long = sorted((left[start:], right[start:]), key=len)
    if len(short) < len(long):
        return short == long[1:]
    swapped = short[:2] == long[:2][::-1] and short[2:] == long[2:]
    return short[1:] == long[1:] or swapped
