"""usaddress as a referee: pairs that share a key of ours and that it reads as two doors, and why."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from benchmarks.accuracy.cells import row
from benchmarks.accuracy.data import ROOT, Address, Label, Pair, load_pairs, rows
from benchmarks.accuracy.ours import share_a_key

_ORDINALS = {
    "FIRST": "1",
    "SECOND": "2",
    "THIRD": "3",
    "FOURTH": "4",
    "FIFTH": "5",
    "SIXTH": "6",
    "SEVENTH": "7",
    "EIGHTH": "8",
    "NINTH": "9",
    "TENTH": "10",
    "ELEVENTH": "11",
    "TWELFTH": "12",
}
_ORDINAL = re.compile(r"([0-9]+)(?:ST|ND|RD|TH)")
_LOOKALIKES = str.maketrans("0158", "OISB")
_DIRECTIONALS = {"NORTH": "N", "SOUTH": "S", "EAST": "E", "WEST": "W"}
_DIRECTIONAL = re.compile(r"(NORTH|SOUTH)(EAST|WEST)|([NS])([EW])")
_DESIGNATORS = dict.fromkeys(("APT", "APARTMENT", "NO", "NUMBER", "UNIT"), "#") | {
    "SUITE": "STE",
    "ROOM": "RM",
}
_BOX_WORDS = re.compile(r"#|\b(?:BOX|BX)\b")
_ROADS = (
    ("county", re.compile(r"(?:COUNTY (?:ROAD|RD)|CR|[A-Z]CR)[ -](\w+)")),
    ("interstate", re.compile(r"(?:INTERSTATE|IH|I)[ -](\w+)")),
    ("state", re.compile(r"(?:STATE (?:HIGHWAY|HWY|ROUTE|ROAD|RD)|SR|SH)[ -](\w+)")),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What can make an address another door, as usaddress reads it; the place and the suffix are left out."""

    number: str = ""
    predirectional: str = ""
    street_name: str = ""
    postdirectional: str = ""
    unit: str = ""
    group: str = ""
    box: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a pair: its text, and the reading."""

    address: Address
    reading: Reading

    def reading_with(self, **changed: str) -> tuple[str, ...]:
        """The parts of the reading, some of them replaced."""
        return parts(replace(self.reading, **changed))


Fold = Callable[[Side, Mapping[str, str]], tuple[str, ...]]
"""What is left of a side when one kind of difference is set aside; the second argument abbreviates words."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One explained kind of disagreement.

    Args:
        name: of the kind.
        reason: why the two readings are one door all the same.
        fold: sets this difference aside, and nothing else.
    """

    name: str
    reason: str
    fold: Fold


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A pair that shares a key and that usaddress reads as two doors."""

    pair: Pair
    differing: str


@dataclass(frozen=True, slots=True)
class Refereed:
    """What the referee says of the pairs that share a key.

    Args:
        pairs: how many share a key.
        unread: those of which usaddress cannot tag a side.
        explained: disagreements by kind, in the order of the kinds.
        unexplained: all others.
    """

    pairs: int
    unread: Sequence[Pair]
    explained: Mapping[str, Sequence[Disagreement]]
    unexplained: Sequence[Disagreement]

    @property
    def disagreements(self) -> int:
        """How many pairs usaddress reads as two doors."""
        return sum(map(len, self.explained.values())) + len(self.unexplained)


def measure(home: Path, peers_python: Path, data: Path) -> Refereed:
    """The referee's word on every pair that shares a key.

    Args:
        home: an empty directory.
        peers_python: the interpreter of the peers' environment.
        data: the directory of the labeled data.
    """
    pairs = [
        pair
        for pair in load_pairs(data / "address_pairs.csv") + _field_cases(data / "field_cases.csv")
        if share_a_key(pair)
    ]
    texts = sorted({side.text for pair in pairs for side in (pair.a, pair.b)})
    home.mkdir(parents=True)
    source, target = home / "texts.json", home / "readings.json"
    source.write_text(json.dumps(texts), encoding="utf-8")
    module = "benchmarks.accuracy.peer_referee"
    subprocess.run([peers_python, "-m", module, source, target], check=True, cwd=ROOT)
    names = [field.name for field in fields(Reading)]
    readings = {
        text: found and Reading(**{name: found[name] for name in names})
        for text, found in zip(texts, json.loads(target.read_bytes()), strict=True)
    }
    return judge(pairs, readings, suffixes(data / "usps_street_suffix.csv"))


