"""The case file of a synthetic world: true addresses in other spellings, wrong ones, and no addresses at all.

The mix follows the sources: 18 % unusable addresses and 10 % without a needed unit (DHS OIG-23-47), shared
addresses, and the August block: right name and number beside something that is not the person's address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from random import Random

from narrowgate.core.base.errors import ConfigurationError
from narrowgate.entrypoints.sandbox.synthetic_homes import (
    SPELLINGS,
    Written,
    is_one_edit,
    neighbors,
    one_edit,
    standard,
    with_street,
    without_suffix,
)
from narrowgate.entrypoints.sandbox.synthetic_names import ACCENTED, NICKNAMES
from narrowgate.entrypoints.sandbox.synthetic_paperwork import Paperwork, ineligible
from narrowgate.entrypoints.sandbox.synthetic_people import FIRST_YEAR, Stay, SyntheticPerson, World
from narrowgate.entrypoints.sandbox.synthetic_places import WHOLE_NAMES
from narrowgate.entrypoints.sandbox.synthetic_unusable import AUGUST, UNUSABLE, Unusable


class Truth(StrEnum):
    """What is true of an item, whatever anybody answers."""

    MUST_CONFIRM = "must_confirm"
    MUST_NOT_CONFIRM = "must_not_confirm"
    REFUSED = "refused"


@dataclass(slots=True)
class Case:
    """One item before its paperwork. ``block`` says what it tries; a refused one's starts with the rule expected."""

    truth: Truth
    block: str
    person: SyntheticPerson
    written: Written
    years: tuple[int, ...]
    tin: str
    birth_date: str
    number: str
    """The number the person filed under from the address, whether the item names it or not."""
    changes: dict[str, str] = field(default_factory=dict)


Builder = Callable[[], Case | None]


