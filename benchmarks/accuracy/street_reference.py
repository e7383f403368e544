"""The two relaxations with and without a street reference, over files of several sizes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from benchmarks.accuracy.data import Address, Label, Pair
from benchmarks.accuracy.ours import raw, write_rows
from benchmarks.accuracy.scoring import Share
from benchmarks.accuracy.streets import reference_of

from narrowgate.adapters.engines.duckdb.build import build_index
from narrowgate.adapters.engines.duckdb.duckdb_index import DuckDBIndex
from narrowgate.core.address.examine import examine_address
from narrowgate.core.matching.match_rule import Relaxations, Resolver, guard_tokens, question
from narrowgate.core.matching.tax_years import ALL_YEARS
from narrowgate.core.matching.token import IndexKey
from narrowgate.core.taxfile.mapping import parse_mapping
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
        rows, counts = resolver.rows(one for _, one in asked)
        held = iter(index.members(b"".join(rows), [ALL_YEARS] * len(rows)))
        confirmed = {
            at for (at, _), count in zip(asked, counts, strict=True) if True in list(islice(held, count))
        }
        return [(pair, at in confirmed) for at, pair in enumerate(pairs)]


def _question(tin: str, side: Address):  # type: ignore[no-untyped-def]
    point = examine_address(raw(side)).delivery_point
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
