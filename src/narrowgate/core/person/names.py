"""Name fields as written, read into given names and surnames."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from narrowgate.core.person.fold import fold, split_camel_case, without_umlaut_e
from narrowgate.core.person.nicknames import KNOWN_GIVEN_NAMES
from narrowgate.core.person.words import (
    CONNECTIVES,
    CREDENTIALS,
    DROPPABLE_PARTICLES,
    GENERATIONS,
    GIVEN_PARTICLES,
    KEPT_PARTICLES,
    O_SURNAMES,
    PLACEHOLDERS,
    SAINT,
    SEVERAL_NAMES,
    TITLES,
    TRAILING_GENERATIONS,
)

MAX_LENGTH = 500
"""Characters in one field; a longer text is not a name."""

MAX_NAMES = 12
"""Names in one field. More would make a list of guesses out of a surname."""

_CACHED_FIELDS = 1 << 15
_BLANK_MARKS = frozenset({"N/A", "?", "*"})
_JOINED_ARTICLES = ("DELA", "DELAS", "DELOS")
_SURNAME_PARTICLES = DROPPABLE_PARTICLES | KEPT_PARTICLES
_AFTER_A_NAME = GENERATIONS | TRAILING_GENERATIONS | CREDENTIALS


class Reading(NamedTuple):
    """One name field, read.

    ``names`` is empty for a blank, a placeholder, initials, or a text not understood. ``alternatives`` are
    the same names otherwise spaced. ``written`` is false for blanks and placeholders.
    """

    names: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    written: bool = True
    understood: bool = True


_BLANK = Reading(written=False)
NOT_UNDERSTOOD = Reading(understood=False)


@lru_cache(maxsize=_CACHED_FIELDS)
def read_surnames(text: str) -> Reading:
    """The surnames of one field, particles joined to the name after them (``DELACRUZ``).

    Suffixes and initials are left out. Beside the names stand the alternatives: each surname without
    particles that may be dropped, and all surnames run together.

    Args:
        text: the field as written; mixed case is evidence of joined words (``AlonsoTellez``).
    """
    words = _words(split_camel_case(text))
    if isinstance(words, Reading):
        return words
    words = _without_generations(words)
    words = [word for i, word in enumerate(words) if word not in CONNECTIVES or i in {0, len(words) - 1}]
    words = _without_initials(_saints(words), KEPT_PARTICLES)
    while len(words) > 1 and words[-1] in CREDENTIALS:
        words.pop()
    words = _without_initials(words, KEPT_PARTICLES)
    joined: list[str] = []
    bare: list[str] = []
    for particles, name in _groups(words, _SURNAME_PARTICLES):
        kept = "".join(particle for particle in particles if particle in KEPT_PARTICLES)
        joined.append(_canonical("".join(particles) + name))
        bare.append(_canonical(_without_article(kept + name) if not particles else kept + name))
    return _reading(joined, [*bare, "".join(joined)])


@lru_cache(maxsize=_CACHED_FIELDS)
def read_given_names(text: str) -> Reading:
    """The given names of one field in their order; titles, suffixes and initials removed.

    The alternative is a hyphenated first name run together (``JEANPIERRE``).

    Args:
        text: the field as written.
    """
    words = _words(text)
    if isinstance(words, Reading):
        return words
    words = _without_initials(_without_generations(words), frozenset())
    while len(words) > 1 and words[0] in TITLES:
        words.pop(0)
    names = [_canonical("".join(particles) + name) for particles, name in _groups(words, GIVEN_PARTICLES)]
    return _reading(names, _run_together(text, names))


@lru_cache(maxsize=_CACHED_FIELDS)
def read_full_name(text: str) -> tuple[Reading, Reading]:
    """Given names and surnames of one full name: ``GARCIA LOPEZ, JUAN`` or ``JUAN GARCIA LOPEZ``.

    Without a comma the first word is a given name and the last a surname; a word between is a given name
    when the published table knows it as one, else a surname.

    Args:
        text: the full name as written.
    """
    before, comma, after = text.partition(",")
    if comma and not _only_suffixes(after):
        return read_given_names(after), read_surnames(before)
    words = before.split()
    folded = [(fold(word) or "?").replace("-", " ") for word in words]
    while folded and (folded[-1] in _AFTER_A_NAME or not folded[-1]):
        folded.pop()
    first = _end_of_first_name(folded)
    given, surnames = words[:first], list[str]()
    for start, end in _spans(folded, first):
        middle = end < len(folded) and folded[end - 1] in KNOWN_GIVEN_NAMES
        initial = folded[start] == "O" and folded[end - 1] not in O_SURNAMES
        (given if middle else surnames).extend(words[start + initial : end])
    return read_given_names(" ".join(given)), read_surnames(" ".join(surnames))


def _words(text: str) -> list[str] | Reading:
    """The folded words of a field, or the reading of a field that has none."""
    folded = fold(text)
    if folded is None:
        return _BLANK if text.strip().upper() in _BLANK_MARKS else NOT_UNDERSTOOD
    name, _, rest = folded.partition(",")
    if not _only_suffixes(rest):
        return NOT_UNDERSTOOD
    words = name.replace("-", " ").split()
    if not words or "".join(words) in PLACEHOLDERS:
        return _BLANK
    if not SEVERAL_NAMES.isdisjoint(words):
        return NOT_UNDERSTOOD
    return words


def _only_suffixes(text: str) -> bool:
    folded = fold(text)
    return folded is not None and set(folded.replace(",", " ").split()) <= _AFTER_A_NAME


def _without_generations(words: list[str]) -> list[str]:
    return [
        word
        for i, word in enumerate(words)
        if word not in GENERATIONS and not (i > 0 and word in TRAILING_GENERATIONS)
    ]


def _saints(words: list[str]) -> list[str]:
    return ["ST" if word in SAINT and i + 1 < len(words) else word for i, word in enumerate(words)]


def _without_initials(words: list[str], prefixes: frozenset[str]) -> list[str]:
    """The words longer than a letter, and the one-letter prefixes (``O``, ``D``) that such a word follows."""
    followed = [*(len(word) > 1 for word in words[1:]), False]
    return [
        word
        for word, name_follows in zip(words, followed, strict=False)
        if len(word) > 1 or not word.isalpha() or (word in prefixes and name_follows)
    ]


def _groups(words: Sequence[str], particles: frozenset[str]) -> list[tuple[list[str], str]]:
    """Each name with the particles before it; particles that end the field are a name of their own."""
    groups: list[tuple[list[str], str]] = []
    pending: list[str] = []
    for word in words:
        if word in particles:
            pending.append(word)
        elif (joined := "".join((*pending, word))) in particles:  # ABD UL is ABDUL
            pending = [joined]
        else:
            groups.append((pending, word))
            pending = []
    if pending:
        groups.append(([], "".join(pending)))
    return groups


def _without_article(name: str) -> str:
    """``CRUZ`` of ``DELACRUZ``: the one joined particle whose seam is beyond doubt."""
    for article in _JOINED_ARTICLES:
        if name.startswith(article) and len(name) >= len(article) + 4:
            return name[len(article) :]
    return name


def _canonical(name: str) -> str:
    """The name without umlaut E, unless what remains would be a particle (DAES is not DAS)."""
    shorter = without_umlaut_e(name)
    return name if shorter in _SURNAME_PARTICLES else shorter


def _run_together(text: str, names: list[str]) -> list[str]:
    for word in (fold(text) or "").split():
        parts = [part for part in word.split("-") if part]
        if len(parts) > 1 and names and _canonical(parts[0]) == names[0]:
            return [_canonical("".join(parts))]
    return []


def _reading(names: list[str], alternatives: list[str]) -> Reading:
    if len(names) > MAX_NAMES or not all(name.isalpha() for name in names):
        return NOT_UNDERSTOOD
    if "".join(names) in PLACEHOLDERS:
        return _BLANK
    known = dict.fromkeys(names)
    others = dict.fromkeys(name for name in alternatives if name and name not in known)
    return Reading(tuple(names), tuple(others))


def _end_of_first_name(folded: Sequence[str]) -> int:
    """How many words the first given name takes, what goes before it included; a surname remains."""
    end = 0
    while end < len(folded) - 2 and (folded[end] in GIVEN_PARTICLES | TITLES or len(folded[end]) == 1):
        end += 1
    return end + 1


def _spans(folded: Sequence[str], first: int) -> list[tuple[int, int]]:
    """Where each later name starts, particles included, and ends."""
    spans: list[tuple[int, int]] = []
    start = first
    for end in range(first + 1, len(folded) + 1):
        if folded[end - 1] not in _SURNAME_PARTICLES or end == len(folded):
            spans.append((start, end))
            start = end
    return spans
