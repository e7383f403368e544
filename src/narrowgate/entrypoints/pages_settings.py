"""``pages.toml``: how pages are served on a network, and which client certificate is whose."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from narrowgate.adapters.signing.revocation_directory import RevocationDirectory
from narrowgate.core.base.errors import ConfigurationError
from narrowgate.entrypoints.tls_settings import PATHS, are_keys, listen_of, revocation_of, service_table

FILE_NAME: Final = "pages.toml"
_PERSON: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_NAME: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:]+\]")


@dataclass(frozen=True, slots=True)
class PagesSettings:
    """How the pages of one audience are served on a network; paths are relative to the file.

    Args:
        listen: address and port; port 0 takes a free one.
        names: under which browsers call the service, in lower case and without a port; any other is refused.
        certificate: PEM of the server's certificate, chain following.
        key: PEM of its private key.
        client_root: PEM of the one root of client certificates.
        client_authorities: PEM of certificates between that root and the clients', or None.
        revocation: directory of revocation lists, and how old they may be; None only in a sandbox.
        persons: hex SHA-256 of a client's public key, and the person who has it.
    """

    listen: tuple[str, int]
    names: tuple[str, ...]
    certificate: Path
    key: Path
    client_root: Path
    client_authorities: Path | None
    revocation: RevocationDirectory | None
    persons: dict[str, str]


def read_pages_settings(path: Path) -> PagesSettings:
    """The settings of pages on a network, complete and closed.

    Args:
        path: ``pages.toml``, or the directory that holds it.

    Raises:
        ConfigurationError: the file is missing, is not TOML, or a key is missing, unknown or of another form.
    """
    path = path / FILE_NAME if path.is_dir() else path
    try:
        return _settings(service_table(path, others=("names",)), path.parent)
    except ValueError as error:
        raise _unusable(str(error), path) from error


def _settings(table: dict[str, Any], home: Path) -> PagesSettings:
    authorities = table.get("client_authorities")
    return PagesSettings(
        listen=listen_of(table["listen"]),
        names=_names(table["names"]),
        client_authorities=None if authorities is None else home / authorities,
        revocation=revocation_of(table, home),
        persons=_persons(table["client"]),
        **{name: home / table[name] for name in PATHS},
    )


def _names(value: object) -> tuple[str, ...]:
    names = value if isinstance(value, list) else []
    if not names or not all(isinstance(name, str) and _NAME.fullmatch(name) for name in names):
        raise ValueError("'names' is not a list of host names in lower case, without a port")
    return tuple(names)


def _persons(value: object) -> dict[str, str]:
    persons: dict[str, str] = {}
    for entry in value if isinstance(value, list) and value else [None]:
        table = entry if isinstance(entry, dict) else {}
        keys, person = table.get("keys"), table.get("person")
        named = isinstance(person, str) and _PERSON.fullmatch(person)
        if not are_keys(keys) or not named or len(table) != 2:
            raise ValueError(
                "a [[client]] does not name one 'person' and its 'keys' (SHA-256 of public keys)"
            )
        if persons.keys() & set(keys):
            raise ValueError("a client key is bound to two persons")
        persons |= dict.fromkeys(keys, str(person))
    return persons


def _unusable(problem: str, path: Path) -> ConfigurationError:
    return ConfigurationError(
        f"The settings of the pages cannot be used: {problem}.",
        next_step="Correct pages.toml; 'narrowgate docs pages-settings' lists its keys.",
        where=str(path),
    )
