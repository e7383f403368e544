"""Addresses of a plain number, a plain street, at most one numbered unit, and a place in three fields.

Most addresses are, or lack nothing but the number. One pass over their words reads them here, where the long way
(``sufficiency``, ``parse``) takes about twenty; it reads them the same, which a test compares.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from narrowgate.core.address.model import AddressClass, Defect, DeliveryPoint, Examined, RawAddress
from narrowgate.core.address.parse.directionals import DIRECTIONALS
from narrowgate.core.address.parse.localities import Locality, read_end
from narrowgate.core.address.parse.numbers import hyphenated_in_queens
from narrowgate.core.address.parse.plain_streets import LONGEST, RULED
from narrowgate.core.address.parse.street_names import KING, is_king
from narrowgate.core.address.parse.suffixes import PLAIN_SUFFIXES, STREET_SUFFIXES
from narrowgate.core.address.plain_places import LONGEST_LINE, PlainPlace, read_plain_place
from narrowgate.core.address.sufficiency.institutions import PHRASE_WORDS, has_phrase
from narrowgate.core.address.sufficiency.meant import (
    are_meant_otherwise,
    is_meant_otherwise,
    may_begin_a_word,
)
from narrowgate.core.address.sufficiency.placeholders import (
    FILLER_NUMBERS,
    all_say_nothing,
    may_go_on,
    may_say_none,
    says_none,
)
from narrowgate.core.address.sufficiency.plain_lines import (
    BEGINS_NO_NAME,
    MAILBOX,
    TELLING,
    TELLING_IN_A_NAME,
)
from narrowgate.core.address.sufficiency.reading import DIRECTIONS
from narrowgate.core.address.words.placeholder_lexicon import BARE_PHRASES

_UNIT = re.compile(r"[1-9][0-9]{0,3}")
_UNIT_LINE = re.compile(r"(?:(?:APT|UNIT|STE) |# ?)([1-9][0-9]{0,3})", re.IGNORECASE | re.ASCII)
_DESIGNATORS = frozenset({"APT", "UNIT", "STE", "#"})
_LONGEST_NUMBER = 6
_NO_STREET = ("", "", "", "")
_STREET = AddressClass.STREET
"""By this name: to look a member of an enumeration up takes Python 3.11 as long as a hash."""
_NUMBER_MISSING = Examined(None, (Defect.NUMBER_MISSING,))
_KEPT_WORDS = 1 << 17
_KEPT_SHAPES = 1 << 16
_BEGIN_PHRASES = PHRASE_WORDS.union([KING], [phrase.split()[0] for phrase in BARE_PHRASES])


class _Kind(NamedTuple):
    """What a word of a street line can be.

    Args:
        directional: that it is, abbreviated.
        suffix: that it is, abbreviated.
        in_name: no rule of streets, roads, boxes or sufficiency is about it in the name of a street with a suffix.
        in_name_alone: nor in the name of one without.
        in_phrase: unless it is part of one of their phrases, or several words written as one.
        begins_a_word: unless it is, with what is behind it, a word that is written apart.
        may_say_none: it may begin a text that says that there is no address.
    """

    directional: str
    suffix: str
    in_name: bool
    in_name_alone: bool
    in_phrase: bool
    begins_a_word: bool
    may_say_none: bool


class _Shape(NamedTuple):
    """A street whose words are of certain kinds, each of which is where it may be.

    Args:
        predirectional: abbreviated, or blank; likewise the next two.
        suffix: of the street.
        postdirectional: of the street.
        name: where the words of its name are.
        has_phrase_word: whether a phrase may be among the words.
        may_say_none: the places of words from which on the text may say that there is no address.
    """

    predirectional: str
    suffix: str
    postdirectional: str
    name: slice
    has_phrase_word: bool
    may_say_none: tuple[int, ...]


_KINDS: dict[_Kind, int] = {}
"""The number of every kind: there are some hundreds, because each suffix is one."""


class _Words(dict[str, int]):
    """The kind of every word met, judged once: a look-up here is what most of a line costs."""

    def __missing__(self, word: str) -> int:
        if len(self) >= _KEPT_WORDS:
            self.clear()
        found = self[word] = _KINDS.setdefault(_kind(word), len(_KINDS))
        return found


class _Shapes(dict[tuple[int, ...], _Shape | None]):
    """What a line of words of these kinds is, judged once; ``None`` where it is no plain street."""

    def __missing__(self, kinds: tuple[int, ...]) -> _Shape | None:
        if len(self) >= _KEPT_SHAPES:
            self.clear()
        every = list(_KINDS)
        found = self[kinds] = _shape([every[kind] for kind in kinds])
        return found


_WORDS = _Words()
_SHAPES = _Shapes()


def _kind(word: str) -> _Kind:
    in_name = _is_plain_word(word)
    return _Kind(
        DIRECTIONALS[word] if word in DIRECTIONS and word in DIRECTIONALS else "",
        STREET_SUFFIXES.get(word, ""),
        in_name,
        in_name and word not in TELLING and word not in BEGINS_NO_NAME,
        word in _BEGIN_PHRASES or is_meant_otherwise(word),
        may_begin_a_word(word),
        may_say_none(word),
    )


def _shape(words: list[_Kind]) -> _Shape | None:
    """A directional, a name, a suffix and a directional, of which only the name must be there."""
    end = len(words)
    postdirectional = words[-1].directional
    if postdirectional:
        end -= 1
    predirectional = words[0].directional
    start = 1 if predirectional else 0
    suffix = words[end - 1].suffix
    if suffix:
        end -= 1
    if start >= end or not all(one.in_name if suffix else one.in_name_alone for one in words[start:end]):
        return None
    return _Shape(
        predirectional,
        suffix,
        postdirectional,
        slice(start, end),
        any(one.in_phrase for one in words) or any(one.begins_a_word for one in words[:-1]),
        tuple([at for at, one in enumerate(words) if one.may_say_none]),
    )


def _is_plain_word(word: str) -> bool:
    """Whether no rule of streets, roads, boxes or sufficiency is about the word in a street's name."""
    return (
        len(word) > 1
        and word.isalpha()
        and len(set(word)) > 1
        and word not in RULED
        and word not in TELLING_IN_A_NAME
        and MAILBOX not in word
    )


