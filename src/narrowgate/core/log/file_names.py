"""The names of the files of a log beside its tiles (``tiles.Tile.path``)."""

from __future__ import annotations

from typing import Final

CHECKPOINT: Final = "checkpoint"
"""The last signed checkpoint (C2SP tlog-tiles)."""

KEY_FILE: Final = "log.vkey"
"""The log's public key (C2SP signed-note)."""

UNFINISHED_SUFFIX: Final = ".new"
"""Ends the name of a file that was not finished; it is no part of the log."""

SET_ASIDE: Final = "aside"
"""The directory of what was found beyond the checkpoint and moved there; it is no part of the log."""

COSIGNED: Final = "cosigned"
"""The newest checkpoint that witnesses cosigned, with their cosignatures (C2SP tlog-cosignature)."""
