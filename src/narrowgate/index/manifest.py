"""The manifest of an index: what it holds, counted and hashed, in canonical JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from narrowgate.core.address.model import CANONICAL_FORM_VERSION
from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.base.closed_document import SHA256, WORD, Fields, read_document
from narrowgate.core.base.errors import ConfigurationError, EnvelopeError, UnavailableError
from narrowgate.core.base.times import DATE, TIME, format_time, parse_time
from narrowgate.core.matching.match_rule import MATCH_RULE_VERSION
from narrowgate.core.matching.token import IndexKey

SCHEMA = "narrowgate/index/2"
_KINDS = ("tokens", "guards")
_FILE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}\.parquet")
_TOKEN = re.compile(r"(?:[0-9a-f]{2})*")

MAX_MANIFEST_BYTES = 64 * 1024 * 1024
"""Some 200,000 data files; the largest index that was built had 1,200."""

MANIFEST_NAME = "manifest.json"
SIGNATURE_NAME = "manifest.json.p7s"


@dataclass(frozen=True, slots=True)
class IndexFile:
    """One data file.

    Args:
        kind: ``tokens`` or ``guards``.
        path: inside the index, with ``/``.
        rows: how many.
        bytes: its size.
        sha256: hexadecimal.
        first: lowest token, hexadecimal.
        last: highest token, hexadecimal.
    """

    kind: str
    path: str
    rows: int
    bytes: int
    sha256: str
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Layer:
    """What one build, suppression or merge put into the index.

    Args:
        kind: ``records``, ``suppression`` or ``merged``.
        created: ISO 8601, UTC.
        data_as_of: ISO date of the records.
        counts: in and out by reason.
    """

    kind: str
    created: str
    data_as_of: str
    counts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class IndexManifest:
    """The description of an index whose versions are this code's.

    Args:
        snapshot_id: opaque; made of the key and the time of the newest records only, so that it says nothing of the
            content: suppressing a person and merging layers keep it.
        created: ISO 8601, UTC; later than that of every index below it.
        data_as_of: ISO date of the newest records.
        canonical_form_version: of the addresses and persons behind the tokens.
        match_rule_version: of the guards.
        key_id: of the index key.
        shared_address_limit: filers who may share an address without units.
        has_street_reference: whether some layer knows streets by a reference; without one, no edit is allowed for.
        layers: oldest first.
        files: in the order of kind and path.
    """

    snapshot_id: str
    created: str
    data_as_of: str
    canonical_form_version: str
    match_rule_version: str
    key_id: str
    shared_address_limit: int
    has_street_reference: bool
    layers: tuple[Layer, ...]
    files: tuple[IndexFile, ...]

    def to_bytes(self) -> bytes:
        """The canonical JSON that is signed."""
        return canonical_bytes({"schema": SCHEMA, **asdict(self)})

    @property
    def digest(self) -> bytes:
        """SHA-256 of the manifest."""
        return sha256(self.to_bytes()).digest()

    def files_of(self, kind: str) -> tuple[IndexFile, ...]:
        """The data files of one kind."""
        return tuple(file for file in self.files if file.kind == kind)


def snapshot_id(key: IndexKey, created: str, data_as_of: str) -> str:
    """An id that is the same for every content: who sees it learns the time and nothing else."""
    return key.mac(f"narrowgate index snapshot\x1f{created}\x1f{data_as_of}".encode())[:16].hex()


def later_than(earlier: str, now: str) -> str:
    """``now``, or a second after ``earlier`` where that is later: what comes upon an index is newer than the index.

    Args:
        earlier: ISO 8601 time in UTC.
        now: the same.
    """
    return max(now, format_time(parse_time(earlier) + timedelta(seconds=1)))


def parse_index_manifest(data: bytes, where: str) -> IndexManifest:
    """The manifest that ``data`` writes, of the versions this code speaks.

    Raises:
        UnavailableError: the bytes are no manifest: the index is damaged.
        ConfigurationError: an index of another schema, canonical form or match rule.
    """
    try:
        fields = read_document(data, where)
        if fields.text("schema", WORD) != SCHEMA:
            raise _other_version("schema", where)
        manifest = IndexManifest(
            snapshot_id=fields.text("snapshot_id", WORD),
            created=fields.text("created", TIME),
            data_as_of=fields.text("data_as_of", DATE),
            canonical_form_version=fields.text("canonical_form_version", WORD),
            match_rule_version=fields.text("match_rule_version", WORD),
            key_id=fields.text("key_id", WORD),
            shared_address_limit=fields.count("shared_address_limit"),
            has_street_reference=fields.flag("has_street_reference"),
            layers=tuple(map(_layer, fields.objects("layers"))),
            files=tuple(map(_file, fields.objects("files"))),
        )
        fields.close()
    except EnvelopeError:
        raise _damaged(where) from None
    if manifest.canonical_form_version != CANONICAL_FORM_VERSION:
        raise _other_version("canonical form", where)
    if manifest.match_rule_version != MATCH_RULE_VERSION:
        raise _other_version("match rule", where)
    paths = [file.path for file in manifest.files]
    if len(set(paths)) < len(paths) or not all(map(_is_placed, manifest.files)):
        raise _damaged(where)
    return manifest


def _layer(fields: Fields) -> Layer:
    layer = Layer(
        kind=fields.text("kind", WORD),
        created=fields.text("created", TIME),
        data_as_of=fields.text("data_as_of", DATE),
        counts=fields.table("counts"),
    )
    fields.close()
    return layer


def _file(fields: Fields) -> IndexFile:
    file = IndexFile(
        kind=fields.text("kind", WORD),
        path=fields.text("path", WORD),
        rows=fields.count("rows"),
        bytes=fields.count("bytes"),
        sha256=fields.text("sha256", SHA256),
        first=fields.text("first", _TOKEN),
        last=fields.text("last", _TOKEN),
    )
    fields.close()
    return file


def _is_placed(file: IndexFile) -> bool:
    """Whether a data file lies where a build puts one: never over the manifest, never elsewhere."""
    directory, _, name = file.path.partition("/")
    return directory == file.kind in _KINDS and _FILE_NAME.fullmatch(name) is not None


def _damaged(where: str) -> UnavailableError:
    return UnavailableError(
        "The manifest of the index is damaged.",
        why="It is not what a build writes.",
        next_step="Restore the index from its copy, or build it again.",
        where=where,
    )


def _other_version(what: str, where: str) -> ConfigurationError:
    return ConfigurationError(
        f"The index was built for another version of the {what}.",
        why="Its tokens would not meet those of a request.",
        next_step="Build the index again with this version of Narrowgate.",
        where=where,
    )
