"""Step 1: bound the sizes and parse the envelope; nothing of it is believed yet."""

from __future__ import annotations

from narrowgate.core.request.manifest import parse_manifest
from narrowgate.gate.package_ports import PackageSource
from narrowgate.gate.types import RawPackage


def open_envelope(source: PackageSource) -> RawPackage:
    """A manifest in canonical form and a signature, both within their bounds.

    Raises:
        EnvelopeError: a file is missing or too long, or the manifest is not canonical, closed and complete.
    """
    data = source.manifest()
    return RawPackage(parse_manifest(data, "manifest.json"), data, source.signature(), source)
