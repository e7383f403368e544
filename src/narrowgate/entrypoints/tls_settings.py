"""What the settings of every service with mutual TLS have alike, and what they make: a context, and who is let in."""

from __future__ import annotations

import re
import ssl
import tomllib
from collections.abc import Collection, Mapping
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeGuard

from narrowgate.adapters.files.regular import read_regular
from narrowgate.adapters.http.mutual_tls import server_context
from narrowgate.adapters.signing.certificates import load_certificates, load_root
from narrowgate.adapters.signing.client_certificates import ClientCertificates
from narrowgate.adapters.signing.revocation_directory import MAX_AGE, RevocationDirectory
from narrowgate.core.base.closed_document import SHA256
from narrowgate.core.base.shown import key_shown

MAX_AGE_DAYS: Final = "revocation_max_age_days"
_LISTEN: Final = re.compile(r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})")


PATHS: Final = ("certificate", "key", "client_root")
"""Keys of the settings of every such service that name a file."""

_TEXTS: Final = (*PATHS, "client_authorities", "revocation", "listen")
_KNOWN: Final = frozenset((*_TEXTS, "client", "sandbox", MAX_AGE_DAYS))
_REQUIRED: Final = frozenset((*PATHS, "listen", "client"))
_OLDEST_LIST: Final = MAX_AGE.days, 366


def service_table(
    path: Path,
    *,
    texts: Collection[str] = (),
    others: Collection[str] = (),
    bounds: Mapping[str, tuple[int, int]] = MappingProxyType({}),
) -> dict[str, Any]:
    """The settings of a service, with every key known and those that all services have of the right form.

    Args:
        path: the file.
        texts: what this service needs besides, each a text.
        others: what it needs besides, of a form that its own reader looks at.
        bounds: its numbers: the default of each, and the most that it can be.

    Raises:
        ValueError: the file cannot be read as TOML, or a key is missing, unknown or of another form; it says all.
    """
    try:
        table = tomllib.loads(read_regular(path).decode("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ValueError("it cannot be read as TOML") from error
    numbers = {**bounds, MAX_AGE_DAYS: _OLDEST_LIST}
    own = {*texts, *others}
    problems = [
        f"{key_shown(key)} is unknown" for key in sorted(table.keys() - _KNOWN - own - numbers.keys())
    ]
    problems += [f"'{key}' is missing" for key in sorted((_REQUIRED | own) - table.keys())]
    problems += [
        f"'{key}' is not text" for key in (*texts, *_TEXTS) if not isinstance(table.get(key, ""), str)
    ]
    problems += [
        f"'{key}' is not a number from 1 to {most:,}"
        for key, (usual, most) in numbers.items()
        if type(table.get(key, usual)) is not int or not 1 <= table.get(key, usual) <= most
    ]
    if problems:
        raise ValueError("; ".join(problems))
    return table


def listen_of(text: str) -> tuple[str, int]:
    """Address and port.

    Raises:
        ValueError: it is another text; the message says so.
    """
    found = _LISTEN.fullmatch(text)
    if found is None or int(found[2]) > 65_535:
        raise ValueError("'listen' is not an address and a port such as 10.0.0.7:8443")
    return found[1].strip("[]"), int(found[2])


def revocation_of(table: Mapping[str, Any], home: Path) -> RevocationDirectory | None:
    """The directory of revocation lists; nothing only in a sandbox.

    Args:
        table: of the settings; how many days a list may be old was looked at.
        home: that paths are relative to.

    Raises:
        ValueError: it is missing.
    """
    if "revocation" in table:
        days = table.get(MAX_AGE_DAYS, MAX_AGE.days)
        return RevocationDirectory(home / table["revocation"], timedelta(days=days))
    if table.get("sandbox") is True:
        return None
    raise ValueError("'revocation' is missing: without lists a stolen certificate goes on working")


def are_keys(value: object) -> TypeGuard[list[str]]:
    """Whether it is a list of the SHA-256 of public keys, one at least."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(key, str) and SHA256.fullmatch(key) for key in value)
    )


def client_side(
    certificate: Path,
    key: Path,
    client_root: Path,
    client_authorities: Path | None,
    revocation: RevocationDirectory | None,
) -> tuple[ssl.SSLContext, ClientCertificates]:
    """The context of a server, and what looks at the certificates that its clients show.

    Args:
        certificate: PEM of the server's certificate, chain following.
        key: PEM of its private key.
        client_root: PEM of the one root of client certificates.
        client_authorities: PEM of certificates between that root and the clients', or None.
        revocation: directory of revocation lists; None only in a sandbox.

    Raises:
        ConfigurationError: a certificate or key cannot be used.
    """
    context = server_context(certificate, key, client_root)
    between = () if client_authorities is None else load_certificates(client_authorities)
    if client_authorities is not None:
        context.load_verify_locations(client_authorities)
    return context, ClientCertificates(load_root(client_root), between, revocation)
