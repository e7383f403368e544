"""A simulated tax file and questions about it, through the sandbox and through the peers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from benchmarks.accuracy.data import ROOT, rows
from benchmarks.accuracy.ours import Verdict, run_sandbox, write_agreement
from benchmarks.accuracy.scoring import Share

PEOPLE = 12_000
ITEMS = 20_000
SEED = 1
OURS = "Narrowgate, sandbox"
_SHOWN = (
    "given_names",
    "surnames",
    "birth_date",
    "tin",
    "address_line_1",
    "address_line_2",
    "city",
    "state",
    "zip",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one method did: questions confirmed of those that should, may or must not be.

    Args:
        should: the file says it, letter by letter, of an intact record.
        either: the right person and place, but the record has an error of writing, or the question a slip.
        wrong: the file says nothing of the kind.
    """

    should: Share
    either: Share
    wrong: Share

    @property
    def right(self) -> Share:
        """Confirmed of all questions about the right person and place."""
        return Share(self.should.hits + self.either.hits, self.should.total + self.either.total)


@dataclass(frozen=True, slots=True)
class WorldReport:
    """Everything the report says about the simulated file.

    Args:
        records: rows of the tax file.
        methods: by name, ours among them.
        kinds: kind of question and its truth, to ours.
        wrong: each wrong confirmation of ours: the kind, the question and the nearest record.
        missed: questions of ours that should be confirmed and are not: the kind, the question and the answer.
    """

    records: int
    methods: Mapping[str, Outcome]
    kinds: Mapping[tuple[str, str], Share]
    wrong: list[tuple[str, str, str]]
    missed: list[tuple[str, str, str]]


def measure(home: Path, peers_python: Path, today: date) -> WorldReport:
    """Build the world in ``home`` and ask everybody about it.

    Args:
        home: a new directory.
        peers_python: the interpreter of the peers' environment.
        today: the day of the questions.
    """
    home.mkdir(parents=True)
    _build(home, today)
    write_agreement(home / "agreement.toml", today)
    answers = run_sandbox(home)
    files = [home / name for name in ("records.csv", "cases.csv", "peers.json")]
    subprocess.run([peers_python, "-m", "benchmarks.accuracy.peer_persons", *files], check=True, cwd=ROOT)
    confirmed: dict[str, Collection[str]] = {
        name: set(items) for name, items in json.loads(files[-1].read_bytes()).items()
    }
    confirmed[OURS] = {item for item, verdict in answers.items() if verdict.confirmed}
    return _report(home, answers, confirmed)


def _build(home: Path, today: date) -> None:
    sys.path.append(str(ROOT / "tests"))
    from support.pseudopeople_world import build

    build(home, people=PEOPLE, items=ITEMS, seed=SEED, today=today, noise=True)


def _report(
    home: Path, answers: Mapping[str, Verdict], confirmed: Mapping[str, Collection[str]]
) -> WorldReport:
    truths = {row["item"]: (row["kind"], row["truth"]) for row in rows(home / "truth.csv")}
    questions = {row["item"]: row for row in rows(home / "cases.csv")}
    records = list(rows(home / "records.csv"))
    kinds: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for item, told in truths.items():
        kinds[told].append(item in confirmed[OURS])
    wrong = [item for item in confirmed[OURS] if truths[item][1] == "must_not_confirm"]
    missed = [
        item for item, told in truths.items() if told[1] == "should_confirm" and item not in confirmed[OURS]
    ]
    return WorldReport(
        records=len(records),
        methods={name: _outcome(found, truths) for name, found in confirmed.items()},
        kinds={told: Share(sum(found), len(found)) for told, found in sorted(kinds.items())},
        wrong=[
            (truths[item][0], _text(questions[item]), "; ".join(_held(questions[item], records)))
            for item in sorted(wrong)
        ],
        missed=[(truths[item][0], _text(questions[item]), str(answers[item])) for item in missed],
    )


def _outcome(confirmed: Collection[str], truths: Mapping[str, tuple[str, str]]) -> Outcome:
    totals = Counter(truth for _, truth in truths.values())
    hits = Counter(truths[item][1] for item in confirmed)

    def share(truth: str) -> Share:
        return Share(hits[truth], totals[truth])

    return Outcome(share("should_confirm"), share("either"), share("must_not_confirm"))


def _text(question: Mapping[str, str]) -> str:
    return ", ".join(question[name] for name in _SHOWN if question[name])


def _held(question: Mapping[str, str], records: list[dict[str, str]]) -> Iterator[str]:
    """What the file holds under the item's number or birth date in the years it names."""
    years = question["tax_years"].split()
    tin, birth_date = question["tin"], question["birth_date"].replace("-", "")
    for row in records:
        for prefix in ("", "spouse_"):
            same = row[f"{prefix}ssn"] == tin if tin else row[f"{prefix}date_of_birth"] == birth_date
            if row["tax_year"] in years and same:
                cells = [row[f"{prefix}{name}"] for name in ("first_name", "last_name")]
                cells += [value for name, value in row.items() if name.startswith("mailing_")]
                yield ", ".join(cell for cell in cells if cell)
