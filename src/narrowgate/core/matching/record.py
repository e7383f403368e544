"""What one tax record, or one street of a street reference, adds to an index."""

from __future__ import annotations

from typing import NamedTuple

from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.keys import key_street_name, record_localities
from narrowgate.core.address.model import AddressClass, DeliveryPoint, RawAddress
from narrowgate.core.matching.match_rule import is_zip
from narrowgate.core.matching.street_edit import editable_positions, may_be_meant
from narrowgate.core.matching.suffix_blank import is_whole_without_suffix
from narrowgate.core.matching.token import (
    TOKEN_SIZE,
    GuardKey,
    IndexKey,
    Token,
    covered_zip,
    known_street,
    masked,
    place,
    several,
    street_value,
    suffix_value,
    wildcard,
)

_ANY_NUMBER = "100"


def record_rows(key: IndexKey, identities: tuple[str, ...], point: DeliveryPoint) -> tuple[bytes, ...]:
    """The ``row_digest`` of every row an index holds for one record: each identity in each of its localities."""
    return tuple(
        row
        for locality in record_localities(point)
        for row in place(key, point, locality).rows(key, identities)
    )


class GuardRow(NamedTuple):
    """One fact about a street; where several name one guard and differ, the row holds ``several``.

    Args:
        guard: names the row.
        value: masked, or ``several`` where the fact has none.
    """

    guard: GuardKey
    value: bytes

    @property
    def name(self) -> Token:
        """The name of the row."""
        return self.guard[:TOKEN_SIZE]


def street_row(key: IndexKey, locality: str, point: DeliveryPoint, suffix: bytes | None = None) -> GuardRow:
    """That the street of ``point`` is known in ``locality``, with its suffix.

    Without a value where the name is whole without a suffix: then it tells nothing about another spelling.

    Args:
        key: the index key.
        locality: of the street.
        point: on it.
        suffix: the ``suffix_value`` of its suffix where it is known already.
    """
    guard = known_street(key, locality, key_street_name(point))
    if is_whole_without_suffix(point.street_name):
        return GuardRow(guard, several(guard))
    return GuardRow(guard, masked(guard, suffix or suffix_value(key, point.suffix)))


def has_street_row(point: DeliveryPoint, locality: str) -> bool:
    """Whether a record at ``point`` says something of its street: a street address in a ZIP Code."""
    return point.address_class is AddressClass.STREET and is_zip(locality)


def reference_point(zip_code: str, street_name: str, suffix: str) -> DeliveryPoint | None:
    """A delivery point on a street as a street reference writes it; None where it is no street of a ZIP Code.

    Args:
        zip_code: five digits, or nine.
        street_name: with or without directionals and suffix.
        suffix: or nothing.
    """
    line = f"{_ANY_NUMBER} {street_name} {suffix}".rstrip()
    point = examine_address(RawAddress(address_line_1=line, zip=zip_code)).delivery_point
    if point is None or point.number != _ANY_NUMBER or point.units or not point.zip5:
        return None
    return point if point.address_class is AddressClass.STREET else None


def reference_rows(key: IndexKey, point: DeliveryPoint) -> list[GuardRow]:
    """The rows of one street of a reference: its ZIP Code is covered, it is known, and a slip leads to it."""
    (locality,) = record_localities(point)
    covered, name = covered_zip(key, locality), key_street_name(point)
    street = street_value(key, locality, name)
    leads = [wildcard(key, locality, at, rest) for at, rest in known_wildcards(name)]
    return [
        GuardRow(covered, several(covered)),
        street_row(key, locality, point),
        *(GuardRow(guard, masked(guard, street)) for guard in leads),
    ]


def known_wildcards(street_name: str) -> tuple[tuple[int, str], ...]:
    """Position and rest of every ``W`` under which a known street is found by somebody who misspelled one letter."""
    if not may_be_meant(street_name):
        return ()
    return tuple((at, street_name[:at] + street_name[at + 1 :]) for at in editable_positions(street_name))
