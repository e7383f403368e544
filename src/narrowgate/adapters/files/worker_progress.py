"""How far the worker is, in one small file: a package's id, a step and counts of items; nothing of an outcome."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from narrowgate.adapters.files.durable_files import failed, place
from narrowgate.adapters.files.regular import read_regular
from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.base.closed_document import read_document

SCHEMA: Final = "narrowgate/worker-progress/v1"
_TEXT: Final = re.compile(r"[A-Za-z0-9 ._:-]{0,200}")


class WorkerState(StrEnum):
    """What the worker is at."""

    IDLE = "idle"
    WORKING = "working"
    SUSPENDED = "suspended"
    UNABLE = "unable"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class WorkerProgress:
    """One look at the worker.

    Args:
        state: what it is at.
        updated: RFC 3339 time of the look.
        queue: packages that wait, the one under way among them.
        package_id: of the package under way; empty where there is none.
        office: of the package.
        step: such as ``6 eligibility``.
        done: items that the step is done with.
        total: items of the step.
        problem: id of what keeps the worker from deciding; empty where nothing does.
    """

    state: WorkerState
    updated: str
    queue: int = 0
    package_id: str = ""
    office: str = ""
    step: str = ""
    done: int = 0
    total: int = 0
    problem: str = ""


def write_progress(path: Path, progress: WorkerProgress) -> None:
    """The file tells this; whoever reads meanwhile sees it or what was told before.

    It is not waited for: a small package has as many steps as a large one, and the disk would take longer than they do.

    Raises:
        OperationalError: the disk refused.
    """
    place(path, canonical_bytes({"schema": SCHEMA, **asdict(progress)}) + b"\n", durable=False)


def read_progress(path: Path) -> WorkerProgress | None:
    """What the worker told last; None where it never ran, or a power cut took it.

    Raises:
        EnvelopeError: the file tells something else.
        OperationalError: the disk refused.
    """
    try:
        data = read_regular(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise failed("read the progress", path, error) from error
    if not data:
        return None
    fields = read_document(data.rstrip(b"\n"), path.name)
    fields.constant("schema", SCHEMA)
    progress = WorkerProgress(
        state=WorkerState(fields.text("state", re.compile("|".join(WorkerState)))),
        updated=fields.text("updated", _TEXT),
        queue=fields.count("queue"),
        package_id=fields.text("package_id", _TEXT),
        office=fields.text("office", _TEXT),
        step=fields.text("step", _TEXT),
        done=fields.count("done"),
        total=fields.count("total"),
        problem=fields.text("problem", _TEXT),
    )
    fields.close()
    return progress


class ToldProgress:
    """Watches the steps of one package (``gate.run.Progress``) and tells of them, at most once a second.

    Args:
        tell: takes step, done and total.
        monotonic: seconds that never go back.
    """

    def __init__(self, tell: Callable[[str, int, int], None], monotonic: Callable[[], float]) -> None:
        self._tell = tell
        self._monotonic = monotonic
        self._step = ""
        self._told = float("-inf")

    def begin(self, step: str) -> None:
        """A step begins: told at once."""
        self._step = step
        self._told = self._monotonic()
        self._tell(step, 0, 0)

    def advance(self, done: int, total: int) -> None:
        """So many items of the step are done."""
        if self._monotonic() - self._told >= 1.0:
            self._told = self._monotonic()
            self._tell(self._step, done, total)
