"""What one tax record adds to an index: tokens, and guard facts for the two relaxations."""

from __future__ import annotations

from dataclasses import dataclass

from narrowgate.core.address.keys import key_street_name, record_localities
from narrowgate.core.address.model import AddressClass, DeliveryPoint
from narrowgate.core.matching.street_edit import editable_positions, may_be_meant
from narrowgate.core.matching.token import (
    IndexKey,
    Token,
    known_street_token,
    numbered_street_token,
    place,
    street_token,
    suffix_token,
    wildcard_token,
)


def record_tokens(key: IndexKey, identities: tuple[str, ...], point: DeliveryPoint) -> tuple[Token, ...]:
    """The tokens an index holds for one record: every identity in every locality of the record's address."""
    return tuple(
        token
        for locality in record_localities(point)
        for token in place(key, point, locality).tokens(key, identities)
    )


@dataclass(frozen=True, slots=True)
class StreetFacts:
    """What one street record adds to the guards.

    Args:
        known: ``V``.
        numbered: ``U``.
        suffix: ``X``.
        suffix_blank: the record has no suffix.
        street: ``N``; ``known_wildcards`` lead to it.
    """

    known: Token
    numbered: Token
    suffix: Token
    suffix_blank: bool
    street: Token


def record_guards(key: IndexKey, point: DeliveryPoint) -> tuple[StreetFacts, ...]:
    """The guard facts of one record; none unless it is a street address."""
    if point.address_class is not AddressClass.STREET:
        return ()
    name = key_street_name(point)
    return tuple(
        StreetFacts(
            known_street_token(key, locality, name),
            numbered_street_token(key, locality, point.number, name),
            suffix_token(key, locality, point.suffix),
            not point.suffix,
            street_token(key, locality, name),
        )
        for locality in record_localities(point)
    )


def known_wildcards(key: IndexKey, locality: str, street_name: str) -> tuple[Token, ...]:
    """Every ``W`` under which a known street can be found by somebody who misspelled one letter of it."""
    if not may_be_meant(street_name):
        return ()
    return tuple(
        wildcard_token(key, locality, position, street_name[:position] + street_name[position + 1 :])
        for position in editable_positions(street_name)
    )
