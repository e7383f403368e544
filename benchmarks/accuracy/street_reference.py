"""The two relaxations with and without a street reference, over files of several sizes."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from benchmarks.accuracy.data import Address, Label, Pair
from benchmarks.accuracy.ours import raw, write_rows
from benchmarks.accuracy.scoring import Share

from narrowgate.adapters.engines.duckdb.build import build_index
from narrowgate.adapters.engines.duckdb.duckdb_index import DuckDBIndex
from narrowgate.core.address.examine import examine
from narrowgate.core.address.keys import key_street_name
from narrowgate.core.matching.match_rule import Relaxations, Resolver, guard_tokens, question
from narrowgate.core.matching.suffix_blank import is_whole_without_suffix
from narrowgate.core.matching.tax_years import ALL_YEARS
from narrowgate.core.matching.token import IndexKey
from narrowgate.core.taxfile.mapping import parse_mapping
from narrowgate.entrypoints.sandbox.synthetic_homes import is_one_edit
from narrowgate.index.build import BuildSettings
from narrowgate.index.street_reference import ReferenceRow

SHARES = (0.01, 0.1, 1.0)
"""Of the pairs, how many are in one file."""

_DRAWS = {0.01: 30, 0.1: 10, 1.0: 1}
"""Files of each size: small ones are many, so that each class has pairs in them."""

_KEY = IndexKey(bytes(range(32)))
_MAPPING = parse_mapping(
    "[columns]\n"
    + "\n".join(
        f'{name} = "{name}"' for name in ("tin", "full_name", "address_line_1", "city", "state", "zip")
    )
    + '\ntax_year = "tax_year"\n',
    "mapping.toml",
)
_REAL_BOTH = re.compile(r"N-.*(-real|-random|-samezip|-similar-street|-same-number|-same-zip)$")
"""Classes whose side b is a real address too, and not one that a program wrote wrongly."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What files of one size gave.

    Args:
        same: of pairs that are the same delivery point.
        slips: of those, pairs with one letter wrong in the street name.
        blank: of pairs that are ambiguous, those in which one side has no suffix.
        wrong: of pairs that are different.
    """

    same: Share
    slips: Share
    blank: Share
    wrong: Share


def reference_of(pairs: Iterable[Pair]) -> list[ReferenceRow]:
    """The streets of the addresses as they are, not as they were misspelt: what a county's list has of them.

    Of streets that people wrote, those with a suffix, unless a name one letter away was written more often there.
    """
    streets: set[ReferenceRow] = set()
    people: Counter[ReferenceRow] = Counter()
    for pair in pairs:
        human = "human" in pair.cls or "cluster" in pair.cls
        for side in (pair.a, pair.b) if human or _REAL_BOTH.match(pair.cls) else (pair.a,):
            street = _street_of(side)
            if street and human:
                people[street] += bool(street[2] or is_whole_without_suffix(street[1]))
            elif street:
                streets.add(street)
    return sorted(streets | _spelled_right(people))


def _spelled_right(people: Counter[ReferenceRow]) -> set[ReferenceRow]:
    names: Counter[tuple[str, str]] = Counter()
    for (zip5, name, _), count in people.items():
        names[zip5, name] += count
    found = set()
    for (zip5, name, suffix), count in people.items():
        near = max(
            (n for (z, other), n in names.items() if z == zip5 and is_one_edit(name, other)), default=0
        )
        usual = max(n for (z, other, _), n in people.items() if (z, other) == (zip5, name))
        if count and names[zip5, name] > near and 3 * count > usual:
            found.add((zip5, name, suffix))
    return found


def _street_of(side: Address) -> ReferenceRow | None:
    point = examine(raw(side)).delivery_point
    if point is None or not point.zip5 or not key_street_name(point):
        return None
    return point.zip5, point.street_name, point.suffix


def measure(pairs: Sequence[Pair]) -> Mapping[tuple[float, bool], Outcome]:
    """Outcomes by the share of the pairs in one file, and whether there was a reference."""
    reference = reference_of(pairs)
    found: dict[tuple[float, bool], Outcome] = {}
    for share in SHARES:
        files = _files(pairs, share)
        for has_reference in (False, True):
            answers = [one for file in files for one in _answers(file, reference if has_reference else None)]
            found[share, has_reference] = _outcome(answers)
    return found


def _files(pairs: Sequence[Pair], share: float) -> list[Sequence[Pair]]:
    shuffled = list(pairs)
    Random(1).shuffle(shuffled)  # noqa: S311 - drawn again alike
    size = max(1, round(share * len(pairs)))
    return [shuffled[start : start + size] for start in range(0, size * _DRAWS[share], size)]


def _answers(pairs: Sequence[Pair], reference: list[ReferenceRow] | None) -> list[tuple[Pair, bool]]:
    """Each pair as one person whose file holds side a, and about whom side b is asked."""
    with TemporaryDirectory() as directory:
        home = Path(directory)
        tins = [
            f"{100 + at // 9000:03d}{10 + at % 90:02d}{1000 + at // 90 % 9000:04d}"
            for at in range(len(pairs))
        ]
        rows = [
            {
                "tin": tin,
                "full_name": "ANA ABBOTT",
                "address_line_1": pair.a.line,
                "city": pair.a.city,
                "state": pair.a.state,
                "zip": pair.a.zip,
                "tax_year": "2023",
            }
            for tin, pair in zip(tins, pairs, strict=True)
        ]
        write_rows(home / "records.csv", rows)
        created = datetime(2026, 3, 2, tzinfo=UTC)
        settings = BuildSettings(2**31, "2026-01-31", created, home / "q.csv", streets=reference)
        build_index(home / "records.csv", _MAPPING, home / "index", _KEY, settings)
        index = DuckDBIndex.open(home / "index", _KEY.key_id, spill=home / "spill")
        asked = [(at, one) for at, pair in enumerate(pairs) if (one := _question(tins[at], pair.b))]
        guards = b"".join(dict.fromkeys(token for _, one in asked for token in guard_tokens(one)))
        (facts,) = index.guards([guards])
        resolver = Resolver(facts.by_token(guards))
        resolved = [resolver.rows(one) for _, one in asked]
        flat = b"".join(row for rows_of_one in resolved for row in rows_of_one)
        held = iter(index.members(flat, [ALL_YEARS] * sum(map(len, resolved))))
        confirmed = {
            at for (at, _), mine in zip(asked, resolved, strict=True) if True in [next(held) for _ in mine]
        }
        return [(pair, at in confirmed) for at, pair in enumerate(pairs)]


def _question(tin: str, side: Address):  # type: ignore[no-untyped-def]
    point = examine(raw(side)).delivery_point
    if point is None:
        return None
    return question(_KEY, (f"T|{tin}|ANA|ABBOTT",), (f"T|{tin}",), point, ALL_YEARS, Relaxations())


def _outcome(answers: Iterable[tuple[Pair, bool]]) -> Outcome:
    groups: dict[str, list[bool]] = defaultdict(list)
    for pair, confirmed in answers:
        if pair.label is Label.SAME:
            groups["same"].append(confirmed)
            if pair.cls in {"P-typo1-name", "P-ocr-name"}:
                groups["slips"].append(confirmed)
        elif pair.label is Label.DIFFERENT:
            groups["wrong"].append(confirmed)
        elif pair.cls == "A-suffix-missing":
            groups["blank"].append(confirmed)
    return Outcome(
        **{name: Share(sum(groups[name]), len(groups[name])) for name in ("same", "slips", "blank", "wrong")}
    )
