"""One edit in a street name: what may be touched, and which names it leads to."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from narrowgate.core.address.keys import without_spaces

MINIMUM_LETTERS = 4
"""A shorter street name is never written, nor meant, with an error."""

_LETTER_LIKE = frozenset("0125689")
"""O, I or L, Z, S, G, B, G: what optical character recognition confuses."""

# fmt: off
_NUMBER_WORDS = frozenset({
    "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE", "TEN", "ELEVEN", "TWELVE",
    "THIRTEEN", "FOURTEEN", "FIFTEEN", "SIXTEEN", "SEVENTEEN", "EIGHTEEN", "NINETEEN", "TWENTY", "THIRTY",
    "FORTY", "FIFTY", "SIXTY", "SEVENTY", "EIGHTY", "NINETY", "HUNDRED", "THOUSAND", "FIRST", "SECOND",
    "THIRD", "FOURTH", "FIFTH", "SIXTH", "SEVENTH", "EIGHTH", "NINTH", "TENTH", "ELEVENTH", "TWELFTH",
    "THIRTEENTH", "FOURTEENTH", "FIFTEENTH", "SIXTEENTH", "SEVENTEENTH", "EIGHTEENTH", "NINETEENTH",
    "TWENTIETH", "THIRTIETH", "FORTIETH", "FIFTIETH", "SIXTIETH", "SEVENTIETH", "EIGHTIETH", "NINETIETH",
    "HUNDREDTH",
})
# fmt: on


def may_be_meant(street_name: str) -> bool:
    """Whether the name has at least four letters A-Z."""
    return sum("A" <= character <= "Z" for character in street_name) >= MINIMUM_LETTERS


@lru_cache(maxsize=65536)
def editable_positions(street_name: str) -> tuple[int, ...]:
    """Positions an edit may touch, ascending: letters outside ordinals and number words, and spaces between.

    3RD and 33RD are two streets, and so are FOURTH and FORTH: a number is exact. The first letter never changes: a slip
    there is rare, and most pairs of real streets one edit apart differ there (HALLEY and VALLEY).
    """
    positions: list[int] = []
    start, previous_is_free = 0, False
    for word in street_name.split(" "):
        free = word not in _NUMBER_WORDS and not any(character.isdigit() for character in word)
        if free and previous_is_free:
            positions.append(start - 1)
        if free:
            positions.extend(range(start, start + len(word)))
        start, previous_is_free = start + len(word) + 1, free
    return tuple(position for position in positions if position)


def wildcards(written: str) -> tuple[tuple[int, str], ...]:
    """Position of a letter, and the rest of the name without it, of every name with another letter or one more.

    A digit that looks like a letter and is alone in a word of four letters or more was read by a machine
    (``TOMPKIN5``, ``DOUG1AS``); no street is written so. Ordinals and route numbers have fewer letters.
    """
    replaced = [(at, written[:at] + written[at + 1 :]) for at in editable_positions(written)]
    misread = [_without_digit(written, at) for at in _misread_positions(written) if at]
    inserted = [(at, written) for at in range(1, len(written) + 1)]
    return (*replaced, *misread, *inserted)


def _without_digit(written: str, at: int) -> tuple[int, str]:
    """As the name is with some letter for the digit: a space beside it, kept for the digit's sake, goes too."""
    position = len(without_spaces(f"{written[:at]}A")) - 1
    meant = without_spaces(f"{written[:at]}A{written[at + 1 :]}")
    return position, meant[:position] + meant[position + 1 :]


def _misread_positions(written: str) -> tuple[int, ...]:
    positions = []
    start = 0
    for word in written.split(" "):
        digits = [at for at, character in enumerate(word) if character.isdigit()]
        if len(digits) == 1 and word[digits[0]] in _LETTER_LIKE and len(word) >= 4:
            positions.append(start + digits[0])
        start += len(word) + 1
    return tuple(positions)


def spelled_neighbors(street_name: str) -> dict[str, bool]:
    """Names with one letter less, two neighbors swapped or a final S more, and whether such a name may be meant.

    A name that may not be meant (three letters, a number word, a final S less or more: OAK and OAKS are two
    streets) is a neighbor all the same: it makes another one ambiguous.
    """
    editable = editable_positions(street_name)
    names = {street_name[:at] + street_name[at + 1 :] for at in editable}
    names |= {
        street_name[:at] + street_name[at + 1] + street_name[at] + street_name[at + 2 :]
        for at, following in pairwise(editable)
        if following == at + 1
    }
    words = set(street_name.split())
    meant = {
        name: may_be_meant(name) and not (set(name.split()) - words) & _NUMBER_WORDS
        for name in sorted(names)
        if name != street_name and name == " ".join(name.split())
    }
    ends_in_letter = bool(editable) and editable[-1] == len(street_name) - 1
    return meant | (dict.fromkeys(_plural_or_singular(street_name), False) if ends_in_letter else {})


def _plural_or_singular(street_name: str) -> Iterator[str]:
    yield f"{street_name}S"
    if street_name.endswith("S"):
        yield street_name[:-1]
