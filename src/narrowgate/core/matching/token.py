"""From identity and delivery point to tokens, and nothing back.

A stored token is the XOR of three HMAC-SHA-256 values truncated to 128 bits, all under the index key and
separated by a label and the version of the canonical form:

    A(identity, locality, number, directionals, units, route, box, urbanization, class)
    XOR N(locality, street name)
    XOR X(locality, suffix)

The parts are separate so that the guard facts of the two relaxations can lead from a written street or suffix
to a known one without anybody seeing either, and without the key when the index is probed. ``A`` is unique to
an identity and a number, so two rows of the index cannot be linked. The decision is
``docs/adr/0002-tokens-are-an-xor-of-three.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from narrowgate.core.address.keys import key_street_name, key_urbanization
from narrowgate.core.address.model import CANONICAL_FORM_VERSION, DeliveryPoint
from narrowgate.core.base.errors import ConfigurationError
from narrowgate.core.base.mac import MacKey

Token = bytes
"""16 bytes: a truncated HMAC-SHA-256, or the XOR of several."""

TOKEN_SIZE = 16
MINIMUM_KEY_SIZE = 32
"""Bytes: RFC 2104 section 3 asks for at least the length of the hash."""

_SEPARATOR = b"\x1f"
"""No canonical part holds a control character, so joined parts read in one way only."""


class Guard(NamedTuple):
    """One fact the index build keeps under a guard token: another token and a count class.

    Args:
        value: the other token.
        shared: seen for two filers or more.
    """

    value: Token
    shared: bool


class IndexKey(MacKey):
    """The secret under which every token of one index is made; it prints as its id.

    Args:
        raw: at least 32 secret bytes.

    Raises:
        ConfigurationError: ``raw`` is shorter.
    """

    __slots__ = ("key_id",)

    def __init__(self, raw: bytes) -> None:
        if len(raw) < MINIMUM_KEY_SIZE:
            raise ConfigurationError(
                "The index key is too short.",
                why=f"It has {len(raw)} bytes; at least {MINIMUM_KEY_SIZE} are needed (RFC 2104 section 3).",
                next_step="Draw a new key; an index made under the old one must be rebuilt.",
            )
        super().__init__(raw)
        self.key_id = self.mac(b"narrowgate index key id")[:8].hex()

    def __repr__(self) -> str:
        return f"IndexKey(key_id={self.key_id!r})"


def _label(letter: str) -> bytes:
    return f"narrowgate/{CANONICAL_FORM_VERSION}/{letter}".encode() + _SEPARATOR


_ANCHOR, _STREET, _SUFFIX = _label("A"), _label("N"), _label("X")
_KNOWN, _NUMBERED, _WILDCARD, _NAMED = _label("V"), _label("U"), _label("W"), _label("G")
_EXCLUDED, _BLIND, _SHARED_POINT = _label("E"), _label("B"), _label("D")


def _make(key: IndexKey, label: bytes, *parts: str) -> Token:
    return key.mac(label + "\x1f".join(parts).encode())[:TOKEN_SIZE]


def exclusive_or(*tokens: Token) -> Token:
    """The XOR of ``tokens``, 16 bytes."""
    value = 0
    for token in tokens:
        value ^= int.from_bytes(token)
    return value.to_bytes(TOKEN_SIZE)


def street_token(key: IndexKey, locality: str, street_name: str) -> Token:
    """``N``: stands for a street name in a locality."""
    return _make(key, _STREET, locality, street_name)


def suffix_token(key: IndexKey, locality: str, suffix: str) -> Token:
    """``X``: stands for a street suffix, or a blank one, in a locality."""
    return _make(key, _SUFFIX, locality, suffix)


def known_street_token(key: IndexKey, locality: str, street_name: str) -> Token:
    """``V``: guard token under which a known street's suffixes stand; its presence says it is known."""
    return _make(key, _KNOWN, locality, street_name)


def numbered_street_token(key: IndexKey, locality: str, number: str, street_name: str) -> Token:
    """``U``: guard token under which the suffixes of one number on a street stand."""
    return _make(key, _NUMBERED, locality, number, street_name)


