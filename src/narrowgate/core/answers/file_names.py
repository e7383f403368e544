"""The names of the files that answer a package, beside the sealed parts (``answers_manifest.part_file_name``)."""

from __future__ import annotations

from typing import Final

ANSWERS: Final = "answers.json"
"""The manifest of the answers."""

PROOF: Final = "answers.tlog-proof"
"""The proof that the log holds the digest of the manifest."""

RECEIPT: Final = "receipt.json"
REFUSALS: Final = "refusals.ndjson"
