"""What an amendment changes: what becomes narrower, what wider, and what cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from narrowgate.core.agreement.model import Agreement
from narrowgate.core.agreement.provisions import (
    LIFTED,
    Provision,
    Widens,
    in_words,
    name_of,
    provisions_of,
)
from narrowgate.core.agreement.term import require_continuous, term_of
from narrowgate.core.base.errors import ConfigurationError


class Direction(StrEnum):
    """What a change does to what may leave."""

    NARROWER = "narrower"
    WIDER = "wider"
    OTHERWISE = "otherwise"
    """It reads otherwise and allows neither more nor less."""
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True)
class Difference:
    """One change in words.

    Args:
        direction: of the change; a change that the software cannot judge counts as wider.
        path: of the provision (``provisions.Provision``); empty for what cannot be.
        sentence: for a reader of both agreements.
    """

    direction: Direction
    path: str
    sentence: str


_ADDED_IS: Final = {
    Widens.ADDED: (Direction.WIDER, Direction.NARROWER),
    Widens.REMOVED: (Direction.NARROWER, Direction.WIDER),
    Widens.NOTHING: (Direction.OTHERWISE, Direction.OTHERWISE),
}


def differences(before: Agreement, after: Agreement) -> tuple[Difference, ...]:
    """Every change from one agreement to the next: first what cannot be, then by provision in the order of the file.

    Args:
        before: the earlier agreement.
        after: the later one, inside the code's ceilings as parsed.
    """
    earlier, later = provisions_of(before), provisions_of(after)
    changed: list[Difference] = []
    for path, provision in (later | {path: earlier[path] for path in earlier if path not in later}).items():
        was, becomes = earlier.get(path), later.get(path)
        if was == becomes or _told_above(path, earlier, later):
            continue
        if was is None or becomes is None:
            changed.append(_came_or_went(provision, came=was is None))
        else:
            changed.append(_reads_otherwise(provision, was.value, becomes.value))
    return (*_impossible(before, after), *changed)


def _impossible(before: Agreement, after: Agreement) -> Iterator[Difference]:
    if before.digest == after.digest and before.digest:
        return
    try:
        require_continuous((term_of(before),), term_of(after))
    except ConfigurationError as error:
        yield Difference(Direction.IMPOSSIBLE, "", f"{error.what} {error.why}")
    if after.id == before.id and after.version <= before.version:
        yield Difference(
            Direction.IMPOSSIBLE,
            "",
            f"The version is {after.version}; an amendment of version {before.version} needs a greater one.",
        )
    if after.sandbox and not before.sandbox:
        yield Difference(
            Direction.IMPOSSIBLE,
            "",
            "A sandbox agreement cannot take the place of one that two agencies signed.",
        )


def _told_above(path: str, earlier: dict[str, Provision], later: dict[str, Provision]) -> bool:
    """Whether a clause, office, key, list or hold that came or went as a whole tells it already."""
    above = [path[:at] for at, sign in enumerate(path) if sign in ".["] + [
        path[: at + 1] for at, sign in enumerate(path) if sign == "]" and at + 1 < len(path)
    ]
    return any((name in earlier) is not (name in later) for name in above)


def _came_or_went(provision: Provision, *, came: bool) -> Difference:
    name, widens = name_of(provision.kind)
    added, removed = _ADDED_IS.get(widens, (Direction.WIDER, Direction.WIDER))
    sentence = f"{_label(provision, name)} is {'added' if came else 'taken out'}."
    return Difference(added if came else removed, provision.path, sentence)


def _reads_otherwise(provision: Provision, was: Any, becomes: Any) -> Difference:
    name, widens = name_of(provision.kind)
    sentence = f"{_label(provision, name)}: {in_words(becomes)} in place of {in_words(was)}."
    return Difference(_direction(widens, was, becomes), provision.path, sentence)


def _label(provision: Provision, name: str) -> str:
    text = f"{name} {provision.of}".strip()
    return text[:1].upper() + text[1:]


def _direction(widens: Widens, before: Any, after: Any) -> Direction:
    if widens is Widens.NOTHING:
        return Direction.OTHERWISE
    if widens in {Widens.TRUE, Widens.FALSE}:
        return Direction.WIDER if after is (widens is Widens.TRUE) else Direction.NARROWER
    if LIFTED in {before, after}:
        return Direction.WIDER if after == LIFTED else Direction.NARROWER
    if widens in {Widens.GREATER, Widens.SMALLER}:
        return Direction.WIDER if (after > before) is (widens is Widens.GREATER) else Direction.NARROWER
    return Direction.WIDER
