"""Time zones from the ``tzdata`` package that the locks name: the same rules on every machine, whatever it has."""

from __future__ import annotations

from importlib.metadata import version
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

from narrowgate.core.base.errors import ConfigurationError

PACKAGE: Final = "tzdata"

RULES_VERSION: Final = version(PACKAGE)
"""Which rules slots are computed with: ``2026.6`` is version 2026f of the IANA time zone database."""


def time_zone(name: str) -> ZoneInfo:
    """The rules of a time zone, read from the package and never from the machine.

    Args:
        name: in the IANA time zone database, such as ``America/New_York``.

    Raises:
        ConfigurationError: the database has no zone of that name.
    """
    # Without dots no part leads out of the package.
    parts = name.split("/")
    try:
        if not all(part and "." not in part for part in parts):
            raise FileNotFoundError(name)
        with files(PACKAGE).joinpath("zoneinfo", *parts).open("rb") as file:
            return ZoneInfo.from_file(file, key=name)
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            "The time zone is not known.",
            why=f"The time zone database of the package {PACKAGE} {RULES_VERSION} has none of that name.",
            next_step="Name one such as America/New_York as 'time_zone' in the agreement's [release].",
        ) from error
