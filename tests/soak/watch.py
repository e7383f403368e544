"""What must stay flat over hours: memory, open files, threads, and the bytes of a log."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

TOLERANCES: Final = {"memory": 24 << 20, "files": 3, "threads": 4}
"""By how much the median of the last third may exceed that of the second; the first third is for warming up.

Memory in bytes.
"""

LEAF_TOLERANCE = 1.25
COPIES_OF_A_LEAF = 260
"""A partial bundle is kept beside the next one until it is full at 256: a leaf can be in so many files, and a few."""

_MOST_SAMPLES = 600


class Sample(NamedTuple):
    """What the process held after so many moves."""

    moves: int
    memory: int
    files: int
    threads: int


class Grown(NamedTuple):
    """A log at the end of its life."""

    leaves: int
    leaf_bytes: int
    disk_bytes: int


@dataclass
class Watch:
    """Samples of the process that plays; never more than six hundred, so that it grows with no run itself."""

    samples: list[Sample] = field(default_factory=list)
    logs: list[Grown] = field(default_factory=list)
    _every: int = 1
    _calls: int = 0

    def look(self, moves: int) -> None:
        """Take a sample, perhaps."""
        self._calls += 1
        if self._calls % self._every:
            return
        status = Path("/proc/self/status").read_text(encoding="ascii")
        fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        memory = int(fields["VmRSS"].split()[0]) << 10
        self.samples.append(
            Sample(moves, memory, len(os.listdir("/proc/self/fd")), int(fields["Threads"]))  # noqa: PTH208
        )
        if len(self.samples) > _MOST_SAMPLES:
            del self.samples[::2]
            self._every *= 2

    def log_ended(self, log: Path, leaves: int, leaf_bytes: int) -> None:
        """A log is as long as it gets."""
        on_disk = sum(path.stat().st_size for path in log.rglob("*") if path.is_file())
        self.logs.append(Grown(leaves, leaf_bytes, on_disk))

    def faults(self) -> list[str]:
        """What did not stay flat, a sentence each."""
        if len(self.samples) < 9:
            return ["There were too few moves to see whether anything grows."]
        third = len(self.samples) // 3
        second, last = self.samples[third : 2 * third], self.samples[-third:]
        found = []
        for name, tolerance in TOLERANCES.items():
            before, after = (median(getattr(one, name) for one in part) for part in (second, last))
            if after - before > tolerance:
                found.append(f"{name} grew from {before:,.0f} to {after:,.0f}, by more than {tolerance:,}.")
        return found + self._log_faults()

    def _log_faults(self) -> list[str]:
        found = [
            f"A log of {log.leaf_bytes:,} bytes of leaves takes {log.disk_bytes:,} on the disk."
            for log in self.logs
            if log.disk_bytes > COPIES_OF_A_LEAF * log.leaf_bytes
        ]
        before, after = self._leaf_bytes()
        if after > LEAF_TOLERANCE * before:
            found.append(f"A leaf grew from {before:,.0f} to {after:,.0f} bytes.")
        return found

    def _leaf_bytes(self) -> tuple[float, float]:
        """Bytes of a leaf in the first half of the logs and in the second; 0 where they are too few to compare."""
        if len(self.logs) < 4:
            return 0.0, 0.0
        half = len(self.logs) // 2
        before, after = (
            sum(log.leaf_bytes for log in part) / sum(log.leaves for log in part)
            for part in (self.logs[:half], self.logs[half:])
        )
        return before, after

    def figures(self) -> dict[str, object]:
        """For the report."""
        third = len(self.samples) // 3
        second, last = self.samples[third : 2 * third], self.samples[-third:] if third else []
        told: dict[str, object] = {"samples": len(self.samples)}
        for name, tolerance in TOLERANCES.items():
            told[f"{name} may grow by"] = tolerance
            for when, part in (("second third", second), ("last third", last)):
                told[f"{name}, median of the {when}"] = (
                    int(median(getattr(one, name) for one in part)) if part else 0
                )
            told[f"{name}, most"] = max((getattr(one, name) for one in self.samples), default=0)
        leaves, size, disk = (sum(log[index] for log in self.logs) for index in range(3))
        told |= {
            "logs": len(self.logs),
            "leaves": leaves,
            "bytes of a leaf": round(size / leaves) if leaves else 0,
            "bytes of a leaf, first half of the logs": round(self._leaf_bytes()[0]),
            "bytes of a leaf, second half": round(self._leaf_bytes()[1]),
            "bytes of a leaf may grow by percent": round(100 * (LEAF_TOLERANCE - 1)),
            "bytes on the disk for a byte of leaves, most": round(
                max((log.disk_bytes / log.leaf_bytes for log in self.logs if log.leaf_bytes), default=0)
            ),
            "bytes on the disk for a byte of leaves may be": COPIES_OF_A_LEAF,
            "bytes of log on the disk for each leaf": round(disk / leaves) if leaves else 0,
        }
        return told
