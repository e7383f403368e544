"""Canonical JSON (RFC 8785, narrowed): equal values have equal bytes, and no others are read.

The profile allows objects with ASCII keys, arrays, strings, booleans and integers below 2^53. Inside it
sorted compact JSON and RFC 8785 coincide, so a fast serializer may be used.
"""

from __future__ import annotations

from typing import Any

import orjson

from narrowgate.core.base.errors import EnvelopeError

MAX_INTEGER = 2**53 - 1
"""RFC 7493 section 2.2: integers beyond this lose digits in common parsers."""


def canonical_bytes(value: Any) -> bytes:
    """The only byte string that denotes ``value``; the value must lie in the profile."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def parse_canonical(data: bytes, where: str) -> Any:
    """The value of ``data``, which is its own canonical serialization, byte for byte.

    Args:
        data: one JSON text.
        where: file and line for the message.

    Raises:
        EnvelopeError: the bytes are not JSON, leave the profile, or differ from their canonical form
            (duplicate keys, white space, key order, escapes: RFC 8785 section 3).
    """
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise EnvelopeError("The line is not JSON.", where=where, rule="R-10") from error
    if orjson.dumps(value, option=orjson.OPT_SORT_KEYS) != data:
        raise EnvelopeError(
            "The line differs from its canonical form.",
            why="Duplicate keys, spaces, key order or escapes make one text mean two things.",
            next_step="Build the package with 'narrowgate package build'.",
            where=where,
            rule="R-10",
        )
    return value
