"""Find the items about one person in the gate's own copies of packages, for that person's account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from narrowgate.core.base.errors import EnvelopeError
from narrowgate.core.person.tin import parse_tin
from narrowgate.core.request.item import parse_item
from narrowgate.gate.grant_openings import KeptPackages


def items_about(
    tin: str, manifests: Mapping[str, bytes], vault: KeptPackages, commitment_key: bytes
) -> Iterator[tuple[str, int]]:
    """Package and row of every item that names the person's number, in the order given; nothing else is told.

    Args:
        tin: nine digits.
        manifests: the digest of the manifest of each package that is looked through.
        vault: holds the copies.
        commitment_key: wraps the data keys in it.

    Raises:
        OperationalError: a copy is missing, was changed, or its data key was destroyed.
    """
    for package, manifest_sha256 in manifests.items():
        for row, line in enumerate(vault.kept(manifest_sha256, commitment_key).rows()):
            # Nine digits may be written with separators; only a row with the last four of them can be meant.
            if tin[-4:].encode() not in line:
                continue
            try:
                item = parse_item(line, "rows.ndjson")
            except EnvelopeError:  # an item that its form refused names nobody
                continue
            if parse_tin(item.tin) == tin:
                yield package, row
