"""Packages that an office signed and whose rows are made to break a program: raw bytes, never built by our builder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import orjson

from narrowgate.adapters.entropy import SeededEntropy
from narrowgate.adapters.files.package_files import MANIFEST_FILE, ROWS_FILE, PackageDirectory, add_signature
from narrowgate.adapters.signing.cms_signer import FileSigner
from narrowgate.core.answers.receipt import parse_receipt
from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.log.merkle import CompactRange
from narrowgate.core.request.item import ITEM_COLUMNS, Item
from narrowgate.core.request.manifest import Manifest, Rows, manifest_bytes, parse_manifest
from narrowgate.entrypoints.requester import new_package
from narrowgate.gate.package_ports import PackageSource
from narrowgate.gate.run import run_package
from narrowgate.verify.world import verify_world
from support.gate_world import OFFICE, SilentProgress, gate_over, house, signed_package
from support.index_worlds import KEY, LIMIT, Row
from support.requests import NOW, eligible_item
from support.simulated_index import SimulatedIndex

DEEP = 300
"""Nested brackets: the parser takes them, the serializer does not."""

CHARACTERS = {
    "surrogate escaped": "\\ud800",
    "zero width": "\u200b\u200c\u200d\ufeff",
    "superscript digits": "\u00b2\u00b3\u2074",
    "arabic digits": "\u0661\u0662\u0663",
    "fullwidth": "\uff11\uff12\uff13 \uff2d\uff21\uff29\uff2e",
    "dotless and dotted i": "\u0131\u0130",
    "sharp s": "\u1e9e\u00df",
    "ligatures": "\ufb01\ufb03\ufdfa",
    "combining": "e" + "\u0301" * 60,
    "private use": "\ue000\U000f0000",
    "not characters": "\ufdd0\ufffe\uffff\U0010ffff",
    "emoji": "\U0001f469\u200d\U0001f469\u200d\U0001f467",
    "roman numerals": "\u2163 \u216f",
    "vulgar fractions": "\u00bd \u2153",
    "right to left": "\u05d0\u0628",
    "line separator": "\u2028",
    "nul": "\u0000",
}


def row(**changes: str) -> bytes:
    """One canonical row of an eligible item with some columns changed, whatever they hold."""
    return canonical_bytes(eligible_item(**changes)._asdict())


def hostile_rows() -> dict[str, bytes]:
    """Rows by what is wrong with them; each is at most 4,096 bytes long."""
    rows = {
        "nothing": b"",
        "a space": b" ",
        "a word": b"null",
        "a number": b"9" * 4_000,
        "an enormous exponent": b"1e999999999",
        "a fraction": b'{"item":0.1}',
        "a list": b"[]",
        "nested lists": b"[" * DEEP + b"]" * DEEP,
        "deeply nested lists": b"[" * 2_000 + b"]" * 2_000,
        "nested objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
        "unfinished": b"[" * 4_000,
        "no UTF-8": b'{"item":"\xff\xfe"}',
        "a byte order mark": b"\xef\xbb\xbf" + row(),
        "a surrogate": b'{"item":"\\ud800"}',
        "a key twice": b'{"item":"a","item":"b"}',
        "four thousand keys": canonical_bytes({f"k{number:03d}": "" for number in range(400)}),
        "long keys": canonical_bytes({"k" * 4_000: ""}),
        "nul bytes": b"\x00" * 4_096,
        "a value that is a list": canonical_bytes({**eligible_item()._asdict(), "reason": [[]]}),
        "a value that nests": row().replace(b'"item":"', b'"item":' + b"[" * DEEP + b"]" * DEEP + b',"x":"'),
        "a value that is a number": canonical_bytes({**eligible_item()._asdict(), "zip": 45220}),
        "a value that is true": canonical_bytes({**eligible_item()._asdict(), "stayed": True}),
        "a value that is null": canonical_bytes({**eligible_item()._asdict(), "tin": None}),
        "a huge number": canonical_bytes({**eligible_item()._asdict(), "zip": 2**60}),
    }
    for column in ITEM_COLUMNS:
        for name, text in CHARACTERS.items():
            rows[f"{name} in {column}"] = row(**{column: text})
        rows[f"long {column}"] = row(**{column: "9" * 3_000})
        rows[f"many words in {column}"] = row(**{column: "A " * 1_400})
        rows[f"many hyphens in {column}"] = row(**{column: "-'" * 1_400})
        rows[f"many numbers in {column}"] = row(**{column: "1/2-3#4 " * 350})
        rows[f"empty {column}"] = row(**{column: ""})
    for date in (
        "0000-00-00",
        "9999-12-31",
        "0001-01-01",
        "-001-01-01",
        "2026-02-30",
        "2026-W01-1",
        "20260101",
    ):
        for column in ("birth_date", "removal_order_date", "investigation_opened_on", "address_verified_on"):
            rows[f"{date} in {column}"] = row(**{column: date})
    for years in (
        "0 " * 900,
        "99999999999999999999",
        "-2022",
        "2022 2022",
        "\u0662\u0660\u0662\u0662",
        "2022.0",
        "1e3",
    ):
        rows[f"tax years {years[:20]}"] = row(tax_years=years)
    rows["four hundred officers"] = row(officers=" ".join(f"o{number}" for number in range(700)))
    return {name: data for name, data in rows.items() if len(data) <= 4_096 and b"\n" not in data}


def signed_rows(rows: Sequence[bytes], directory: Path, seed: bytes = b"hostile") -> PackageDirectory:
    """A package of exactly these rows, signed by the Secretary's office."""
    manifest = _manifest(rows, directory, seed)
    return sign(manifest, rows, directory)


