"""What the custodian may know of an index."""

from __future__ import annotations

from typing import Any

from narrowgate.index.manifest import IndexManifest


def description_of(manifest: IndexManifest) -> dict[str, Any]:
    """Its dates, versions, layers and counts, as JSON."""
    return {
        "snapshot": manifest.snapshot_id,
        "data_as_of": manifest.data_as_of,
        "key_id": manifest.key_id,
        "canonical_form_version": manifest.canonical_form_version,
        "layers": [{"kind": layer.kind, "counts": dict(layer.counts)} for layer in manifest.layers],
        "files": len(manifest.files),
    }
