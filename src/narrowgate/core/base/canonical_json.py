"""Canonical JSON (RFC 8785, narrowed): equal values have equal bytes, and no others are read.

The profile allows objects with ASCII keys, arrays, strings, booleans and integers below 2^53. Inside it
sorted compact JSON and RFC 8785 coincide, so a fast serializer may be used.
"""

from __future__ import annotations

import json
from typing import Any

from narrowgate.core.base.errors import EnvelopeError

try:
    import orjson
except ImportError:  # the verifier of a bundle runs without any other package
    WITH_LIBRARY = False
else:
    WITH_LIBRARY = True

MAX_INTEGER = 2**53 - 1
"""RFC 7493 section 2.2: integers beyond this lose digits in common parsers."""


def canonical_bytes(value: Any) -> bytes:
    """The only byte string that denotes ``value``; the value must lie in the profile."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS) if WITH_LIBRARY else bytes_in_python(value)


def bytes_in_python(value: Any) -> bytes:
    """The same bytes without any library.

    Raises:
        ValueError: a string holds half a surrogate pair.
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def value_in_python(data: bytes) -> Any:
    """The value of one JSON text (RFC 8259) in UTF-8, without any library.

    Raises:
        ValueError: the bytes are no such text.
    """

    def refuse(name: str) -> None:
        raise ValueError(name)

    try:
        return json.loads(data.decode(), parse_constant=refuse)
    except RecursionError as error:
        raise ValueError from error


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
        value = orjson.loads(data) if WITH_LIBRARY else value_in_python(data)
    except ValueError as error:  # of which orjson's is one
        raise EnvelopeError("The line is not JSON.", where=where, rule="R-10") from error
    if problem := _outside_profile(value, MAX_DEPTH):
        raise EnvelopeError(
            f"The line leaves the profile of canonical JSON: it holds {problem}.",
            why="Common parsers read such a text in different ways, or not at all.",
            next_step="Build the package with 'narrowgate package build'.",
            where=where,
            rule="R-10",
        )
    if _rewritten(value) != data:
        raise EnvelopeError(
            "The line differs from its canonical form.",
            why="Duplicate keys, spaces, key order or escapes make one text mean two things.",
            next_step="Build the package with 'narrowgate package build'.",
            where=where,
            rule="R-10",
        )
    return value


def parse_texts(data: bytes, keys: tuple[str, ...]) -> tuple[Any, ...] | None:
    """The values of an object of exactly these keys; ``None`` unless ``data`` is its own canonical serialization.

    What ``parse_canonical`` takes four passes for is seen at once where the keys are known. Values outside the profile
    are no text, which the caller looks for.

    Args:
        data: one JSON text.
        keys: in ascending order.
    """
    try:
        value = orjson.loads(data) if WITH_LIBRARY else value_in_python(data)
        if type(value) is not dict or tuple(value) != keys:
            return None
        written = orjson.dumps(value) if WITH_LIBRARY else bytes_in_python(value)
    except (TypeError, ValueError):
        return None
    return tuple(value.values()) if written == data else None


def _rewritten(value: Any) -> bytes:
    try:
        return canonical_bytes(value)
    except ValueError:  # half a surrogate pair, which the library reads no more than UTF-8 can write it
        return b""


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
