"""Match rule 1: which tokens one admitted item may ask for (DESIGN.md section 6).

Exact equality is one token for each identity and locality. Two relaxations add tokens, and only when guard
facts from the index say that no other street can be meant:

- *suffix blank on one side*: number and street name have only one suffix in the locality;
- *one edit in the street name*: the written name is no known street, looks like none, and one known street is
  one edit away: the only one seen for two filers or more, or where none is, the only one at all.

They are never combined. Everything here is a function of the question and the guards; neither the key nor the
index is at hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from narrowgate.core.address.keys import key_street_name, request_localities
from narrowgate.core.address.model import AddressClass, DeliveryPoint
from narrowgate.core.base.errors import OperationalError
from narrowgate.core.matching.street_edit import may_be_meant, spelled_neighbors, wildcards
from narrowgate.core.matching.street_words import is_plausible_street
from narrowgate.core.matching.token import (
    TOKEN_SIZE,
    Guard,
    IndexKey,
    Token,
    anchor_message,
    exclusion_token,
    known_street_token,
    named_street_token,
    numbered_street_token,
    street_token,
    suffix_token,
    wildcard_token,
)

MATCH_RULE_VERSION = "1"
"""Version of the rule; part of every agreement and index manifest."""

Guards = Mapping[Token, tuple[Guard, ...]]


@dataclass(frozen=True, slots=True)
class Relaxations:
    """Which of the two relaxations the agreement leaves on."""

    suffix_blank: bool = True
    street_one_edit: bool = True


class SuffixQuestion(NamedTuple):
    """What the blank-suffix relaxation needs of one locality.

    Args:
        anchors: ``A XOR N`` for every identity, side by side.
        suffix: ``X`` of the suffix as written.
        blank: ``X`` of no suffix.
        known: ``V`` of the street.
        numbered: ``U`` of number and street.
    """

    anchors: int
    suffix: int
    blank: int
    known: Token
    numbered: Token


class Neighborhood(NamedTuple):
    """Where streets one edit from a written name would stand.

    Args:
        candidates: ``(V, N, may be meant)`` of names the asker can spell: a letter less, two swapped.
        wildcards: ``W`` tokens that lead to names with another letter or one more.
        elsewhere: ``G`` of the written name; where the file knows it, the name is no error.
    """

    candidates: tuple[tuple[Token, int, bool], ...]
    wildcards: tuple[Token, ...]
    elsewhere: Token


class EditQuestion(NamedTuple):
    """What the one-edit relaxation needs, in the first locality of the request.

    Args:
        anchors: ``A XOR X`` for every identity, suffix as written, side by side.
        known: ``V`` of the street as written.
        neighborhood: the streets one edit away, or None while nobody has looked whether ``known`` is known.
    """

    anchors: int
    known: Token
    neighborhood: Neighborhood | None


class Question(NamedTuple):
    """Everything that may be asked of an index about one admitted item; no plain text.

    A named tuple, because packages hold a million of them. Tokens that are still to be joined by XOR stand as
    big-endian integers, those of all identities side by side in one; tokens that are looked up stand as they are.

    Args:
        years: mask of the tax years named in the item.
        identities: how many there are.
        tokens: for each locality the exact tokens of all identities.
        exclusions: ``E`` of the person: present when the person is kept out.
        suffixes: one for each locality, or none when the relaxation is off or does not apply.
        edit: or None when the relaxation is off or does not apply.
    """

    years: int
    identities: int
    tokens: tuple[int, ...]
    exclusions: tuple[Token, ...]
    suffixes: tuple[SuffixQuestion, ...]
    edit: EditQuestion | None


def question(
    key: IndexKey,
    identities: tuple[str, ...],
    subjects: tuple[str, ...],
    point: DeliveryPoint,
    years: int,
    relaxations: Relaxations,
    *,
    neighborhood: bool = True,
) -> Question:
    """The question that asks for ``identities`` at ``point`` in any year of the mask ``years``.

    Args:
        key: the index key; the question holds tokens only.
        identities: of the item's person (``core.person.identity.request_identities``).
        subjects: of the item's person (``core.person.exclusion_subjects``).
        point: the item's delivery point.
        years: mask of tax years (``core.matching.tax_years``).
        relaxations: what the agreement leaves on.
        neighborhood: whether to work out the streets one edit away, which is most of the work and is needed
            for an unknown street only.
    """
    street = point.address_class is AddressClass.STREET
    name = key_street_name(point)
    endings = [identity.encode() for identity in identities]
    of_each = _repeater(len(endings))
    tokens: list[int] = []
    suffixes: list[SuffixQuestion] = []
    edit: EditQuestion | None = None
    for order, locality in enumerate(request_localities(point)):
        written, suffix = (
            int.from_bytes(street_token(key, locality, name)),
            _suffix(key, locality, point.suffix),
        )
        macs = key.macs(anchor_message(point, locality), endings)
        anchors = int.from_bytes(b"".join([mac[:TOKEN_SIZE] for mac in macs]))
        tokens.append(anchors ^ (written ^ suffix) * of_each)
        known = known_street_token(key, locality, name) if street else b""
        if street and relaxations.suffix_blank:
            suffixes.append(
                SuffixQuestion(
                    anchors ^ written * of_each,
                    suffix,
                    _suffix(key, locality, ""),
                    known,
                    numbered_street_token(key, locality, point.number, name),
                )
            )
        if order == 0 and relaxations.street_one_edit and _may_be_an_error(point):
            edit = EditQuestion(
                anchors ^ suffix * of_each,
                known,
                _neighborhood(key, locality, name) if neighborhood else None,
            )
    exclusions = tuple(exclusion_token(key, subject) for subject in subjects)
    return Question(years, len(endings), tuple(tokens), exclusions, tuple(suffixes), edit)


@lru_cache(maxsize=1024)
def _repeater(count: int) -> int:
    """What a token is multiplied by to stand ``count`` times side by side."""
    return int.from_bytes((1).to_bytes(TOKEN_SIZE) * count)


@lru_cache(maxsize=65536)
def _suffix(key: IndexKey, locality: str, suffix: str) -> int:
    return int.from_bytes(suffix_token(key, locality, suffix))


def _may_be_an_error(point: DeliveryPoint) -> bool:
    """Whether the street as written is long enough for a slip, and no name that a street could well have."""
    return (
        point.address_class is AddressClass.STREET
        and may_be_meant(key_street_name(point))
        and not is_plausible_street(point.street_name)
    )


@lru_cache(maxsize=4096)
def _neighborhood(key: IndexKey, locality: str, name: str) -> Neighborhood:
    """Streets repeat in a package far more often than addresses, so their forty tokens are kept."""
    candidates = tuple(
        (
            known_street_token(key, locality, other),
            int.from_bytes(street_token(key, locality, other)),
            may_be_meant,
        )
        for other, may_be_meant in spelled_neighbors(name).items()
    )
    led_to = tuple(wildcard_token(key, locality, at, rest) for at, rest in wildcards(name))
    return Neighborhood(candidates, led_to, named_street_token(key, name))


def street_guard_tokens(question: Question) -> tuple[Token, ...]:
    """The guard tokens every item needs: the person's exclusions, and its street as written."""
    found = [*question.exclusions]
    for part in question.suffixes:
        found += (part.known, part.numbered)
    if question.edit is not None:
        found.append(question.edit.known)
    return tuple(found)


