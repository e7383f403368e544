"""Checks that ask: what must never be confirmed is not, and what must be refused is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise

from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.request.item import Item
from narrowgate.entrypoints.assure.asking import NO_CONTROL, at_home_of, never_confirmed, spread
from narrowgate.entrypoints.assure.broken_parts import IndexOver, guessing, over_index
from narrowgate.entrypoints.assure.check import Size, Tried, every
from narrowgate.entrypoints.assure.other_addresses import mutated, other_streets
from narrowgate.entrypoints.assure.stage import Change, Stage, unchanged
from narrowgate.entrypoints.sandbox.synthetic_unusable import AUGUST


def mutation(stage: Stage, size: Size, planted: bool) -> Tried:
    """No confirmed address is confirmed with another one of any part that the canonical form knows."""
    return never_confirmed(stage, "mutation", spread(mutated(stage), size.cases), planted)


def look_alikes(stage: Stage, size: Size, planted: bool) -> Tried:
    """The streets of the same ZIP Code whose names look most alike, at the same number, are not confirmed."""
    return never_confirmed(stage, "look-alikes", spread(other_streets(stage), size.cases), planted)


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
        ("another person's address", at_home_of(item, far, f"o{number}"))
        for number, (item, far) in enumerate(zip(people, other, strict=True))
        if item.address_line_1 != far.address_line_1
    ]
    return never_confirmed(stage, "august", spread(asked, size.cases), planted)


def junk(stage: Stage, size: Size, planted: bool) -> Tried:
    """A text that is no address is refused, whatever is written around it, and the index is not read for it.

    Every text is asked about beside a true question, and in a package of its kind alone, in which nothing may be read.
    """
    shapes = ("{}", "{} 12345", "1 {}", "{} {}", "*{}*", "{} APT 1")
    person = stage.confirmed[0]
    joints = (".", "..", "'", '"', "\u2026", "-", "_")
    spellings: tuple[Callable[[str], str], ...] = (
        str,
        str.upper,
        str.lower,
        str.title,
        *(partial(_joined_by, joint) for joint in joints),
    )
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
    broken += [] if control is Outcome.CONFIRMED else [NO_CONTROL]
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


def _joined_by(joint: str, text: str) -> str:
    return joint.join(text.split())


def _questions_read(stage: Stage, asked: Sequence[Item], change: Change) -> int:
    """How many questions of a package come to the index."""
    read: list[int] = []
    counting = over_index(lambda index: IndexOver(index, counted=read.append))
    stage.gate("junk", stage.agreement()).ask("read", asked, lambda gate: counting(change(gate)))
    return sum(read)


_JUNK = (
    "UNKNOWN", "Failed to Provide", "NA NA", "Don't Care 12345", "DESCONOCIDO", "NONE", "xxxx", "N/A", "12345",
    "refused to answer", "no fixed address", "GENERAL DELIVERY", "COUNTY JAIL", "HOMELESS", "SEM ENDERECO",
    "SANS DOMICILE FIXE", "PA KONNEN", "TRANSIENT", "in custody", "same as above", "to be determined", "asdf",
)  # fmt: skip
"""What people write where an address should stand."""
