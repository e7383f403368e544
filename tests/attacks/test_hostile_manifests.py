"""Attack: an office signs a manifest that is made to break the gate, or to be begun and never finished."""

from __future__ import annotations

from pathlib import Path

import pytest

from narrowgate.core.base.errors import EnvelopeError, RefusedError
from narrowgate.core.request.manifest import parse_manifest
from support.gate_world import signed_package
from support.hostile import HONEST, changed, honest_is_answered, hostile_manifests, run_in, sign

NAMES = list(hostile_manifests(b'{"rows":{}}'))


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_manifest_is_refused_or_decided_and_the_next_honest_package_is_answered(
    name: str, tmp_path: Path
) -> None:
    honest = signed_package([HONEST], tmp_path / "template", seed=b"template").manifest()
    data = hostile_manifests(honest)[name]
    rows = [] if name == "no rows" else [changed(HONEST)]
    package = sign(parse_manifest(honest, ""), rows, tmp_path / "hostile", data)
    try:
        run_in(tmp_path, package)
    except (EnvelopeError, RefusedError):
        assert name != "the end of time"
    else:
        assert name == "the end of time"
    honest_is_answered(tmp_path)
