"""Checks that ask: what must never be confirmed is not, what must be refused is, and a person costs one bit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from narrowgate.core.agreement.ceilings import LIMITS
from narrowgate.core.agreement.model import Limits
from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.base.errors import RefusedError
from narrowgate.core.request.item import Item
from narrowgate.entrypoints.assure.broken_parts import IndexOver, guessing, over_index, yes_to_everything
from narrowgate.entrypoints.assure.check import Figure, Size, Tried, every
from narrowgate.entrypoints.assure.other_addresses import Question, mutated, other_streets, point_of
from narrowgate.entrypoints.assure.stage import Change, Stage, TriedGate, unchanged
from narrowgate.entrypoints.sandbox.synthetic_unusable import AUGUST


def mutation(stage: Stage, size: Size, planted: bool) -> Tried:
    """No confirmed address is confirmed with another one of any part that the canonical form knows."""
    return _never_confirmed(stage, "mutation", _spread(mutated(stage), size.cases), planted)


def look_alikes(stage: Stage, size: Size, planted: bool) -> Tried:
    """The streets of the same ZIP Code whose names look most alike, at the same number, are not confirmed."""
    return _never_confirmed(stage, "look-alikes", _spread(other_streets(stage), size.cases), planted)


def namesakes(stage: Stage, size: Size, planted: bool) -> Tried:
    """Twins, parents and children of one name, and neighbors are not confirmed at the filer's address."""
    return _never_confirmed(stage, "namesakes", _spread(_namesakes(stage), size.cases), planted)


