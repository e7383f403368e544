"""How long after an officer's hold a gate stops that is deep in step 6 of a large package.

A hold is placed by another process, as the command does it, at a moment drawn at random while step 6 works. Measured
is from the moment at which the act is handed over until its leaf is in the log, from where on nothing is decided or
released, and until the run has ended, which waits for the batches that its workers have in hand. Two officers lift the
hold, and the same package goes on.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import time
from multiprocessing import Process, get_context
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median

from benchmarks.scale.build import CREATED
from benchmarks.scale.gate import people_index, prepare_package
from benchmarks.scale.measure import record, show

from narrowgate.adapters.clock import FixedClock
from narrowgate.adapters.files.package_files import PackageDirectory
from narrowgate.adapters.private_keys.memory_key import KeyInMemory
from narrowgate.adapters.signing.certificates import load_certificates, load_key
from narrowgate.adapters.signing.issuing import Credential
from narrowgate.core.base.errors import SuspendedError
from narrowgate.core.governance.kinds import Kind
from narrowgate.core.log.file_names import CHECKPOINT
from narrowgate.entrypoints.acts import NothingRemembered, acts_on_disk
from narrowgate.entrypoints.bootstrap import opened_acts, opened_gate
from narrowgate.entrypoints.braking import brake
from narrowgate.entrypoints.governed import Governed
from narrowgate.entrypoints.sandbox.custody import Custody
from narrowgate.entrypoints.settings import GateSettings, read_settings
from narrowgate.gate.run import run_package
from narrowgate.governance.acts import Wanted

STEP = "6 eligibility"


class Signals:
    """Tells another process when step 6 begins (``gate.run.Progress``)."""

    def __init__(self, tell: Connection) -> None:
        self._tell = tell
        self.step = ""

    def begin(self, step: str) -> None:
        """A step begins."""
        self.step = step
        if step == STEP:
            self._tell.send(step)

    def advance(self, done: int, total: int) -> None:
        """Nothing is shown."""


def main() -> None:
    """Measure, print, append."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--holds", type=int, default=5)
    parser.add_argument("--people", type=int, default=100_000, help="whose records stand in the index")
    parser.add_argument("--within", type=float, default=10.0, help="seconds of step 6 in which a hold comes")
    parser.add_argument("--directory", type=Path, default=Path("build/scale"))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.directory.mkdir(parents=True, exist_ok=True)
    index = people_index(options.directory, options.people)
    home = options.directory / f"holds-{options.items}"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    with get_context("spawn").Pool(1) as pool:
        pool.apply(prepare_package, (home, options.items, options.people, index, options.workers, "1GB"))
    source = random.Random(options.seed)  # noqa: S311 - moments of a measurement, nothing secret
    rows = [
        (f"hold {number}", *hold_once(home, source.uniform(0.5, options.within)))
        for number in range(1, options.holds + 1)
    ]
    logged, ended = [row[1] for row in rows], [row[2] for row in rows]
    rows.append(("median", median(logged), median(ended)))
    rows.append(("longest", max(logged), max(ended)))
    header = ("", "s until in force and in the log", "s until the run has ended")
    show(f"Holds in step 6 of {options.items:,} items, {options.workers} workers", header, rows)
    record(
        options.directory / "results.jsonl",
        "holds",
        items=options.items,
        workers=options.workers,
        logged=logged,
        ended=ended,
    )


def hold_once(home: Path, after: float) -> tuple[float, float]:
    """Seconds from handing a hold over until its leaf is in the log, and until the run has ended.

    Args:
        home: of a gate and its package.
        after: seconds of step 6 that pass before the hold is drawn up.
    """
    context = get_context("spawn")
    hear, tell = context.Pipe(duplex=False)
    answer, answered = context.Pipe(duplex=False)
    officer = context.Process(target=place_hold, args=(home, after, hear, answered))
    officer.start()
    signals = Signals(tell)
    settings = read_settings(home)
    with opened_gate(settings, FixedClock(CREATED)) as gate:
        try:
            run_package(gate, PackageDirectory(home / "package"), signals)
        except SuspendedError:
            suspended = time.monotonic()
        else:
            stop(officer)
            sys.exit("The package was through before the hold came: take more --items, or --within less.")
    handed, logged = answer.recv()
    officer.join()
    if signals.step != STEP:
        sys.exit(f"The hold came in step {signals.step}: take more --items, or --within less.")
    lift(settings)
    return logged - handed, suspended - handed


def stop(officer: Process) -> None:
    """The process that would place a hold ends without one."""
    officer.terminate()
    officer.join()


def place_hold(home: Path, after: float, hear: Connection, answered: Connection) -> None:
    """One officer holds everything, a while after step 6 has begun; tells when it was handed over, and in the log."""
    settings = read_settings(home)
    held = _credential(settings.trust_root.parent.parent / "keys", 1)
    key = KeyInMemory(held.key, [held.certificate])
    checkpoint = settings.log / CHECKPOINT
    hear.recv()
    time.sleep(after)
    before = checkpoint.read_bytes()
    brake(settings, Wanted(Kind.HOLD, "all", "measured"), key, CREATED, "measured")
    handed = time.monotonic()
    while checkpoint.read_bytes() == before:
        time.sleep(0.005)
    answered.send((handed, time.monotonic()))


def lift(settings: GateSettings) -> None:
    """Two officers lift the hold, which must be in force and in the log."""
    if not Governed(settings, acts_on_disk(settings), NothingRemembered()).books.in_force().holds:
        sys.exit("The gate stopped, and the log has no hold.")
    keys = settings.trust_root.parent.parent / "keys"
    signatory = load_certificates(keys / "signatory.pem")[0]
    custody = Custody(
        settings,
        [_credential(keys, number) for number in (1, 2)],
        Credential(load_key(keys / "signatory.key.pem"), signatory),
    )
    with opened_acts(settings, settings.revocation) as books:
        custody.enact(books, Wanted(Kind.HOLD_LIFTED, "all", "measured"), CREATED)


def _credential(keys: Path, number: int) -> Credential:
    name = keys / f"custody-{number}"
    return Credential(load_key(name.with_suffix(".key.pem")), load_certificates(name.with_suffix(".pem"))[0])


if __name__ == "__main__":
    main()
