"""PKCS#11 URIs: which object of which token, by which module (RFC 7512).

A URI that ``p11tool`` or ``narrowgate key list`` prints can be used as it is. Attributes that would put a PIN into a
command line (``pin-value``) or run a program (a ``pin-source`` beginning with ``|``) are refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from urllib.parse import quote_from_bytes, unquote_to_bytes

from narrowgate.core.base.errors import ConfigurationError

SCHEME = "pkcs11:"

_TEXTS = frozenset({"token", "object", "serial", "manufacturer", "model"})
_PATH = _TEXTS | {"id", "type", "slot-id"}
_QUERY = frozenset({"module-path", "pin-source"})
_KINDS = frozenset({"private", "cert", "public", "secret-key"})
_UNRESERVED = ":[]@!$'()*+,="
"""What ``pk11-pchar`` of RFC 7512 section 2.3 allows unescaped beside letters, digits and ``-._~``."""


@dataclass(frozen=True, slots=True)
class TokenUri:
    """What a PKCS#11 URI names; an attribute it leaves out is None and says nothing.

    Args:
        token: label of the token.
        serial: serial number of the token.
        manufacturer: of the token.
        model: of the token.
        slot: number of the slot.
        label: of the object (CKA_LABEL).
        identifier: of the object (CKA_ID).
        kind: ``private``, ``cert``, ``public`` or ``secret-key``.
        module: absolute path of the PKCS#11 module.
        pin_source: ``file:PATH`` or ``env:NAME``.
    """

    token: str | None = None
    serial: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    slot: int | None = None
    label: str | None = None
    identifier: bytes | None = None
    kind: str | None = None
    module: str | None = None
    pin_source: str | None = None

    def __str__(self) -> str:
        """The URI without the place of the PIN, fit for messages and for another call."""
        texts = [
            ("token", self.token),
            ("serial", self.serial),
            ("manufacturer", self.manufacturer),
            ("model", self.model),
            ("object", self.label),
        ]
        parts = [f"{name}={_escaped(text.encode())}" for name, text in texts if text is not None]
        if self.slot is not None:
            parts.append(f"slot-id={self.slot}")
        if self.identifier is not None:
            # RFC 7512 section 2.3: the bytes of an id should be escaped, whatever they are.
            parts.append("id=" + "".join(f"%{byte:02X}" for byte in self.identifier))
        if self.kind is not None:
            parts.append(f"type={self.kind}")
        query = f"?module-path={_escaped(self.module.encode(), '/')}" if self.module else ""
        return f"{SCHEME}{';'.join(parts)}{query}"


def is_token_uri(reference: str) -> bool:
    """Whether a key reference names an object of a token; any other is the path of a file."""
    return reference.lower().startswith(SCHEME)


def parse_token_uri(uri: str) -> TokenUri:
    """What the URI names.

    Raises:
        ConfigurationError: it is no PKCS#11 URI, names an attribute twice, one that is not known here or one that is
            not safe, or a value of it cannot be read. The message never holds the value.
    """
    path, _, query = uri[len(SCHEME) :].partition("?")
    if not is_token_uri(uri) or "#" in uri:
        raise _unusable("It is not of the form pkcs11:NAME=VALUE;NAME=VALUE?NAME=VALUE.")
    named = _attributes(path, ";", _PATH) | _attributes(query, "&", _QUERY)
    texts = {name: _text(named.get(name), name) for name in (*_TEXTS, "type", "slot-id", *_QUERY)}
    kind, slot, module = texts["type"], texts["slot-id"], texts["module-path"]
    if kind is not None and kind not in _KINDS:
        raise _unusable(f"Its type is none of {', '.join(sorted(_KINDS))}.")
    if slot is not None and not (slot.isascii() and slot.isdecimal() and len(slot) <= 19):
        raise _unusable("Its slot-id is not a number.")
    if module is not None and not PurePath(module).is_absolute():
        raise _unusable(
            "Its module-path is not an absolute path, so it could be another file in another directory."
        )
    return TokenUri(
        token=texts["token"],
        serial=texts["serial"],
        manufacturer=texts["manufacturer"],
        model=texts["model"],
        slot=None if slot is None else int(slot),
        label=texts["object"],
        identifier=named.get("id"),
        kind=kind,
        module=module,
        pin_source=texts["pin-source"],
    )


def _attributes(text: str, separator: str, known: frozenset[str]) -> dict[str, bytes]:
    values: dict[str, bytes] = {}
    for part in text.split(separator) if text else ():
        name, equals, value = part.partition("=")
        if name == "pin-value":
            raise ConfigurationError(
                "The PKCS#11 URI holds a PIN.",
                why="What is in a command is in process lists and shell histories.",
                next_step="Take pin-value out of it, type the PIN when it is asked for, and change the PIN.",
            )
        if not equals or name not in known:
            raise _unusable(f"This part of it takes {', '.join(sorted(known))}, each with a value.")
        if name in values:
            raise _unusable(f"It names {name} twice.")
        values[name] = unquote_to_bytes(value)
    return values


def _text(value: bytes | None, name: str) -> str | None:
    if value is None:
        return None
    try:
        text = value.decode()
    except UnicodeDecodeError as error:
        raise _unusable(f"The value of {name} is not UTF-8 text.") from error
    if "\0" in text:
        raise _unusable(f"The value of {name} holds a zero byte.")
    return text


def _escaped(value: bytes, more: str = "") -> str:
    return quote_from_bytes(value, _UNRESERVED + more)


def _unusable(why: str) -> ConfigurationError:
    return ConfigurationError(
        "The PKCS#11 URI cannot be used.",
        why=why,
        next_step="Take one that 'narrowgate key list' prints.",
    )
