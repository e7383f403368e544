"""The openings that a custodian granted, read line by line and each checked against its leaf before it is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from narrowgate.core.base.errors import EnvelopeError, OperationalError, ProofError
from narrowgate.core.base.system_errors import system_reason
from narrowgate.core.log.opening import MAX_LINE_BYTES, Opened, Opening, parse_opening, verify_opening


def read_openings(path: Path) -> Iterator[tuple[str, Opening]]:
    """Gives where each opening of the file is, and the opening; nothing of it is checked against a log yet.

    Raises:
        ProofError: a line is no opening.
        OperationalError: the machine cannot read the file.
    """
    try:
        with path.open("rb") as file:
            number = 0
            while line := file.readline(MAX_LINE_BYTES + 1):
                number += 1
                where = f"{path}:{number}"
                try:
                    opening = parse_opening(line.removesuffix(b"\n"), where)
                except EnvelopeError as error:
                    raise ProofError(
                        "A line of the openings is none.",
                        why=error.what,
                        next_step="Take the file again as the custodian made it.",
                        where=where,
                    ) from error
                yield where, opening
    except OSError as error:
        raise OperationalError(
            "Could not read the openings.", where=str(path), next_step=system_reason(error)[1]
        ) from error


def openings_of_item(path: Path, package: str, row: int, leaf: Mapping[str, Any]) -> tuple[Opening, ...]:
    """Returns the openings of one item in the file, each what its leaf commits to; of other items nothing is told.

    Args:
        path: of the file.
        package: id of the package.
        row: of the item, from 0.
        leaf: fields of its leaf, proved to be in the log.

    Raises:
        ProofError: a line is no opening, an opening of the item is not what the leaf commits to, there are two of one
            commitment, or none at all.
        OperationalError: the machine cannot read the file.
    """
    found: dict[Opened, Opening] = {}
    for where, opening in read_openings(path):
        if (opening.package, opening.row) != (package, row):
            continue
        verify_opening(opening, dict(leaf), where)
        if opening.what in found:
            raise ProofError(f"The {opening.what} of the item is opened twice.", where=where)
        found[opening.what] = opening
    if not found:
        raise ProofError(
            "The file opens nothing of this item.",
            why="An opening counts for the item that it names, and for no other.",
            next_step="Trace without it, or ask the custodian for an opening of this item.",
            where=str(path),
        )
    return tuple(found[what] for what in Opened if what in found)
