"""The sections of the page about addresses out of public reports and real streets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from benchmarks.accuracy.address_cases import Neighbors
from benchmarks.accuracy.causes import CLASSES
from benchmarks.accuracy.cells import rate, row
from benchmarks.accuracy.scoring import Share, upper_bound


def address_cases_text(cases: Mapping[tuple[str, str], Share]) -> str:
    """The cases of ``field_cases.csv`` about addresses, by class."""
    lines = [
        row(("expected", "class", "cases", "as expected")),
        row(["---"] * 4),
        *(row((expected, cls, f"{share.total}", rate(share))) for (expected, cls), share in cases.items()),
    ]
    return (
        "By keys, without relaxations. *Different* is never confirmed, *refused* has no delivery point.\n\n"
        + "\n".join(lines)
    )


def neighbors_text(found: Mapping[str, Neighbors]) -> str:
    """Every pair of real streets, and what shares a key."""
    lines = [
        """\
Every two different streets of a county's voter addresses at the same house number: hard negatives, but for two
spellings of one street. *At most* is the upper bound with every key shared counted as wrong.
""",
        row(("streets", "pairs", "keys shared", "at most", "which")),
        row(["---"] * 5),
        *(
            row(
                (
                    what,
                    f"{one.pairs:,}",
                    f"{len(one.sharing)}",
                    f"{upper_bound(len(one.sharing), one.pairs):.7f}",
                    "; ".join(" = ".join(names) for names in one.sharing) or "none",
                )
            )
            for what, one in found.items()
        ),
    ]
    return "\n".join(lines)


def causes_text(lost: Mapping[tuple[str, str], int], totals: Mapping[str, int]) -> str:
    """The causes of lost pairs, most frequent first."""
    causes = Counter[str]()
    for (_, cause), count in lost.items():
        causes[cause] += count
    lines = [
        """\
Pairs of the classes with slips and of those that people wrote which are not confirmed with a street reference, side a
in the file, by their first cause; the bars of an earlier issue were 0.92 for both kinds of slips and 0.85 for people.
What each rule gives for its loss is in `docs/adr/0016-what-the-rules-of-form-2-cost.md`.
""",
        row(("cause", *CLASSES)),
        row(["---"] * (1 + len(CLASSES))),
        *(
            row(
                (
                    cause,
                    *(
                        f"{(n := lost.get((cls, cause), 0))} ({n / max(totals[cls], 1):.3f})"
                        for cls in CLASSES
                    ),
                )
            )
            for cause, _ in causes.most_common()
        ),
    ]
    return "\n".join(lines)
