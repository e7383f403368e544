"""The sections of the page about persons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.accuracy.adversaries import KEYS as IDENTITY_KEYS
from benchmarks.accuracy.adversaries import Met
from benchmarks.accuracy.cells import counted, rate, row
from benchmarks.accuracy.scoring import Share, upper_bound

_NEAR = """\
Questions about people near the filer of a simulated return, at the very address of the return, so that the identity
alone decides; the filers are as `pseudopeople` writes them with its errors. One column for each agreement key, and one
for an agreement that accepts all three. Every confirmation of a *wrong* class names another person than the record, or
gives the filer's own number or birth date to one."""

_NEAR_READING = """\
What the second key adds is the difference between `tin` and `tin_and_birth_date`. A twin is told apart by the second
given name unless one side has none. Two more wrong classes are high by construction, and an agreement decides about
them: a twin who is asked about under the other twin's number (accept `tin` and not `tin_and_birth_date`), and a child
who bears the filer's name and is asked about under the filer's number (accept `tin_and_birth_date` and not `tin`,
which also gives up the records that have no birth date, and those with another one)."""


def near_text(near: Sequence[Met]) -> str:
    """The section about people near a record."""
    parts = [_NEAR]
    for title, wrong in (("Wrong persons", True), ("The right person", False)):
        lines = [
            row(("class", "questions", *IDENTITY_KEYS, *(["at most"] if wrong else []))),
            row(["---"] * (2 + len(IDENTITY_KEYS) + wrong)),
        ]
        for met in near:
            if met.wrong is wrong:
                every = list(met.by.values())[-1]
                bound = [f"{upper_bound(every.hits, every.total):.5f}"] if wrong else []
                lines.append(row((met.name, f"{every.total:,}", *map(counted, met.by.values()), *bound)))
        parts += [f"### {title}", "\n".join(lines)]
    return "\n\n".join([*parts, _NEAR_READING])


def person_cases_text(cases: Mapping[tuple[str, str, str], Share]) -> str:
    """The cases of ``field_cases.csv`` about persons, by class."""
    lines = [
        row(("identifier", "class", "expected", "cases", "as expected")),
        row(["---"] * 5),
        *(
            row((kind.removeprefix("person "), cls, expected, f"{share.total}", rate(share)))
            for (kind, expected, cls), share in cases.items()
        ),
    ]
    return "Each case is asked both ways round; it is as expected when both answers are.\n\n" + "\n".join(
        lines
    )
