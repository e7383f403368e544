"""The tax file of a synthetic world: filers, their numbers, and where each filed from in which year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from narrowgate.core.person.tin import parse_tin
from narrowgate.entrypoints.sandbox.synthetic_homes import SPELLINGS, Country, Home, Written, standard
from narrowgate.entrypoints.sandbox.synthetic_names import HISPANIC_SURNAMES, MEN, SURNAMES, WOMEN

FIRST_YEAR = 2015
SHARED_BY_AT_LEAST = 24
"""Filers at a shelter or an office: more than an index lets share an address without units (R-70: 20)."""

RECORD_COLUMNS = (
    "TAX_YEAR",
    "TIN",
    "FIRST_NAMES",
    "LAST_NAMES",
    "DOB",
    "STREET",
    "STREET_2",
    "CITY",
    "STATE",
    "ZIP",
    "WITHHELD",
)

MAPPING = """\
# Which column of records.csv plays which role. Nothing else of a tax file enters an index.
[columns]
tax_year = "TAX_YEAR"
tin = "TIN"
given_names = "FIRST_NAMES"
surnames = "LAST_NAMES"
birth_date = "DOB"
address_line_1 = "STREET"
address_line_2 = "STREET_2"
city = "CITY"
state = "STATE"
zip = "ZIP"
suppressed = "WITHHELD"
"""

_FILED_STYLES = ("lower case", "punctuation", "suffix form", "directional form", "unit in line 2")
_INSUFFICIENT = (Written(), Written("UNKNOWN"), Written("HWY 69"), Written(zip="99999"), Written("PO BOX"))


@dataclass(frozen=True, slots=True)
class Stay:
    """From where somebody filed, in which years, under which number."""

    home: Home
    years: tuple[int, ...]
    tin: str


@dataclass(slots=True, eq=False)
class SyntheticPerson:
    """One filer; ``surnames`` holds one or two, ``shared`` says that an index leaves a stay out (R-70)."""

    given_name: str
    middle_name: str
    surnames: tuple[str, ...]
    birth_date: str
    tin: str
    stays: list[Stay] = field(default_factory=list)
    spouse: SyntheticPerson | None = field(default=None, repr=False)
    namesake: SyntheticPerson | None = field(default=None, repr=False)
    suppressed: bool = False
    shared: bool = False

    def filed_from(self, home: Home) -> bool:
        """Whether any of the person's stays was there."""
        return any(stay.home == home for stay in self.stays)

    @property
    def years(self) -> frozenset[int]:
        """Every year with a return."""
        return frozenset(year for stay in self.stays for year in stay.years)


@dataclass(slots=True)
class World:
    """Everybody who filed, and what the streets of each ZIP are called.

    Args:
        people: every filer.
        filers_of_street: ZIP and street name to the filers there whom an index lets in.
        names_in_zip: ZIP to all street names.
        suffixes_of_street: ZIP and street name to its suffixes.
    """

    people: list[SyntheticPerson]
    filers_of_street: defaultdict[tuple[str, str], set[str]]
    names_in_zip: defaultdict[str, set[str]]
    suffixes_of_street: defaultdict[tuple[str, str], set[str]]


