"""How items, questions and commitments are packed, so that a million fit in memory and pass between processes.

Nothing packed here is stored or leaves the gate; another run, or another version, need not be able to read it.
"""

from __future__ import annotations

import marshal
import zlib
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any, get_origin, get_type_hints

import orjson

from narrowgate.core.address.model import AddressClass, DeliveryPoint
from narrowgate.core.matching.match_rule import EditQuestion, Neighborhood, Question, SuffixQuestion
from narrowgate.core.person.model import Person

_HASH = 32


def _tuples_of(kind: type[Any]) -> list[int]:
    """Which parts are tuples, for JSON has only lists; to ask every part of every item takes twice as long."""
    return [place for place, hint in enumerate(get_type_hints(kind).values()) if get_origin(hint) is tuple]


_PERSON: Any = partial(tuple.__new__, Person)
_POINT: Any = partial(tuple.__new__, DeliveryPoint)
"""Make one of a list of its parts, in a third of the time that naming them takes."""

_CLASSES = {one.value: one for one in AddressClass}
_LISTS_OF_PERSON = _tuples_of(Person)
_LISTS_OF_POINT = _tuples_of(DeliveryPoint)


def pack_admitted(admitted: Iterable[tuple[int, Person, DeliveryPoint, tuple[int, ...]]]) -> bytes:
    """All that step 8 needs of some admitted items: ordinal, person, delivery point and tax years.

    JSON, because whoever holds the index key reads it: reading it can run nothing. A line for each, so that an item is
    used before the next one is read.
    """
    return pack_lines([line_of_admitted(*one) for one in admitted])


def line_of_admitted(ordinal: int, person: Person, point: DeliveryPoint, years: tuple[int, ...]) -> bytes:
    """One admitted item of ``pack_admitted``."""
    return orjson.dumps([ordinal, tuple(person), tuple(point), years])


def pack_lines(admitted: Iterable[bytes]) -> bytes:
    """What ``pack_admitted`` makes of the items whose lines these are."""
    return zlib.compress(b"\n".join(admitted), level=1)


def unpack_admitted(
    admitted: bytes, ordinals: Iterable[int]
) -> Iterator[tuple[Person, DeliveryPoint, tuple[int, ...]]]:
    """Person, delivery point and tax years of some admitted items, in the order of the items.

    Args:
        admitted: from ``pack_admitted``.
        ordinals: of the items wanted; those of other items are passed over.
    """
    wanted = frozenset(ordinals)
    for ordinal, person, point, years in map(orjson.loads, _unpack(admitted)):
        if ordinal in wanted:
            for place in _LISTS_OF_PERSON:
                person[place] = tuple(person[place])
            for place in _LISTS_OF_POINT:
                point[place] = tuple(point[place])
            point[0] = _CLASSES[point[0]]
            yield _PERSON(person), _POINT(point), tuple(years)


def keep_admitted(
    admitted: bytes, history: Sequence[bytes], rows: Sequence[int]
) -> tuple[bytes, tuple[bytes, ...]]:
    """Of some admitted items and their history digests those at the places ``rows``, ascending."""
    packed = _unpack(admitted)
    return pack_lines([packed[row] for row in rows]), tuple([history[row] for row in rows])


def pack_commitments(commitments: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Of each item the commitments to its row and to its canonical address, 64 bytes."""
    return b"".join([row + address for row, address in commitments])


def pick_commitments(packed: bytes, ordinals: Iterable[int]) -> bytes:
    """The commitments of some items, packed alike, from those of all items of a package."""
    size = 2 * _HASH
    return b"".join([packed[ordinal * size : (ordinal + 1) * size] for ordinal in ordinals])


def pack_questions(questions: Sequence[Question]) -> bytes:
    """Some questions, in their order.

    As plain tuples: to name the types of every one took longer than all the rest of it.
    """
    return marshal.dumps([_plain(one) for one in questions])


def unpack_questions(packed: bytes) -> list[Question]:
    """The questions of ``pack_questions``."""
    return [
        _QUESTION(
            (
                years,
                anchors,
                endings,
                exclusions,
                suffix and _SUFFIX_QUESTION(suffix),
                edit and _edit_question(edit),
            )
        )
        for years, anchors, endings, exclusions, suffix, edit in marshal.loads(packed)  # noqa: S302 - our own bytes, never stored
    ]


_QUESTION: Any = partial(tuple.__new__, Question)
_SUFFIX_QUESTION: Any = partial(tuple.__new__, SuffixQuestion)


def _edit_question(plain: tuple[bytes, bytes, bytes, tuple[Any, Any]]) -> EditQuestion:
    covered, known, suffix, near = plain
    return EditQuestion(covered, known, suffix, Neighborhood(*near))


def _plain(one: Question) -> tuple[Any, ...]:
    edit = one.edit and (*one.edit[:3], tuple(one.edit.neighborhood))
    return (*one[:4], one.suffix and tuple(one.suffix), edit)


def _unpack(admitted: bytes) -> list[bytes]:
    return zlib.decompress(admitted).splitlines()
