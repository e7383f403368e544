"""A manifest has one byte string; anything else, and anything more, is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.core.base.errors import EnvelopeError
from narrowgate.core.base.times import format_time
from narrowgate.core.request.manifest import (
    ATTESTATIONS,
    MAX_MANIFEST_BYTES,
    Manifest,
    Rows,
    manifest_bytes,
    parse_manifest,
)
from narrowgate.core.request.office import Office

MOMENTS = st.integers(946_684_800, 4_102_444_800).map(lambda second: datetime.fromtimestamp(second, UTC))
HEX_64 = st.from_regex(r"[0-9a-f]{64}", fullmatch=True)
MANIFESTS = st.builds(
    Manifest,
    package_id=st.from_regex(r"[a-z0-9][a-z0-9-]{7,63}", fullmatch=True),
    nonce=st.from_regex(r"[0-9a-f]{32}", fullmatch=True),
    agreement_sha256=HEX_64,
    office=st.sampled_from(Office),
    created=MOMENTS,
    expires=MOMENTS.map(lambda moment: moment + timedelta(days=36_600)),
    attestations=st.lists(st.sampled_from(tuple(ATTESTATIONS)), unique=True).map(tuple),
    rows=st.builds(Rows, st.integers(1, 2**40), st.integers(0, 2**40), HEX_64, HEX_64),
)
MANIFEST = Manifest(
    "package-0001",
    "0f" * 16,
    "ab" * 32,
    Office.SECRETARY_OF_HOMELAND_SECURITY,
    datetime(2026, 11, 22, 9, 0, 0, tzinfo=UTC),
    datetime(2026, 11, 23, 9, 0, 0, tzinfo=UTC),
    tuple(ATTESTATIONS),
    Rows(2, 1_500, "cd" * 32, "ef" * 32),
)


@given(MANIFESTS)
def test_a_manifest_reads_back_as_written(manifest: Manifest) -> None:
    data = manifest_bytes(manifest)
    assert parse_manifest(data, "manifest.json") == manifest
    assert len(data) < MAX_MANIFEST_BYTES


def changed(**changes: object) -> bytes:
    values = {**json.loads(manifest_bytes(MANIFEST)), **changes}
    kept = {key: value for key, value in values.items() if value is not ...}
    return json.dumps(kept, sort_keys=True, separators=(",", ":")).encode()


ROWS = {"count": 2, "bytes": 1_500, "sha256": "cd" * 32, "merkle_root": "ef" * 32}


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (changed(office="attorney_general"), "R-20"),
        (changed(office=["secretary_of_homeland_security"]), "R-10"),
        (changed(remark="urgent"), "R-10"),
        (changed(nonce=...), "R-10"),
        (changed(rows=...), "R-10"),
        (changed(schema="narrowgate/package/v2"), "R-10"),
        (changed(attestations=["sole_use", "trust_me"]), "R-17"),
        (changed(attestations="sole_use"), "R-10"),
        (changed(attestations=["sole_use", "sole_use"]), "R-10"),
        (changed(created="2026-11-22 09:00:00Z"), "R-10"),
        (changed(created="2026-02-30T09:00:00Z"), "R-10"),
        (changed(expires="2026-11-22T09:00:00Z"), "R-10"),
        (changed(nonce="0F" * 16), "R-10"),
        (changed(rows={**ROWS, "count": -1}), "R-10"),
        (changed(rows={**ROWS, "count": 0}), "R-10"),
        (changed(rows={**ROWS, "count": True}), "R-10"),
        (changed(rows={**ROWS, "first": 1}), "R-10"),
        (changed(rows=[]), "R-10"),
        (b"[]", "R-10"),
        (changed() + b"\n", "R-10"),
        (b" " * (MAX_MANIFEST_BYTES + 1), "R-10"),
    ],
)
def test_anything_else_is_an_envelope_error_with_its_rule(data: bytes, rule: str) -> None:
    with pytest.raises(EnvelopeError) as caught:
        parse_manifest(data, "manifest.json")
    assert (caught.value.rule, caught.value.where) == (rule, "manifest.json")


def test_a_time_is_written_in_utc_with_whole_seconds() -> None:
    assert format_time(MANIFEST.created) == "2026-11-22T09:00:00Z"


@pytest.mark.parametrize(
    "moment", [MANIFEST.created.replace(tzinfo=None), MANIFEST.created.replace(microsecond=1)]
)
def test_a_naive_time_or_a_fraction_of_a_second_has_no_text(moment: datetime) -> None:
    with pytest.raises(ValueError, match="whole seconds"):
        manifest_bytes(replace(MANIFEST, created=moment))
