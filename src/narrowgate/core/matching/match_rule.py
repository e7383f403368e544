"""Match rule 2: which rows one admitted item may ask for (docs/reference/person.md and address.md).

Exact equality is one row for each identity and locality. Two relaxations add rows, and only when guard facts say
that no other street can be meant:

- *suffix blank on one side*: the street is known with exactly one suffix in the ZIP Code, a blank one counted, and
  its name is not whole without a suffix;
- *one edit in the street name*: the ZIP Code is covered by a street reference, which does not know the written name
  and knows exactly one name one edit away. Without a reference it does nothing, whatever an agreement says.

They are never combined. What is known of a street comes from the reference, and in a ZIP Code that it does not cover
from the file. Everything here is a function of the question and the guards; neither the key nor the index is at hand.
The work, and the number of rows asked for, depends on what is written in the question and on nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from struct import Struct
from typing import NamedTuple

from narrowgate.core.address.keys import key_street_name, request_localities
from narrowgate.core.address.model import AddressClass, DeliveryPoint
from narrowgate.core.matching.guard_facts import Fact
from narrowgate.core.matching.street_edit import may_be_meant, spelled_neighbors, wildcards
from narrowgate.core.matching.suffix_blank import is_whole_without_suffix
from narrowgate.core.matching.token import (
    ANCHOR_SIZE,
    TOKEN_SIZE,
    VALUE_SIZE,
    GuardKey,
    IndexKey,
    Token,
    anchor_messages,
    covered_zip,
    exclusion_tokens,
    known_street,
    known_street_values,
    row_keys,
    several,
    street_value,
    street_values,
    suffix_value,
    wildcard,
)

MATCH_RULE_VERSION = "2"
"""Version of the rule; part of every agreement and index manifest."""

Guards = Mapping[Token, Fact]


@dataclass(frozen=True, slots=True)
class Relaxations:
    """Which of the two relaxations the agreement leaves on."""

    suffix_blank: bool = True
    street_one_edit: bool = True


class SuffixQuestion(NamedTuple):
    """What the blank-suffix relaxation needs.

    Args:
        known: for each locality of the question ``S`` of the street in the ZIP Code, or for a city in the ZIP Code of
            the question, and where that has none in every ZIP Code of the city.
        suffix: ``X`` of the suffix as written.
        blank: ``X`` of no suffix.
    """

    known: tuple[tuple[GuardKey, ...], ...]
    suffix: bytes
    blank: bytes


class Neighborhood(NamedTuple):
    """Where streets one edit from a written name would stand.

    Args:
        candidates: ``(S, N, may be meant)`` of names the asker can spell: a letter less, two swapped.
        wildcards: ``W`` guards that lead to names with another letter or one more.
    """

    candidates: tuple[tuple[GuardKey, bytes, bool], ...]
    wildcards: tuple[GuardKey, ...]


class EditQuestion(NamedTuple):
    """What the one-edit relaxation needs, in the ZIP Code of the request.

    Args:
        covered: ``C`` of the ZIP Code.
        known: ``S`` of the street as written.
        suffix: ``X`` of the suffix as written.
        neighborhood: the streets one edit away.
    """

    covered: GuardKey
    known: GuardKey
    suffix: bytes
    neighborhood: Neighborhood


class Question(NamedTuple):
    """Everything that may be asked of an index about one admitted item; no plain text.

    A named tuple, because packages hold a million of them.

    Args:
        years: mask of the tax years named in the item.
        anchors: for each locality ``A`` of all identities, side by side.
        endings: for each locality ``N`` and ``X`` as written.
        exclusions: ``E`` of the person: present when the person is kept out.
        suffix: or None when the relaxation is off or does not apply.
        edit: or None when the relaxation is off or does not apply.
    """

    years: int
    anchors: tuple[bytes, ...]
    endings: tuple[bytes, ...]
    exclusions: tuple[Token, ...]
    suffix: SuffixQuestion | None
    edit: EditQuestion | None


def question(
    key: IndexKey,
    identities: tuple[str, ...],
    subjects: tuple[str, ...],
    point: DeliveryPoint,
    years: int,
    relaxations: Relaxations,
) -> Question:
    """The question that asks for ``identities`` at ``point`` in any year of the mask ``years``.

    Args:
        key: the index key; the question holds tokens only.
        identities: of the item's person (``core.person.identity.request_identities``).
        subjects: everything under which the person may be kept out (``core.person.exclusion_subjects``).
        point: the item's delivery point.
        years: mask of tax years (``core.matching.tax_years``).
        relaxations: what the agreement leaves on; no edit where the index has no street reference.
    """
    localities = request_localities(point)
    name = key_street_name(point)
    values = _values_under(key)
    messages = [identity.encode() for identity in identities]
    anchors = tuple(
        [b"".join(key.macs(anchor, messages, ANCHOR_SIZE)) for anchor in anchor_messages(point, localities)]
    )
    written = values.suffix(point.suffix)
    is_street = point.address_class is _STREET_CLASS
    if is_street and relaxations.suffix_blank and not is_whole_without_suffix(point.street_name):
        streets, known = values.known_streets(localities, name)
        suffix = SuffixQuestion(known, written, values.suffix(""))
    else:
        streets, suffix = values.streets(localities, name), None
    edit = None
    if is_street and relaxations.street_one_edit and is_zip(localities[0]) and may_be_meant(name):
        edit = EditQuestion(
            covered_zip(key, localities[0]),
            known_street(key, localities[0], name),
            written,
            values.neighborhood(localities[0], name),
        )
    endings = tuple([street + written for street in streets])
    return Question(years, anchors, endings, exclusion_tokens(key, subjects), suffix, edit)


def is_zip(locality: str) -> bool:
    """Whether the locality (``core.address.keys``) is a ZIP Code, and not a city."""
    return locality.startswith("Z")


_STREET_CLASS = AddressClass.STREET
"""By this name: to look a member of an enumeration up takes Python 3.11 as long as a hash."""

_KEPT = 4096
"""Streets whose values are kept: few enough to lie near the processor. In a package from the whole country hardly one
comes again, and then looking for it among many more takes as long as a hash.
"""


class _Values:
    """What many questions share under one key, kept while it is used.

    Args:
        key: the index key.
    """

    def __init__(self, key: IndexKey) -> None:
        self._key = key
        self.streets = lru_cache(_KEPT)(partial(street_values, key))
        self.suffix = lru_cache(1024)(partial(suffix_value, key))
        self.known_streets = lru_cache(_KEPT)(self._known_streets)
        self.neighborhood = lru_cache(16384)(self._neighborhood)

    def _known_streets(
        self, localities: tuple[str, ...], name: str
    ) -> tuple[list[bytes], tuple[tuple[GuardKey, ...], ...]]:
        """``N`` in each locality, and ``SuffixQuestion.known``."""
        zips = tuple([is_zip(locality) for locality in localities])
        streets, guards = known_street_values(self._key, localities, zips, name)
        if len(guards) == 1:
            return streets, (tuple(guards),) * len(localities)
        every, single = tuple(guards), iter(guards)
        return streets, tuple([(next(single),) if known else every for known in zips])

    def _neighborhood(self, locality: str, name: str) -> Neighborhood:
        """Streets repeat in a package far more often than addresses, so their forty guards are kept."""
        candidates = tuple(
            (known_street(self._key, locality, other), street_value(self._key, locality, other), meant)
            for other, meant in spelled_neighbors(name).items()
        )
        return Neighborhood(
            candidates, tuple(wildcard(self._key, locality, at, rest) for at, rest in wildcards(name))
        )


_values_under = lru_cache(maxsize=2)(_Values)


def guard_tokens(question: Question) -> list[Token]:
    """The names of every guard row ``resolve`` looks at, whatever it finds there; some may come twice."""
    _, _, _, exclusions, suffix, edit = question
    found = list(exclusions)
    if suffix is not None:
        before: tuple[GuardKey, ...] = ()
        for every in suffix.known:
            if every is not before:
                before = every
                found += [known[:TOKEN_SIZE] for known in every]
    if edit is not None:
        found += [edit.covered[:TOKEN_SIZE], edit.known[:TOKEN_SIZE]]
        found += [known[:TOKEN_SIZE] for known, _, _ in edit.neighborhood.candidates]
        found += [one[:TOKEN_SIZE] for one in edit.neighborhood.wildcards]
    return found


class Resolver:
    """What the guards make of the questions of one batch; a street met again is not looked up again.

    Args:
        guards: facts for exactly ``guard_tokens`` of the questions.
    """

    def __init__(self, guards: Guards) -> None:
        self._guards = guards
        self._suffixes: dict[tuple[tuple[GuardKey, ...], bytes], bytes] = {}
        self._streets: dict[GuardKey, bytes] = {}

    def rows(self, questions: Iterable[Question]) -> tuple[list[bytes], list[int]]:
        """The rows to ask for, each as its ``row_digest``, question after question; and how many each one has.

        Of a question first the exact rows, then those a relaxation adds; where a guard is not satisfied, as many rows
        of nothing. So the number of rows is a function of the question alone, and so is that for a person kept out.
        """
        guards = self._guards
        anchors: list[tuple[bytes, ...]] = []
        endings: list[bytes] = []
        blinds: list[bytes] = []
        counts: list[int] = []
        for _, side_by_side, written, exclusions, suffix, edit in questions:
            blind = 0
            for token in exclusions:
                blind ^= int.from_bytes(token) if guards[token].found else 0
            first = len(endings)
            anchors += map(_split(len(side_by_side[0])), side_by_side)
            endings += written
            if suffix is not None:
                anchors += anchors[first:]
                for ending, known in zip(written, suffix.known, strict=True):
                    endings.append(ending[:VALUE_SIZE] + self._other_suffix(suffix, known))
            if edit is not None:
                anchors.append(anchors[first])
                endings.append(self._other_street(edit) + edit.suffix)
            places = len(endings) - first
            blinds.append(blind.to_bytes(TOKEN_SIZE) * places)
            counts.append(places * len(anchors[first]))
        return row_keys(zip(anchors, _exclusive_or(endings, blinds), strict=True)), counts

    def _other_suffix(self, written: SuffixQuestion, known: tuple[GuardKey, ...]) -> bytes:
        asked = known, written.suffix
        other = self._suffixes.get(asked)
        if other is None:
            other = self._suffixes[asked] = _other_suffix(written, known, self._guards)
        return other

    def _other_street(self, edit: EditQuestion) -> bytes:
        if edit.known not in self._streets:
            self._streets[edit.known] = _other_street(edit, self._guards)
        return self._streets[edit.known]


def resolve(question: Question, guards: Guards) -> list[bytes]:
    """The rows of one question (``Resolver.rows``)."""
    rows, _ = Resolver(guards).rows((question,))
    return rows


def _exclusive_or(endings: Sequence[bytes], blinds: Iterable[bytes]) -> tuple[bytes, ...]:
    """The ``N`` and ``X`` of each place, made those of nothing where the person is kept out (26 USC 6103(i)(6))."""
    size = TOKEN_SIZE * len(endings)
    blinded = int.from_bytes(b"".join(endings)) ^ int.from_bytes(b"".join(blinds))
    return _split(size)(blinded.to_bytes(size))


@lru_cache(maxsize=1024)
def _split(size: int) -> Callable[[bytes], tuple[bytes, ...]]:
    """What cuts so many bytes into pieces of 16, as anchors and endings have."""
    return Struct(f"{ANCHOR_SIZE}s" * (size // ANCHOR_SIZE)).unpack


def _other_suffix(written: SuffixQuestion, known: tuple[GuardKey, ...], guards: Guards) -> bytes:
    """Relaxation 1: the one suffix that the same street has here, or no suffix; a suffix of nothing where unsure."""
    nothing = several(known[0]) if known else bytes(VALUE_SIZE)
    values = {guards[guard[:TOKEN_SIZE]].value(guard) for guard in known}
    values.discard(b"")
    only = values.pop() if len(values) == 1 else None
    if only is None:
        return nothing
    if only == written.suffix:
        return nothing if only == written.blank else written.blank
    return only if written.blank in (only, written.suffix) else nothing


def _other_street(edit: EditQuestion, guards: Guards) -> bytes:
    """Relaxation 2: the only known street one edit away; a street of nothing where there is none, or another one."""
    nothing = several(edit.known)
    near: set[bytes] = set()
    never: set[bytes] = set()
    for one in edit.neighborhood.wildcards:
        fact = guards[one[:TOKEN_SIZE]]
        near.add(fact.value(one) or (several(one) if fact.found else nothing))
    for known, street, meant in edit.neighborhood.candidates:
        near.add(street if guards[known[:TOKEN_SIZE]].found else nothing)
        never.add(nothing if meant else street)
    near.discard(nothing)
    is_slip = guards[edit.covered[:TOKEN_SIZE]].found and not guards[edit.known[:TOKEN_SIZE]].found
    return near.pop() if is_slip and len(near) == 1 and not near <= never else nothing
