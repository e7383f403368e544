"""Secret keys by URI: a file, an environment variable, or an object in a PKCS#11 token.

====================== =====================================================================================
``file:PATH``          32 raw bytes, or 64 hexadecimal digits; for its owner alone (mode 0600 or less), or
                       root's for the processes of one group (mode 0640 or less)
``env:NAME``           64 hexadecimal digits
``pkcs11:PATH?QUERY``  RFC 7512: ``token`` and ``object`` in the path, ``module-path`` and ``pin-source``
                       (``file:PATH`` or ``env:NAME``) in the query
====================== =====================================================================================

The value of a token object must be readable to a logged-in session (``CKA_SENSITIVE`` false). An index build
computes an HMAC for every record in every core, and a token computes a few thousand a second. So a token
guards the key at rest and behind a PIN, not against the process that uses it.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from narrowgate.adapters.files.regular import open_regular
from narrowgate.adapters.files.secret_file import write_secret_file
from narrowgate.adapters.private_keys.tokens import find_token
from narrowgate.adapters.private_keys.uri import parse_token_uri
from narrowgate.core.base.errors import ConfigurationError
from narrowgate.core.base.system_errors import system_reason

if TYPE_CHECKING:
    from narrowgate.gate.ports import Entropy

KEY_BYTES = 32
"""As long as the digest of HMAC-SHA-256: a longer key adds nothing (RFC 2104 section 3)."""

MAX_SECRET_BYTES = 4_096
"""No key, password or PIN is longer."""

_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
_SECRET = re.compile(r"[0-9A-Fa-f]{32,}|[A-Za-z0-9+/]{43,}")
"""Digits of a key, in hexadecimal or base64."""
_CONNECTION = re.compile(r":/|[=@]")
"""In a URL or a connection string, and hardly in a path."""


def load_secret_key(uri: str) -> bytes:
    """The 32 bytes of the key that ``uri`` names; no part of them is in any error.

    Raises:
        ConfigurationError: the URI is of no known kind, or what it names is missing, unreadable, open to
            others than its owner, or not a key of 32 bytes.
    """
    scheme, _, rest = uri.partition(":")
    readers = {"file": _from_file, "env": _from_environment, "pkcs11": _from_token}
    if scheme not in readers or not rest:
        raise ConfigurationError(
            "The key URI is of no known kind.",
            why="A key is named by file:PATH, env:NAME or pkcs11:...",
            next_step="Write one of these; never the key itself.",
        )
    return readers[scheme](rest)


def load_secret_text(uri: str, what: str) -> str:
    """The text of a file or environment variable, without white space around it; no part of it is in any error.

    Args:
        uri: ``file:PATH`` or ``env:NAME``.
        what: is named so, for messages.

    Raises:
        ConfigurationError: the URI is of no known kind, or what it names is missing, unreadable or open to others.
    """
    scheme, _, name = uri.partition(":")
    readers = {"file": _read_secret, "env": _environment}
    if scheme not in readers or not name:
        raise ConfigurationError(
            f"The {what} is of no known kind.",
            why="It is file:PATH or env:NAME; a secret in a command would end up in process lists and shell histories.",
            next_step="Name a file of mode 0600 as file:PATH, or a variable as env:NAME.",
        )
    return readers[scheme](name).decode("utf-8", errors="replace").strip()


def generate_key_file(path: Path, entropy: Entropy) -> None:
    """A fresh key in a new file that only its owner can read (mode 0600), as hexadecimal digits.

    Raises:
        OperationalError: the file exists (a key is never replaced) or cannot be written.
    """
    write_secret_file(path, entropy.draw(KEY_BYTES).hex().encode("ascii") + b"\n")


def _from_file(name: str) -> bytes:
    return _decode(_read_secret(name), f"file:{name}")


def _read_secret(name: str) -> bytes:
    try:
        with open_regular(Path(name)) as file:
            found = os.fstat(file.fileno())
            content = file.read(MAX_SECRET_BYTES + 1)
    except ValueError:
        raise _not_a_name("file:", "a file") from None
    except OSError as error:
        if not _is_name_of_file(name):
            raise _not_a_name("file:", "a file") from None  # the system's error repeats the name
        raise ConfigurationError(
            "The file of a secret cannot be read.",
            why=system_reason(error)[0],
            next_step="Check the path, the owner and the permissions.",
            where=f"file:{name}",
        ) from error
    others = stat.S_IRWXG | stat.S_IRWXO
    if found.st_uid == 0 != os.geteuid():
        others &= ~stat.S_IRGRP  # so the administrator hands a key to the processes of one group
    if found.st_mode & others:
        raise ConfigurationError(
            "Others than its owner can read or change the file of a secret.",
            why="Whoever has an index key can test guesses unseen; a holder of a password can read the records.",
            next_step="Run 'chmod 600' on it, and consider the secret known if others could log in.",
            where=f"file:{name}",
        )
    if len(content) > MAX_SECRET_BYTES:
        raise ConfigurationError(
            f"The file of a secret is longer than {MAX_SECRET_BYTES:,} bytes.",
            where=f"file:{name}",
            next_step="Name the file that holds the secret and nothing else.",
        )
    return content


def _from_environment(name: str) -> bytes:
    return _decode(_environment(name), f"env:{name}", raw_allowed=False)


def _environment(name: str) -> bytes:
    value = os.environb.get(os.fsencode(name))
    if value is None and not _is_name_of_variable(name):
        raise _not_a_name("env:", "an environment variable")
    if value is None:
        raise ConfigurationError(
            "The environment variable is not set.",
            next_step="Set it for this process alone.",
            where=f"env:{name}",
        )
    return value


def _is_name_of_variable(name: str) -> bool:
    """Whether a message may repeat it: a name in capital letters, as POSIX has it, and no key's digits."""
    return bool(_VARIABLE.fullmatch(name)) and not _SECRET.search(name)


