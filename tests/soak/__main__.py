"""``make soak``: hours of a gate's life, on SQLite and PostgreSQL, under kills and full disks, against the model."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import pytest
from sqlalchemy import create_engine, text

from narrowgate import __version__
from narrowgate.adapters.clock import SystemClock
from narrowgate.core.base.times import format_time
from narrowgate.entrypoints.assure.small_disk import SmallDisk
from soak.course import PLANTS, Course
from support.postgresql import running_server, sqlalchemy_url
from support.release_world import TurnedClock

STORES = ("sqlite", "postgresql")
_DISK_BYTES = 1 << 30


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where everything held, 1 where something did not, or where a store could not be tried."""
    options = _options(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    base = Path(mkdtemp(prefix="narrowgate-soak-"))
    disk = SmallDisk(base, _DISK_BYTES)
    courses: list[Course] = []
    missing: list[str] = []
    try:
        for number, store in enumerate(options.store or STORES):
            seconds = options.minutes * 60 / len(options.store or STORES)
            home = base / store
            home.mkdir()
            try:
                with _databases(store) as database:
                    start = TurnedClock(SystemClock().now())
                    course = Course(
                        store, options.seed + number, home, disk, database, _limit(seconds, options.moves),
                        frozenset(options.plant), start,
                    )  # fmt: skip
                    print(f"{store}: seed {course.seed}", flush=True)
                    course.play()
                    courses.append(course)
                    print(*course.faults, sep="\n", end="\n" if course.faults else "", flush=True)
            except pytest.skip.Exception as skipped:
                missing.append(f"{store}: {skipped.msg}")
            if courses and courses[-1].faults:
                shutil.rmtree(options.out / f"failed-{store}", ignore_errors=True)
                shutil.copytree(home, options.out / f"failed-{store}", symlinks=True)
            shutil.rmtree(home, ignore_errors=True)
    finally:
        shutil.rmtree(base, ignore_errors=True)
        shutil.rmtree(base.with_name(f"{base.name}-outside"), ignore_errors=True)
    told = _told(courses, missing, disk, options)
    (options.out / "soak.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    summary = _text(told)
    (options.out / "soak.txt").write_text(summary, encoding="utf-8")
    print(summary, end="")
    return 0 if told["held"] else 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m soak", description=__doc__)
    parser.add_argument(
        "--minutes", type=float, default=20.0, help="of both stores together (480: eight hours)"
    )
    parser.add_argument(
        "--moves", type=int, help="so many in each store instead, to play a run again by its seed"
    )
    parser.add_argument(
        "--seed", type=int, default=time.time_ns() % 1_000_000, help="of every choice; else drawn"
    )
    parser.add_argument("--store", choices=STORES, action="append", help="only this one; may be repeated")
    parser.add_argument(
        "--plant", choices=PLANTS, action="append", default=[], help="a fault that must be found"
    )
    parser.add_argument("--out", type=Path, default=Path("build/soak"), help="directory of the report")
    return parser.parse_args(arguments)


def _limit(seconds: float, moves: int | None) -> Callable[[int], bool]:
    ends = time.monotonic() + seconds
    return lambda made: made >= moves if moves is not None else time.monotonic() >= ends


@contextmanager
def _databases(store: str) -> Iterator[Callable[[str], str]]:
    """A new database for each gate; nothing where the state is a file."""
    if store == "sqlite":
        yield lambda _: ""
        return
    with running_server() as socket:
        engine = create_engine(sqlalchemy_url(socket), isolation_level="AUTOCOMMIT")

        def new(name: str) -> str:
            with engine.connect() as connection:
                connection.execute(text(f"CREATE DATABASE {name}"))
            engine.dispose()
            return sqlalchemy_url(socket, name)

        yield new


def _told(
    courses: Sequence[Course], missing: Sequence[str], disk: SmallDisk, options: argparse.Namespace
) -> dict[str, object]:
    words = ["python -m soak", f"--seed {options.seed}", f"--minutes {options.minutes:g}"]
    return {
        "schema": "narrowgate.soak.v1",
        "version": __version__,
        "command": " ".join(words),
        "time": format_time(SystemClock().now()),
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}",
        "disk": "a tmpfs that is made too small"
        if disk.is_mounted
        else "a limit on the length of every file",
        "held": bool(courses) and not missing and not any(course.faults for course in courses),
        "not tried": list(missing),
        "hours of the virtual clock": round(24 * sum(course.days for course in courses)),
        "courses": [
            {
                "state": course.store,
                "seed": course.seed,
                "again": f"python -m soak --store {course.store} --seed {course.seed} --moves {course.moves}",
                "moves": course.moves,
                "seconds": round(course.seconds, 1),
                "hours of the virtual clock": round(24 * course.days),
                "met": dict(sorted(course.met.items())) | {"days of the clock": round(course.days)},
                "watched": course.watch.figures(),
                "faults": course.faults,
                "last moves": course.last if course.faults else [],
            }
            for course in courses
        ],
    }


def _text(told: dict[str, object]) -> str:
    lines = [f"Soak {told['version']}, {told['time']}: {told['machine']}; full disks by {told['disk']}"]
    for course in told["courses"]:  # type: ignore[attr-defined]
        lines += [
            "",
            f"{course['state']}: {course['moves']:,} moves in {course['seconds']:,.0f} s; {course['again']}",
            f"  {'hours of the virtual clock':<52} {course['hours of the virtual clock']:>12,}",
        ]
        lines += [
            f"  {name:<52} {count:>12,}" for name, count in {**course["met"], **course["watched"]}.items()
        ]
        lines += [f"  FAULT: {fault}" for fault in course["faults"]]
    lines += [f"NOT TRIED: {each}" for each in told["not tried"]]  # type: ignore[attr-defined]
    hours = f"{told['hours of the virtual clock']:,} hours of gates' lives."
    return "\n".join([*lines, "", hours, "Everything held." if told["held"] else "IT DID NOT HOLD.", ""])


if __name__ == "__main__":
    sys.exit(main())
