"""Is the text an address of a place where a person can live? Judged before any parse."""

from __future__ import annotations

import re
from functools import lru_cache

from narrowgate.core.address.model import Defect, RawAddress
from narrowgate.core.address.parse.fold import fold
from narrowgate.core.address.sufficiency.care_of import is_care_of, is_general_delivery, is_private_mailbox
from narrowgate.core.address.sufficiency.foreign import is_foreign
from narrowgate.core.address.sufficiency.institutions import names_institution
from narrowgate.core.address.sufficiency.meant import as_meant
from narrowgate.core.address.sufficiency.no_city import no_city_defects
from narrowgate.core.address.sufficiency.not_address import LONGEST_ADDRESS, is_no_address
from narrowgate.core.address.sufficiency.placeholders import (
    FILLER_NUMBERS,
    has_symbols,
    is_placeholder,
    with_symbols_as_letters,
)
from narrowgate.core.address.sufficiency.plain_lines import shows_nothing
from narrowgate.core.address.sufficiency.reading import read

_RULES = (
    (Defect.NOT_AN_ADDRESS, is_no_address),
    (Defect.INSTITUTION_WORD, names_institution),
    (Defect.CARE_OF, is_care_of),
    (Defect.GENERAL_DELIVERY, is_general_delivery),
    (Defect.PRIVATE_MAILBOX, is_private_mailbox),
    (Defect.FOREIGN, is_foreign),
)

_ORDER = (Defect.PLACEHOLDER, *(defect for defect, _ in _RULES))
_PARTED = re.compile(r"[^A-Za-z0-9 ,.;\n#/-]|  |[^\W\d_]\.+(?=\w)|\w\.+(?=[^\W\d_])|[^\W\d_]-+(?=[^\W\d_])")
"""What the parser and a reading may part and join in two ways: any sign and any blank but the plain ones."""
_APOSTROPHE = re.compile(r"(?<=\w\w)['`\u00b4\u2018\u2019\u02bb\u02bc\u2032]+(?=\w\w)")
"""Between two words of two letters and more: in no name but O'ahu's, whose words tell nothing."""

_ORDINARY_NUMBER = re.compile(r"[1-9]\d{0,5}(?:-\d{1,4})?")
_ORDINARY_ZIP = re.compile(r"(?:\d{5}(?:-\d{4})?)?")
_ORDINARY_UNIT = re.compile(r"(?:(?:(?:APT|UNIT|STE|LOT|RM) |# ?)[A-Z]?\d{1,4}[A-Z]?)?", re.IGNORECASE)
_BREAK = " , "
"""What ``fold`` makes of a comma, a line's end or a bracket."""
_LINE_ENDS = 4
_ANY_NUMBER = "4217"
"""A house number that no rule knows, in the place of the written one."""


def early_defects(raw: RawAddress) -> tuple[Defect, ...]:
    """Every defect that the words of an address show without parsing it; empty for an ordinary address.

    The classes are: placeholder, no address, institution
    by words, in care of, general delivery, private mailbox, foreign. The same text always gets the same
    defects, in the order of these classes. What needs a parse (a number or a unit missing) is not judged.
    """
    lines, place = len(raw.address_line_1) + len(raw.address_line_2), len(raw.city) + len(raw.state)
    if lines + place + len(raw.zip) > LONGEST_ADDRESS:
        return (Defect.NOT_AN_ADDRESS,)
    number, _, rest = raw.address_line_1.partition(" ")
    if (
        _ORDINARY_NUMBER.fullmatch(number)
        and number not in FILLER_NUMBERS
        and _ORDINARY_ZIP.fullmatch(raw.zip)
        and (raw.state or not (raw.city or raw.zip))
    ):
        second = "" if _ORDINARY_UNIT.fullmatch(raw.address_line_2) else raw.address_line_2
        if not second and shows_nothing(rest, raw.city, raw.state):
            return ()
        return _street_defects(rest, second, raw.city, raw.state)
    return _defects(raw)


@lru_cache(maxsize=16384)
def _street_defects(street: str, line_2: str, city: str, state: str) -> tuple[Defect, ...]:
    """The defects of a street in a city, which an ordinary number and ZIP cannot change."""
    return _defects(RawAddress(f"{_ANY_NUMBER} {street}", line_2, city, state))


def _defects(raw: RawAddress) -> tuple[Defect, ...]:
    """The defects of the words, and of the words as the parser will part and join them, or as they may be meant."""
    shown = {*_defects_of_words(raw), *no_city_defects(raw.city, raw.state)}
    for line_1, line_2 in _otherwise(raw.address_line_1, raw.address_line_2):
        shown |= set(_defects_of_words(raw._replace(address_line_1=line_1, address_line_2=line_2)))
    return tuple(defect for defect in _ORDER if defect in shown)


def _otherwise(line_1: str, line_2: str) -> set[tuple[str, str]]:
    """The two lines in every other way in which their words can be read."""
    folded = fold(line_1), fold(line_2)
    ways: set[tuple[str, str]] = set()
    if _is_parted(line_1) or _is_parted(line_2):
        ways = {folded, (_parted_at_apostrophes(line_1), _parted_at_apostrophes(line_2))}
    meant = as_meant(folded[0]), as_meant(folded[1])
    if meant != folded:
        ways.add(meant)
    if folded[1] or _BREAK in folded[0]:
        ways.add((" ".join(folded).replace(_BREAK, " "), ""))
    return ways - {(line_1, line_2)}


def _is_parted(line: str) -> bool:
    return _PARTED.search(line) is not None


def _parted_at_apostrophes(line: str) -> str:
    return _APOSTROPHE.sub(" ", line)


def _defects_of_words(raw: RawAddress) -> tuple[Defect, ...]:
    reading = read(raw)
    if len(reading.text) > LONGEST_ADDRESS + _LINE_ENDS:  # one character can unfold to eighteen
        return (Defect.NOT_AN_ADDRESS,)
    found = tuple(defect for defect, shows in _RULES if shows(reading))
    return (Defect.PLACEHOLDER, *found) if is_placeholder(reading) or _is_spelled_placeholder(raw) else found


def _is_spelled_placeholder(raw: RawAddress) -> bool:
    if not (has_symbols(raw.address_line_1) or has_symbols(raw.address_line_2)):
        return False
    line_1, line_2 = with_symbols_as_letters(raw.address_line_1), with_symbols_as_letters(raw.address_line_2)
    return is_placeholder(read(raw._replace(address_line_1=line_1, address_line_2=line_2)))