def _is_name_of_file(name: str) -> bool:
    """Whether a message may repeat it: neither a key's digits nor a connection string."""
    return not _SECRET.search(Path(name).name) and not _CONNECTION.search(name)


def _not_a_name(scheme: str, what: str) -> ConfigurationError:
    """The error of a name that may be the secret itself, which it does not repeat."""
    return ConfigurationError(
        f"What stands behind {scheme} is not the name of {what} that is there.",
        why="It is not repeated here, for it may be the secret itself.",
        next_step="Name the place of the secret. If the secret was written there, consider it known, and replace it.",
    )


def _decode(content: bytes, where: str, *, raw_allowed: bool = True) -> bytes:
    digits = content.strip()
    is_hexadecimal = bool(digits) and all(byte in b"0123456789abcdefABCDEF" for byte in digits)
    if is_hexadecimal and len(digits) == 2 * KEY_BYTES:
        return _drawn(bytes.fromhex(digits.decode("ascii")), where)
    # 32 characters that are all digits are half a key in hexadecimal, not 32 random bytes.
    if raw_allowed and len(content) == KEY_BYTES and not is_hexadecimal:
        return _drawn(content, where)
    raise ConfigurationError(
        "The key does not have 32 bytes.",
        why="It must be 64 hexadecimal digits" + (", or 32 raw bytes." if raw_allowed else "."),
        next_step="Take the file that holds the key; a shorter key is never padded.",
        where=where,
    )


def _drawn(key: bytes, where: str) -> bytes:
    """The key, which is not zeros: a power cut leaves a file of them where its bytes did not reach the disk."""
    if any(key):
        return key
    raise ConfigurationError(
        "The key is all zeros.",
        why="Everybody knows it; its bytes were lost, or never drawn.",
        next_step="Restore the key from its copy. What was made with this one is open to guesses.",
        where=where,
    )


def _from_token(rest: str) -> bytes:
    uri = parse_token_uri(f"pkcs11:{rest}")
    label, module, source = uri.label, uri.module, uri.pin_source
    if uri.token is None or label is None or module is None or source is None:
        raise ConfigurationError(
            "The PKCS#11 URI is incomplete.",
            why="Nobody is at hand to be asked for what it leaves out.",
            next_step="Write pkcs11:token=NAME;object=NAME?module-path=PATH&pin-source=file:PATH",
        )
    where = f"pkcs11:token={uri.token};object={label}"
    try:
        import pkcs11  # noqa: PLC0415 - an optional extra, and slow to load
    except ImportError as error:
        raise ConfigurationError(
            "PKCS#11 support is not installed.",
            next_step="Install it with: pip install 'narrowgate[pkcs11]'",
            where=where,
        ) from error
    pin = load_secret_text(source, "PIN source")
    try:
        token = find_token(uri)
        with token.open(user_pin=pin) as session:
            value = _object_value(session, label)
    except (pkcs11.PKCS11Error, RuntimeError) as error:
        raise ConfigurationError(
            "The token does not give out the key.",
            why=f"PKCS#11 says: {type(error).__name__}.",
            next_step="Check the module, the token and object labels and the PIN source. The object must be "
            "a secret key with CKA_SENSITIVE false.",
            where=where,
        ) from error
    return _decode(value, where)


def _object_value(session: Any, label: str) -> bytes:
    from pkcs11 import Attribute, ObjectClass  # noqa: PLC0415 - an optional extra, and slow to load

    return bytes(session.get_key(object_class=ObjectClass.SECRET_KEY, label=label)[Attribute.VALUE])
