"""From settings to a gate that is ready to run; everything is checked before a package is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from narrowgate.adapters.certificates import load_certificates, public_key_sha256
from narrowgate.adapters.facility_list import read_facility_list
from narrowgate.adapters.index.duckdb_index import DuckDBIndex
from narrowgate.adapters.index.integrity import VerifySignature
from narrowgate.adapters.keys import load_secret_key
from narrowgate.adapters.log_tiles import TileLog
from narrowgate.adapters.officers import OfficerRegister
from narrowgate.adapters.outbox import DirectoryOutbox
from narrowgate.adapters.signature_verifier import RootVerifier
from narrowgate.adapters.state.sql_state import SqlState
from narrowgate.adapters.workers import workers_for
from narrowgate.core.agreement.model import Agreement
from narrowgate.core.agreement.parse import parse_agreement, require_real
from narrowgate.core.errors import ConfigurationError
from narrowgate.core.log.note import NoteSigner
from narrowgate.core.mapping import Mapping, parse_mapping
from narrowgate.core.token import IndexKey
from narrowgate.entrypoints.settings import GateSettings
from narrowgate.gate.ports import Clock, ConfirmationIndex
from narrowgate.gate.run import Gate, GateKeys

SANDBOX_ORIGIN = "narrowgate.sandbox/"


@contextmanager
def opened_gate(settings: GateSettings, clock: Clock) -> Iterator[Gate]:
    """A gate whose agreement, keys, log and state are open; its index opens in step 9 and not before.

    Args:
        settings: from ``gate.toml``.
        clock: asked once a package.

    Raises:
        ConfigurationError: an agreement, key, register or list cannot be used.
        LogInconsistentError: the log's end does not fit its checkpoint.
        OperationalError: another process holds the log or the state.
    """
    agreement = read_agreement(settings.agreement)
    if not settings.sandbox:
        require_real(agreement, str(settings.agreement))
    if settings.sandbox is not settings.log_origin.startswith(SANDBOX_ORIGIN):
        raise ConfigurationError(
            f"Only a sandbox's log, and every sandbox's log, has an origin that begins with {SANDBOX_ORIGIN}.",
            why="Whoever is shown an answer must see from its log whether it is a real one.",
            next_step="Correct 'sandbox' or 'log_origin' in gate.toml.",
        )
    keys = GateKeys(
        index=IndexKey(load_secret_key(settings.index_key)),
        history=load_secret_key(settings.history_key),
        commitment=load_secret_key(settings.commitment_key),
    )
    officers = OfficerRegister(settings.officers)
    verifier = RootVerifier(settings.trust_root)
    facilities = read_facilities(agreement, settings.facility_list)
    with TileLog.open(settings.log, log_signer(settings)) as log, SqlState.open(settings.state) as state:
        yield Gate(
            clock=clock,
            agreement=agreement,
            verifier=verifier,
            officers=officers,
            facilities=facilities,
            state=state,
            log=log,
            log_origin=settings.log_origin,
            open_index=lambda: _open_index(settings, keys.index.key_id, clock.now()),
            outbox=DirectoryOutbox(settings.answers),
            workers=workers_for(settings.workers),
            keys=keys,
        )


def _open_index(settings: GateSettings, key_id: str, now: datetime) -> ConfirmationIndex:
    """The index on the engine of the settings, its manifest's signature verified; no data file is read yet."""
    verify = index_verifier(settings, now)
    if settings.engine == "spark":
        opened: ConfirmationIndex = spark_index().open(
            settings.index,
            key_id,
            master=settings.master,
            spill=settings.spill,
            verify=verify,
            memory_limit=settings.memory_limit,
        )
        return opened
    return DuckDBIndex.open(
        settings.index,
        key_id,
        spill=settings.spill,
        verify=verify,
        memory_limit=settings.memory_limit,
        threads=settings.workers,
    )


def index_verifier(settings: GateSettings, now: datetime) -> VerifySignature | None:
    """What an index manifest's signature must satisfy: made with the custodian's own certificate, valid now.

    Returns:
        None only in a sandbox that names no signer.

    Raises:
        ConfigurationError: a real gate names no signer, or a file holds no certificate.
    """
    if settings.index_root is None or settings.index_signer is None:
        if settings.sandbox:
            return None
        raise ConfigurationError(
            "The gate does not say who signs its indexes.",
            why="An index that anyone could have made says nothing about tax records.",
            next_step="Name 'index_root' and 'index_signer' in gate.toml.",
        )
    verifier = RootVerifier(settings.index_root)
    expected = public_key_sha256(load_certificates(settings.index_signer)[0])

    def verify(manifest: bytes, signature: bytes) -> None:
        if verifier.verify(manifest, signature, now).public_key_sha256 != expected:
            raise ConfigurationError(
                "The index was signed by another key than the custodian's.",
                next_step="Put the index in force that the custodian built.",
                where=str(settings.index),
            )

    return verify


def spark_index() -> Any:
    """The index class of the cluster engine.

    Raises:
        ConfigurationError: the extra is not installed.
    """
    try:
        from narrowgate.adapters.spark.spark_index import SparkIndex  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        raise ConfigurationError(
            "Spark is not installed.",
            why="It is an extra: most machines do not need it.",
            next_step="Install narrowgate[spark] and Java 17, or set engine = 'embedded'.",
        ) from error
    return SparkIndex


def log_signer(settings: GateSettings) -> NoteSigner:
    """The signer of the log's checkpoints."""
    seed = load_secret_key(settings.log_key)
    return NoteSigner.ed25519(settings.log_origin, Ed25519PrivateKey.from_private_bytes(seed))


def read_agreement(path: Path) -> Agreement:
    """The agreement of a file, inside the code's ceilings.

    Raises:
        ConfigurationError: the file cannot be read, or is no agreement.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            "The agreement cannot be read.", why=f"The system says: {error.strerror}.", where=str(path)
        ) from error
    return parse_agreement(text, str(path))


def read_mapping(path: Path) -> Mapping:
    """The mapping of a TOML file, every role of it allowed.

    Raises:
        ConfigurationError: the file cannot be read, is not UTF-8 text, or is no mapping.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            "The mapping is not UTF-8 text.", next_step="Save it as UTF-8.", where=str(path)
        ) from error
    except OSError as error:
        raise ConfigurationError(
            "The mapping cannot be read.", why=f"The system says: {error.strerror}.", where=str(path)
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
        content = path.read_bytes()
    except OSError as error:
        raise ConfigurationError("The facility list cannot be read.", where=str(path)) from error
    if sha256(content).hexdigest() != named.sha256:
        raise ConfigurationError(
            "The facility list is not the one the agreement names.",
            why="Its digest differs from the agreement's.",
            next_step="Restore the file, or amend the agreement.",
            where=str(path),
        )
    return read_facility_list(path)