def read_plain_address(raw: RawAddress) -> Examined | None:
    """What the long way makes of a plain address: a delivery point, or that its number is missing; else ``None``.

    Args:
        raw: the address as written.
    """
    line = raw.address_line_1
    if not line.isascii() or len(line) > LONGEST_LINE:
        return None
    number, *words = line.upper().split(" ")
    if not number.isdigit():
        return _without_number([number, *words], raw)
    if number[0] == "0" or len(number) > _LONGEST_NUMBER or number in FILLER_NUMBERS:
        return None
    unit = _take_unit(words, raw.address_line_2)
    place = read_plain_place(raw.city, raw.state, raw.zip) if unit is not None else None
    if unit is None or place is None:
        return None
    predirectional, name, suffix, postdirectional = _plain_street(words, place)
    if not name or not (suffix or _ends_in_its_name(raw, number, words, place)):
        return None
    if place.in_queens and len(number) > 2:
        number = hyphenated_in_queens(number)
    point = DeliveryPoint(
        _STREET,
        number,
        predirectional,
        name,
        suffix,
        postdirectional,
        (unit,) if unit else (),
        "",
        "",
        "",
        place.city,
        place.state,
        place.zip5,
    )
    return Examined(point, (), place.warnings)


def _without_number(words: list[str], raw: RawAddress) -> Examined | None:
    """That the number is missing from an address of nothing but a plain street and its place; else ``None``."""
    place = None if raw.address_line_2 else read_plain_place(raw.city, raw.state, raw.zip)
    if place is None:
        return None
    _, _, suffix, _ = _plain_street(words, place)
    if suffix not in PLAIN_SUFFIXES or all_say_nothing((tuple(words),)):
        return None
    return _NUMBER_MISSING


def _ends_in_its_name(raw: RawAddress, number: str, words: list[str], place: PlainPlace) -> bool:
    """Whether a street without a suffix goes on neither with a number sign, nor with the place that the fields hold.

    ``WCR #18`` is a road with its number.
    """
    if "#" in raw.address_line_1 or "#" in raw.address_line_2:
        return False
    line, locality = " ".join((number, *words)), Locality(place.city, place.state, place.zip5)
    return read_end(line, locality) == (line, locality)


def _take_unit(words: list[str], second_line: str) -> str | None:
    """The numbered unit taken off the end of the words, or from the second line; ``None`` where it is not plain."""
    last = words[-1] if words else ""
    if second_line:
        found = _UNIT_LINE.fullmatch(second_line)
        return found[1] if found else None
    if last[:1] == "#":
        words[-1:] = ("#", last[1:])
    elif not last.isdigit():
        return ""
    if len(words) < 2:
        return None
    designator, unit = words[-2:]
    del words[-2:]
    return unit if designator in _DESIGNATORS and _UNIT.fullmatch(unit) else None


def _plain_street(words: list[str], place: PlainPlace) -> tuple[str, str, str, str]:
    """Predirectional, name, suffix and postdirectional of a street whose words no rule is about; else no name."""
    shape = _SHAPES[tuple(map(_WORDS.__getitem__, words))] if 1 <= len(words) <= LONGEST else None
    if shape is None:
        return _NO_STREET
    predirectional, suffix, postdirectional, place_of_name, has_phrase_word, beginnings = shape
    name = " ".join(words[place_of_name])
    if has_phrase_word and (is_king(name) or _is_phrase(words)):
        return _NO_STREET
    for at in beginnings:
        if _says_none_from(at, words, place):
            return _NO_STREET
    return predirectional, name, suffix, postdirectional


def _is_phrase(words: list[str]) -> bool:
    """Whether the line names an institution, however its words are parted, or as a whole no street."""
    line = " ".join(words)
    return line in BARE_PHRASES or has_phrase(line) or are_meant_otherwise(words)


def _says_none_from(at: int, words: list[str], place: PlainPlace) -> bool:
    """Whether street and place say that there is no address, where they may from one word of the street on."""
    following = words[at + 1] if at + 1 < len(words) else place.words[0]
    return may_go_on(words[at], following) and says_none((*words, *place.words), len(words))
