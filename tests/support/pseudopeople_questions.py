"""Kinds of question about a simulated tax file, each with its truth."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from support import address_variants as variants
from support.address_variants import Written, written
from support.pseudopeople_returns import Place, Return, Simulant

SHARED_BY = 8
"""Filers at one address without units; more, and an index may leave the address out."""


class Truth(StrEnum):
    """What the file says about a question."""

    SHOULD_CONFIRM = "should_confirm"
    MUST_NOT_CONFIRM = "must_not_confirm"
    EITHER = "either"


@dataclass(frozen=True)
class Filing:
    """One return as it is true and as the file writes it; ``namesake_of`` for an added namesake."""

    true: Return
    written: Return
    namesake_of: Return | None = None


@dataclass(frozen=True)
class Question:
    """A person, an address and years; ``address`` holds the address columns as they are written."""

    who: Simulant
    place: Place
    years: tuple[int, ...]
    truth: Truth
    address: Written
    by_tin: bool = True
    given_names: str = ""
    surnames: str = ""
    kind: str = ""


@dataclass
class File:
    """The filings of one file, and people who are not in it."""

    filings: list[Filing]
    strangers: list[Simulant]
    _facts: set[tuple[str, ...]] = field(default_factory=set)
    _sharing: Counter[tuple[str, ...]] = field(default_factory=Counter)
    _of: defaultdict[str, list[Filing]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        at: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
        for filing in self.filings:
            for return_ in (filing.true, filing.written):
                for filer in return_.filers:
                    self._facts.update(_facts(filer, return_.place, return_.tax_year))
                    at[_place_key(return_.place)].add(filer.tin)
            for filer in filing.true.filers:
                self._of[filer.identifier].append(filing)
        self._sharing = Counter({key: len(tins) for key, tins in at.items()})

    def filings_of(self, simulant: Simulant) -> list[Filing]:
        """Every filing that names the simulant as a filer."""
        return self._of[simulant.identifier] if simulant.identifier else []

    def shared(self, place: Place) -> bool:
        """Whether many file from one address without units."""
        return self._sharing[_place_key(place)] > SHARED_BY

    def is_true(self, question: Question, kind: str) -> bool:
        """Whether the item can be admitted (R-69), and nothing in the file says what must not be confirmed.

        Letter by letter no row does; and the person's rows of those years are written without errors, one of
        which might say it in other letters (a unit left out).
        """
        if kind in _REFUSED:
            return True
        if not question.who.birth_date:
            return False
        if question.truth is not Truth.MUST_NOT_CONFIRM:
            return True
        filings = [f for f in self.filings_of(question.who) if f.true.tax_year in question.years]
        if any(filing.true != filing.written for filing in filings):
            return False
        asked = 0 if question.by_tin else 1
        facts = {_facts(question.who, question.place, year)[asked] for year in question.years}
        return self._facts.isdisjoint(facts)


def _facts(who: Simulant, place: Place, year: int) -> tuple[tuple[str, ...], ...]:
    names = (who.given_name.upper(), who.surnames.upper())
    return (
        ("tin", str(year), who.tin, names[0], *_place_key(place)),
        ("birth", str(year), who.birth_date, *names, *_place_key(place)),
    )


def _place_key(place: Place) -> tuple[str, ...]:
    return place.line_1.upper(), place.unit.upper(), place.zip5


Ask = Callable[[File, Filing, random.Random], Question | None]


def _right(file: File, filing: Filing, source: random.Random) -> Question | None:
    """A filer at the address of the return, by TIN or, sometimes, by birth date."""
    at = source.randrange(len(filing.true.filers))
    who = filing.true.filers[at]
    place = filing.true.place
    if not (place.number and place.street and who.given_name and who.surnames and who.tin):
        return None
    as_written = filing.written.filers[at]
    intact = (
        (as_written.given_name, as_written.surnames, as_written.tin)
        == (who.given_name, who.surnames, who.tin)
        and len(who.given_name) > 1
        and who.given_name != "Jr"
        and _place_key(filing.written.place) == _place_key(place)
        and filing.written.place.state == place.state
        and not file.shared(place)
    )
    truth = Truth.SHOULD_CONFIRM if intact else Truth.EITHER
    by_tin = not who.birth_date or source.random() < 0.6
    return Question(who, place, (filing.true.tax_year,), truth, written(place), by_tin)


def _spelled(variant: Callable[[Place, random.Random], Written | None]) -> Ask:
    def ask(file: File, filing: Filing, source: random.Random) -> Question | None:
        right = _right(file, filing, source)
        address = variant(right.place, source) if right else None
        return replace(right, address=address) if right and address else None

    return ask


def _named(rename: Callable[[Simulant], tuple[str, str] | None], *, by_tin: bool) -> Ask:
    def ask(file: File, filing: Filing, source: random.Random) -> Question | None:
        right = _right(file, filing, source)
        names = rename(right.who) if right else None
        if right is None or names is None or not (by_tin or right.who.birth_date):
            return None
        return replace(right, given_names=names[0], surnames=names[1], by_tin=by_tin)

    return ask


def _moved(
    change: Callable[[Place, random.Random], Place | None], truth: Truth = Truth.MUST_NOT_CONFIRM
) -> Ask:
    def ask(file: File, filing: Filing, source: random.Random) -> Question | None:
        right = _right(file, filing, source)
        place = change(right.place, source) if right else None
        if right is None or place is None:
            return None
        return replace(right, place=place, address=written(place), truth=truth)

    return ask


def _other_person(file: File, filing: Filing, source: random.Random) -> Question | None:
    return _moved(lambda _, source: source.choice(file.filings).true.place)(file, filing, source)


def _namesake_address(file: File, filing: Filing, source: random.Random) -> Question | None:
    """A filer at the address of somebody else of the same name."""
    if filing.namesake_of is None:
        return None
    who = filing.namesake_of.primary
    place = filing.true.place
    by_tin = not who.birth_date or source.random() < 0.5
    return _wrong(who, place, filing.true.tax_year, by_tin=by_tin)


def _earlier_year(file: File, filing: Filing, source: random.Random) -> Question | None:
    """An address of another year than the one named."""
    who = filing.true.primary
    for other in file.filings_of(who):
        if other.true.tax_year < filing.true.tax_year and other.true.place.number:
            return _wrong(who, other.true.place, filing.true.tax_year)
    return None


def _identity(change: Callable[[Filing, random.Random], Simulant | None], *, by_tin: bool = True) -> Ask:
    def ask(_: File, filing: Filing, source: random.Random) -> Question | None:
        who = change(filing, source)
        place = filing.true.place
        if who is None or not (place.number and place.street):
            return None
        return _wrong(who, place, filing.true.tax_year, by_tin=by_tin)

    return ask


def _wrong(who: Simulant, place: Place, year: int, *, by_tin: bool = True) -> Question:
    return Question(who, place, (year,), Truth.MUST_NOT_CONFIRM, written(place), by_tin)


def _tin_slip(filing: Filing, source: random.Random) -> Simulant | None:
    who = filing.true.primary
    return replace(who, tin=variants.digit_changed(who.tin, source))


def _birth_date_slip(filing: Filing, source: random.Random) -> Simulant | None:
    who = filing.true.primary
    if not who.birth_date:
        return None
    day = int(who.birth_date[-2:])
    return replace(who, birth_date=f"{who.birth_date[:-2]}{day % 28 + 1:02d}")


def _spouse_under_primary_tin(filing: Filing, _: random.Random) -> Simulant | None:
    spouse = filing.true.spouse
    return replace(spouse, tin=filing.true.primary.tin) if spouse and spouse.given_name else None


def _dependent(filing: Filing, _: random.Random) -> Simulant | None:
    return next((dependent for dependent in filing.true.dependents if dependent.given_name), None)


def _stranger(file: File, filing: Filing, source: random.Random) -> Question | None:
    """Somebody who is not in the file, at an address that is."""
    place = filing.true.place
    if not (file.strangers and place.number and place.street):
        return None
    return _wrong(source.choice(file.strangers), place, filing.true.tax_year)


def _no_address(text: str, *, keep_zip: bool) -> Ask:
    def ask(file: File, filing: Filing, source: random.Random) -> Question | None:
        right = _right(file, filing, source)
        if right is None:
            return None
        kept = (
            {"city": right.place.city, "state": right.place.state, "zip": right.place.zip5}
            if keep_zip
            else {}
        )
        address = {**written(Place()), **kept, "address_line_1": text}
        return replace(right, address=address, truth=Truth.MUST_NOT_CONFIRM)

    return ask


def _number_missing(file: File, filing: Filing, source: random.Random) -> Question | None:
    right = _right(file, filing, source)
    if right is None or not right.place.street.replace(" ", "").isalpha():
        return None
    address = {**right.address, "address_line_1": right.place.street}
    return replace(right, address=address, truth=Truth.MUST_NOT_CONFIRM)


_ACCENTED = {"Jose": "José", "Maria": "María", "Jesus": "Jesús", "Garcia": "García", "Lopez": "López"} | {
    f"{stem}ez": f"{accented}ez"
    for stem, accented in {
        "Gonzal": "Gonzál", "Hernand": "Hernánd", "Martin": "Martín", "Rodrigu": "Rodrígu", "Sanch": "Sánch",
        "Per": "Pér", "Ramir": "Ramír", "Gom": "Góm", "Jimen": "Jimén", "Alvar": "Álvar",
    }.items()
}  # fmt: skip
_GOES_BY = {
    "Robert": "Bob", "William": "Bill", "Susan": "Susie", "Anthony": "Tony", "Michael": "Mike", "Jennifer":
    "Jenny", "Elizabeth": "Liz", "Patricia": "Patty", "Richard": "Rick", "Joseph": "Joe", "Thomas": "Tom",
    "Daniel": "Danny", "Christopher": "Chris", "Matthew": "Matt", "James": "Jim", "Jose": "Pepe",
    "Margaret": "Peggy", "Steven": "Steve", "Kimberly": "Kim", "Timothy": "Tim", "Katherine": "Kathy",
    "Alexander": "Alex", "Samantha": "Sam",
}  # fmt: skip


def _accents(who: Simulant) -> tuple[str, str] | None:
    names = (
        _ACCENTED.get(who.given_name, who.given_name),
        " ".join(_ACCENTED.get(name, name) for name in who.surnames.split()),
    )
    return names if names != (who.given_name, who.surnames) else None


def _nickname(who: Simulant) -> tuple[str, str] | None:
    return (_GOES_BY[who.given_name], who.surnames) if who.given_name in _GOES_BY else None


def _two_surnames(who: Simulant) -> list[str]:
    names = who.surnames.split()
    return names if len(names) == 2 and min(map(len, names)) > 3 else []


def _first_surname(who: Simulant) -> tuple[str, str] | None:
    names = _two_surnames(who)
    return (who.given_name, names[0]) if names else None


def _hyphenated(who: Simulant) -> tuple[str, str] | None:
    names = _two_surnames(who)
    return (who.given_name, "-".join(names)) if names else None


def _joined(who: Simulant) -> tuple[str, str] | None:
    names = _two_surnames(who)
    return (who.given_name, "".join(names).upper()) if names else None


def _swapped(who: Simulant) -> tuple[str, str] | None:
    names = _two_surnames(who)
    return (who.given_name, f"{names[1]} {names[0]}") if names else None


def _dressed(who: Simulant) -> tuple[str, str] | None:
    return f"{who.given_name.upper()} {who.initial}.", f"{who.surnames.upper()}, JR."


KINDS: dict[str, tuple[int, Ask]] = {
    "verbatim": (12, _right),
    "capitals": (3, _spelled(variants.capitals)),
    "case_and_punctuation": (4, _spelled(variants.case_and_punctuation)),
    "suffix_form": (4, _spelled(variants.suffix_form)),
    "directional_form": (3, _spelled(variants.directional_form)),
    "ordinal_words": (2, _spelled(variants.ordinal_words)),
    "unit_form": (2, _spelled(variants.unit_form)),
    "unit_on_line_1": (2, _spelled(variants.unit_on_line_1)),
    "one_line": (3, _spelled(variants.one_line)),
    "zip4_and_state_name": (3, _spelled(variants.zip4_and_state_name)),
    "zip_missing": (3, _spelled(variants.zip_missing)),
    "other_city_same_zip": (2, _spelled(variants.other_city)),
    "accents": (2, _named(_accents, by_tin=False)),
    "nickname": (2, _named(_nickname, by_tin=True)),
    "first_surname": (2, _named(_first_surname, by_tin=True)),
    "surnames_joined": (1, _named(_joined, by_tin=True)),
    "surnames_hyphenated": (1, _named(_hyphenated, by_tin=False)),
    "surnames_swapped": (1, _named(_swapped, by_tin=False)),
    "initial_and_suffix": (2, _named(_dressed, by_tin=False)),
    "street_slip": (3, _moved(variants.street_slip, Truth.EITHER)),
    "other_person_address": (6, _other_person),
    "namesake_address": (2, _namesake_address),
    "earlier_year": (3, _earlier_year),
    "number_off": (4, _moved(variants.number_off)),
    "number_transposed": (2, _moved(variants.number_transposed)),
    "unit_missing": (3, _moved(variants.unit_missing)),
    "unit_added": (2, _moved(variants.unit_added)),
    "unit_changed": (2, _moved(variants.unit_changed)),
    "directional_changed": (2, _moved(variants.directional_changed)),
    "directional_missing": (2, _moved(variants.directional_missing)),
    "suffix_changed": (2, _moved(variants.suffix_changed)),
    "zip_elsewhere": (2, _moved(variants.zip_elsewhere)),
    "tin_slip": (2, _identity(_tin_slip)),
    "birth_date_slip": (2, _identity(_birth_date_slip, by_tin=False)),
    "spouse_under_primary_tin": (2, _identity(_spouse_under_primary_tin)),
    "dependent": (2, _identity(_dependent)),
    "not_in_the_file": (3, _stranger),
    "placeholder": (1, _no_address("Don't Care 12345", keep_zip=False)),
    "unknown": (1, _no_address("UNKNOWN", keep_zip=True)),
    "zip_only": (1, _no_address("", keep_zip=True)),
    "number_missing": (1, _number_missing),
}
"""Kind of question, with its weight: about half of them should be confirmed."""

_REFUSED = frozenset({"placeholder", "unknown", "zip_only", "number_missing"})