def judge(
    pairs: Sequence[Pair], readings: Mapping[str, Reading | None], abbreviations: Mapping[str, str]
) -> Refereed:
    """Every pair put where it belongs: read alike, unread, explained by the first kind that fits, or unexplained.

    Args:
        pairs: that share a key.
        readings: usaddress's, by text; None where it cannot tag one.
        abbreviations: standard suffix by word, of Publication 28.
    """
    unread: list[Pair] = []
    explained: dict[str, list[Disagreement]] = {kind.name: [] for kind in KINDS}
    unexplained: list[Disagreement] = []
    for pair in pairs:
        a, b = readings[pair.a.text], readings[pair.b.text]
        if a is None or b is None:
            unread.append(pair)
        elif a != b:
            kind = explanation(Side(pair.a, a), Side(pair.b, b), abbreviations)
            (explained[kind.name] if kind else unexplained).append(Disagreement(pair, _differing(a, b)))
    return Refereed(len(pairs), unread, explained, unexplained)


def explanation(a: Side, b: Side, abbreviations: Mapping[str, str]) -> Kind | None:
    """The first kind that alone makes both sides one door, or None."""
    return next((kind for kind in KINDS if kind.fold(a, abbreviations) == kind.fold(b, abbreviations)), None)


def suffixes(source: Path) -> dict[str, str]:
    """Standard abbreviation by word, of appendix C1 of Publication 28.

    Args:
        source: ``usps_street_suffix.csv``.
    """
    return {
        row["commonly_used_street_suffix_or_abbreviation"]: row["postal_service_standard_suffix_abbreviation"]
        for row in rows(source)
    }


def parts(reading: Reading) -> tuple[str, ...]:
    """The parts in their order."""
    return tuple(getattr(reading, field.name) for field in fields(reading))


def _box(side: Side, _: Mapping[str, str]) -> tuple[str, ...]:
    found = side.reading
    return side.reading_with(
        group="", box=" ".join(_BOX_WORDS.sub(" ", f"{found.group} {found.box}").split())
    )


def _ordinal(side: Side, _: Mapping[str, str]) -> tuple[str, ...]:
    words = (_ORDINAL.sub(r"\1", _ORDINALS.get(word, word)) for word in side.reading.street_name.split())
    return side.reading_with(street_name=" ".join(words))


def _lookalike(side: Side, _: Mapping[str, str]) -> tuple[str, ...]:
    words = (
        word.translate(_LOOKALIKES) if sum(map(str.isalpha, word)) > len(word) / 2 else word
        for word in side.reading.street_name.split()
    )
    return side.reading_with(street_name=" ".join(words))


def _abbreviation(side: Side, abbreviations: Mapping[str, str]) -> tuple[str, ...]:
    words = (abbreviations.get(word, word) for word in side.reading.street_name.split())
    return side.reading_with(street_name=" ".join(words))


