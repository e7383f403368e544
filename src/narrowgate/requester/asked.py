"""What a row asks, as a person reads it: who is asked about, at which address, for which years, by whom."""

from __future__ import annotations

from dataclasses import dataclass

from narrowgate.core.base.errors import EnvelopeError
from narrowgate.core.request.item import Item, parse_item


@dataclass(frozen=True, slots=True)
class AskedItem:
    """One row as a person reads it: who is asked about, and at which address.

    Args:
        row: from 1.
        item: the requester's own id; empty where the row cannot be read.
        person: given names and surnames.
        address: the address in one line.
        tax_years: as written.
        officers: as written.
        refused_by: ids of the rules that would refuse it; empty where none does, or no agreement is at hand.
    """

    row: int
    item: str
    person: str
    address: str
    tax_years: str
    officers: str
    refused_by: tuple[str, ...] = ()


def asked_item(number: int, item: Item | None, refused_by: tuple[str, ...] = ()) -> AskedItem:
    """The row as a person reads it; of one that cannot be read it says so.

    Args:
        number: of the row, from 1.
        item: of the row; ``None`` where the row cannot be read.
        refused_by: ids of the rules that would refuse it.
    """
    if item is None:
        return AskedItem(number, "", "(the row cannot be read)", "", "", "", refused_by)
    lines = (item.address_line_1, item.address_line_2, item.city, f"{item.state} {item.zip}".strip())
    return AskedItem(
        number,
        item.item,
        f"{item.given_names} {item.surnames}".strip(),
        ", ".join(line for line in lines if line),
        item.tax_years,
        item.officers,
        refused_by,
    )


def readable_item(row: bytes, where: str) -> Item | None:
    """The item of a row; nothing where the row is refused for its form.

    Args:
        row: the line without its line feed.
        where: file and line.
    """
    try:
        return parse_item(row, where)
    except EnvelopeError:
        return None
