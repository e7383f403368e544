"""From identity and delivery point to the rows of an index, and nothing back.

A row is made of three keyed parts, all HMAC-SHA-256 (RFC 2104) under the index key, separated by a label and the
version of the canonical form:

    A(identity, locality, number, directionals, units, route, box, urbanization, class)   16 bytes
    N(locality, street name)                                                               8 bytes
    X(suffix)                                                                              8 bytes

The parts are never stored. One SHA-256 over them (FIPS 180-4) gives the name of the row, 16 bytes, and the mask of
its value, 8 bytes. So the guard facts of the two relaxations can lead from a written street or suffix to a known
one, and a probe needs no key; and what is stored is a hash, of which no two have anything in common.

A guard row is named and masked by the two halves of one HMAC. The decision is
``docs/adr/0007-every-row-is-a-hash-and-a-mask.md``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from itertools import compress
from struct import Struct

from narrowgate.core.address.keys import key_street_name, key_urbanization
from narrowgate.core.address.model import CANONICAL_FORM_VERSION, DeliveryPoint
from narrowgate.core.base.errors import ConfigurationError
from narrowgate.core.base.mac import MacKey

Token = bytes
"""16 bytes: the name of a row."""

TOKEN_SIZE = 16
ANCHOR_SIZE = 16
VALUE_SIZE = 8
"""Bytes of a street's ``N``, of a suffix's ``X``, and of what a row holds."""

ROW_KEY_SIZE = 32
"""Bytes of the ``row_digest`` that asks for a row: its name, the mask of its value, and eight that nothing reads."""

MINIMUM_KEY_SIZE = 32
"""Bytes: RFC 2104 section 3 asks for at least the length of the hash."""

_SEPARATOR = b"\x1f"
"""No canonical part holds a control character, so joined parts read in one way only."""


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


def _label(name: str) -> bytes:
    return f"narrowgate/{CANONICAL_FORM_VERSION}/{name}".encode() + _SEPARATOR


_ROW = _label("row")
_ANCHOR, _STREET, _SUFFIX = _label("A"), _label("N"), _label("X")
_KNOWN, _WILDCARD, _COVERED = _label("S"), _label("W"), _label("C")
_EXCLUDED, _FILLER, _DECOY, _SHARED_POINT = _label("E"), _label("F"), _label("Y"), _label("D")


def row_digest(parts: bytes) -> bytes:
    """SHA-256 that denotes a row in the index: 16 bytes of name, then 8 bytes that mask its tax years.

    Args:
        parts: ``A``, ``N`` and ``X``, 32 bytes.
    """
    return sha256(_ROW + parts).digest()


_ROW_BEGUN = sha256(_ROW)


def row_keys(places: Iterable[tuple[Iterable[bytes], bytes]]) -> list[bytes]:
    """The ``row_digest`` of every row of some places, one behind the other.

    A package asks for some forty million. So the hash goes on from the label's state, and nothing is put together
    before it or cut off behind it.

    Args:
        places: of each the ``A`` of all identities, and the ``N`` and ``X`` that they share.
    """
    begun = _ROW_BEGUN.copy
    found: list[bytes] = []
    keep = found.append
    for anchors, ending in places:
        for anchor in anchors:
            row = begun()
            row.update(anchor)
            row.update(ending)
            keep(row.digest())
    return found


def row_digests(key: IndexKey, anchor: bytes, identities: Iterable[bytes], ending: bytes) -> list[bytes]:
    """The ``row_digest`` of each of ``identities`` at one place.

    Args:
        key: the index key.
        anchor: the message of ``A`` up to the identity.
        identities: the rest of that message.
        ending: ``N`` and ``X``.
    """
    begun = _ROW_BEGUN.copy
    found = []
    for mac in key.macs(anchor, identities):
        row = begun()
        row.update(mac[:ANCHOR_SIZE] + ending)
        found.append(row.digest())
    return found


def street_value(key: IndexKey, locality: str, street_name: str) -> bytes:
    """``N``: denotes a street name in a locality."""
    return key.mac(_STREET + f"{locality}\x1f{street_name}".encode())[:VALUE_SIZE]


def street_values(key: IndexKey, localities: Iterable[str], street_name: str) -> list[bytes]:
    """The ``street_value`` of one name in each of ``localities``."""
    ends = [f"{locality}\x1f{street_name}".encode() for locality in localities]
    return key.macs(_STREET, ends, VALUE_SIZE)


def known_street_values(
    key: IndexKey, localities: Iterable[str], zips: Iterable[bool], street_name: str
) -> tuple[list[bytes], list[GuardKey]]:
    """The ``street_values``, and ``known_street`` in each locality that is a ZIP Code.

    Args:
        key: the index key.
        localities: of a request.
        zips: of each whether it is one.
        street_name: as keys and tokens know it.
    """
    ends = [f"{locality}\x1f{street_name}".encode() for locality in localities]
    return key.macs(_STREET, ends, VALUE_SIZE), key.macs(_KNOWN, compress(ends, zips))


def suffix_value(key: IndexKey, suffix: str) -> bytes:
    """``X``: denotes a street suffix, or a blank one."""
    return key.mac(_SUFFIX + suffix.encode())[:VALUE_SIZE]


GuardKey = bytes
"""32 bytes of HMAC-SHA-256 that open one guard row: its name, the mask of its value, and what it holds instead."""


def several(guard: GuardKey) -> bytes:
    """What the row of ``guard`` holds where there is no value, or more than one."""
    return guard[-VALUE_SIZE:]


def masked(guard: GuardKey, value: bytes) -> bytes:
    """``value`` as the row of ``guard`` holds it; the same of that gives the value back."""
    mask = int.from_bytes(guard[TOKEN_SIZE : TOKEN_SIZE + VALUE_SIZE])
    return (int.from_bytes(value) ^ mask).to_bytes(VALUE_SIZE)


_MASK_AND_SEVERAL = Struct(f">{TOKEN_SIZE}xqq")


def mask_and_several(guard: GuardKey) -> tuple[int, int]:
    """The mask that ``masked`` lays over a value, and ``several``, as the signed integers that an index holds."""
    mask, instead = _MASK_AND_SEVERAL.unpack(guard)
    return mask, instead


def known_street(key: IndexKey, locality: str, street_name: str) -> GuardKey:
    """``S``: guard of a known street; its value is the ``X`` of its only suffix."""
    return key.mac(_KNOWN + f"{locality}\x1f{street_name}".encode())


def wildcard(key: IndexKey, locality: str, position: int, rest: str) -> GuardKey:
    """``W``: guard of a street name without its letter at ``position``; its value is the ``N`` of the only one."""
    return key.mac(_WILDCARD + f"{locality}\x1f{position}\x1f{rest}".encode())


def covered_zip(key: IndexKey, locality: str) -> GuardKey:
    """``C``: guard of a ZIP Code whose streets are all in the street reference; it has no value."""
    return key.mac(_COVERED + locality.encode())


def exclusion_tokens(key: IndexKey, subjects: Iterable[str]) -> tuple[Token, ...]:
    """The ``exclusion_token`` of each of ``subjects``."""
    return tuple([exclusion_token(key, subject) for subject in subjects])


def exclusion_token(key: IndexKey, subject: str) -> Token:
    """``E``: names the row that is there when 26 USC 6103(i)(6) keeps one person out.

    Args:
        key: the index key.
        subject: an entry of ``core.person.exclusion_subjects``.
    """
    return key.mac(_EXCLUDED + subject.encode())[:TOKEN_SIZE]


def exclusion_macs(key: IndexKey, subjects: tuple[str, ...]) -> list[bytes]:
    """MACs that begin with the ``exclusion_token`` of each of ``subjects``."""
    return key.macs(_EXCLUDED, [subject.encode() for subject in subjects])


def filler(key: IndexKey, name: Token) -> bytes:
    """What the row of an excluded person holds: 8 bytes that look like those of every other row."""
    return key.mac(_FILLER + name)[:VALUE_SIZE]


def decoy(key: IndexKey, layer: str, number: int) -> tuple[Token, bytes]:
    """Name and value of a row that denotes nothing, so that rows cannot be counted.

    Args:
        key: the index key.
        layer: tells the layers of an index apart.
        number: from 0.
    """
    digest = key.mac(_DECOY + f"{layer}\x1f{number}".encode())
    return digest[:TOKEN_SIZE], digest[-VALUE_SIZE:]


@dataclass(frozen=True, slots=True)
class Place:
    """A delivery point in one locality, ready to be joined to any identity.

    Args:
        anchor: the message of ``A`` up to the identity.
        ending: ``N`` and ``X``.
    """

    anchor: bytes
    ending: bytes

    def rows(self, key: IndexKey, identities: tuple[str, ...]) -> list[bytes]:
        """The ``row_digest`` of each of ``identities`` with a record at this place."""
        return row_digests(key, self.anchor, map(str.encode, identities), self.ending)


def place(key: IndexKey, point: DeliveryPoint, locality: str) -> Place:
    """``point`` in ``locality``; equal for two points exactly when they are the same delivery point there."""
    street = street_value(key, locality, key_street_name(point))
    return Place(anchor_message(point, locality), street + suffix_value(key, point.suffix))


def anchor_message(point: DeliveryPoint, locality: str) -> bytes:
    """The message of ``A`` up to the identity, in one locality of ``point``."""
    (message,) = anchor_messages(point, (locality,))
    return message


def anchor_messages(point: DeliveryPoint, localities: Iterable[str]) -> list[bytes]:
    """The ``anchor_message`` of ``point`` in each of ``localities``."""
    _, between, behind = anchor_around(point, "")
    same = b"".join((_SEPARATOR, point.number.encode(), between, "\x1e".join(point.units).encode(), behind))
    return [_ANCHOR + locality.encode() + same for locality in localities]


def anchor_around(point: DeliveryPoint, locality: str) -> tuple[bytes, bytes, bytes]:
    """``anchor_message`` in three pieces: house number and units of ``point`` go between them."""
    before = f"{locality}\x1f"
    between = f"\x1f{point.predirectional}\x1f{point.postdirectional}\x1f"
    behind = "\x1f".join(("", point.route, point.box, key_urbanization(point), point.address_class, ""))
    return _ANCHOR + before.encode(), between.encode(), behind.encode()


def shared_point_mac(key: IndexKey, anchor: bytes, street_name: bytes, suffix: bytes) -> bytes:
    """A MAC that begins with the token of an address without units; it denotes the address in the build only.

    Args:
        key: the index key.
        anchor: its ``anchor_message``.
        street_name: as keys and tokens know it.
        suffix: of the street.
    """
    return key.mac(b"".join((_SHARED_POINT, anchor, street_name, _SEPARATOR, suffix)))
