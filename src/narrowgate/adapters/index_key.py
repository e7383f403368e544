"""The index key by reference: a file, an environment variable, or a token object by PKCS #11 URI."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from narrowgate.core.errors import ConfigurationError
from narrowgate.core.token import IndexKey

ReadObject = Callable[[str], bytes]
"""Reads the value of a secret-key object by its PKCS #11 URI (RFC 7512)."""


def load_index_key(reference: str, read_object: ReadObject | None = None) -> IndexKey:
    """The key that ``reference`` names; its bytes stand in no message.

    Args:
        reference: ``file:<path>`` (raw bytes, or hexadecimal text of them), ``env:<name>`` (hexadecimal), or a
            ``pkcs11:`` URI.
        read_object: for ``pkcs11:``; None where no token is at hand.

    Raises:
        ConfigurationError: the reference is of another kind, names nothing, or what it names is too short.
    """
    kind, _, name = reference.partition(":")
    if kind == "file":
        return IndexKey(_decoded(_read_file(Path(name))))
    if kind == "env":
        return IndexKey(_from_environment(name))
    if kind == "pkcs11" and read_object is not None:
        return IndexKey(read_object(reference))
    raise ConfigurationError(
        "The index key is not named in a way that can be read.",
        next_step="Write file:<path>, env:<name> or a pkcs11: URI.",
    )


def _read_file(path: Path) -> bytes:
    try:
        if path.stat().st_mode & 0o077:
            raise ConfigurationError(
                "Others than its owner may read the index key.",
                next_step="chmod 600 the file, and consider whether the key is still secret.",
                where=path.name,
            )
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            "The index key cannot be read.", why=f"{error.strerror}.", where=path.name
        ) from None


def _from_environment(name: str) -> bytes:
    value = os.environ.get(name)
    if value is None:
        raise ConfigurationError("The variable that should hold the index key is not set.", where=name)
    try:
        return bytes.fromhex(value.strip())
    except ValueError:
        raise ConfigurationError("The index key is not hexadecimal.", where=name) from None


def _decoded(data: bytes) -> bytes:
    """Hexadecimal text of 32 bytes or more stands for those bytes; everything else for itself."""
    text = data.strip()
    try:
        return bytes.fromhex(text.decode("ascii")) if len(text) >= 64 else data
    except ValueError:
        return data
