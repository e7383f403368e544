"""A simulated tax file and questions about it, through the sandbox and through the peers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from benchmarks.accuracy.data import ROOT, rows
from benchmarks.accuracy.ours import Verdict, run_sandbox, write_agreement
from benchmarks.accuracy.scoring import Share

PEOPLE = 10_000
ITEMS = 20_000
SEED = 1
_NOT, _SLIP = "must_not_confirm", "street_slip"
OURS = "Narrowgate, sandbox"
_SHOWN = ("given_names", "surnames", "address_line_1", "address_line_2", "city", "state", "zip")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one method did: questions confirmed of those that should, may or must not be.

    Args:
        should: the file says it, letter by letter, of an intact record.
        either: the right person and place, but the record has an error of writing, or the question a slip.
        recoverable: those of both whose record and question have number, street and unit intact.
        wrong: the file says nothing of the kind.
    """

    should: Share
    either: Share
    recoverable: Share
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
    wrong: list[tuple[str, ...]]
    missed: list[tuple[str, ...]]


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
    return _report(home, today, answers, confirmed)


def _build(home: Path, today: date) -> None:
    sys.path.append(str(ROOT / "tests"))
    from support.pseudopeople_world import build

    build(home, people=PEOPLE, items=ITEMS, seed=SEED, today=today, noise=True)


def _report(
    home: Path, today: date, answers: Mapping[str, Verdict], confirmed: Mapping[str, Collection[str]]
) -> WorldReport:
    truths = {row["item"]: (row["kind"], row["truth"]) for row in rows(home / "truth.csv")}
    questions = {row["item"]: row for row in rows(home / "cases.csv")}
    records = list(rows(home / "records.csv"))
    right = [item for item, (kind, truth) in truths.items() if truth != _NOT and kind != _SLIP]
    recoverable = _recoverable((questions[item] for item in right), today)
    kinds: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for item, told in truths.items():
        kinds[told].append(item in confirmed[OURS])
    wrong = [item for item in confirmed[OURS] if truths[item][1] == _NOT]
    missed = [
        item for item, told in truths.items() if told[1] == "should_confirm" and item not in confirmed[OURS]
    ]
    return WorldReport(
        records=len(records),
        methods={name: _outcome(found, truths, recoverable) for name, found in confirmed.items()},
        kinds={told: Share(sum(found), len(found)) for told, found in sorted(kinds.items())},
        wrong=[
            (truths[item][0], _text(questions[item]), "; ".join(_held(questions[item], records)))
            for item in sorted(wrong)
        ],
        missed=[(truths[item][0], _text(questions[item]), str(answers[item])) for item in missed],
    )


def _outcome(
    confirmed: Collection[str], truths: Mapping[str, tuple[str, str]], recoverable: Collection[str]
) -> Outcome:
    totals = Counter(truth for _, truth in truths.values())
    hits = Counter(truths[item][1] for item in confirmed)

    def share(truth: str) -> Share:
        return Share(hits[truth], totals[truth])

    return Outcome(
        should=share("should_confirm"),
        either=share("either"),
        recoverable=Share(sum(item in confirmed for item in recoverable), len(recoverable)),
        wrong=share(_NOT),
    )


def _recoverable(questions: Iterable[Mapping[str, str]], today: date) -> set[str]:
    """Items about a return that was written with its number, street and unit as they are."""
    from support.pseudopeople_returns import returns
    from support.pseudopeople_world import YEARS

    intact: dict[tuple[str, str], set[str]] = defaultdict(set)
    for year in range(today.year - YEARS, today.year):
        both = zip(returns(year, noise=False), returns(year, noise=True), strict=True)
        for true, written in both:
            place, kept = true.place, written.place
            if place.street and (place.number, place.street, place.unit) == (
                kept.number,
                kept.street,
                kept.unit,
            ):
                for filer in true.filers:
                    intact[str(year), filer.tin].add(place.number)
                    intact[str(year), filer.birth_date].add(place.number)

    def kept_number(question: Mapping[str, str]) -> bool:
        key = question["tin"] or question["birth_date"]
        numbers = set().union(*(intact[year, key] for year in question["tax_years"].split()))
        return any(question["address_line_1"].startswith(number) for number in numbers)

    return {question["item"] for question in questions if kept_number(question)}


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
