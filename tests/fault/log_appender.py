"""Appends batches to a log and acknowledges each on stdout, until done or killed; run by test_log_faults."""

from __future__ import annotations

import sys
from pathlib import Path

from narrowgate.adapters.files.checkpoint_file import CheckpointFile
from narrowgate.adapters.files.log_tiles import TileLog
from narrowgate.core.base.errors import NarrowgateError
from support.log_world import SIGNER, numbered

SIZES = (3, 258, 300)


def second_place(directory: Path) -> Path:
    """Where the checkpoints of the log are kept, too."""
    return directory.with_name(directory.name + ".checkpoints")


def main(directory: Path) -> None:
    """Grow the log to each size; the line for a size is written once its leaves are durable."""
    begun = (directory / "checkpoint").exists()
    keeper = CheckpointFile(second_place(directory))
    make = TileLog.open if begun else TileLog.create
    with make(directory, SIGNER, keeper) as log:
        for size in SIZES:
            if log.size() < size:
                log.append(numbered(log.size(), size))
                log.integrate()
            sys.stdout.write(f"{size}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except NarrowgateError as error:
        sys.exit(str(error))