def wildcard_token(key: IndexKey, locality: str, position: int, rest: str) -> Token:
    """``W``: guard token of a street name without its letter at ``position``."""
    return _make(key, _WILDCARD, locality, str(position), rest)


def named_street_token(key: IndexKey, street_name: str) -> Token:
    """``G``: guard token of a street name in any locality; its presence says that the name is known somewhere."""
    return _make(key, _NAMED, street_name)


def exclusion_token(key: IndexKey, subject: str) -> Token:
    """``E``: guard token of one person, present when 26 USC 6103(i)(6) keeps that person out.

    Args:
        key: the index key.
        subject: an entry of ``core.person.exclusion_subjects``.
    """
    return _make(key, _EXCLUDED, subject)


def exclusion_macs(key: IndexKey, subjects: tuple[str, ...]) -> list[bytes]:
    """MACs that begin with the ``exclusion_token`` of each of ``subjects``."""
    return key.macs(_EXCLUDED, [subject.encode() for subject in subjects])


def exclusion_guard(key: IndexKey, excluded: Token) -> Guard:
    """The fact under the exclusion token ``excluded``: XOR with it turns tokens into tokens of nothing."""
    return Guard(key.mac(_BLIND + excluded)[:TOKEN_SIZE], shared=False)


@dataclass(frozen=True, slots=True)
class Place:
    """A delivery point in one locality, ready to be joined to any identity.

    Args:
        anchor: the message of ``A`` up to the identity.
        street: ``N``.
        suffix: ``X``.
    """

    anchor: bytes
    street: Token
    suffix: Token

    def anchor_token(self, key: IndexKey, identity: str) -> Token:
        """``A``: stands for everything of the question but street name and suffix."""
        return key.mac(self.anchor + identity.encode())[:TOKEN_SIZE]

    def tokens(self, key: IndexKey, identities: tuple[str, ...]) -> list[Token]:
        """The tokens an index holds when a person of ``identities`` has a record at this place."""
        rest = int.from_bytes(self.street) ^ int.from_bytes(self.suffix)
        return [
            (int.from_bytes(self.anchor_token(key, identity)) ^ rest).to_bytes(TOKEN_SIZE)
            for identity in identities
        ]


def place(key: IndexKey, point: DeliveryPoint, locality: str) -> Place:
    """``point`` in ``locality``; equal for two points exactly when they are the same delivery point there."""
    return Place(
        anchor_message(point, locality),
        street_token(key, locality, key_street_name(point)),
        suffix_token(key, locality, point.suffix),
    )


def anchor_message(point: DeliveryPoint, locality: str) -> bytes:
    """The message of ``A`` up to the identity, in one locality of ``point``."""
    before, between, behind = anchor_around(point, locality)
    return before + point.number.encode() + between + "\x1e".join(point.units).encode() + behind


def anchor_around(point: DeliveryPoint, locality: str) -> tuple[bytes, bytes, bytes]:
    """``anchor_message`` in three pieces: house number and units of ``point`` go between them."""
    before = f"{locality}\x1f"
    between = f"\x1f{point.predirectional}\x1f{point.postdirectional}\x1f"
    behind = "\x1f".join(("", point.route, point.box, key_urbanization(point), point.address_class, ""))
    return _ANCHOR + before.encode(), between.encode(), behind.encode()


def numbered_street_mac(key: IndexKey, locality: bytes, number: bytes, street_name: bytes) -> bytes:
    """A MAC that begins with the ``numbered_street_token`` of the same parts."""
    return key.mac(_NUMBERED + _SEPARATOR.join((locality, number, street_name)))


def shared_point_mac(key: IndexKey, anchor: bytes, street_name: bytes, suffix: bytes) -> bytes:
    """A MAC that begins with the token of an address without units; it stands for the address in the build only.

    Args:
        key: the index key.
        anchor: its ``anchor_message``.
        street_name: as keys and tokens know it.
        suffix: of the street.
    """
    return key.mac(b"".join((_SHARED_POINT, anchor, street_name, _SEPARATOR, suffix)))
