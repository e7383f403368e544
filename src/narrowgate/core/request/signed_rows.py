"""Rows on their way in, passed on only while they can still be the ones that a manifest commits to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import islice
from typing import Final

from narrowgate.core.base.errors import EnvelopeError
from narrowgate.core.eligibility.rules import r27_declared_count
from narrowgate.core.log.merkle import CompactRange
from narrowgate.core.request.manifest import Rows

_ROWS_AT_ONCE: Final = 256
"""Rows hashed together."""


def signed_rows(rows: Iterable[bytes], declared: Rows, where: str) -> Iterator[bytes]:
    """The rows with their line feeds, several at a time; the last ones come only if all are those declared.

    One pass hashes and passes on, so that what is used is what was compared. More bytes than the manifest declares
    are never taken.

    Args:
        rows: without their line feeds.
        declared: count, length, digest and Merkle root of the signed manifest.
        where: the file, for messages.

    Raises:
        EnvelopeError: the length or the number (R-27), the digest or the Merkle root (R-21) is another.
    """
    digest = sha256()
    tree = CompactRange()
    length = 0
    waiting = iter(rows)
    while some := list(islice(waiting, _ROWS_AT_ONCE)):
        lines = b"\n".join(some) + b"\n"
        length += len(lines)
        if length > declared.bytes:
            raise _changed("The rows have more bytes than the manifest declares.", "R-27", where)
        tree.add_leaves(some)
        digest.update(lines)
        yield lines
    if length != declared.bytes:
        raise _changed("The rows have fewer bytes than the manifest declares.", "R-27", where)
    if problem := r27_declared_count.check(declared.count, tree.size):
        raise _changed(problem, r27_declared_count.RULE.id, where)
    if digest.hexdigest() != declared.sha256 or tree.root().hex() != declared.merkle_root:
        raise _changed("The rows are not the ones that were signed.", "R-21", where)


def _changed(what: str, rule: str, where: str) -> EnvelopeError:
    return EnvelopeError(
        what,
        why="The package was cut or changed after its manifest was written.",
        where=where,
        rule=rule,
    )
