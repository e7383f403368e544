"""``make accuracy``: measure everything and write ``docs/reference/accuracy.md``."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from benchmarks.accuracy import (
    address_cases,
    adversaries,
    end_to_end,
    ours,
    person_cases,
    referee,
    report,
    street_reference,
    sufficiency,
)
from benchmarks.accuracy.data import ROOT, data_directory, load_pairs

from narrowgate.adapters.clock import SystemClock

PAGE = ROOT / "docs" / "reference" / "accuracy.md"


def main() -> None:
    """Write the page; the peers run with the interpreter that is named as the only argument."""
    (peers_python,) = map(Path, sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="narrowgate-accuracy-") as directory:
        measured = measure(Path(directory), peers_python.absolute(), SystemClock().now().date())
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(report.render(measured), encoding="utf-8")
    _say(f"wrote {PAGE.relative_to(ROOT)}")


def measure(home: Path, peers_python: Path, today: date) -> report.Measured:
    """Every figure of the page.

    Args:
        home: an empty directory for the files of the runs.
        peers_python: the interpreter of the peers' environment.
        today: the day of every question.
    """
    data = data_directory()
    source = data / "address_pairs.csv"
    pairs = load_pairs(source)
    _say(f"peers on {len(pairs):,} pairs")
    peers_file = home / "peers.json"
    module = "benchmarks.accuracy.peers"
    subprocess.run([peers_python, "-m", module, source, peers_file], check=True, cwd=ROOT)
    peers = json.loads(peers_file.read_bytes())
    runs: dict[str, list[ours.Verdict]] = {}
    for name, arrangement in (
        (report.A_HELD, ours.Arrangement()),
        (report.B_HELD, ours.Arrangement(file_holds_b=True)),
        (report.NO_REFERENCE, ours.Arrangement(has_reference=False)),
    ):
        _say(name)
        runs[name] = ours.ask_pairs(home / f"pairs-{len(runs)}", pairs, today, arrangement)
    _say("street reference")
    relaxed = street_reference.measure(pairs)
    _say("sufficiency")
    judged = sufficiency.findings(data, pairs)
    _say("independent referee")
    refereed = referee.measure(home / "referee", peers_python, data)
    _say("simulated tax file")
    world = end_to_end.measure(home / "world", peers_python, today)
    return report.Measured(
        pairs=pairs,
        peers=peers["verdicts"],
        versions=peers["versions"],
        keys=[ours.share_a_key(pair) for pair in pairs],
        runs=runs,
        relaxed=relaxed,
        sufficiency=judged,
        world=world,
        near=adversaries.measure(today),
        person_cases=person_cases.measure(data / "field_cases.csv"),
        address_cases=address_cases.measure(data / "field_cases.csv"),
        neighbors=address_cases.neighbors(pairs),
        refereed=refereed,
    )


def _say(what: str) -> None:
    print(f"{time.perf_counter() - _STARTED:6.0f} s  {what}", file=sys.stderr, flush=True)


_STARTED = time.perf_counter()

if __name__ == "__main__":
    main()
