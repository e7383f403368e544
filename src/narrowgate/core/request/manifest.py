"""The manifest: the one document an official signs for a whole package."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from narrowgate.core.canonical_json import MAX_INTEGER, canonical_bytes, parse_canonical
from narrowgate.core.errors import EnvelopeError
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

_PACKAGE_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{7,63}")
_NONCE: Final = re.compile(r"[0-9a-f]{32}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"
_TIME_SHAPE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


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
        EnvelopeError: too long, not canonical, an unknown or missing key, or a value of another form.
    """
    if len(data) > MAX_MANIFEST_BYTES:
        raise EnvelopeError(
            f"The manifest is longer than {MAX_MANIFEST_BYTES} bytes.", where=where, rule="R-10"
        )
    fields = _Fields(parse_canonical(data, where), "", where)
    rows = fields.table("rows")
    fields.text("schema", re.compile(re.escape(SCHEMA)))
    manifest = Manifest(
        package_id=fields.text("package_id", _PACKAGE_ID),
        nonce=fields.text("nonce", _NONCE),
        agreement_sha256=fields.text("agreement_sha256", _SHA256),
        office=fields.office("office"),
        created=fields.time("created"),
        expires=fields.time("expires"),
        attestations=fields.attestations("attestations"),
        rows=Rows(
            count=rows.number("count"),
            bytes=rows.number("bytes"),
            sha256=rows.text("sha256", _SHA256),
            merkle_root=rows.text("merkle_root", _SHA256),
        ),
    )
    fields.close()
    rows.close()
    if manifest.expires <= manifest.created:
        raise fields.refused("expires", "is not later than 'created'")
    return manifest


def format_time(moment: datetime) -> str:
    """RFC 3339 in UTC with whole seconds and ``Z``: one time, one text.

    Raises:
        ValueError: the time is naive or has a fraction of a second.
    """
    if moment.utcoffset() is None or moment.microsecond:
        raise ValueError("a time in a document is aware and in whole seconds")
    return moment.astimezone(UTC).strftime(_TIME)


class _Fields:
    """Takes the keys of one object out, each once and of one form; ``close`` refuses what is left."""

    def __init__(self, value: Any, path: str, where: str) -> None:
        if not isinstance(value, dict):
            raise EnvelopeError("The manifest is not a JSON object.", where=where, rule="R-10")
        self._left: dict[str, Any] = dict(value)
        self._path = path
        self._where = where

    def refused(self, key: str, problem: str, rule: str = "R-10") -> EnvelopeError:
        return EnvelopeError(
            f"The manifest cannot be used: {self._path}{key} {problem}.",
            next_step="Build the package with 'narrowgate package build'.",
            where=self._where,
            rule=rule,
        )

    def _take(self, key: str) -> Any:
        if key not in self._left:
            raise self.refused(key, "is missing", "R-18")
        return self._left.pop(key)

    def text(self, key: str, form: re.Pattern[str]) -> str:
        value = self._take(key)
        if not isinstance(value, str) or not form.fullmatch(value):
            raise self.refused(key, "does not have the form the protocol states")
        return value

    def number(self, key: str) -> int:
        value = self._take(key)
        if type(value) is not int or not 0 <= value <= MAX_INTEGER:
            raise self.refused(key, "is not a count")
        return value

    def time(self, key: str) -> datetime:
        value = self.text(key, _TIME_SHAPE)
        try:
            return datetime.strptime(value, _TIME).replace(tzinfo=UTC)
        except ValueError as error:
            raise self.refused(key, "is not a time") from error

    def office(self, key: str) -> Office:
        value = self._take(key)
        if value not in tuple(Office):
            raise self.refused(key, "is neither of the two offices that may ask", "R-20")
        return Office(value)

    def attestations(self, key: str) -> tuple[str, ...]:
        value = self._take(key)
        if not isinstance(value, list) or any(entry not in tuple(ATTESTATIONS) for entry in value):
            raise self.refused(key, "holds an id that is no attestation", "R-17")
        return tuple(value)

    def table(self, key: str) -> _Fields:
        value = self._take(key)
        if not isinstance(value, dict):
            raise self.refused(key, "is not an object")
        return _Fields(value, f"{key}.", self._where)

    def close(self) -> None:
        if self._left:
            raise self.refused("", f"has {len(self._left)} unknown key(s)", "R-18")
