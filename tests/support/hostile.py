"""Packages that an office signed and whose rows are made to break a program: raw bytes, never built by our builder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from narrowgate.adapters.entropy import SeededEntropy
from narrowgate.adapters.files.package_files import MANIFEST_FILE, ROWS_FILE, PackageDirectory, add_signature
from narrowgate.adapters.signing.cms import FileSigner
from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.log.merkle import CompactRange
from narrowgate.core.request.item import ITEM_COLUMNS, Item
from narrowgate.core.request.manifest import Manifest, Rows, manifest_bytes, parse_manifest
from narrowgate.entrypoints.requester import new_package
from support.gate_world import OFFICE, house
from support.requests import NOW, eligible_item

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
    for years in ("0 " * 900, "99999999999999999999", "-2022", "2022 2022", "٢٠٢٢", "2022.0", "1e3"):
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


def changed(item: Item, **columns: str) -> bytes:
    """The canonical row of an item with some columns changed."""
    return canonical_bytes(item._replace(**columns)._asdict())
