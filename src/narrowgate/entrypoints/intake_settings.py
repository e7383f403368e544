"""``intake.toml``: where packages arrive, where answers lie, and which client speaks for which office."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from narrowgate.adapters.signing.revocation_directory import RevocationDirectory
from narrowgate.core.base.errors import ConfigurationError
from narrowgate.core.request.office import Office
from narrowgate.entrypoints.tls_settings import PATHS, are_keys, listen_of, revocation_of, service_table

FILE_NAME: Final = "intake.toml"


@dataclass(frozen=True, slots=True)
class IntakeSettings:
    """The places and bounds of one intake; paths are relative to the file.

    Args:
        listen: address and port; port 0 takes a free one.
        directory: where packages arrive; the intake alone writes there.
        notices: where the gate says what became of them; the gate alone writes there.
        answers: where released answers appear, as ``answers`` in ``gate.toml``.
        certificate: PEM of the server's certificate, chain following.
        key: PEM of its private key.
        client_root: PEM of the one root of client certificates: the requester's.
        client_authorities: PEM of certificates between that root and the clients', or None.
        revocation: directory of revocation lists, and how old they may be; None only in a sandbox.
        clients: hex SHA-256 of a client's public key, and the office that it speaks for.
        max_package_bytes: of the rows of one package.
        max_uploads: packages of one office that may be unfinished at a time.
        requests_per_minute: of one client, on average.
    """

    listen: tuple[str, int]
    directory: Path
    notices: Path
    answers: Path
    certificate: Path
    key: Path
    client_root: Path
    client_authorities: Path | None
    revocation: RevocationDirectory | None
    clients: dict[str, Office]
    max_package_bytes: int
    max_uploads: int
    requests_per_minute: int


_DIRECTORIES: Final = ("directory", "notices", "answers")
_BOUNDS: Final = {
    "max_package_bytes": (4 << 30, 1 << 40),
    "max_uploads": (16, 10_000),
    "requests_per_minute": (3_000, 1_000_000),
}
"""The default of each, and the most that it can be."""


def read_intake_settings(path: Path) -> IntakeSettings:
    """The settings of an intake, complete and closed.

    Args:
        path: ``intake.toml``, or the directory that holds it.

    Raises:
        ConfigurationError: the file is missing, is not TOML, or a key is missing, unknown or of another form.
    """
    path = path / FILE_NAME if path.is_dir() else path
    try:
        return _settings(service_table(path, texts=_DIRECTORIES, bounds=_BOUNDS), path.parent)
    except ValueError as error:
        raise _unusable(str(error), path) from error


def _settings(table: dict[str, Any], home: Path) -> IntakeSettings:
    authorities = table.get("client_authorities")
    return IntakeSettings(
        listen=listen_of(table["listen"]),
        client_authorities=None if authorities is None else home / authorities,
        revocation=revocation_of(table, home),
        clients=_clients(table["client"]),
        **{name: home / table[name] for name in (*_DIRECTORIES, *PATHS)},
        **{name: table.get(name, usual) for name, (usual, _) in _BOUNDS.items()},
    )


def _clients(value: object) -> dict[str, Office]:
    entries = value if isinstance(value, list) and value else [None]
    clients: dict[str, Office] = {}
    for entry in entries:
        table = entry if isinstance(entry, dict) else {}
        keys, office = table.get("keys"), table.get("office")
        if not are_keys(keys) or office not in tuple(Office) or len(table) != 2:
            raise ValueError(
                "a [[client]] does not name one 'office' and its 'keys' (SHA-256 of public keys)"
            )
        if clients.keys() & set(keys):
            raise ValueError("a client key is bound to two offices")
        clients |= dict.fromkeys(keys, Office(office))
    return clients


def _unusable(problem: str, path: Path) -> ConfigurationError:
    return ConfigurationError(
        f"The settings of the intake cannot be used: {problem}.",
        next_step="Correct intake.toml; 'narrowgate docs intake-settings' lists its keys.",
        where=str(path),
    )
