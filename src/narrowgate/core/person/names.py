"""Name fields as written, read into given names and surnames."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from narrowgate.core.base.tables import read_table
from narrowgate.core.person.fold import fold_name, marks_written_out, split_camel_case
from narrowgate.core.person.nicknames import KNOWN_GIVEN_NAMES
from narrowgate.core.person.spacing import given_forms, surname_forms
from narrowgate.core.person.words import (
    ABBREVIATED_GIVEN_NAMES,
    CONNECTIVES,
    CREDENTIALS,
    DROPPABLE_PARTICLES,
    FORMER_NAME,
    GENERATIONS,
    GIVEN_PARTICLES,
    KEPT_PARTICLES,
    KINSHIP_SUFFIXES,
    NAMES_BEHIND_JOSE,
    O_SURNAMES,
    ONE_LETTER_NAMES,
    PLACEHOLDERS,
    SAINTS,
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
_WITHOUT_ARTICLE = {
    joined: bare for joined, bare, _ in map(str.split, read_table(__package__, "joined_articles.txt"))
}
_SURNAME_PARTICLES = DROPPABLE_PARTICLES | KEPT_PARTICLES
_ARTICLES = frozenset({"LA", "DELA"})
_AFTER_A_NAME = GENERATIONS | TRAILING_GENERATIONS | CREDENTIALS
_ASIDE = re.compile(r"\(([^()]*)\)|\"([^\"]*)\"|\u201c([^\u201d]*)\u201d")
_FORMER_MARK = re.compile(r"\s*n[e\u00e9]e\s+", re.IGNORECASE)
_LEAST_BEHIND_MA = 4
_MA_ALONE = re.compile(r"\s*M(?:A\.|\u00aa\.?)\s*", re.IGNORECASE)


class NameReading(NamedTuple):
    """One name field, read.

    Args:
        names: in their order; empty for a blank, a placeholder, initials, or a text not understood.
        alternatives: further names that are evidence beside a TIN, as any surname and the first given name are: the
            same otherwise spaced or spelled, and a former surname.
        forms: the whole field as it is compared beside a birth date, in every spacing and spelling that it has: all
            surnames in alphabetical order or run together; a first given name, and the second one behind a space.
        written: false for blanks and placeholders.
        understood: false where any character or word is not.
    """

    names: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    written: bool = True
    understood: bool = True


_BLANK = NameReading(written=False)
NOT_UNDERSTOOD = NameReading(understood=False)


@lru_cache(maxsize=_CACHED_FIELDS)
def read_surnames(text: str) -> NameReading:
    """The surnames of one field, particles joined to the name after them (``DELACRUZ``).

    Suffixes and initials are left out. Beside the names stand the alternatives: each surname without particles that
    may be dropped, all surnames run together, another spelling of a marked vowel, and former surnames (in parentheses
    or behind ``NEE``), which are names of the person and no part of the full name today.

    Args:
        text: the field as written; mixed case is evidence of joined words (``AlonsoTellez``).
    """
    text, asides = _without_asides(text)
    spaced = split_camel_case(text)
    written_out = marks_written_out(spaced)
    others = [_surnames(written_out)] if written_out else []
    former = [read_surnames(_FORMER_MARK.sub("", aside)) for aside in asides]
    beside = [name for part in (*others, *former) for name in (*part.names, *part.alternatives)]
    reading = _with_others(_surnames(spaced), others, beside)
    return reading if all(part.understood for part in former) else NOT_UNDERSTOOD


@lru_cache(maxsize=_CACHED_FIELDS)
def read_given_names(text: str) -> NameReading:
    """The given names of one field in their order; titles, suffixes, initials and nicknames in parentheses removed.

    The alternatives are what may be the first name in another spacing or spelling: the first two names run together
    (``JEANPIERRE``), another spelling of a marked vowel, and JESUS for J JESUS.

    Args:
        text: the field as written.
    """
    text, asides = _without_asides(text)
    written_out = marks_written_out(text)
    others = [_given_names(written_out)] if written_out else []
    beside = [name for part in others for name in (*part.names[:1], *part.alternatives)]
    reading = _with_others(_given_names(text), others, beside)
    return reading if all(_given_names(aside).understood for aside in asides) else NOT_UNDERSTOOD


def read_one_letter(text: str) -> NameReading | None:
    """The given name of a field that holds one letter which is a whole name (O, E, U); None for every other field.

    Such a letter is an initial unless the surname says otherwise, so the caller asks where it does.

    Args:
        text: the field as written.
    """
    name = fold_name(text)
    return NameReading((name,), (), (name,)) if name in ONE_LETTER_NAMES else None


@lru_cache(maxsize=_CACHED_FIELDS)
def read_full_name(text: str) -> tuple[NameReading, NameReading]:
    """Given names and surnames of one full name: ``GARCIA LOPEZ, JUAN`` or ``JUAN GARCIA LOPEZ``.

    Without a comma the first word is a given name and the last a surname; a word between is a given name
    when the published table knows it as one, or it is an initial, else a surname.

    Args:
        text: the full name as written.
    """
    before, comma, after = text.partition(",")
    if comma and not _only_suffixes(after):
        return read_given_names(after), read_surnames(before)
    before, asides = _without_asides(before)
    former = "".join(f" ({aside})" for aside in asides)
    words = before.split()
    folded = [(fold_name(word) or "?").replace("-", " ") for word in words]
    while folded and (folded[-1] in _AFTER_A_NAME or not folded[-1]):
        folded.pop()
    first = _end_of_first_name(folded)
    given, surnames = words[:first], list[str]()
    for start, end in _spans(folded, first):
        name = folded[end - 1]
        middle = end < len(folded) and (name in KNOWN_GIVEN_NAMES or (len(name) == 1 and not surnames))
        initial = folded[start] == "O" and end - start > 1 and name not in O_SURNAMES
        given.extend(words[start : start + initial])
        (given if middle else surnames).extend(words[start + initial : end])
    return read_given_names(" ".join(given)), read_surnames(" ".join(surnames) + former)


def _without_asides(text: str) -> tuple[str, list[str]]:
    """The text without what is in parentheses or double quotes, and that; all of it where nothing else is left."""
    if not _ASIDE.search(text):
        return text, []
    asides = ["".join(filter(None, found)) for found in _ASIDE.findall(text)]
    outside = _ASIDE.sub(" ", text)
    return (outside, asides) if outside.strip() else (" ".join(asides), [])


def _with_others(reading: NameReading, others: list[NameReading], beside: list[str]) -> NameReading:
    """The reading with the forms of other spellings of it, and ``beside`` among the alternatives."""
    if not reading.names or not (others or beside):
        return reading
    forms = (*reading.forms, *(form for part in others for form in part.forms))
    alternatives = dict.fromkeys((*reading.alternatives, *beside))
    alternatives.pop(reading.names[0], None)
    return reading._replace(alternatives=tuple(alternatives), forms=tuple(dict.fromkeys(forms)))


def _surnames(text: str) -> NameReading:
    words = _words(text)
    if isinstance(words, NameReading):
        return words
    words = _without_generations(words)
    if len(words) == 1 and words[0] in ONE_LETTER_NAMES:
        return _reading(words, [], words)
    words, former = _without_former(words)
    words = [word for i, word in enumerate(words) if word not in CONNECTIVES or i in {0, len(words) - 1}]
    words = _without_initials(_saints(words), KEPT_PARTICLES)
    while len(words) > 1 and words[-1] in CREDENTIALS:
        words.pop()
    words = _without_initials(words, KEPT_PARTICLES)
    while len(words) > 1 and words[-1] in KINSHIP_SUFFIXES:
        former.append(words.pop())
    joined: list[str] = []
    bare: list[str] = []
    for particles, name in _groups(words, _SURNAME_PARTICLES):
        kept = "".join(particle for particle in particles if particle in KEPT_PARTICLES)
        joined.append("".join(particles) + name)
        bare.append(kept + name if particles else _WITHOUT_ARTICLE.get(name, name))
    return _reading(joined, [*bare, "".join(joined), *former], surname_forms(joined))


def _given_names(text: str) -> NameReading:
    words = _words(text)
    if isinstance(words, NameReading):
        return words
    words = ["MARIA"] if _MA_ALONE.fullmatch(text) else _spelled_out(_without_generations(words))
    if not all(map(str.isalpha, words)):
        return NOT_UNDERSTOOD
    while len(words) > 1 and words[0] in TITLES:
        words.pop(0)
    groups = [
        ("".join((*particles, name)), name if _are_articles(particles) else "".join((*particles, name)))
        for particles, name in _groups(words, GIVEN_PARTICLES)
    ]
    while groups and len(groups[0][0]) == 1 and not _stands_for_jose(groups):
        groups.pop(0)
    short = [groups[1:]] if groups and _stands_for_jose(groups) else []
    if short:
        groups[0] = ("JOSE", "JOSE")
    forms = [form for found in (groups, *short) for form in given_forms(found)]
    firsts = [form.partition(" ")[0] for form in forms]
    return _reading([name for name, _ in groups if len(name) > 1], firsts + _run_together(text), forms)


def _words(text: str) -> list[str] | NameReading:
    """The folded words of a field, or the reading of a field that has none."""
    folded = fold_name(text)
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
    folded = fold_name(text)
    return folded is not None and set(folded.replace(",", " ").split()) <= _AFTER_A_NAME


def _without_generations(words: list[str]) -> list[str]:
    return [
        word
        for i, word in enumerate(words)
        if word not in GENERATIONS and not (i > 0 and word in TRAILING_GENERATIONS)
    ]


def _without_former(words: list[str]) -> tuple[list[str], list[str]]:
    """The words before ``NEE`` and those behind it, which are a surname of before; all words where it is a name."""
    for at in range(1, len(words) - 1):
        if words[at] == FORMER_NAME:
            return words[:at], [name for _, name in _groups(words[at + 1 :], _SURNAME_PARTICLES)]
    return words, []


def _saints(words: list[str]) -> list[str]:
    return [SAINTS.get(word, word) if i + 1 < len(words) else word for i, word in enumerate(words)]


def _spelled_out(words: list[str]) -> list[str]:
    """The words, with ``MA`` before another given name written as the MARIA that it is, and its like."""
    if len(words) < 2 or words[0] not in ABBREVIATED_GIVEN_NAMES:
        return words
    behind = words[1]
    is_name = len(behind) >= _LEAST_BEHIND_MA or behind in GIVEN_PARTICLES or behind in KNOWN_GIVEN_NAMES
    return [ABBREVIATED_GIVEN_NAMES[words[0]], *words[1:]] if is_name else words


def _stands_for_jose(groups: list[tuple[str, str]]) -> bool:
    return groups[0][0] == "J" and len(groups) > 1 and groups[1][1] in NAMES_BEHIND_JOSE


def _are_articles(particles: list[str]) -> bool:
    return not (KEPT_PARTICLES | {"UL"}).intersection(particles)


def _without_initials(words: list[str], prefixes: frozenset[str]) -> list[str]:
    """The words longer than a letter, one-letter prefixes (``O``, ``D``) that such a word follows, and O in DE LA O."""
    followed = [*(len(word) > 1 for word in words[1:]), False]
    preceded = [False, *(word in _ARTICLES for word in words)]
    return [
        word
        for word, name_follows, article_before in zip(words, followed, preceded, strict=False)
        if len(word) > 1
        or not word.isalpha()
        or (word in prefixes and name_follows)
        or (article_before and word in ONE_LETTER_NAMES)
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


def _run_together(text: str) -> list[str]:
    """The first hyphenated name in one word, however many parts it has."""
    hyphenated = [word.split("-") for word in (fold_name(text) or "").split() if "-" in word.strip("-")]
    return ["".join(hyphenated[0])] if hyphenated and len(hyphenated[0]) > 2 else []


def _reading(names: list[str], alternatives: list[str], forms: Sequence[str]) -> NameReading:
    if len(names) > MAX_NAMES or not all(name.isalpha() for name in names):
        return NOT_UNDERSTOOD
    if "".join(names) in PLACEHOLDERS:
        return _BLANK
    if not names:
        return NameReading()
    others = dict.fromkeys(name for name in alternatives if name)
    others.pop(names[0], None)
    return NameReading(tuple(names), tuple(others), tuple(dict.fromkeys(forms)))


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