def august(stage: Stage, size: Size, planted: bool) -> Tried:
    """The right person beside what stood in the file of August 2025 instead of an address is not confirmed."""
    kinds = {kind.name for kind in AUGUST}
    asked = [
        (block, item)
        for item in stage.items
        for truth, block in [stage.truth[item.item]]
        if truth != "must_confirm" and (block.split(":")[-1].strip() in kinds or "august" in block.lower())
    ]
    people = stage.confirmed
    asked += [
        (text, item._replace(item=f"a{number}", address_line_1=text, address_line_2=""))
        for number, (item, text) in enumerate(
            zip(people, _JUNK * (1 + len(people) // len(_JUNK)), strict=False)
        )
    ]
    asked += [
        (
            "a neighbor's ZIP Code alone",
            item._replace(item=f"z{number}", address_line_1=item.zip, address_line_2=""),
        )
        for number, item in enumerate(people)
    ]
    other = [*people[1:], *people[:1]]
    asked += [
        ("another person's address", _at(item, far, f"o{number}"))
        for number, (item, far) in enumerate(zip(people, other, strict=True))
        if item.address_line_1 != far.address_line_1
    ]
    return _never_confirmed(stage, "august", _spread(asked, size.cases), planted)


def junk(stage: Stage, size: Size, planted: bool) -> Tried:
    """A text that is no address is refused, whatever is written around it, and the index is not read for it.

    Every text is asked about beside a true question, and in a package of its kind alone, in which nothing may be read.
    """
    shapes = ("{}", "{} 12345", "1 {}", "{} {}", "*{}*", "{} APT 1")
    person = stage.confirmed[0]
    spellings = (str, str.upper, str.lower, str.title, lambda text: ".".join(text.split()))
    texts = sorted(
        {shape.format(way(text), text) for text in _JUNK for shape in shapes for way in spellings}
        | {f"{one} {other}" for one, other in pairwise((*_JUNK, *_JUNK[::-1]))}
    )
    items = [
        person._replace(item=f"j{number}", address_line_1=text, address_line_2="")
        for number, text in enumerate(texts[:: every(texts, size.cases)])
    ]
    gate = stage.gate("junk", stage.agreement())
    change = guessing(person.address_line_1) if planted else unchanged
    control, *outcomes = gate.ask("junk", [person, *items], change)
    broken = [
        f"Not refused: {item.address_line_1!r}"
        for item, outcome in zip(items, outcomes, strict=True)
        if outcome is not Outcome.REFUSED
    ]
    broken += [] if control is Outcome.CONFIRMED else [_NO_CONTROL]
    alone, beside = (_questions_read(stage, asked, change) for asked in (items, [person, *items]))
    broken += [f"{alone:,} texts led to a question to the index."] if alone else []
    broken += (
        [] if beside else ["The positive control failed: a true question led to no question to the index."]
    )
    figures = {
        "texts": len(items),
        "questions to the index in a package of these texts alone": alone,
        "in the same package with one true question (control)": beside,
    }
    return Tried(len(items), broken, figures)


def _questions_read(stage: Stage, asked: Sequence[Item], change: Change) -> int:
    """How many questions of a package come to the index."""
    read: list[int] = []
    counting = over_index(lambda index: IndexOver(index, counted=read.append))
    stage.gate("junk", stage.agreement()).ask("read", asked, lambda gate: counting(change(gate)))
    return sum(read)


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
            _at(disguised, home, f"p{number}-{place}", spelled=_spelled(home, number))
            for number, (_, disguised) in together
            for place, home in enumerate(candidates[: size.cases])
        ]
        tried += len(asked)
        for item, outcome in zip(asked, _asked_on(gate, f"day-{day}", asked, day), strict=True):
            if outcome is not Outcome.REFUSED:
                answered.add(point_of(item))
    figures = {
        "candidates": min(len(candidates), size.cases),
        "ways to name the person": len(tricks),
        "questions": tried,
        "addresses answered": len(answered),
    }
    told = [f"{len(answered)} different addresses were answered about one person."]
    broken = [] if len(answered) == 1 else told if answered else [_NO_CONTROL]
    return Tried(tried, broken, figures)


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
            _at(item, home, f"s{n}", spelled=_spelled(home, n)) for n, item in enumerate(people)
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
    for number, (way, drawn) in enumerate(ways.items()):
        named = sorted(known)
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
            broken.append(f"{way}: {_NO_CONTROL}")
    return Tried(tried, broken, {"ways": len(ways), "allowed each": most})


_JUNK = (
    "UNKNOWN", "Failed to Provide", "NA NA", "Don't Care 12345", "DESCONOCIDO", "NONE", "xxxx", "N/A", "12345",
    "refused to answer", "no fixed address", "GENERAL DELIVERY", "COUNTY JAIL", "HOMELESS", "SEM ENDERECO",
    "SANS DOMICILE FIXE", "PA KONNEN", "TRANSIENT", "in custody", "same as above", "to be determined", "asdf",
)  # fmt: skip
"""What people write where an address should stand."""

_NO_CONTROL: Final = (
    "The positive control failed: a true question was not answered, so that the check proves nothing."
)


def _never_confirmed(stage: Stage, name: str, asked: Sequence[Question], planted: bool) -> Tried:
    if not asked:
        return Tried(0)
    gate = stage.gate(name, stage.agreement())
    change = yes_to_everything if planted else unchanged
    control, *outcomes = gate.ask(name, [stage.confirmed[0], *(item for _, item in asked)], change)
    broken = [
        f"Confirmed: {tries}"
        for (tries, _), outcome in zip(asked, outcomes, strict=True)
        if outcome is Outcome.CONFIRMED
    ]
    broken += [] if control is Outcome.CONFIRMED else [_NO_CONTROL]
    figures: dict[str, Figure] = dict(Counter(tries for tries, _ in asked))
    return Tried(len(asked), broken, figures | {"refused": outcomes.count(Outcome.REFUSED)})


def _spread(asked: Iterator[Question] | Sequence[Question], most: int) -> list[Question]:
    """At most so many of them: of each kind alike, as far as it has them, spread over all of the kind."""
    kinds: dict[str, list[Question]] = {}
    for question in asked:
        kinds.setdefault(question[0], []).append(question)
    chosen: list[Question] = []
    for left, questions in zip(range(len(kinds), 0, -1), sorted(kinds.values(), key=len), strict=True):
        share = (most - len(chosen)) // left
        chosen += questions[:: every(questions, share)] if share else []
    return chosen


def _namesakes(stage: Stage) -> Iterator[Question]:
    people = stage.confirmed
    for number, item in enumerate(people):
        year, rest = item.birth_date[:4], item.birth_date[4:]
        yield (
            "the child of this name",
            item._replace(item=f"n{number}a", birth_date=f"{int(year) + 27}{rest}", tin=""),
        )
        yield (
            "the twin, without a number",
            item._replace(
                item=f"n{number}b",
                given_names="Quillon" if item.given_names[:1].upper() != "Q" else "Ulric",
                tin="",
            ),
        )
        other = people[(number + 1) % len(people)]
        if other.surnames != item.surnames and other.birth_date != item.birth_date:
            yield "somebody else at this address", _at(other, item, f"n{number}c")
        yield (
            "another surname, without a number",
            item._replace(item=f"n{number}d", surnames="Quizzenbury", tin=""),
        )


def _at(person: Item, home: Item, name: str, spelled: tuple[str, str] | None = None) -> Item:
    """The person, asked about at another's address."""
    line_1, line_2 = spelled or (home.address_line_1, home.address_line_2)
    return person._replace(
        item=name,
        address_line_1=line_1,
        address_line_2=line_2,
        city=home.city,
        state=home.state,
        zip=home.zip,
    )


def _spelled(home: Item, number: int) -> tuple[str, str]:
    """One of the spellings of an address that the canonical form reads alike."""
    ways = (str, str.upper, str.lower, lambda text: text.replace(" ", "  "), lambda text: f" {text}.")
    way = ways[number % len(ways)]
    return way(home.address_line_1), way(home.address_line_2) if home.address_line_2 else ""


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
