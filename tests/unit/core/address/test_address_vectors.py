"""Golden vectors: what the canonical form makes of an address changes only with its version."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.keys import keys
from narrowgate.core.address.model import CANONICAL_FORM_VERSION, AddressClass, RawAddress

VECTORS = Path(__file__).parents[3].parent / "tests" / "vectors" / "address"
FILES = sorted(VECTORS.glob("*.jsonl"))


def vectors(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def result(address: dict[str, str]) -> dict[str, Any]:
    examined = examine_address(RawAddress(**address))
    point = examined.delivery_point
    if point is None:
        return {"refused": [defect.value for defect in examined.defects]}
    components = {name: value for name, value in point._asdict().items() if value and name != "address_class"}
    if "units" in components:
        components["units"] = list(components["units"])
    return {"class": point.address_class.value, "components": components, "key": keys(point)[0]}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_recorded_address_gives_its_recorded_result(path: Path) -> None:
    wrong = [
        (vector["address"], found)
        for vector in vectors(path)
        if (found := result(vector["address"])) != vector["expected"]
    ]
    assert not wrong


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_result_was_recorded_under_the_version_in_force(path: Path) -> None:
    """A new version means: run tests/vectors/address/record.py and read every change."""
    assert {vector["version"] for vector in vectors(path)} == {CANONICAL_FORM_VERSION}


def test_there_are_vectors_of_every_class_and_of_refusals() -> None:
    expected = [vector["expected"] for path in FILES for vector in vectors(path)]
    assert {one["class"] for one in expected if "class" in one} == {one.value for one in AddressClass}
    assert sum("refused" in one for one in expected) > 20
