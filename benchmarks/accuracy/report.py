"""The measurements as the reference page ``docs/reference/accuracy.md``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.accuracy.address_cases import Neighbors
from benchmarks.accuracy.adversaries import Met
from benchmarks.accuracy.causes import lost
from benchmarks.accuracy.cells import SHOWN_OF_A_CLASS, counted, number, rate, row, table, varied
from benchmarks.accuracy.data import Label, Pair
from benchmarks.accuracy.end_to_end import OURS, Outcome, WorldReport
from benchmarks.accuracy.ours import Verdict
from benchmarks.accuracy.referee import Refereed, referee_text
from benchmarks.accuracy.report_addresses import address_cases_text, causes_text, neighbors_text
from benchmarks.accuracy.report_persons import near_text, person_cases_text
from benchmarks.accuracy.scoring import Score, Share, beaten_by, by_class, score, upper_bound
from benchmarks.accuracy.street_reference import Outcome as Relaxed
from benchmarks.accuracy.streets import reference_of
from benchmarks.accuracy.sufficiency import Finding

from narrowgate.core.address.model import CANONICAL_FORM_VERSION
from narrowgate.core.eligibility.ruleset import RULE_SET_VERSION
from narrowgate.core.matching.match_rule import MATCH_RULE_VERSION

KEYS = "Narrowgate, one key shared"
A_HELD = "Narrowgate, sandbox, file holds a"
B_HELD = "Narrowgate, sandbox, file holds b"
NO_REFERENCE = "Narrowgate, sandbox, file holds a, no street reference"

_METHOD_COLUMNS = (
    "method",
    "recall",
    "human",
    "precision",
    "false confirm",
    "at most",
    "on hard",
    "ambiguous confirmed",
    "never",
)

_REAL = """\
Real addresses are the distinct sides of the pairs that have a ZIP, or city and state; sides that a program made
to be another or no address are left out. Some have a ZIP that belongs to another state, and are refused for it.
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything the page is made of.

    Args:
        pairs: labeled.
        peers: each peer's verdict on each pair.
        versions: of the peers' packages.
        keys: ours without relaxations.
        runs: ours in the sandbox, by name.
        relaxed: the relaxations by the share of the pairs in one file, and whether there was a street reference.
        sufficiency: sets of texts, judged.
        world: the simulated tax file.
        near: people near a record, and slips in the right one.
        person_cases: cases out of public reports, by identifier, expected answer and class.
        address_cases: the same of addresses, by expected answer and class.
        neighbors: real streets at one number, by what they are.
        refereed: usaddress's word on the pairs that share a key.
    """

    pairs: Sequence[Pair]
    peers: Mapping[str, list[bool]]
    versions: Mapping[str, str]
    keys: list[bool]
    runs: Mapping[str, list[Verdict]]
    relaxed: Mapping[tuple[float, bool], Relaxed]
    sufficiency: Sequence[Finding]
    world: WorldReport
    near: Sequence[Met]
    person_cases: Mapping[tuple[str, str, str], Share]
    address_cases: Mapping[tuple[str, str], Share]
    neighbors: Mapping[str, Neighbors]
    refereed: Refereed

    @property
    def ours(self) -> dict[str, list[bool]]:
        """Our verdicts by run, the keys first."""
        return {KEYS: self.keys} | {
            name: [verdict.confirmed for verdict in run] for name, run in self.runs.items()
        }


def render(measured: Measured) -> str:
    """The page."""
    return (
        "\n\n".join(
            [
                _head(measured),
                "## Same delivery point?\n\n" + _pairs_text(measured.pairs),
                _methods(measured),
                "### By class\n\n" + _classes(measured),
                "### With and without a street reference\n\n" + _relaxed(measured.relaxed),
                "### What lost slips and spellings have in common\n\n" + _causes(measured),
                "### Wrong confirmations of Narrowgate\n\n" + _wrong_pairs(measured),
                "### Worst misses of Narrowgate\n\n" + _missed_pairs(measured),
                "### Addresses out of public reports\n\n" + address_cases_text(measured.address_cases),
                "### Real streets beside each other\n\n" + neighbors_text(measured.neighbors),
                "### Independent referee\n\n" + referee_text(measured.refereed),
                "## Is it an address?\n\n" + _sufficiency(measured.sufficiency),
                "## Is this address in this person's file?\n\n" + _world(measured.world),
                "## Is it this person?\n\n" + near_text(measured.near),
                "### Names out of public reports\n\n" + person_cases_text(measured.person_cases),
            ]
        )
        + "\n"
    )


def _head(measured: Measured) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in measured.versions.items())
    return f"""\
# Accuracy

Canonical form version **{CANONICAL_FORM_VERSION}**, match rule version **{MATCH_RULE_VERSION}**,
rule set version **{RULE_SET_VERSION}**. Written by `make accuracy` (`benchmarks/accuracy/`), which measures
everything on this page anew; edit nothing here. Peers: {versions}.

