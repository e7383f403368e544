"""A world whose charter names a witness, without whose cosignature no answer leaves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.adapters.files.witness_directory import WitnessDirectory
from narrowgate.core.governance.charter import parse_charter, render_charter
from narrowgate.entrypoints.documents import read_log_key
from support.sandbox_acts import replace_charter


def under_a_witness(home: Path) -> WitnessDirectory:
    """The charter of ``home/world`` is replaced by one that names the witness of ``home/witness``."""
    witness = WitnessDirectory.create(home / "witness", "oversight.test/w", SystemEntropy())
    witness.watch(read_log_key(home / "world" / "log" / "log.vkey"))
    path = home / "world" / "governance" / "charter.toml"
    charter = parse_charter(path.read_bytes(), str(path))
    later = replace(charter, witnesses=(str(witness.key),), witness_quorum=1)
    (home / "charter.toml").write_text(render_charter(later))
    replace_charter(home / "world", home / "charter.toml")
    return witness