def sign(
    manifest: Manifest, rows: Iterable[bytes], directory: Path, data: bytes | None = None
) -> PackageDirectory:
    """The package of a manifest, or of any bytes in its place, with a signature that verifies."""
    content = data if data is not None else manifest_bytes(manifest)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / MANIFEST_FILE).write_bytes(content)
    (directory / ROWS_FILE).write_bytes(b"".join(row + b"\n" for row in rows))
    signer = house().credentials.signers[OFFICE]
    add_signature(directory, FileSigner(signer.key, signer.certificate).sign(content, NOW))
    return PackageDirectory(directory)


def _manifest(rows: Sequence[bytes], directory: Path, seed: bytes) -> Manifest:
    template = directory.with_name(directory.name + "-template")
    new_package([eligible_item()], template, house().agreement, OFFICE, NOW, SeededEntropy(seed))
    manifest = parse_manifest((template / MANIFEST_FILE).read_bytes(), "")
    return replace(manifest, rows=rows_of(rows))


def rows_of(rows: Sequence[bytes]) -> Rows:
    """What a manifest says of these rows."""
    tree = CompactRange()
    tree.add_leaves(rows)
    data = b"".join(row + b"\n" for row in rows)
    return Rows(len(rows), len(data), sha256(data).hexdigest(), tree.root().hex())


def changed(base: Item, **columns: str) -> bytes:
    """The canonical row of an item with some columns changed."""
    return canonical_bytes(base._replace(**columns)._asdict())


def hostile_manifests(honest: bytes) -> dict[str, bytes]:
    """Bytes in the place of a manifest, by what is wrong with them; the signature over them verifies.

    Args:
        honest: a manifest that would be taken.
    """

    def with_value(**values: object) -> bytes:
        return canonical_bytes({**orjson.loads(honest), **values})

    rows = orjson.loads(honest)["rows"]
    return {
        "nothing": b"",
        "null": b"null",
        "a list": b"[]",
        "nested lists": b"[" * DEEP + b"]" * DEEP,
        "nested objects": b'{"a":' * 3_000 + b"1" + b"}" * 3_000,
        "nested inside": honest.replace(b'"rows":{', b'"rows":' + b"[" * DEEP + b"]" * DEEP + b',"x":{'),
        "cut": honest[:-1],
        "a space": honest + b" ",
        "a key twice": honest.replace(b'{"agreement', b'{"agreement_sha256":"","agreement', 1),
        "too long": with_value(nonce="0" * 17_000),
        "no rows": with_value(rows={**rows_dict(rows_of([])), "count": 0}),
        "rows that are null": with_value(rows=None),
        "a negative count": with_value(rows={**rows, "count": -1}),
        "a count of true": with_value(rows={**rows, "count": True}),
        "an enormous count": with_value(rows={**rows, "count": 2**53 - 1}),
        "a count beyond the profile": with_value(rows={**rows, "count": 2**64 - 1}),
        "enormous bytes": with_value(rows={**rows, "bytes": 2**53 - 1}),
        "a fraction": honest.replace(b'"count":1', b'"count":1.0'),
        "another digest": with_value(rows={**rows, "sha256": "0" * 64}),
        "another root": with_value(rows={**rows, "merkle_root": "0" * 64}),
        "an id that is a path": with_value(package_id="../../etc/passwd"),
        "an id that is a dot": with_value(package_id="........"),
        "an id that is hidden": with_value(package_id=".hidden-package"),
        "an id with a line feed": with_value(package_id="package-1\n"),
        "an id of other letters": with_value(package_id="p\u0430ckage-0001"),
        "a third office": with_value(office="director_of_nothing"),
        "the year zero": with_value(created="0000-01-01T00:00:00Z"),
        "the end of time": with_value(expires="9999-12-31T23:59:59Z"),
        "a leap second": with_value(created="2016-12-31T23:59:60Z"),
        "an attestation twice": with_value(attestations=["sole_use", "sole_use"]),
        "no attestation": with_value(attestations=[]),
        "an attestation of ours": with_value(attestations=[{"sole_use": 1}]),
        "an unknown key": with_value(unknown=1),
        "letters in a digest": with_value(agreement_sha256="G" * 64),
    }


def rows_dict(rows: Rows) -> dict[str, object]:
    """The table of a manifest."""
    return {
        "count": rows.count,
        "bytes": rows.bytes,
        "sha256": rows.sha256,
        "merkle_root": rows.merkle_root,
    }


RECORD = Row("123-45-6701", "MARIA", "GARCIA LOPEZ", "1980-02-03", "123 N MAIN ST APT 4")
HONEST = eligible_item(
    item="honest",
    given_names="Maria",
    surnames="Garcia Lopez",
    birth_date="1980-02-03",
    tin="123-45-6701",
    address_line_1="123 North Main Street #4",
    address_line_2="",
    city="Cincinnati",
    state="OH",
    zip="45220",
    tax_years="2022",
    officers="officer-1",
)


def confirming_index() -> SimulatedIndex:
    """An index that confirms the honest item."""
    return SimulatedIndex([RECORD], KEY, LIMIT)


def run_in(home: Path, package: PackageSource) -> bytes:
    """The receipt of the package, from a gate in ``home`` that goes on from where the last one ended."""
    with gate_over(home, confirming_index) as gate:
        return run_package(gate, package, SilentProgress())


def honest_is_answered(home: Path, seed: bytes = b"honest") -> None:
    """Whatever was done to the gate, the next honest package is answered, and the world verifies."""
    package = signed_package([HONEST], home / f"honest-{seed.decode()}", seed=seed)
    receipt = parse_receipt(run_in(home, package), "receipt")
    assert (receipt.items, receipt.refused) == (1, 0)
    verify_world(home)
