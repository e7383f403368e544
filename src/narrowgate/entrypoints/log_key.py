"""The published key of a log, as a file; apart from the gate's parts, which verifying a log does not need."""

from __future__ import annotations

from pathlib import Path

from narrowgate.core.errors import ConfigurationError
from narrowgate.core.log.note import VerifierKey


def read_log_key(path: Path) -> VerifierKey:
    """The key of a ``log.vkey`` file.

    Raises:
        ConfigurationError: the file cannot be read, or holds no such key.
    """
    try:
        return VerifierKey.parse(path.read_text(encoding="utf-8").rstrip("\n"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError("The log's key cannot be read.", where=str(path)) from error
    except ConfigurationError as error:
        raise ConfigurationError(
            error.what,
            why=error.why,
            next_step="Name the log.vkey that the custodian published.",
            where=str(path),
        ) from error
