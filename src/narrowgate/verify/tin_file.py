"""A person's number from a file: never from the command line, where other users of the machine could read it."""

from __future__ import annotations

from pathlib import Path

from narrowgate.core.base.errors import ConfigurationError, OperationalError
from narrowgate.core.base.system_errors import system_reason
from narrowgate.core.person.tin import parse_tin

_LONGEST = 64


def read_tin(path: Path) -> str:
    """Returns the nine digits of the taxpayer's number that is all a file holds.

    Raises:
        ConfigurationError: the file holds something else.
        OperationalError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_LONGEST + 1)
    except OSError as error:
        raise OperationalError(
            "Could not read the number.", where=str(path), next_step=system_reason(error)[1]
        ) from error
    tin = parse_tin(data.decode("ascii", "replace")) if len(data) <= _LONGEST else None
    if tin is None:
        raise ConfigurationError(
            "The file does not hold one taxpayer's number.",
            why="It holds nine digits, or three, two and four with hyphens, and a line end.",
            next_step="Write the number alone into it.",
            where=str(path),
        )
    return tin
