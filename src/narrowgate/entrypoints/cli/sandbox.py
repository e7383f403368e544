"""``narrowgate demo`` and ``narrowgate sandbox``: a whole world on this machine with throw-away keys."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from shlex import quote
from threading import Event
from typing import TYPE_CHECKING, Any

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.adapters.workers import loaded_context
from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.base.errors import OperationalError
from narrowgate.entrypoints.cli.frame import ExampleCommand, answer, as_called, note, progress, warn
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE, SEED
from narrowgate.entrypoints.sandbox.directory import new_world
from narrowgate.entrypoints.sandbox.synthetic import write_world

if TYPE_CHECKING:
    from narrowgate.entrypoints.sandbox.serving import Links
    from narrowgate.entrypoints.sandbox.synthetic_cases import Truth
    from narrowgate.entrypoints.sandbox.world import Summary

_existing = EXISTING_FILE
_new_directory = click.Path(file_okay=False, path_type=Path)


@click.command(cls=ExampleCommand, epilog="narrowgate demo --dir demo --people 20000 --items 2000")
@click.option("--dir", "directory", type=_new_directory, default="narrowgate-demo", help="A new directory.")
@click.option("--people", type=click.IntRange(100), default=20_000, show_default=True, help="Filers.")
@click.option("--items", type=click.IntRange(10), default=2_000, show_default=True, help="Items asked about.")
@click.option("--seed", type=SEED, default=1, show_default=True, help="Another seed, another world.")
@click.option("--serve", "serves", is_flag=True, help="Then serve its pages and its intake, until Ctrl-C.")
def demo(directory: Path, people: int, items: int, seed: int, serves: bool) -> None:
    """Build a synthetic world and run one package through it: records to index, cases to sealed answers.

    Nobody in it is real. Every part is the one an agency would run; only the keys are thrown away. With --serve it then
    prints four links, to desk, intake, console and inspector's site, and what to try at each.
    """
    clock = SystemClock()
    with new_world(directory) as home, progress() as report, ThreadPoolExecutor(1) as beside:
        report("synthetic world", 0, None)
        drawing = beside.submit(_drawn, home, people, items, seed, clock.now().date())
        # Meanwhile: all that a gate is made of takes as long to import as the world takes to be drawn.
        from narrowgate.entrypoints.sandbox.agreement import NOTICE  # noqa: PLC0415
        from narrowgate.entrypoints.sandbox.world import Sources, build_world  # noqa: PLC0415

        truth = drawing.result()
        sources = Sources(
            records=home / "records.csv",
            mapping=home / "mapping.toml",
            cases=home / "cases.csv",
            streets=home / "streets.csv",
            truth={item: label for item, (label, _) in truth.items()},
        )
        summary = build_world(home, sources, clock, SystemEntropy(), _workers(), report)
    if serves:
        warn(NOTICE)
        _serve(directory.resolve(), clock.now())
    else:
        _show(_summary_text(summary, directory, directory / "cases.csv"), summary, NOTICE)


def _drawn(*what: Any) -> dict[str, tuple[Truth, str]]:
    """What ``write_world`` returns; drawn in a process of its own, for whose start alone this thread waits long.

    Raises:
        OperationalError: the process died.
    """
    # What it is forked from has loaded what the processes of the build need, too, and the command line, as they all do.
    context = loaded_context(write_world, "narrowgate.index.tokenize", "narrowgate.entrypoints.cli.main")
    try:
        with ProcessPoolExecutor(1, context) as process:
            return process.submit(write_world, *what).result()
    except BrokenProcessPool as error:
        raise OperationalError(
            "The process that draws the world ended before it was done.",
            why="It was killed, or memory ran out.",
            next_step="Run the command again, with fewer people if memory is short.",
        ) from error


def _serve(home: Path, now: datetime) -> None:
    """Show where the services are until the person ends them."""
    from narrowgate.entrypoints.sandbox.serving import served  # noqa: PLC0415

    with served(home, now, SystemEntropy()) as links:
        answer(asdict(links), _links_text(home, links))
        try:
            Event().wait()
        except KeyboardInterrupt:
            note("The services are ended; the world stays where it is.")


def _links_text(home: Path, links: Links) -> str:
    """Four links and what to try at each."""
    from narrowgate.entrypoints.sandbox.serving import OFFICE  # noqa: PLC0415

    keys = home / "keys"
    certificate = f"--certificate {home}/tls/client.pem --key {home}/tls/client.key.pem"
    return "\n".join(
        (
            "Four links; those of pages open one browser of this machine, once. Ctrl-C ends everything.",
            "",
            f"Desk       {links.desk}",
            f"  Open {home / 'cases.csv'} under Case files, correct a row, make a package, sign it with",
            f"  {keys / OFFICE.value}.key.pem and hand it over; the gate is at work and answers within a minute.",
            f"Intake     {links.intake}",
            f"  narrowgate fetch PACKAGE --url {links.intake} --server-root {keys}/root.pem {certificate}",
            f"Console    {links.console}",
            f"  Place a hold with {keys}/custody-1.key.pem, and lift it with custody-1 and custody-2.",
            f"Inspector  {links.inspect}",
            "  See the verdict, filter the entries by a rule, and follow one item through the gate.",
        )
    )


@click.command(
    cls=ExampleCommand,
    epilog="narrowgate sandbox world --records records.csv --mapping mapping.toml --cases cases.csv",
)
@click.argument("directory", metavar="DIR", type=_new_directory)
@click.option("--records", type=_existing, required=True, help="Tax records, CSV or Parquet.")
@click.option("--mapping", type=_existing, required=True, help="TOML: which column holds what.")
@click.option("--cases", type=_existing, required=True, help="Case file, CSV or Parquet.")
@click.option("--agreement", type=_existing, help="Your agreement; its limits hold, its keys are replaced.")
@click.option("--streets", type=_existing, help="Street reference, CSV or Parquet: zip, street_name, suffix.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes; default: all cores.")
def sandbox(directory: Path, workers: int | None, **files: Any) -> None:
    """Run your own files through the whole path with throw-away keys, and write answers.csv and summary.json.

    Without --agreement it uses one whose quotas and budgets are lifted, and says so.
    """
    from narrowgate.entrypoints.sandbox.agreement import NOTICE  # noqa: PLC0415
    from narrowgate.entrypoints.sandbox.world import Sources, build_world  # noqa: PLC0415

    sources = Sources(**files)
    with new_world(directory) as home, progress() as report:
        summary = build_world(home, sources, SystemClock(), SystemEntropy(), workers or _workers(), report)
    notice = (
        NOTICE
        if sources.agreement is None
        else "Your agreement's limits hold; throw-away keys hold its offices."
    )
    _show(_summary_text(summary, directory, sources.cases), summary, notice)


def _workers() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _show(text: str, summary: Summary, notice: str) -> None:
    warn(notice)
    answer(summary.as_json(), f"\n{text}")


def _summary_text(summary: Summary, directory: Path, cases: Path) -> str:
    from narrowgate.core.eligibility.ruleset import rule_of  # noqa: PLC0415

    outcomes = summary.outcomes
    program = as_called()
    lines = [
        f"Items            {summary.items:>9,}",
        *(f"  {outcome.value:<14} {outcomes[outcome.value]:>9,}" for outcome in Outcome),
        "",
        "Refused by rule (an item may count under several)",
        *(
            f"  {rule:<6} {count:>7,}  {rule_of(rule).title}"
            for rule, count in sorted(summary.findings.items(), key=lambda entry: (-entry[1], entry[0]))
        ),
        "",
    ]
    if summary.wrong_confirmations is not None:
        lines += [
            f"Wrong confirmations  {summary.wrong_confirmations:,}   (must be 0)",
            f"Missed confirmations {summary.missed_confirmations:,}",
            "",
        ]
    seconds = sum(summary.measures.seconds.values())
    peak = max(summary.measures.peak_memory_mb.values(), default=0)
    lines += [
        _index_line(summary),
        f"Log              {summary.log_size:>9,} leaves, verified offline; root {summary.log_root[:16]}...",
        f"Time and memory  {seconds:>9.1f} s, {peak:,.0f} MB at most in the main process",
        f"Files            {directory}/  {', '.join(_files(directory))}",
        "",
        "Try next",
        f"  {program} log verify {quote(str(directory))}",
        f'  {program} address explain "123 N Main St Apt 4, Springfield, IL 62704"',
        f"  {program} case lint {quote(str(cases))} --agreement {quote(str(directory / 'agreement.toml'))}",
    ]
    return "\n".join(lines)


def _files(directory: Path) -> list[str]:
    """What a reader may want to look at; rows are set aside only where there are some."""
    quarantine = ["quarantine.csv"] if (directory / "quarantine.csv").is_file() else []
    return ["answers.csv", "summary.json", *quarantine, "log/", "answers/", "index/", "package/"]


def _index_line(summary: Summary) -> str:
    counts = summary.index
    return (
        f"Index            {counts['rows_read']:>9,} records read: "
        f"{counts['rows_loaded']:,} loaded, {sum(counts['rows_quarantined'].values()):,} quarantined"
    )
