"""People near a record, and slips in the right one: which of them meet it, by each key of the match rule.

The address is the same on both sides, so that the identity alone decides: the hardest questions that a household can
pose, and the losses that a second identifier makes good. Records are simulated returns with their errors of writing.
"""

from __future__ import annotations

import random
import string
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from benchmarks.accuracy.data import ROOT
from benchmarks.accuracy.scoring import Share

from narrowgate.core.person.examine import RecordedPerson, examine_person, examine_record
from narrowgate.core.person.identity import EVERY_KEY, IdentityKey, request_identities
from narrowgate.core.person.model import Person, RawPerson

if TYPE_CHECKING:
    from support.pseudopeople_returns import Return, Simulant

HOUSEHOLDS = 10_000
SEED = 3

KEYS: dict[str, tuple[IdentityKey, ...]] = {
    "birth_date": (IdentityKey.BIRTH_DATE,),
    "tin": (IdentityKey.TIN,),
    "tin_and_birth_date": (IdentityKey.TIN_AND_BIRTH_DATE,),
    "all three": EVERY_KEY,
}
"""What an agreement may accept."""


@dataclass(frozen=True, slots=True)
class Met:
    """One class of question.

    Args:
        name: of the class.
        wrong: whether the person asked about is another one than that of the record.
        by: share of the questions that meet the record, by the keys accepted.
    """

    name: str
    wrong: bool
    by: dict[str, Share]


@dataclass(frozen=True, slots=True)
class Household:
    """One return as it is true and as the file writes it, and another filer of the file.

    Args:
        true: as it is.
        written: as the file has it.
        stranger: somebody else, for numbers and dates that belong to another person.
    """

    true: Return
    written: Return
    stranger: Simulant


Ask = Callable[[Household, random.Random], "Simulant | None"]


def measure(today: date) -> list[Met]:
    """Every class, about the returns of the last tax year.

    Args:
        today: the day of the questions.
    """
    sys.path.append(str(ROOT / "tests"))
    source = random.Random(SEED)  # noqa: S311 - a simulation, to be repeated from its seed
    households = list(_households(today.year - 1, source))
    return [
        _met(name, wrong, households, ask, source)
        for wrong, classes in ((True, NEAR), (False, RIGHT))
        for name, ask in classes.items()
    ]


def _households(year: int, source: random.Random) -> Iterator[Household]:
    from support.pseudopeople_returns import returns

    both = list(zip(returns(year, noise=False), returns(year, noise=True), strict=True))
    kept = [
        pair
        for pair in both
        if pair[0].primary.birth_date and pair[0].primary.given_name and pair[0].primary.tin
    ]
    for true, written in source.sample(kept, min(HOUSEHOLDS, len(kept))):
        yield Household(true, written, source.choice(kept)[0].primary)


def _met(name: str, wrong: bool, households: Sequence[Household], ask: Ask, source: random.Random) -> Met:
    hits = dict.fromkeys(KEYS, 0)
    total = 0
    for household in households:
        asked = ask(household, source)
        person = _examined(asked) if asked else None
        if person is None:
            continue
        total += 1
        kept = _kept(RECORD.get(name, _as_written)(household.written))
        for key, accepted in KEYS.items():
            hits[key] += not kept.isdisjoint(request_identities(person, accepted))
    return Met(name, wrong, {key: Share(found, total) for key, found in hits.items()})


def _as_written(written: Return) -> Return:
    return written


def _with_second_name(name: str) -> Callable[[Return], Return]:
    """The row, the filer's given name with a second one behind it."""

    def change(written: Return) -> Return:
        filer = written.primary
        return replace(written, primary=replace(filer, given_name=f"{filer.given_name} {name}"))

    return change


def _examined(simulant: Simulant) -> Person | None:
    raw = RawPerson(simulant.given_name, simulant.surnames, "", simulant.birth_date, simulant.tin)
    return examine_person(raw).person if simulant.birth_date else None


def _kept(written: Return) -> set[str]:
    """The identities of the filers of one row; dependents never enter."""
    kept: set[str] = set()
    for filer in written.filers:
        found = examine_record(filer.given_name, filer.surnames, "", filer.birth_date, filer.tin)
        if isinstance(found, RecordedPerson):
            kept.update(found.identities)
    return kept


def _child(household: Household) -> Simulant:
    """A child with the filer's name, and with a number and a birth date that are those of no filer here."""
    filer, other = household.true.primary, household.stranger
    return replace(filer, tin=other.tin, birth_date=f"2006{other.birth_date[4:]}")


