"""The protocol pages name every column, key, attestation and ceiling that the code has."""

from __future__ import annotations

import json
import re

from test_manifest import MANIFEST

from narrowgate.core.agreement import ceilings
from narrowgate.core.request.item import ITEM_COLUMNS
from narrowgate.core.request.manifest import ATTESTATIONS, manifest_bytes
from support.requests import PROJECT

REQUEST = (PROJECT / "docs" / "reference" / "protocol" / "request.md").read_text(encoding="utf-8")
AGREEMENT = (PROJECT / "docs" / "reference" / "agreement.md").read_text(encoding="utf-8")


def keys_of_tables(text: str) -> list[str]:
    """What stands in code type in the first cell of each table row."""
    cells = re.findall(r"^\| ([^|]*) \|", text, re.MULTILINE)
    return [key for cell in cells for key in re.findall(r"`([^`]+)`", cell)]


def test_the_columns_are_listed_in_order() -> None:
    case_file = REQUEST.split("## Package")[0]
    assert keys_of_tables(case_file) == list(ITEM_COLUMNS)


def test_the_keys_of_a_manifest_are_listed() -> None:
    listed = keys_of_tables(REQUEST.split("**The manifest**")[1].split("**The attestations**")[0])
    assert sorted(listed) == sorted(json.loads(manifest_bytes(MANIFEST)))


def test_the_attestations_are_listed_with_their_texts() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", REQUEST.split("**The attestations**")[1], re.MULTILINE)
    assert dict(rows) == dict(ATTESTATIONS)


def test_the_ceilings_of_the_limits_are_the_codes() -> None:
    listed = re.findall(r"^\| [^|]*\| `(\w+)` \| [^|]*\| ([0-9,]+) \|$", AGREEMENT, re.MULTILINE)
    figures = {key: int(figure.replace(",", "")) for key, figure in listed}
    assert {key: figures[key] for key in ceilings.LIMITS} == dict(ceilings.LIMITS)
    assert figures["per_item"] == ceilings.TAX_YEARS_PER_ITEM
    assert figures["answers_expire_days"] == ceilings.ANSWERS_EXPIRE_DAYS
    assert figures["package_days"] == ceilings.PACKAGE_DAYS
