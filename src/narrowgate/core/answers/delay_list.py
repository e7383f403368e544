"""The list of what accounts leave out while an investigation is open; the log holds its digest only.

The format is stated in ``docs/reference/protocol/delayed-accounts.md``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from itertools import pairwise
from typing import Final

from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.base.closed_document import WORD, Fields, read_document
from narrowgate.core.base.times import DATE, parse_date

DELAY_LIST_SCHEMA: Final = "narrowgate/delay-list/v1"
SALT_BYTES: Final = 32

_SALT: Final = re.compile(f"[0-9a-f]{{{2 * SALT_BYTES}}}")


@dataclass(frozen=True, slots=True, order=True)
class DelayedItem:
    """One item whose account is delayed.

    Args:
        package: id of the package.
        row: of the item, from 0.
        until: the last day of the delay.
    """

    package: str
    row: int
    until: date


@dataclass(frozen=True, slots=True)
class DelayList:
    """Every delay that is in force together.

    Args:
        salt: 32 random bytes.
        items: in rising order, no item twice.
    """

    salt: bytes
    items: tuple[DelayedItem, ...]

    def delays(self, package: str, row: int, day: date) -> bool:
        """Whether the account of an item is delayed on a day."""
        return any((each.package, each.row) == (package, row) and day <= each.until for each in self.items)


def delay_list_bytes(delays: DelayList) -> bytes:
    """The only byte string that denotes the list; its SHA-256 is what the act names."""
    return canonical_bytes(
        {
            "schema": DELAY_LIST_SCHEMA,
            "salt": delays.salt.hex(),
            "items": [
                {"package": each.package, "row": each.row, "until": each.until.isoformat()}
                for each in delays.items
            ],
        }
    )


def delay_list_sha256(data: bytes) -> str:
    """The commitment to a list, as the act names it."""
    return sha256(data).hexdigest()


def parse_delay_list(data: bytes, where: str) -> DelayList:
    """The list that the bytes denote.

    Raises:
        EnvelopeError: they denote none.
    """
    fields = read_document(data, where)
    fields.constant("schema", DELAY_LIST_SCHEMA)
    salt = bytes.fromhex(fields.text("salt", _SALT))
    items = tuple(_item(each) for each in fields.objects("items"))
    if any((a.package, a.row) >= (b.package, b.row) for a, b in pairwise(items)):
        raise fields.refused("items", "are not in rising order, or one is there twice")
    fields.close()
    return DelayList(salt, items)


def _item(fields: Fields) -> DelayedItem:
    until = parse_date(fields.text("until", DATE))
    if until is None:
        raise fields.refused("until", "is no date")
    item = DelayedItem(fields.text("package", WORD), fields.count("row"), until)
    fields.close()
    return item
