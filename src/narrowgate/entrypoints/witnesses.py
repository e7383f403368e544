"""The witnesses that a reader of answers knows: from the charter as published, or from their own keys."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from narrowgate.core.base.errors import ConfigurationError, UsageError
from narrowgate.core.governance.charter import parse_charter
from narrowgate.core.log.note import VerifierKey
from narrowgate.core.log.witness_quorum import WitnessQuorum
from narrowgate.entrypoints.documents import read_log_key, read_text_file


@dataclass(frozen=True, slots=True)
class WitnessFiles:
    """The files that name witnesses.

    Args:
        charter: of the gate, as the custodian published it.
        keys: verifier keys of witnesses, in the place of a charter.
        quorum: how many of ``keys`` must have cosigned; ``None`` for all of them.
    """

    charter: Path | None = None
    keys: tuple[Path, ...] = ()
    quorum: int | None = None

    def demanded(self, log_key: VerifierKey) -> WitnessQuorum | None:
        """Who must have cosigned the log of this key; ``None`` where no file names a witness.

        Raises:
            UsageError: both ways are used at once, or a quorum without keys.
            ConfigurationError: a file cannot be used, or the charter is of another log.
        """
        if self.charter is not None and (self.keys or self.quorum is not None):
            raise UsageError(
                "Witnesses are named in two ways.",
                next_step="Give --charter, or --witness with --quorum.",
            )
        if self.charter is not None:
            charter = parse_charter(read_text_file(self.charter).encode(), str(self.charter))
            if charter.log_key != str(log_key):
                raise ConfigurationError(
                    "The charter is of another log than the key given.",
                    why="Its witnesses watch that other log.",
                    next_step="Take the charter and the key of one gate from where the custodian published them.",
                    where=str(self.charter),
                )
            return WitnessQuorum(tuple(map(VerifierKey.parse, charter.witnesses)), charter.witness_quorum)
        if not self.keys:
            if self.quorum is not None:
                raise UsageError("A quorum needs witnesses.", next_step="Name each of them with --witness.")
            return None
        keys = tuple(map(read_log_key, self.keys))
        if log_key.public_key in {each.public_key for each in keys}:
            raise ConfigurationError(
                "A witness named has the key of the log itself.",
                why="The custodian would watch itself, and a log shown to you alone would seem witnessed.",
                next_step="Take the file witness.vkey from the witness, not from the custodian.",
            )
        return WitnessQuorum(keys, len(keys) if self.quorum is None else self.quorum)


UNKNOWN: Final = WitnessFiles()
"""No witness is known."""
