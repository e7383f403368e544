"""The package beside its answers: what was asked in the rows that they answer."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from narrowgate.adapters.files.package_files import MANIFEST_FILE, PackageDirectory
from narrowgate.core.answers.answer import AnswerPart
from narrowgate.core.answers.answer_proof import AnsweredRow
from narrowgate.core.answers.answers_manifest import AnswersManifest
from narrowgate.core.base.errors import EnvelopeError, UsageError
from narrowgate.core.log.merkle import leaf_hash
from narrowgate.core.request.item import Item
from narrowgate.core.request.manifest import parse_manifest
from narrowgate.requester.asked import readable_item


def answered_items(
    package: Path, part: AnswerPart, manifest: AnswersManifest
) -> tuple[dict[int, Item], tuple[int, ...]]:
    """The items that a part answers, and the rows that name its officer and have no answer in it; both from 0.

    Args:
        package: directory of the package that was answered.
        part: verified.
        manifest: of the answers.

    Raises:
        EnvelopeError: it is another package, or its rows were changed: an item would stand at another's answer.
    """
    answered = {record.ordinal for record in part.records}
    items: dict[int, Item] = {}
    left_out: list[int] = []
    for ordinal, row in enumerate(_rows(package, _answered_manifest(package, manifest))):
        item = readable_item(row, f"{package}:{ordinal + 1}")
        if item is None:
            continue
        if ordinal in answered:
            items[ordinal] = item
        elif part.header.officer in item.officers.split():
            left_out.append(ordinal)
    return items, tuple(left_out)


def answered_row(
    package: Path, name: str, part: AnswerPart, manifest: AnswersManifest
) -> tuple[int, AnsweredRow]:
    """The number, from 0, of the one row with this item id that the part answers, and what proves the row.

    Args:
        package: directory of the package that was answered.
        name: the item's id.
        part: verified.
        manifest: of the answers.

    Raises:
        UsageError: the part answers no item of that id, or several.
        EnvelopeError: it is another package, or its rows were changed.
    """
    answered = {record.ordinal for record in part.records}
    found: list[tuple[int, bytes]] = []
    hashes: list[bytes] = []
    data = _answered_manifest(package, manifest)
    for ordinal, row in enumerate(_rows(package, data)):
        hashes.append(leaf_hash(row))
        if ordinal in answered:
            item = readable_item(row, f"{package}:{ordinal + 1}")
            if item is not None and item.item == name:
                found.append((ordinal, row))
    if len(found) != 1:
        raise UsageError(
            f"The answers hold {len(found) or 'none'} of that item id.",
            why="One answer is proved at a time, of an item that names this officer.",
            next_step="'narrowgate answers open' with --package lists the items by id.",
            where=str(package),
        )
    ((ordinal, row),) = found
    return ordinal, AnsweredRow(row, hashes, data)


def _answered_manifest(package: Path, manifest: AnswersManifest) -> bytes:
    data = PackageDirectory(package).manifest()
    if sha256(data).hexdigest() != manifest.manifest_sha256:
        raise EnvelopeError(
            "The answers are to another package.",
            why="The digest of its manifest is not the one in the answers.",
            next_step=f"Name the package {manifest.package_id}.",
            where=str(package),
        )
    return data


def _rows(package: Path, manifest: bytes) -> Iterator[bytes]:
    """The rows without their line feeds; the last ones come only if all are those of the manifest."""
    declared = parse_manifest(manifest, str(package / MANIFEST_FILE)).rows
    for lines in PackageDirectory(package).signed_rows(declared):
        yield from lines.split(b"\n")[:-1]
