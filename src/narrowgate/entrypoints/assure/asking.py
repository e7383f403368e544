"""How a check asks, and what it takes for broken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.request.item import Item
from narrowgate.entrypoints.assure.broken_parts import yes_to_everything
from narrowgate.entrypoints.assure.check import Figure, Tried, every
from narrowgate.entrypoints.assure.other_addresses import Question
from narrowgate.entrypoints.assure.stage import Stage, unchanged

NO_CONTROL: Final = (
    "The positive control failed: a true question was not answered, so that the check proves nothing."
)


def never_confirmed(
    stage: Stage,
    name: str,
    asked: Sequence[Question],
    planted: bool,
    index: str = "index",
    controls: Sequence[Item] = (),
) -> Tried:
    """What came of asking questions of which none may be confirmed.

    Args:
        stage: the world.
        name: of the gate.
        asked: questions; without any, nothing was tried.
        planted: whether the index says yes to everything.
        index: of the stage, which the gate reads.
        controls: questions that must be confirmed beside them; one that the stage confirmed by default.
    """
    if not asked:
        return Tried(0)
    gate = stage.gate(name, stage.agreement(), index)
    change = yes_to_everything if planted else unchanged
    true = controls or stage.confirmed[:1]
    outcomes = gate.ask(name, [*true, *(item for _, item in asked)], change)
    beside, outcomes = outcomes[: len(true)], outcomes[len(true) :]
    broken = [
        f"Confirmed: {tries}"
        for (tries, _), outcome in zip(asked, outcomes, strict=True)
        if outcome is Outcome.CONFIRMED
    ]
    missed = sum(outcome is not Outcome.CONFIRMED for outcome in beside)
    broken += [f"{NO_CONTROL} ({missed:,} of {len(true):,})"] if missed else []
    figures: dict[str, Figure] = dict(Counter(tries for tries, _ in asked))
    told = {
        "refused": outcomes.count(Outcome.REFUSED),
        "true questions beside them, all confirmed": len(true),
    }
    return Tried(len(asked), broken, figures | told)


def spread(asked: Iterable[Question], most: int) -> list[Question]:
    """At most so many of them: of each kind alike, as far as it has them, spread over all of the kind."""
    kinds: dict[str, list[Question]] = {}
    for question in asked:
        kinds.setdefault(question[0], []).append(question)
    chosen: list[Question] = []
    for left, questions in zip(range(len(kinds), 0, -1), sorted(kinds.values(), key=len), strict=True):
        share = (most - len(chosen)) // left
        chosen += questions[:: every(questions, share)] if share else []
    return chosen


def at_home_of(person: Item, home: Item, name: str, spelled: tuple[str, str] | None = None) -> Item:
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


def spelled_as(home: Item, number: int) -> tuple[str, str]:
    """One of the spellings of an address that the canonical form reads alike."""
    ways = (str, str.upper, str.lower, lambda text: text.replace(" ", "  "), lambda text: f" {text}.")
    way = ways[number % len(ways)]
    return way(home.address_line_1), way(home.address_line_2) if home.address_line_2 else ""
