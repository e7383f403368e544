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


MAX_DEPTH = 16
"""Arrays and objects inside one another; the deepest document in use has four."""


def parse_canonical(data: bytes, where: str) -> Any:
    """The value of ``data``, which is its own canonical serialization, byte for byte, and lies in the profile.

    Args:
        data: one JSON text.
        where: file and line for the message.

    Raises:
        EnvelopeError: the bytes are not JSON, leave the profile (null, a number that is no whole number below
            2^53, a key that is not ASCII, more than 16 levels), or differ from their canonical form (duplicate
            keys, white space, key order, escapes: RFC 8785 section 3).
    """
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise EnvelopeError("The line is not JSON.", where=where, rule="R-10") from error
    if problem := _outside_profile(value, MAX_DEPTH):
        raise EnvelopeError(
            f"The line leaves the profile of canonical JSON: it holds {problem}.",
            why="Common parsers read such a text in different ways, or not at all.",
            next_step="Build the package with 'narrowgate package build'.",
            where=where,
            rule="R-10",
        )
    if canonical_bytes(value) != data:
        raise EnvelopeError(
            "The line differs from its canonical form.",
            why="Duplicate keys, spaces, key order or escapes make one text mean two things.",
            next_step="Build the package with 'narrowgate package build'.",
            where=where,
            rule="R-10",
        )
    return value


def _outside_profile(value: Any, levels: int) -> str:
    """What the profile does not allow, named without repeating it; empty when all of ``value`` lies in it."""
    if isinstance(value, dict | list):
        return _outside_profile_within(value, levels)
    if value is None:
        return "null"
    if isinstance(value, float):
        return "a number that is not whole"
    if isinstance(value, int) and not -MAX_INTEGER <= value <= MAX_INTEGER:
        return "a whole number of 2^53 or more"
    return ""


def _outside_profile_within(value: dict[str, Any] | list[Any], levels: int) -> str:
    """The same of an object or array, with so many levels left."""
    if levels == 0:
        return f"arrays or objects more than {MAX_DEPTH} deep"
    if isinstance(value, dict) and not "".join(value).isascii():
        return "a key that is not ASCII"
    items = value.values() if isinstance(value, dict) else value
    if set(map(type, items)) <= {str}:  # a row has no other values, and there are a million rows
        return ""
    return next(filter(None, (_outside_profile(item, levels - 1) for item in items)), "")