class Registry:
    """Draws the filers of a world; the same seed draws the same ones."""

    def __init__(self, random: Random, today: date) -> None:
        self._random = random
        self._country = Country(random)
        self._last_year = today.year - 1
        self._identities: set[tuple[str, tuple[str, ...]]] = set()
        self._numbers: set[str] = set()
        self.people: list[SyntheticPerson] = []

    def draw(self, count: int) -> World:
        """A world of exactly ``count`` filers."""
        shelters = count // 2500 or int(count >= 400)
        for _ in range(shelters):
            self._shared_address()
        while len(self.people) < count:
            self._household(couple=count - len(self.people) > 1 and self._random.random() < 0.4)
        return _with_streets(self.people)

    def _shared_address(self) -> None:
        """A shelter or an office under whose address many unrelated people file, without units."""
        home = self._country.house()
        for _ in range(self._random.randint(SHARED_BY_AT_LEAST, 40)):
            person = self._person(self._surnames())
            person.shared = True
            person.stays = [Stay(home, (self._last_year,), person.tin)]

    def _household(self, *, couple: bool) -> None:
        random = self._random
        surnames = self._surnames()
        person = self._person(surnames)
        first = random.randint(max(FIRST_YEAR, self._last_year - 6), self._last_year)
        years = tuple(range(first, min(first + random.randint(1, 3), self._last_year + 1)))
        person.stays = self._stays(years, person.tin)
        if random.random() < 0.15 and len(years) > 1:
            self._renumber(person)
        person.suppressed = random.random() < 0.01
        if couple:
            self._spouse(person, surnames, years)

    def _spouse(self, person: SyntheticPerson, surnames: tuple[str, ...], years: tuple[int, ...]) -> None:
        """Files from the same homes, now and then with an own one from the years before."""
        own = self._surnames() if self._random.random() < 0.4 else surnames
        spouse = self._person(own)
        spouse.stays = [replace(stay, tin=spouse.tin) for stay in person.stays]
        earlier = years[0] - 1
        if self._random.random() < 0.3 and earlier >= FIRST_YEAR:
            spouse.stays.append(Stay(self._country.home(), (earlier,), spouse.tin))
        person.spouse, spouse.spouse = spouse, person

    def _stays(self, years: tuple[int, ...], tin: str) -> list[Stay]:
        """One home for all years, or a move between two of them."""
        stays = [Stay(self._country.home(), years[:1], tin)]
        for year in years[1:]:
            last = stays[-1]
            if self._random.random() < 0.35:
                stays.append(Stay(self._country.home(), (year,), tin))
            else:
                stays[-1] = replace(last, years=(*last.years, year))
        return stays

    def _renumber(self, person: SyntheticPerson) -> None:
        """The first stay under an ITIN, the others under the SSN that came later."""
        itin = self._number(itin=True)
        first, *others = person.stays
        if others:
            person.stays = [replace(first, tin=itin), *others]

    def _person(self, surnames: tuple[str, ...]) -> SyntheticPerson:
        random = self._random
        given_name, middle_name = random.choice(WOMEN if random.random() < 0.5 else MEN), ""
        if random.random() < 0.3:
            middle_name = random.choice(WOMEN + MEN)
        namesake = random.choice(self.people) if self.people and random.random() < 0.01 else None
        if namesake is not None:
            given_name, surnames = namesake.given_name, namesake.surnames
        number = self._number(itin=random.random() < 0.2)
        birth_date = self._birth_date(given_name, surnames)
        person = SyntheticPerson(given_name, middle_name, surnames, birth_date, number, namesake=namesake)
        self.people.append(person)
        return person

    def _surnames(self) -> tuple[str, ...]:
        random = self._random
        kind = random.random()
        if kind < 0.02:
            return (random.choice(("DE LA CRUZ", "DE LEON", "DEL RIO", "DE LA ROSA")),)
        if kind < 0.35:
            return tuple(random.sample(HISPANIC_SURNAMES, 2))
        return (random.choice(HISPANIC_SURNAMES if kind < 0.55 else SURNAMES),)

    def _birth_date(self, given_name: str, surnames: tuple[str, ...]) -> str:
        """A day that no other person of the same names has: birth date and full name name one person."""
        names = tuple(sorted((given_name, *surnames)))
        while True:
            day = date(1945, 1, 1) + timedelta(days=self._random.randrange(58 * 365))
            if (day.isoformat(), names) not in self._identities:
                self._identities.add((day.isoformat(), names))
                return day.isoformat()

    def _number(self, *, itin: bool) -> str:
        random = self._random
        while True:
            area = random.randint(900, 999) if itin else random.randint(1, 899)
            number = f"{area:03d}{random.randint(70, 88) if itin else random.randint(1, 99):02d}"
            number += f"{random.randint(1, 9999):04d}"
            if number not in self._numbers and parse_tin(number) is not None:
                self._numbers.add(number)
                return number


def _with_streets(people: list[SyntheticPerson]) -> World:
    world = World(people, defaultdict(set), defaultdict(set), defaultdict(set))
    for person in people:
        for home in (stay.home for stay in person.stays if stay.home.is_street):
            street = (home.place.zip5, home.street)
            world.names_in_zip[home.place.zip5].add(home.street)
            world.suffixes_of_street[street].add(home.suffix)
            if not (person.suppressed or person.shared):
                world.filers_of_street[street].add(person.tin)
    return world


def record_rows(world: World, random: Random, today: date) -> Iterator[tuple[str, ...]]:
    """One row for each person and year, in the order of the years; a few rows are good for nothing."""
    rows = [row for person in world.people for row in _rows_of(person, random)]
    rows += [
        _row(
            person, str(random.randint(FIRST_YEAR, today.year - 1)), person.tin, random.choice(_INSUFFICIENT)
        )
        for person in random.sample(world.people, len(world.people) // 25)
    ]
    return iter(sorted(rows, key=lambda row: row[0]))


def _rows_of(person: SyntheticPerson, random: Random) -> Iterator[tuple[str, ...]]:
    for stay in person.stays:
        for year in stay.years:
            written = None
            if random.random() < 0.15:
                written = SPELLINGS[random.choice(_FILED_STYLES)](stay.home, random)
            yield _row(person, str(year), stay.tin, written or standard(stay.home))


def _row(person: SyntheticPerson, year: str, tin: str, written: Written) -> tuple[str, ...]:
    given_names = f"{person.given_name} {person.middle_name}".strip()
    withheld = "yes" if person.suppressed else "no"
    return (year, tin, given_names, " ".join(person.surnames), person.birth_date, *written, withheld)