class CaseFile:
    """Draws the items of a world; the same seed draws the same ones."""

    def __init__(self, world: World, random: Random, paperwork: Paperwork, last_year: int) -> None:
        self._world = world
        self._random = random
        self._last_year = last_year
        self._ineligible = ineligible(paperwork)
        everybody = [person for person in world.people if not person.shared and not person.suppressed]
        self._people = _Deck([person for person in everybody if _answerable(person)], random)
        self._suppressed = _Deck([person for person in world.people if person.suppressed], random)
        self._shared = _Deck([person for person in world.people if person.shared], random)
        self._with_unit = _Deck(
            [person for person in everybody if any(stay.home.unit for stay in person.stays)], random
        )
        self._nicknamed = _Deck([p for p in self._people.cards if p.given_name in NICKNAMES], random)
        self._renumbered = _Deck([p for p in self._people.cards if len({s.tin for s in p.stays}) > 1], random)
        self._two_surnames = _Deck([p for p in self._people.cards if len(p.surnames) > 1], random)
        self._namesakes = _Deck([p for p in everybody if p.namesake is not None], random)
        self._accented = _Deck([p for p in self._people.cards if p.surnames[0] in ACCENTED], random)

    def draw(self, count: int) -> list[Case]:
        """Exactly ``count`` cases in mixed order, each block with its share of them."""
        cases = [self._build(builder) for builder in _shares(self._blocks(), count)]
        self._random.shuffle(cases)
        return cases

    def _build(self, builder: Builder) -> Case:
        for _ in range(40):
            if (case := builder()) is not None:
                return case
        # A small world may have nobody for a block.
        return self._exact()

    def _blocks(self) -> list[tuple[float, Builder]]:
        """Share of the items in percent, and who draws them."""
        return [
            *((kind.share, partial(self._refused, kind, named=False)) for kind in UNUSABLE),
            *((kind.share, partial(self._refused, kind, named=True)) for kind in AUGUST),
            (2.0, self._august_other_address),
            (10.0, self._unit_missing),
            (3.0, self._shared_address),
            (4.75, self._exact),
            *((1.4, partial(self._spelled, name)) for name in SPELLINGS),
            (3.0, self._typo),
            (2.0, self._suffix_missing),
            (1.5, self._nickname),
            (1.0, self._surnames_swapped),
            (1.0, self._accents),
            (1.0, self._earlier_number),
            (2.0, self._birth_date_only),
            (2.0, self._year_not_named),
            (2.0, self._year_not_filed),
            (4.0, self._near_miss),
            (4.0, self._not_in_file),
            (1.5, self._home_of_spouse),
            (1.0, self._home_of_namesake),
            (1.5, self._number_of_another),
            (1.0, self._suppressed_person),
            *((0.25, partial(self._ineligible_item, name)) for name in self._ineligible),
        ]

    def _exact(self) -> Case:
        person, stay = self._person_and_stay()
        return self._case(Truth.MUST_CONFIRM, "exact", person, stay, standard(stay.home))

    def _spelled(self, name: str) -> Case | None:
        person, stay = self._person_and_stay()
        written = SPELLINGS[name](stay.home, self._random)
        if written is None:
            return None
        return self._case(Truth.MUST_CONFIRM, f"spelling: {name}", person, stay, written)

    def _typo(self) -> Case | None:
        """One edit in the street name, where the registry's streets leave no doubt which one is meant."""
        person, stay = self._person_and_stay()
        home = stay.home
        if not home.is_street or not home.street.isalpha() or len(home.street) < 6:
            return None
        wrong = one_edit(home.street, self._random)
        names = self._world.names_in_zip[home.place.zip5]
        close = [name for name in names if is_one_edit(wrong, name.replace(" ", ""))]
        filers = self._world.filers_of_street[(home.place.zip5, home.street)]
        if wrong in names or close != [home.street] or not filers:
            return None
        return self._case(Truth.MUST_CONFIRM, "typo in the street", person, stay, with_street(home, wrong))

    def _suffix_missing(self) -> Case | None:
        person, stay = self._person_and_stay()
        home = stay.home
        street = (home.place.zip5, home.street)
        if not home.is_street or len(self._world.suffixes_of_street[street]) != 1 or home.street[0].isdigit():
            return None
        if home.street in WHOLE_NAMES:
            return None
        if not self._world.filers_of_street[street]:
            return None
        return self._case(Truth.MUST_CONFIRM, "suffix missing", person, stay, without_suffix(home))

    def _nickname(self) -> Case | None:
        case = self._drawn(self._nicknamed, "nickname")
        if case is not None:
            case.tin = case.number
            case.changes["given_names"] = NICKNAMES[case.person.given_name].title()
        return case

    def _surnames_swapped(self) -> Case | None:
        case = self._drawn(self._two_surnames, "surnames swapped")
        if case is not None:
            case.changes["surnames"] = " ".join(reversed(case.person.surnames))
        return case

    def _accents(self) -> Case | None:
        case = self._drawn(self._accented, "accents")
        if case is not None:
            first, *others = case.person.surnames
            case.changes["surnames"] = " ".join((ACCENTED[first], *others))
        return case

    def _birth_date_only(self) -> Case:
        case = self._exact()
        case.block, case.tin = "no number", ""
        return case

    def _earlier_number(self) -> Case | None:
        """An ITIN and the address filed from under it; the SSN came later."""
        person = self._renumbered.next()
        stays = (
            [stay for stay in person.stays if stay.tin != person.tin and not stay.home.box] if person else []
        )
        if person is None or not stays:
            return None
        case = self._case(
            Truth.MUST_CONFIRM, "number before another", person, stays[0], standard(stays[0].home)
        )
        case.tin = stays[0].tin
        return case

    def _unit_missing(self) -> Case | None:
        person = self._with_unit.next()
        if person is None:
            return None
        stay = self._random.choice([stay for stay in person.stays if stay.home.unit])
        written = SPELLINGS["unit in line 2"](stay.home, self._random)
        if written is None:
            return None
        return self._case(Truth.MUST_NOT_CONFIRM, "unit missing", person, stay, written._replace(line_2=""))

    def _shared_address(self) -> Case | None:
        person = self._shared.next()
        if person is None:
            return None
        stay = person.stays[0]
        return self._case(Truth.MUST_NOT_CONFIRM, "shared address", person, stay, standard(stay.home))

    def _year_not_named(self) -> Case | None:
        """The right address, asked for years in which the person filed from another one."""
        person, stay = self._person_and_stay()
        elsewhere = sorted(
            person.years - {year for s in person.stays if s.home == stay.home for year in s.years}
        )
        if not elsewhere:
            return None
        case = self._case(Truth.MUST_NOT_CONFIRM, "year not named", person, stay, standard(stay.home))
        case.years = tuple(elsewhere)
        return case

    def _year_not_filed(self) -> Case | None:
        person, stay = self._person_and_stay()
        others = sorted(set(range(FIRST_YEAR, self._last_year + 1)) - person.years)
        if not others:
            return None
        case = self._case(Truth.MUST_NOT_CONFIRM, "year not filed", person, stay, standard(stay.home))
        case.years = tuple(sorted(self._random.sample(others, min(2, len(others)))))
        return case

    def _near_miss(self) -> Case | None:
        person, stay = self._person_and_stay()
        name, home = self._random.choice(sorted(neighbors(stay.home).items(), key=lambda entry: entry[0]))
        if person.filed_from(home):
            return None
        return self._case(Truth.MUST_NOT_CONFIRM, f"near miss: {name}", person, stay, standard(home))

    def _not_in_file(self) -> Case:
        """Nobody who filed: the names of one filer, another's address, a birth date nobody has."""
        person, stay = self._person_and_stay()
        _, other = self._person_and_stay()
        case = self._case(Truth.MUST_NOT_CONFIRM, "not in file", person, stay, standard(other.home))
        case.tin, case.birth_date = "", f"{self._random.randint(1930, 1943)}-07-04"
        return case

    def _home_of_spouse(self) -> Case | None:
        person, stay = self._person_and_stay()
        stays = person.spouse.stays if person.spouse else []
        theirs = [their for their in stays if _is_home(their) and not person.filed_from(their.home)]
        if not theirs:
            return None
        case = self._case(
            Truth.MUST_NOT_CONFIRM, "home of the spouse", person, stay, standard(theirs[0].home)
        )
        case.years = tuple(sorted({*case.years, *theirs[0].years}))
        return case

    def _home_of_namesake(self) -> Case | None:
        person = self._namesakes.next()
        if person is None or person.namesake is None:
            return None
        stay = person.namesake.stays[0]
        if not _is_home(stay) or person.filed_from(stay.home):
            return None
        case = self._case(Truth.MUST_NOT_CONFIRM, "home of a namesake", person, stay, standard(stay.home))
        case.tin = person.tin if case.tin else ""
        return case

    def _number_of_another(self) -> Case | None:
        """A spouse's or a stranger's number beside the right name and address."""
        person, stay = self._person_and_stay()
        other, _ = self._person_and_stay()
        if other.given_name == person.given_name or set(other.surnames) & set(person.surnames):
            return None
        case = self._case(Truth.MUST_NOT_CONFIRM, "number of another", person, stay, standard(stay.home))
        case.tin = other.tin
        return case

    def _suppressed_person(self) -> Case | None:
        person = self._suppressed.next()
        if person is None or not _is_home(person.stays[0]):
            return None
        stay = person.stays[0]
        return self._case(Truth.MUST_NOT_CONFIRM, "suppressed", person, stay, standard(stay.home))

    def _august_other_address(self) -> Case | None:
        person, stay = self._person_and_stay()
        _, other = self._person_and_stay()
        if person.filed_from(other.home):
            return None
        case = self._case(
            Truth.MUST_NOT_CONFIRM, "August: another address", person, stay, standard(other.home)
        )
        case.tin = stay.tin
        return case

    def _ineligible_item(self, name: str) -> Case:
        rule, changes = self._ineligible[name]
        case = self._exact()
        case.truth, case.block, case.changes = Truth.REFUSED, f"{rule} {name}", dict(changes)
        return case

    def _refused(self, kind: Unusable, *, named: bool) -> Case:
        """No address; ``named`` says that the right number stands beside it."""
        person, stay = self._person_and_stay()
        written = kind.write(stay.home, self._random)
        case = self._case(Truth.REFUSED, f"{kind.rule} {kind.name}", person, stay, written)
        if named:
            case.tin = stay.tin
        return case

    def _person_and_stay(self) -> tuple[SyntheticPerson, Stay]:
        person = self._people.next()
        if person is None:
            raise ConfigurationError(
                "The synthetic world is too small to ask about.",
                next_step="Choose more people, such as 1000.",
            )
        return person, self._random.choice([stay for stay in person.stays if _is_home(stay)])

    def _drawn(self, deck: _Deck, block: str) -> Case | None:
        person = deck.next()
        if person is None:
            return None
        stay = self._random.choice([stay for stay in person.stays if _is_home(stay)])
        return self._case(Truth.MUST_CONFIRM, block, person, stay, standard(stay.home))

    def _case(self, truth: Truth, block: str, person: SyntheticPerson, stay: Stay, written: Written) -> Case:
        """A case that names one or all years of the stay, and the person by birth date and mostly by number too."""
        years = stay.years if self._random.random() < 0.6 else (self._random.choice(stay.years),)
        tin = stay.tin if self._random.random() < 0.75 else ""
        return Case(truth, block, person, written, years, tin, person.birth_date, stay.tin)


class _Deck:
    """Cards dealt in mixed order, again from the first when all are dealt; an empty one deals nothing."""

    def __init__(self, cards: list[SyntheticPerson], random: Random) -> None:
        self.cards = random.sample(cards, len(cards))
        self._dealt = 0

    def next(self) -> SyntheticPerson | None:
        """The next card."""
        if not self.cards:
            return None
        self._dealt += 1
        return self.cards[(self._dealt - 1) % len(self.cards)]


def _is_home(stay: Stay) -> bool:
    """Whether the stay can be asked about: a box is no home (R-65)."""
    return not stay.home.box or bool(stay.home.route)


def _answerable(person: SyntheticPerson) -> bool:
    return any(_is_home(stay) for stay in person.stays)


def _shares(blocks: list[tuple[float, Builder]], count: int) -> Iterator[Builder]:
    """Each block as often as its share of ``count``; the rounding goes from block to block, so nothing is lost."""
    whole = sum(share for share, _ in blocks)
    drawn, due = 0, 0.0
    for share, builder in blocks:
        due += share * count / whole
        while drawn < round(due):
            drawn += 1
            yield builder