def guard_tokens(question: Question) -> tuple[Token, ...]:
    """Every guard token ``resolve`` may look at; some may stand twice."""
    found = street_guard_tokens(question)
    if question.edit is None or question.edit.neighborhood is None:
        return found
    candidates, wildcards, elsewhere = question.edit.neighborhood
    return (*found, *(known for known, _, _ in candidates), *wildcards, elsewhere)


def is_street_unknown(question: Question, guards: Guards) -> bool:
    """Whether ``resolve`` needs the streets one edit away, and the question was made without them."""
    edit = question.edit
    return edit is not None and edit.neighborhood is None and edit.known not in guards


def resolve(question: Question, guards: Guards) -> bytes:
    """The tokens to ask for, side by side: the exact ones, and those a relaxation adds with its guard satisfied.

    Args:
        question: of one item.
        guards: facts for at least ``guard_tokens(question)``; a token that is absent has none.

    Raises:
        OperationalError: the street is unknown and the question was made without its neighborhood.
    """
    of_each = _repeater(question.identities)
    found = [*question.tokens]
    found += [
        part.anchors ^ other * of_each
        for part in question.suffixes
        for other in _other_suffixes(part, guards)
    ]
    if question.edit is not None and question.edit.known not in guards:
        found += [question.edit.anchors ^ other * of_each for other in _other_streets(question.edit, guards)]
    blinds = [fact.value for excluded in question.exclusions for fact in guards.get(excluded, ())]
    if blinds:
        # A person kept out costs as many tokens as anybody; they are tokens of nothing.
        blind = int.from_bytes(blinds[0]) * of_each
        found = [tokens ^ blind for tokens in found]
    return b"".join([tokens.to_bytes(TOKEN_SIZE * question.identities) for tokens in found])


def _other_suffixes(part: SuffixQuestion, guards: Guards) -> set[int]:
    """Relaxation 1: the one suffix that the same street has here, or no suffix; nothing where that is not certain."""
    suffixes = _values(part.known, guards) - {part.blank}
    several = len(suffixes) > 1
    if several:
        suffixes = _values(part.numbered, guards) - {part.blank}
    if part.suffix == part.blank:
        return suffixes if len(suffixes) == 1 else set()
    if suffixes == {part.suffix} or not (suffixes or several):
        return {part.blank}
    return set()


def _values(token: Token, guards: Guards) -> set[int]:
    return {int.from_bytes(fact.value) for fact in guards.get(token, ())}


def _other_streets(edit: EditQuestion, guards: Guards) -> list[int]:
    """Relaxation 2: the only known street one edit away; nothing where there is none, or another one."""
    if edit.neighborhood is None:
        raise OperationalError(
            "An unknown street has no neighborhood.", why="The question was not asked again."
        )
    neighborhood = edit.neighborhood
    if neighborhood.elsewhere in guards:
        return []
    near = _known_streets(neighborhood, guards)
    wanted = [street for street, shared in near.items() if shared] or list(near)
    never = {street for _, street, meant in neighborhood.candidates if not meant}
    if len(wanted) != 1 or wanted[0] in never:
        return []
    return wanted


def _known_streets(neighborhood: Neighborhood, guards: Guards) -> dict[int, bool]:
    """``N`` of every known street one edit away, and whether it was seen for two filers or more."""
    found: dict[int, bool] = {}
    for wildcard in neighborhood.wildcards:
        for fact in guards.get(wildcard, ()):
            street = int.from_bytes(fact.value)
            found[street] = found.get(street, False) or fact.shared
    for known, street, _ in neighborhood.candidates:
        if known in guards:
            found[street] = any(fact.shared for fact in guards[known])
    return found
