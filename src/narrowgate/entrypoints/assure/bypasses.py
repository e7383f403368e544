"""Checks of budgets: what an attacker learns who asks about one person or address in every way there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import comb
from random import Random
from typing import Final

from narrowgate.core.agreement.ceilings import LIMITS
from narrowgate.core.agreement.model import Limits
from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.base.errors import RefusedError
from narrowgate.core.request.item import Item
from narrowgate.entrypoints.assure.asking import NO_CONTROL, at_home_of, spelled_as
from narrowgate.entrypoints.assure.check import Figure, Size, Tried
from narrowgate.entrypoints.assure.other_addresses import point_of
from narrowgate.entrypoints.assure.stage import Stage, TriedGate

_CANDIDATES: Final = 10
_ONE_IN_A_MILLION: Final = 1e-6


def probing(stage: Stage, size: Size, planted: bool) -> Tried:
    """An attacker with M addresses for one person, every spelling and every way to name the person, learns one bit."""
    limits = _limits(
        distinct_addresses_per_subject=None if planted else LIMITS["distinct_addresses_per_subject"]
    )
    gate = stage.gate("probing", replace(stage.agreement(), limits=limits))
    person = stage.confirmed[0]
    candidates = [person, *(item for item in stage.confirmed[1:] if item.zip != person.zip)]
    answered: set[str] = set()
    tried = 0
    tricks = list(enumerate(_disguises(person)))
    for day, together in enumerate(tricks[at : at + 3] for at in range(0, len(tricks), 3)):
        asked = [
            at_home_of(disguised, home, f"p{number}-{place}", spelled=spelled_as(home, number))
            for number, (_, disguised) in together
            for place, home in enumerate(candidates[: size.cases])
        ]
        tried += len(asked)
        for item, outcome in zip(asked, _asked_on(gate, f"day-{day}", asked, day), strict=True):
            if outcome is not Outcome.REFUSED:
                answered.add(point_of(item))
    figures: dict[str, Figure] = {
        "candidates": min(len(candidates), size.cases),
        "ways to name the person": len(tricks),
        "questions about one person": tried,
        "addresses answered about one person": len(answered),
    }
    told = [f"{len(answered)} different addresses were answered about one person."]
    broken = [] if len(answered) == 1 else told if answered else [NO_CONTROL]
    crowd = _crowd(gate, stage, size)
    return Tried(tried + crowd.tried, [*broken, *crowd.broken], {**figures, **crowd.figures})


def _crowd(gate: TriedGate, stage: Stage, size: Size) -> Tried:
    """Many persons, each with M addresses in an order drawn by chance: so many hits as guessing once each would give.

    The hits of guesses are binomial; more than come in one of a million of such runs are no guesses.
    """
    chance = Random(stage.seed + 4)  # noqa: S311 - an order of questions, nothing secret
    people = stage.confirmed[1 : 1 + max(_CANDIDATES, size.cases // _CANDIDATES)]
    asked: list[tuple[int, Item]] = []
    for number, person in enumerate(people):
        elsewhere = [item for item in stage.confirmed if point_of(item) != point_of(person)]
        homes = [person, *chance.sample(elsewhere, min(len(elsewhere), _CANDIDATES - 1))]
        chance.shuffle(homes)
        asked += [
            (number, at_home_of(person, home, f"w{number}-{place}", spelled_as(home, place)))
            for place, home in enumerate(homes)
        ]
    outcomes = _asked_on(gate, "crowd", [item for _, item in asked], 9)
    answered = Counter(
        number for (number, _), outcome in zip(asked, outcomes, strict=True) if outcome is not Outcome.REFUSED
    )
    hits = outcomes.count(Outcome.CONFIRMED)
    candidates = len(asked) // len(people)
    most = _guessed_at_most(len(people), 1 / candidates)
    broken = [
        f"{count} addresses were answered about person {n}." for n, count in answered.items() if count > 1
    ]
    broken += [] if answered else [NO_CONTROL]
    broken += [f"{hits} true addresses were found, where guesses find {most} at most."] if hits > most else []
    figures: dict[str, Figure] = {
        "persons in a crowd": len(people),
        "addresses for each of them, M": candidates,
        "answered about each of them, at most": max(answered.values(), default=0),
        "true addresses found in the crowd": hits,
        "found on average by one guess each, persons / M": f"{len(people) / candidates:.1f}",
        "found by guesses at most, but for one run of a million": most,
    }
    return Tried(len(asked), broken, figures)


def _guessed_at_most(tries: int, share: float) -> int:
    """The fewest hits that a binomial count exceeds at most once in a million."""
    beyond = 1.0
    for hits in range(tries + 1):
        beyond -= comb(tries, hits) * share**hits * (1 - share) ** (tries - hits)
        if beyond <= _ONE_IN_A_MILLION:
            return hits
    return tries


def budgets(stage: Stage, size: Size, planted: bool) -> Tried:
    """No limit of the agreement is exceeded by other spellings of officers, reasons or persons, or over packages."""
    most = 3
    limits = _limits(
        **dict.fromkeys(
            ("subjects_per_address", "identical_reasons", "caseload_per_officer"), None if planted else most
        )
    )
    people = stage.confirmed[: max(2 * most, min(size.cases, 40))]
    home, officers = people[0], people[0].officers
    ways = {
        "people at one address": [
            at_home_of(item, home, f"s{n}", spelled=spelled_as(home, n)) for n, item in enumerate(people)
        ],
        "one reason, spaces and case changed": [
            item._replace(item=f"r{n}", reason=_retyped(home.reason, n), officers=f"officer-{n}")
            for n, item in enumerate(people)
        ],
        "one officer": [
            item._replace(
                item=f"c{n}", officers=officers, reason=f"{item.reason} {item.investigation_number}"
            )
            for n, item in enumerate(people)
        ],
    }
    broken, tried = [], 0
    known = {officer for item in stage.items for officer in item.officers.split()}
    named = sorted(known)
    for number, (way, drawn) in enumerate(ways.items()):
        items = [
            item
            if set(item.officers.split()) <= known
            else item._replace(officers=named[position % len(named)])
            for position, item in enumerate(drawn)
        ]
        gate = stage.gate(f"budget-{number}", replace(stage.agreement(), limits=limits))
        half = len(items) // 2
        outcomes = _asked_on(gate, "first", items[:half], 0) + _asked_on(gate, "second", items[half:], 1)
        answered = sum(outcome is not Outcome.REFUSED for outcome in outcomes)
        tried += len(items)
        if answered > most:
            broken.append(f"{way}: {answered} answered where {most} are allowed.")
        elif not answered:
            broken.append(f"{way}: {NO_CONTROL}")
    return Tried(tried, broken, {"ways": len(ways), "allowed each": most})


def _disguises(person: Item) -> Iterator[tuple[str, Item]]:
    """The same person, named in other ways that the gate may take for another one."""
    yield "as-named", person
    yield "without-number", person._replace(tin="")
    yield (
        "upper-case",
        person._replace(given_names=person.given_names.upper(), surnames=person.surnames.upper()),
    )
    yield "initial", person._replace(given_names=person.given_names[:1] + ".")
    yield "other-case-number", person._replace(investigation_number=f"{person.investigation_number}X")
    yield "other-order", person._replace(removal_order_number=f"{person.removal_order_number}9")
    yield "digits-only", person._replace(tin=person.tin.replace("-", ""))
    unnumbered = person._replace(
        tin="", alien_number="", investigation_number="INV-2026-900001", removal_order_number="RO-2025-900001"
    )
    yield "name-and-birth-date-alone", unnumbered
    yield (
        "names-swapped",
        unnumbered._replace(given_names=person.surnames, surnames=person.given_names),
    )
    first, *others = person.surnames.split()
    yield "one-surname", unnumbered._replace(surnames=first)
    yield "surnames-turned", unnumbered._replace(surnames=" ".join((*others, first)))
    yield "surnames-joined", unnumbered._replace(surnames="-".join(person.surnames.split()))
    yield "names-more", unnumbered._replace(given_names=f"{person.given_names} Quill")


def _asked_on(gate: TriedGate, name: str, items: Sequence[Item], day: int) -> list[Outcome]:
    """The outcomes of one package; all refused where it is refused whole."""
    named = [item._replace(item=f"{item.item}d{day}") for item in items]
    try:
        return gate.ask(name, named)
    except RefusedError:
        return [Outcome.REFUSED] * len(items)


def _retyped(reason: str, number: int) -> str:
    ways = (str, str.upper, str.lower, lambda text: text.replace(" ", "  "), lambda text: f"{text} ")
    return ways[number % len(ways)](reason)


def _limits(**limits: int | None) -> Limits:
    """Every limit lifted but those named."""
    nothing: dict[str, int | None] = dict.fromkeys(LIMITS)
    return Limits(**(nothing | {"filers_per_address": LIMITS["filers_per_address"]} | limits))