These are development figures: the canonical form was written while its authors looked at these pairs. The mix
of classes is no field mix, so precision compares methods and predicts nothing. *At most* is the one-sided 95 %
Clopper-Pearson upper bound of the false-confirm rate (of none in *n*, about 3 / *n*)."""


def _pairs_text(pairs: Sequence[Pair]) -> str:
    counts = Counter(pair.label for pair in pairs)
    same, different, ambiguous = (counts[label] for label in (Label.SAME, Label.DIFFERENT, Label.AMBIGUOUS))
    return f"""\
{len(pairs):,} labeled pairs of `address_pairs.csv`: {same:,} the same delivery point, {different:,} different,
{ambiguous:,} ambiguous (a part is missing on one side). *Human* are pairs that people wrote (Chicago). *Hard*
are different pairs of real neighbors: one digit, a directional, suffix, unit, ZIP or similar street apart.
*Never* are ambiguous pairs in which a unit, a directional or the place is missing: a whole file does not say
which point is meant; the other ambiguous pairs lack a suffix.

In the sandbox each pair is one person: `narrowgate sandbox` loads a file that holds one side and is asked the
other; PO boxes are accepted. The two relaxations of the match rule count there, and with them what a list of streets
knows (`docs/adr/0009-a-street-reference-allows-an-edit.md`): those of the pairs as they are, not as they were misspelt.
The last run has no such list. With b held the slip stands in the file, and the list knows the name asked: such a name
is never corrected."""


def _methods(measured: Measured) -> str:
    scores = {
        name: score(measured.pairs, found) for name, found in {**measured.peers, **measured.ours}.items()
    }
    peers = {name: scores[name] for name in measured.peers}
    lines = [
        row(_METHOD_COLUMNS),
        row(["---"] * len(_METHOD_COLUMNS)),
        *(_method(name, found) for name, found in scores.items()),
        "",
        *(f"- {name}: {_beaten(beaten_by(scores[name], peers))}" for name in measured.ours),
    ]
    return "\n".join(lines)


def _beaten(better: list[str]) -> str:
    if not better:
        return "no peer has its recall with as few wrong confirmations."
    return f"{', '.join(better)} has its recall with no more wrong confirmations."


def _method(name: str, found: Score) -> str:
    cells = (
        name,
        rate(found.same),
        rate(found.human),
        number(found.precision),
        counted(found.different),
        f"{upper_bound(found.different.hits, found.different.total):.5f}",
        counted(found.hard),
        rate(found.ambiguous),
        counted(found.never),
    )
    return row(cells)


def _classes(measured: Measured) -> str:
    ours = {name: by_class(measured.pairs, found) for name, found in measured.ours.items()}
    best = by_class(measured.pairs, measured.peers["usaddress, all components equal"])
    lines = [
        row(
            (
                "class",
                "pairs",
                "usaddress equal",
                "keys",
                "a held",
                "b held",
                "no reference",
                "refused (a held)",
            )
        ),
        row(["---"] * 8),
    ]
    refused = Counter(
        pair.cls
        for pair, verdict in zip(measured.pairs, measured.runs[A_HELD], strict=True)
        if verdict.findings
    )
    for cls, share in best.items():
        rates = [ours[name][cls] for name in (KEYS, A_HELD, B_HELD, NO_REFERENCE)]
        lines.append(row((cls, f"{share.total}", rate(share), *map(rate, rates), f"{refused[cls]}")))
    forms = [cls for cls in best if cls.startswith("P-pub28")]
    lines.append(
        row(
            (
                "P-pub28-…, all",
                f"{sum(best[cls].total for cls in forms)}",
                rate(_sum(best, forms)),
                *(rate(_sum(ours[name], forms)) for name in (KEYS, A_HELD, B_HELD, NO_REFERENCE)),
                f"{sum(refused[cls] for cls in forms)}",
            )
        )
    )
    return "Share confirmed; of `N-…` classes every one is wrong.\n\n" + "\n".join(lines)


def _relaxed(measured: Mapping[tuple[float, bool], Relaxed]) -> str:
    lines = [
        """\