def _leading_zero(side: Side, _: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(re.sub(r"\b0+(?=[0-9])", "", part) for part in parts(side.reading))


def _road(side: Side, _: Mapping[str, str]) -> tuple[str, ...]:
    name, state = side.reading.street_name, side.address.state.upper()
    if state:
        name = re.sub(rf"^{state}[ -](?:(?:HIGHWAY|HWY|ROUTE) )?(?=[0-9])", "STATE ROAD ", name)
    for road, pattern in _ROADS:
        if found := pattern.fullmatch(name):
            return side.reading_with(street_name=f"{road} {found[1]}")
    return side.reading_with(street_name=name)


def _same_words(side: Side, abbreviations: Mapping[str, str]) -> tuple[str, ...]:
    """The words of the text itself, whatever usaddress calls them."""
    found = re.findall(r"#|[A-Z0-9/-]+", side.address.line.upper())
    words = " ".join(_word(word, abbreviations) for word in found)
    return tuple(re.sub(r"\b([NS]) ([EW])\b", r"\1\2", words).split())


def _word(word: str, abbreviations: Mapping[str, str]) -> str:
    if found := _DIRECTIONAL.fullmatch(word):
        return "".join(part[0] for part in found.groups() if part)
    return _DIRECTIONALS.get(word) or _DESIGNATORS.get(word) or abbreviations.get(word, word)


KINDS = (
    Kind(
        "wording of a box",
        "`#` or `BX` before the same numbers of route and box; usaddress keeps the sign as a part of the number",
        _box,
    ),
    Kind(
        "ordinal",
        "`FIFTH`, `5TH` and `5` (or a wrong ending, `93TH`): one number of a street",
        _ordinal,
    ),
    Kind(
        "digit for a letter",
        "`0 1 5 8` inside a word of letters: a reader's `O I S B`; usaddress compares as written",
        _lookalike,
    ),
    Kind(
        "abbreviation of Publication 28 in the name",
        "a word of appendix C1 inside the name, which usaddress does not abbreviate there",
        _abbreviation,
    ),
    Kind("leading zero", "`0030` and `30`, `02` and `2`", _leading_zero),
    Kind(
        "class of a numbered road",
        "`SR`, `CO-7`, `State Highway`: the class abbreviated, or the state's code for it, one number",
        _road,
    ),
    Kind(
        "same words, other labels",
        "word for word one line (directionals and suffixes abbreviated, `NO`, `UNIT` and `APT` as `#`): usaddress "
        "takes `NO`, `APARTMENT` or a stuck-together `S.DEARBORN` for a part of the name, directional or unit",
        _same_words,
    ),
)
"""In the order in which they are tried: from the narrowest."""


def referee_text(found: Refereed) -> str:
    """The section of the page."""
    read = found.pairs - len(found.unread)
    lines = [
        f"""\
{found.pairs:,} pairs of `address_pairs.csv` and `field_cases.csv` share a key of ours. usaddress, which knows nothing
of our rules, reads both sides: number, directionals, street name, unit, route and box, folded with the tables of
usaddress-scourgify (the suffix and the place are left out: those are in the tables above). It reads {read:,} of the
pairs on both sides, and in **{found.disagreements:,}** of them its two readings could be two doors. A disagreement is
explained when one kind below, alone, makes the two sides equal; the first that does is counted.
{len(found.unexplained):,} remain, every one listed.
""",
        row(("kind", "pairs", "why it is one door", "example")),
        row(["---"] * 4),
    ]
    for kind in KINDS:
        cases = found.explained[kind.name]
        example = _both(cases[0].pair) if cases else "-"
        lines.append(row((kind.name, f"{len(cases):,}", kind.reason, example)))
    lines += [
        "\nNot explained by a kind; the class of a field case says what joins its sides:\n",
        row(("class", "label", "a = b", "usaddress")),
        row(["---"] * 4),
    ]
    lines += [
        row((one.pair.cls, one.pair.label.name.lower(), _both(one.pair), one.differing))
        for one in found.unexplained
    ]
    lines += [
        f"\n{len(found.unread):,} pairs of which it cannot tag a side, so that it is no referee there:\n",
        row(("class", "label", "a = b")),
        row(["---"] * 3),
        *(row((pair.cls, pair.label.name.lower(), _both(pair))) for pair in found.unread),
    ]
    return "\n".join(lines)


def _both(pair: Pair) -> str:
    return f"{pair.a.text} = {pair.b.text}"


def _differing(a: Reading, b: Reading) -> str:
    return "; ".join(
        f"{field.name.replace('_', ' ')}: {left or '-'} / {right or '-'}"
        for field, left, right in zip(fields(Reading), parts(a), parts(b), strict=True)
        if left != right
    )


def _field_cases(source: Path) -> list[Pair]:
    labels = {"same": Label.SAME, "different": Label.DIFFERENT}
    return [
        Pair(
            case["set"],
            f"field: {case['class']}",
            labels[case["expected"]],
            _side(case["a"]),
            _side(case["b"]),
        )
        for case in rows(source)
        if case["expected"] in labels and not case["kind"].startswith("person")
    ]


def _side(text: str) -> Address:
    return Address(*text.split(";"))
