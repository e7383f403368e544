"""Which recalls the gate has forgotten the answers of: a file in the vault names them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from narrowgate.adapters.files.durable_files import failed, write_durably
from narrowgate.core.base.errors import ConfigurationError, SuspendedError
from narrowgate.core.governance.in_force import InForce
from narrowgate.entrypoints.settings import GateSettings

FILE: Final = "recalls-forgotten"
"""In the vault; a line with the number of each act that was seen to."""


def require_forgotten(in_force: InForce, settings: GateSettings) -> None:
    """Return only if the gate remembers no answer that was recalled.

    Raises:
        SuspendedError: it does, and would give it again to the same question (R-74).
    """
    if left := recalls_left(in_force, settings):
        raise SuspendedError(
            f"The gate still remembers answers that act {min(left)} recalled.",
            why="The same question in another package would get the recalled answer again (R-74).",
            next_step="Run 'narrowgate recall forget', then the package again.",
            rule="R-43",
        )


def recalls_left(in_force: InForce, settings: GateSettings) -> set[int]:
    """The numbers of the acts whose answers the gate still remembers.

    Raises:
        ConfigurationError: the file holds something else than numbers.
        OperationalError: the disk refused.
    """
    path = _path(settings)
    numbers = {placed.number for placed in in_force.recalls}
    if not numbers:
        return numbers
    try:
        return numbers - set(map(int, path.read_text("ascii").split())) if path.exists() else numbers
    except OSError as error:
        raise failed("read which recalls were seen to", path, error) from error
    except ValueError as error:
        raise ConfigurationError(
            "The file of the recalls that were seen to holds something else.",
            next_step="Remove it, and run 'narrowgate recall forget' again.",
            where=str(path),
        ) from error


def _path(settings: GateSettings) -> Path:
    return settings.vault / FILE


def keep_forgotten(in_force: InForce, settings: GateSettings) -> None:
    """Every recall so far is seen to, durably."""
    write_durably(_path(settings), "".join(f"{each.number}\n" for each in in_force.recalls).encode())
