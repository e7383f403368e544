"""One opening: what a custodian hands over so that one commitment of one leaf can be checked, and nothing else.

An openings file holds one opening a line, each the canonical JSON of ``order_sha256``, ``package``, ``row``, ``salt``,
``what`` and ``value``, or ``value_hex`` where the value is no text in UTF-8. It is stated in
``docs/reference/protocol/openings.md``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.base.closed_document import SHA256, WORD, read_document
from narrowgate.core.base.errors import EnvelopeError, ProofError
from narrowgate.core.log.leaf import ITEM_DECIDED, SALT_BYTES

MAX_LINE_BYTES: Final = 1_048_576
"""No line of an openings file is longer; a row that was signed has at most 4,096 bytes if it could be read."""

_SALT: Final = re.compile(f"[0-9a-f]{{{2 * SALT_BYTES}}}")
_HEX: Final = re.compile(r"(?:[0-9a-f]{2})+")
_TEXT: Final = re.compile(r".*", re.DOTALL)


class Opened(StrEnum):
    """Which of the three commitments of an item's leaf is opened."""

    ROW = "row"
    """What the requester said of the person: the bytes of the line that was signed."""
    ADDRESS = "address"
    """The canonical form of the address; nothing where the item had none."""
    OUTCOME = "outcome"
    """The answer."""

    @property
    def field(self) -> str:
        """The field of the leaf that commits to it."""
        return f"{self}_commitment"


@dataclass(frozen=True, slots=True)
class Opening:
    """Salt and value of one commitment, and the document that allows to hand them over.

    Args:
        package: id of the package.
        row: of the item in it, from 0, as in its leaf.
        what: the commitment that is opened.
        salt: 16 bytes.
        value: what was committed to.
        order_sha256: lower-case hex digest of the act, order or consent that allows this opening.
    """

    package: str
    row: int
    what: Opened
    salt: bytes
    value: bytes
    order_sha256: str

    @property
    def commitment(self) -> bytes:
        """SHA-256 over salt and value, which the leaf of the item must hold."""
        return sha256(self.salt + self.value).digest()


def opening_line(opening: Opening) -> bytes:
    """The only line that denotes ``opening``, its line feed included.

    Raises:
        EnvelopeError: the line would be longer than a reader takes.
    """
    fields: dict[str, Any] = {
        "order_sha256": opening.order_sha256,
        "package": opening.package,
        "row": opening.row,
        "salt": opening.salt.hex(),
        "what": opening.what.value,
    }
    try:
        fields["value"] = opening.value.decode("utf-8")
    except UnicodeDecodeError:
        fields["value_hex"] = opening.value.hex()
    line = canonical_bytes(fields) + b"\n"
    if len(line) > MAX_LINE_BYTES:
        raise EnvelopeError(
            "The value is too long to be opened.",
            why=f"A line of an openings file has at most {MAX_LINE_BYTES:,} bytes.",
            next_step="Hand over the signed package instead; its digest is in the log.",
            where=f"row {opening.row}",
        )
    return line


def parse_opening(line: bytes, where: str) -> Opening:
    """The opening of one line without its line feed; whether a leaf commits to it is ``verify_opening``'s matter.

    Args:
        line: of an openings file.
        where: file and line for the message.

    Raises:
        EnvelopeError: the line is not one that ``opening_line`` writes.
    """
    if len(line) >= MAX_LINE_BYTES:
        raise EnvelopeError("The line is longer than any opening.", where=where)
    fields = read_document(line, where)
    package = fields.text("package", WORD)
    row = fields.count("row")
    what = fields.text("what", WORD)
    if what not in tuple(Opened):
        raise fields.refused("what", "is neither row, address nor outcome")
    salt = bytes.fromhex(fields.text("salt", _SALT))
    order = fields.text("order_sha256", SHA256)
    if fields.has("value_hex"):
        value = bytes.fromhex(fields.text("value_hex", _HEX))
        if _is_text(value):
            raise fields.refused("value_hex", "is text, which is written as such")
    else:
        value = fields.text("value", _TEXT).encode("utf-8")
    fields.close()
    return Opening(package, row, Opened(what), salt, value, order)


def verify_opening(opening: Opening, leaf: dict[str, Any], where: str) -> None:
    """Returns only if the leaf is that of the opened item, and commits to exactly this value.

    Args:
        opening: as the custodian handed it over.
        leaf: fields of a leaf, proved to be in the log.
        where: what to name in the message.

    Raises:
        ProofError: it is the leaf of something else, or commits to another value.
    """
    named = (leaf.get("type"), leaf.get("package"), leaf.get("row"))
    if named != (ITEM_DECIDED, opening.package, opening.row):
        raise ProofError(
            "The opening is of another item than the leaf.",
            why="An opening counts only for the leaf that it names.",
            next_step="Ask the custodian for the opening of this item.",
            where=where,
        )
    if leaf[opening.what.field] != opening.commitment.hex():
        raise ProofError(
            f"The opening of the {opening.what} is not what the log holds.",
            why="The leaf commits to another value, or to this one with another salt.",
            next_step="Do not use it; keep the file as evidence, and report it.",
            where=where,
        )


def _is_text(value: bytes) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
