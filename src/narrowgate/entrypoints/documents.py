"""The documents that commands are given, read from files; apart from the gate's parts, which load slowly."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from narrowgate.adapters.files.facility_list import read_facility_list
from narrowgate.adapters.files.regular import MAX_DOCUMENT_BYTES, read_regular
from narrowgate.adapters.time_zones import time_zone
from narrowgate.core.agreement.model import Agreement
from narrowgate.core.agreement.parse import parse_agreement
from narrowgate.core.base.errors import ConfigurationError
from narrowgate.core.base.system_errors import refused_by_system, system_reason
from narrowgate.core.log.note import VerifierKey
from narrowgate.core.taxfile.mapping import Mapping, parse_mapping


def read_agreement(path: Path) -> Agreement:
    """The agreement of a file, inside the code's ceilings.

    Raises:
        ConfigurationError: the file cannot be read, or is no agreement.
    """
    try:
        text = read_regular(path)
    except OSError as error:
        raise ConfigurationError(
            "The agreement cannot be read.",
            why=system_reason(error)[0],
            where=str(path),
            next_step=system_reason(error)[1],
        ) from error
    return agreement_of(text, str(path))


def agreement_of(text: bytes, where: str) -> Agreement:
    """The agreement of a file's bytes, inside the code's ceilings, with a time zone that there is.

    Raises:
        ConfigurationError: it is no agreement.
    """
    agreement = parse_agreement(text, where)
    time_zone(agreement.release.time_zone)
    return agreement


def read_mapping(path: Path) -> Mapping:
    """The mapping of a TOML file, every role of it allowed.

    Raises:
        ConfigurationError: the file cannot be read, is not UTF-8 text, or is no mapping.
    """
    try:
        text = read_regular(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            "The mapping is not UTF-8 text.", next_step="Save it as UTF-8.", where=str(path)
        ) from error
    except OSError as error:
        raise ConfigurationError(
            "The mapping cannot be read.",
            why=system_reason(error)[0],
            where=str(path),
            next_step=system_reason(error)[1],
        ) from error
    return parse_mapping(text, str(path))


def read_facilities(agreement: Agreement, path: Path | None) -> frozenset[str]:
    """The keys of the facilities that the agreement names; the list is the one it names, byte for byte.

    Raises:
        ConfigurationError: the agreement names a list and none is given, or another one.
    """
    named = agreement.addresses.facility_list
    if named is None:
        return frozenset()
    if path is None:
        raise ConfigurationError(
            f"The agreement names the facility list {named.file}, and none is given.",
            next_step="Name it as 'facility_list' in gate.toml.",
        )
    try:
        content = read_regular(path)
    except OSError as error:
        raise ConfigurationError(
            "The facility list cannot be read.", where=str(path), next_step=system_reason(error)[1]
        ) from error
    if sha256(content).hexdigest() != named.sha256:
        raise ConfigurationError(
            "The facility list is not the one the agreement names.",
            why="Its digest differs from the agreement's.",
            next_step="Restore the file, or amend the agreement.",
            where=str(path),
        )
    return read_facility_list(path)


def read_facilities_of(agreement: Agreement, file: Path) -> frozenset[str]:
    """The keys of the facilities that the agreement in ``file`` names; their list lies beside it.

    Raises:
        ConfigurationError: the list is missing, or is not the one that the agreement names.
    """
    named = agreement.addresses.facility_list
    return read_facilities(agreement, file.parent / named.file if named else None)


def read_log_key(path: Path) -> VerifierKey:
    """The key of a ``log.vkey`` file.

    Raises:
        ConfigurationError: the file cannot be read, or holds no such key.
    """
    try:
        return VerifierKey.parse(read_regular(path).decode("utf-8").rstrip("\n"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            "The log's key cannot be read.",
            where=str(path),
            next_step="Name the log.vkey that the custodian published.",
        ) from error
    except ConfigurationError as error:
        raise ConfigurationError(
            error.what,
            why=error.why,
            next_step="Name the log.vkey that the custodian published.",
            where=str(path),
        ) from error


def read_file(path: Path, most: int = MAX_DOCUMENT_BYTES) -> bytes:
    """The bytes of a regular file.

    Args:
        path: the file.
        most: bytes it may have.

    Raises:
        OperationalError: the file cannot be read; the message says why.
    """
    try:
        return read_regular(path, most)
    except OSError as error:
        raise refused_by_system(error, "The file cannot be read.", where=str(path)) from error


def read_text_file(path: Path) -> str:
    """The text of a file in UTF-8.

    Raises:
        ConfigurationError: the file cannot be read, or is no text.
    """
    try:
        return read_regular(path).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            "The file cannot be read as text.",
            next_step="Name a text file that can be read.",
            where=str(path),
        ) from error
