"""The construction of version 1, kept to show that the hunt for relations finds what was wrong with it.

A stored token was ``A XOR N XOR X``; a guard row held another token in the clear, and whether it was shared.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from narrowgate.core.matching.token import IndexKey
from support.relations import Row


@dataclass(frozen=True)
class Stay:
    """A person at a number of a street, in years."""

    person: str
    number: str
    street: str
    suffix: str
    years: int


def _mac(key: IndexKey, *parts: str) -> int:
    return int.from_bytes(key.mac("\x1f".join(parts).encode())[:16])


def _halves(name: str, token: int) -> dict[str, int]:
    return {f"{name}_high": token >> 64, f"{name}_low": token & (1 << 64) - 1}


def token_rows(key: IndexKey, stays: Iterable[Stay]) -> list[Row]:
    """One row for each stay."""
    return [
        {
            **_halves(
                "token",
                _mac(key, "A", stay.person, stay.number)
                ^ _mac(key, "N", stay.street)
                ^ _mac(key, "X", stay.suffix),
            ),
            "years": stay.years,
        }
        for stay in stays
    ]


def guard_rows(key: IndexKey, stays: Iterable[Stay], excluded: Iterable[str]) -> list[Row]:
    """The suffix under each street and numbered street, the street under each letter left out, and those kept out."""
    facts = set()
    for stay in stays:
        facts.add((_mac(key, "V", stay.street), _mac(key, "X", stay.suffix), 1))
        facts.add((_mac(key, "U", stay.number, stay.street), _mac(key, "X", stay.suffix), 0))
        for at in range(len(stay.street)):
            rest = stay.street[:at] + stay.street[at + 1 :]
            facts.add((_mac(key, "W", str(at), rest), _mac(key, "N", stay.street), 1))
    kept_out = [(_mac(key, "E", person), _mac(key, "B", person), 0) for person in excluded]
    return [
        {**_halves("token", name), **_halves("value", value), "shared": shared}
        for name, value, shared in [*sorted(facts), *kept_out]
    ]
