"""The manifest: the one document an official signs for a whole package."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from narrowgate.core.base.canonical_json import canonical_bytes, parse_canonical
from narrowgate.core.base.closed_document import SHA256, WORD, Fields
from narrowgate.core.base.errors import EnvelopeError
from narrowgate.core.base.times import format_time
from narrowgate.core.request.office import Office

SCHEMA: Final = "narrowgate/package/v1"
MAX_MANIFEST_BYTES: Final = 16_384

ATTESTATIONS: Final[Mapping[str, str]] = {
    "sole_use": (
        "The answers are used solely for preparing a judicial or administrative proceeding, or an "
        "investigation that may result in one, for enforcement of the Federal criminal statute that each "
        "item names (26 USC 6103(i)(2)(A))."
    ),
    "named_recipients": (
        "The officers that an item names are personally and directly engaged in that person's case, and "
        "nobody else receives its answer (26 USC 6103(i)(2)(A))."
    ),
    "no_redisclosure": (
        "No answer is passed on, copied to another system or used for another person or purpose "
        "(26 USC 6103(a)(1), 6103(p)(4)(C))."
    ),
    "criminal_investigation": (
        "Each person named is under criminal investigation now, under the number and from the date stated "
        "in the item (26 USC 6103(i)(2)(B)(iii))."
    ),
    "verify_before_action": (
        "A confirmation says that an address stands in a tax file for a year. It is verified independently "
        "before any action, and nothing adverse rests on it alone."
    ),
}
"""The fixed texts by id, in the order in which the official reads them; what is signed is the ids."""

PACKAGE_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{7,63}")
"""The form of a package's id: it can be a file's name, and leads nowhere."""

_NONCE: Final = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Rows:
    """What the manifest commits to: ``rows.ndjson`` by count, length, digest and RFC 9162 Merkle root.

    ``bytes`` counts the whole file with its line feeds; ``sha256`` and ``merkle_root`` are lower-case hex;
    the leaves of the tree are the lines without their line feeds, so that one row can be shown alone.
    """

    count: int
    bytes: int
    sha256: str
    merkle_root: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """One package in one page: who asks, under which agreement, until when, and for exactly which rows.

    ``created`` and ``expires`` are aware UTC times in whole seconds; ``agreement_sha256`` is lower-case hex;
    ``attestations`` holds ids of ``ATTESTATIONS``.
    """

    package_id: str
    nonce: str
    agreement_sha256: str
    office: Office
    created: datetime
    expires: datetime
    attestations: tuple[str, ...]
    rows: Rows


def manifest_bytes(manifest: Manifest) -> bytes:
    """The only byte string that denotes ``manifest``: what is signed and hashed."""
    return canonical_bytes(
        {
            "schema": SCHEMA,
            "package_id": manifest.package_id,
            "nonce": manifest.nonce,
            "agreement_sha256": manifest.agreement_sha256,
            "office": manifest.office.value,
            "created": format_time(manifest.created),
            "expires": format_time(manifest.expires),
            "attestations": list(manifest.attestations),
            "rows": asdict(manifest.rows),
        }
    )


def parse_manifest(data: bytes, where: str) -> Manifest:
    """The manifest of ``data``, complete, closed and canonical; nothing is defaulted or ignored.

    Args:
        data: ``manifest.json``.
        where: the file for the message.

    Raises:
        EnvelopeError: too long, not canonical, an unknown or missing key, a value of another form, no rows (R-10); a
            third office (R-20); an id that is no attestation (R-17).
    """
    if len(data) > MAX_MANIFEST_BYTES:
        raise _refused(f"It is longer than {MAX_MANIFEST_BYTES} bytes.", where)
    value = parse_canonical(data, where)
    if not isinstance(value, dict):
        raise _refused("It is not a JSON object.", where)
    try:
        rows = _rows(Fields(value.pop("rows", None), where, "rows."))
        manifest = _manifest(Fields(value, where), rows, where)
    except EnvelopeError as error:
        raise _refused(error.what, where, error.rule or "R-10") from error
    if rows.count == 0:
        raise _refused("It declares no rows.", where)
    if manifest.expires <= manifest.created:
        raise _refused("It expires before it is created.", where)
    return manifest


def _manifest(fields: Fields, rows: Rows, where: str) -> Manifest:
    fields.constant("schema", SCHEMA)
    office = fields.text("office", WORD)
    if office not in tuple(Office):
        raise _refused("It names neither of the two offices that may ask.", where, "R-20")
    attestations = fields.texts("attestations", WORD)
    if not set(attestations) <= set(ATTESTATIONS):
        raise _refused("It holds an id that is no attestation.", where, "R-17")
    manifest = Manifest(
        package_id=fields.text("package_id", PACKAGE_ID),
        nonce=fields.text("nonce", _NONCE),
        agreement_sha256=fields.text("agreement_sha256", SHA256),
        office=Office(office),
        created=fields.time("created"),
        expires=fields.time("expires"),
        attestations=attestations,
        rows=rows,
    )
    fields.close()
    return manifest


def _rows(fields: Fields) -> Rows:
    rows = Rows(
        count=fields.count("count"),
        bytes=fields.count("bytes"),
        sha256=fields.text("sha256", SHA256),
        merkle_root=fields.text("merkle_root", SHA256),
    )
    fields.close()
    return rows


def _refused(problem: str, where: str, rule: str = "R-10") -> EnvelopeError:
    return EnvelopeError(
        f"The manifest is refused. {problem}",
        next_step="Build the package with 'narrowgate package build'.",
        where=where,
        rule=rule,
    )
