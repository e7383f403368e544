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
from narrowgate.core.address.sufficiency.meant import are_meant_otherwise, may_be_meant_otherwise
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
_KEPT_WORDS = 1 << 17


class _Word(NamedTuple):
    """What one word of a street line can be.

    Args:
        directional: that it is, abbreviated.
        suffix: that it is, abbreviated.
        in_name: no rule of streets, roads, boxes or sufficiency is about it in the name of a street with a suffix.
        in_name_alone: nor in the name of one without.
        in_phrase: unless it is part of one of their phrases, or a piece of a word that is written apart.
        may_say_none: it may begin a text that says that there is no address.
    """

    directional: str
    suffix: str
    in_name: bool
    in_name_alone: bool
    in_phrase: bool
    may_say_none: bool


class _Words(dict[str, _Word]):
    """Every word met, judged once: a look-up here is what most of a line costs."""

    def __missing__(self, word: str) -> _Word:
        if len(self) >= _KEPT_WORDS:
            self.clear()
        is_direction = word in DIRECTIONS and word in DIRECTIONALS
        in_name = _is_plain_word(word)
        found = self[word] = _Word(
            DIRECTIONALS[word] if is_direction else "",
            STREET_SUFFIXES.get(word, ""),
            in_name,
            in_name and word not in TELLING and word not in BEGINS_NO_NAME,
            word == KING or word in PHRASE_WORDS or may_be_meant_otherwise(word),
            may_say_none(word),
        )
        return found


_WORDS = _Words()


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
        AddressClass.STREET,
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
    return Examined(None, (Defect.NUMBER_MISSING,))


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
    end = len(words)
    if not 1 <= end <= LONGEST:
        return _NO_STREET
    known = [_WORDS[word] for word in words]
    postdirectional = known[-1].directional
    if postdirectional:
        end -= 1
    predirectional = known[0].directional
    start = 1 if predirectional else 0
    suffix = known[end - 1].suffix
    if suffix:
        end -= 1
    if start >= end:
        return _NO_STREET
    for word in known[start:end]:
        if not (word.in_name if suffix else word.in_name_alone):
            return _NO_STREET
    name = " ".join(words[start:end])
    for at, word in enumerate(known):
        if (
            word.in_phrase and (is_king(name) or has_phrase(" ".join(words)) or are_meant_otherwise(words))
        ) or (word.may_say_none and _says_none_from(at, words, place)):
            return _NO_STREET
    if " ".join(words) in BARE_PHRASES:
        return _NO_STREET
    return predirectional, name, suffix, postdirectional


def _says_none_from(at: int, words: list[str], place: PlainPlace) -> bool:
    """Whether street and place say that there is no address, where they may from one word of the street on."""
    following = words[at + 1] if at + 1 < len(words) else place.words[0]
    return may_go_on(words[at], following) and says_none((*words, *place.words), len(words))
