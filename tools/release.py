"""Put the assurance report beside what is released, if it is the full one of exactly this code, and write the digests.

``python tools/release.py DIST REPORT``: DIST holds one wheel and one sdist (``make dist``), REPORT what
``narrowgate assure --full`` wrote. Anything else than a full run without a fault, in which every promise held, is
refused: a release cites no report that it does not carry.
"""

from __future__ import annotations

import json
import shutil
import sys
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from narrowgate.entrypoints.assure.code_digest import code_in_wheel
from narrowgate.entrypoints.assure.suite import NAMES

REPORTS = ("assurance.html", "assurance.json")
SUMS = "SHA256SUMS"


def main(dist: Path, report: Path) -> None:
    """Refuses, or attaches."""
    wheels = sorted(dist.glob("*.whl"))
    if len(wheels) != 1:
        sys.exit(f"{dist} holds {len(wheels)} wheels and not one: run 'make dist' first.")
    if missing := [name for name in REPORTS if not (report / name).is_file()]:
        sys.exit(f"{report} does not hold {' and '.join(missing)}: run 'make assure' first.")
    try:
        told = json.loads((report / REPORTS[1]).read_bytes())
        page = (report / REPORTS[0]).read_text(encoding="utf-8")
        problems = problems_of(told, page, code_in_wheel(wheels[0]))
    except (ValueError, KeyError, TypeError):
        problems = ["it is no report that 'narrowgate assure' wrote: run 'make assure' again"]
    if problems:
        sys.exit(
            "The assurance report cannot go with this release:\n"
            + "\n".join(f"- {each}" for each in problems)
        )
    for name in REPORTS:
        shutil.copyfile(report / name, dist / name)
    files = sorted(path for path in dist.iterdir() if path.name != SUMS)
    lines = [f"{sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (dist / SUMS).write_text("".join(lines), encoding="utf-8")
    print(f"{len(files)} files and their digests in {dist / SUMS}")


def problems_of(told: dict[str, Any], page: str, code: str) -> list[str]:
    """Why a report is not that of a full run of this code in which everything held; nothing where it is.

    Args:
        told: the report for programs.
        page: the same for people.
        code: digest of the code that is released.
    """
    checks = told["checks"]
    found = []
    if told["code_sha256"] != code:
        found.append("it is of other code than the wheel's: run 'make assure' again")
    if "--full" not in told["command"].split():
        found.append(f"it is not of a full run: {told['command']}")
    if missing := sorted(set(NAMES) - {each["check"] for each in checks if _held(each)}):
        found.append(f"not held, or not tried: {', '.join(missing)}")
    if not (told["held"] and told["complete"] and len(checks) == len(NAMES) and all(map(_held, checks))):
        found.append("not all of it says that everything held, once for each check")
    if planted := [each["check"] for each in checks if each["planted"]]:
        found.append(f"faults were planted: {', '.join(planted)}")
    words = [told[name] for name in ("code_sha256", "command", "time")]
    words += [f"{len(NAMES)} of {len(NAMES)} promises held.", *(f">{name}: held<" for name in NAMES)]
    if not all(word in page or escape(word) in page for word in words) or ": broken<" in page:
        found.append(f"{REPORTS[0]} and {REPORTS[1]} are of two runs")
    return found


def _held(check: dict[str, Any]) -> bool:
    """Whether every part of what is told of a check says that it held."""
    return (
        check["verdict"] == "held" and check["broken"] == 0 and not check["examples"] and check["tried"] > 0
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