def _twin(household: Household) -> Simulant | None:
    """A brother or sister of the filer's birth date and surname, with a given name and a number of their own."""
    filer, other = household.true.primary, household.stranger
    if other.given_name == filer.given_name:
        return None
    return replace(filer, given_name=other.given_name, tin=other.tin)


def _number_of(filer: Simulant, person: Simulant | None) -> Simulant | None:
    return replace(person, tin=filer.tin) if person and person.given_name else None


def _dependent(household: Household) -> Simulant | None:
    return next((one for one in household.true.dependents if one.given_name and one.birth_date), None)


def _without_number(person: Simulant | None) -> Simulant | None:
    return replace(person, tin="") if person else None


def _second(household: Household, name: str) -> Simulant | None:
    """The filer's first given name with this second one, and no number."""
    filer = household.true.primary
    if " " in filer.given_name or len(filer.given_name) < 2:
        return None
    return _without_number(replace(filer, given_name=f"{filer.given_name} {name}".strip()))


def _slip(name: str, source: random.Random) -> str:
    """The name with one letter changed behind the first."""
    if len(name) < 3:
        return name
    at = source.randrange(1, len(name))
    letters = [letter for letter in string.ascii_lowercase if letter != name[at].lower()]
    return name[:at] + source.choice(letters) + name[at + 1 :]


NEAR: dict[str, Ask] = {
    "spouse, the filer's number": lambda h, _: _number_of(h.true.primary, h.true.spouse),
    "filer, the spouse's number": lambda h, _: (
        _number_of(h.true.spouse, h.true.primary) if h.true.spouse and h.true.spouse.tin else None
    ),
    "dependent, the own number": lambda h, _: _dependent(h),
    "dependent, the filer's number": lambda h, _: _number_of(h.true.primary, _dependent(h)),
    "dependent, birth date only": lambda h, _: _without_number(_dependent(h)),
    "child of the filer's name, the own number": lambda h, _: _child(h),
    "child of the filer's name, birth date only": lambda h, _: _without_number(_child(h)),
    "child of the filer's name, the filer's number": lambda h, _: _number_of(h.true.primary, _child(h)),
    "twin, the own number": lambda h, _: _twin(h),
    "twin, birth date only": lambda h, _: _without_number(_twin(h)),
    "twin of the same first and another second name, birth date only": lambda h, _: _second(h, "Jose"),
    "twin of the same first name and second initial, birth date only": lambda h, _: _second(h, "Esther"),
    "twin of the same first name, a second one on one side, birth date only": lambda h, _: _second(h, ""),
    "twin, the filer's number": lambda h, _: _number_of(h.true.primary, _twin(h)),
    "stranger, the filer's number": lambda h, _: replace(h.stranger, tin=h.true.primary.tin),
    "stranger of the filer's name, the own number": lambda h, _: replace(
        h.stranger, given_name=h.true.primary.given_name, surnames=h.true.primary.surnames
    ),
    "stranger, the filer's birth date": lambda h, _: replace(
        h.stranger, birth_date=h.true.primary.birth_date
    ),
}
"""People near the filer, each with the identifiers that could pass for the filer's."""

RECORD: dict[str, Callable[[Return], Return]] = {
    name: _with_second_name("Elena") for name in NEAR if "twin of the same first" in name
}
"""What the file holds instead of the row as it is written."""

RIGHT: dict[str, Ask] = {
    "filer": lambda h, _: h.true.primary,
    "filer, birth date only": lambda h, _: _without_number(h.true.primary),
    "filer, another surname (married)": lambda h, _: replace(h.true.primary, surnames="Vantorez"),
    "filer, a slip in the given name": lambda h, source: replace(
        h.true.primary, given_name=_slip(h.true.primary.given_name, source)
    ),
    "filer, a slip in the surname": lambda h, source: replace(
        h.true.primary, surnames=_slip(h.true.primary.surnames, source)
    ),
    "filer, a slip in both": lambda h, source: replace(
        h.true.primary,
        given_name=_slip(h.true.primary.given_name, source),
        surnames=_slip(h.true.primary.surnames, source),
    ),
    "filer, another birth date": lambda h, _: replace(h.true.primary, birth_date=h.stranger.birth_date),
}
"""The filer, rightly or with one slip: what a key finds."""
