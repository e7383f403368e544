"""How long the accounting of a long log takes, and how much memory: in a process of its own, with its children's.

python -m benchmarks.scale.accounting --entries 10000000
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.scale.logs import world_of


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_280_000)
    parser.add_argument("--world", type=Path, help="an existing world, instead of one made for this")
    options = parser.parse_args()
    world = options.world or world_of(options.entries)
    started = time.perf_counter()
    command = [sys.executable, "-m", "narrowgate", "inspector", "accounting", str(world), "--json"]
    told = subprocess.run(command, check=True, capture_output=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        json.dumps(
            {
                "entries": json.loads(told.stdout)["log"]["size"],
                "seconds": round(time.perf_counter() - started, 1),
                "processor_seconds": round(used.ru_utime + used.ru_stime, 1),
                "largest_process_megabytes": round(used.ru_maxrss / 1024),
            }
        )
    )


if __name__ == "__main__":
    main()