Side a in the file, side b asked, all pairs in one file, or each a person in one of several smaller files: a small file
knows few streets, a list knows them all. *Slips* have one letter wrong in the street name; *suffix missing* are the
ambiguous pairs of which one side has none. The first letter never changes, so slips there are lost.
""",
        row(("pairs in one file", "street reference", "same", "slips", "suffix missing", "different")),
        row(["---"] * 6),
        *(
            row(
                (
                    f"{share:.0%}",
                    "yes" if has_reference else "no",
                    *map(counted, (found.same, found.slips, found.blank, found.wrong)),
                )
            )
            for (share, has_reference), found in measured.items()
        ),
    ]
    return "\n".join(lines)


def _causes(measured: Measured) -> str:
    confirmed = [verdict.confirmed for verdict in measured.runs[A_HELD]]
    totals = Counter(pair.cls for pair in measured.pairs)
    return causes_text(lost(measured.pairs, confirmed, reference_of(measured.pairs)), totals)


def _sum(shares: Mapping[str, Share], classes: Sequence[str]) -> Share:
    return Share(sum(shares[cls].hits for cls in classes), sum(shares[cls].total for cls in classes))


def _wrong_pairs(measured: Measured) -> str:
    found: dict[tuple[str, str, str], list[str]] = {}
    for name, verdicts in measured.ours.items():
        for pair, yes in zip(measured.pairs, verdicts, strict=True):
            if yes and pair.label is Label.DIFFERENT:
                found.setdefault((pair.cls, pair.a.text, pair.b.text), []).append(
                    name.removeprefix("Narrowgate, ")
                )
    if not found:
        return "None."
    listed = [(*key, "; ".join(names)) for key, names in found.items()]
    return table(("class", "a", "b", "confirmed by"), listed)


def _missed_pairs(measured: Measured) -> str:
    ours = list(measured.ours.values())
    missed = []
    for order, pair in enumerate(measured.pairs):
        if pair.label is Label.SAME and not any(found[order] for found in ours):
            others = sum(found[order] for found in measured.peers.values())
            missed.append((others, order, pair))
    missed.sort(key=lambda entry: (-entry[0], entry[1]))
    columns = ("class", "a", "b", "answer, a held", "peers")
    answers = measured.runs[A_HELD]
    unanswered, refused = (
        [
            (pair.cls, pair.a.text, pair.b.text, str(answers[order]), f"{others}")
            for others, order, pair in missed
            if bool(answers[order].findings) is wanted
        ]
        for wanted in (False, True)
    )
    return "\n\n".join(
        [
            (
                "Same pairs that no run of ours confirms, those first that most peers confirm, "
                f"{SHOWN_OF_A_CLASS} of a class. Not confirmed:"
            ),
            table(columns, varied(unanswered)),
            "Refused:",
            table(columns, varied(refused)),
        ]
    )


def _sufficiency(found: Sequence[Finding]) -> str:
    lines = [
        _REAL,
        row(("set", "should be", "texts", "share", "otherwise")),
        row(["---"] * 5),
    ]
    for one in found:
        reasons = Counter(reason for _, reason in one.others)
        others = ", ".join(f"{reason.replace('_', ' ')} {count}" for reason, count in reasons.most_common())
        lines.append(row((one.name, one.wanted, f"{one.share.total:,}", rate(one.share), others)))
    for one in found:
        if one.name == "real addresses, all":
            lines += ["\n### Real addresses refused\n", table(("text", "found"), one.others)]
    return "\n".join(lines)


def _world(world: WorldReport) -> str:
    items = sum(share.total for share in world.kinds.values())
    ours = world.methods[OURS]
    kinds = len({kind for kind, _ in world.kinds})
    text = f"""\
{world.records:,} simulated returns (pseudopeople, its errors of writing on) and {items:,} questions of {kinds}
kinds, built by `tests/support/pseudopeople_world.py`. *Should*: the record is intact and says it, in whatever
spelling the question uses. *Either*: the right person and place, but the record has an error of writing, or the
question a slip in the street. *Recoverable*: those of both in which the number, street and unit of the record and
of the question are intact, whatever became of the names, the TIN, the city and the ZIP. *Wrong*: the file says
nothing of the kind. Every method gets the keys of the match rule (the TIN, or else the birth date) and looks at
the tax years named."""
    lines = [
        row(("method", "should", "either", "both", "recoverable", "wrong", "at most")),
        row(["---"] * 7),
        *(_world_method(name, found) for name, found in world.methods.items()),
    ]
    better = [
        name
        for name, peer in world.methods.items()
        if name != OURS and peer.right.hits >= ours.right.hits and peer.wrong.hits <= ours.wrong.hits
    ]
    by_kind = [
        row(("kind", "truth", "questions", "confirmed")),
        row(["---"] * 4),
        *(
            row((kind, truth.replace("_", " "), f"{share.total:,}", counted(share)))
            for (kind, truth), share in world.kinds.items()
        ),
    ]
    return "\n\n".join(
        [
            text,
            "\n".join(lines),
            f"- {OURS}: {_beaten(better)}",
            "### By kind of question\n\n" + "\n".join(by_kind),
            "### Wrong confirmations and the file\n\n"
            + table(("kind", "question", "the file holds"), world.wrong),
            "### Missed\n\n" + table(("kind", "question", "answer"), varied(world.missed)),
        ]
    )


def _world_method(name: str, found: Outcome) -> str:
    bound = upper_bound(found.wrong.hits, found.wrong.total)
    return row(
        (
            name,
            rate(found.should),
            rate(found.either),
            rate(found.right),
            rate(found.recoverable),
            counted(found.wrong),
            f"{bound:.5f}",
        )
    )
