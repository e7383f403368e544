"""From settings to a gate that is ready to run; everything is checked before a package is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from time import sleep
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from narrowgate.adapters.attendant import ThreadAttendant
from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.adapters.files.checkpoint_file import CheckpointFile
from narrowgate.adapters.files.fence import Fence
from narrowgate.adapters.files.log_tiles import TileLog
from narrowgate.adapters.files.officers import OfficerRegister
from narrowgate.adapters.files.outbox import DirectoryOutbox
from narrowgate.adapters.files.vault import DirectoryVault
from narrowgate.adapters.keys import load_secret_key, load_secret_text
from narrowgate.adapters.sealing.officer_certificates import OfficerCertificates
from narrowgate.adapters.signing.certificates import load_root
from narrowgate.adapters.signing.index_signature import custodian_only
from narrowgate.adapters.signing.revocation_directory import RevocationDirectory
from narrowgate.adapters.signing.signature_verifier import RootVerifier
from narrowgate.adapters.state.connection import database_file
from narrowgate.adapters.state.sql_state import SqlState
from narrowgate.adapters.time_zones import time_zone
from narrowgate.adapters.token_process import TokenProcesses
from narrowgate.adapters.workers import workers_for
from narrowgate.core.base.errors import ConfigurationError, InUseError
from narrowgate.core.log.file_names import SET_ASIDE
from narrowgate.core.log.note import NoteSigner
from narrowgate.core.matching.token import IndexKey
from narrowgate.entrypoints.act_orders import ActOrders
from narrowgate.entrypoints.acts import books_over
from narrowgate.entrypoints.cluster import warn_of_strangers
from narrowgate.entrypoints.governed import REGISTERS, Governed
from narrowgate.entrypoints.output import note, warn
from narrowgate.entrypoints.recalls_seen_to import require_forgotten
from narrowgate.entrypoints.settings import GateSettings
from narrowgate.gate.abandon import end_abandoned, require_abandonable
from narrowgate.gate.holds import take_effect
from narrowgate.gate.ports import Attendant, Clock, ConfirmationIndex
from narrowgate.gate.release import ReleaseDesk
from narrowgate.gate.run import Gate, GateKeys
from narrowgate.gate.step_05_receive import log_begun
from narrowgate.governance.books import Books
from narrowgate.index.integrity import VerifySignature

PATIENCE = 2.0
"""Seconds for which a gate waits for a release that is being made."""

_PAUSE = 0.1

SANDBOX_ORIGIN = "narrowgate.sandbox/"


@contextmanager
def opened_gate(settings: GateSettings, clock: Clock) -> Iterator[Gate]:
    """The gate of ``opened_work``, for whoever tells the intake nothing."""
    with opened_work(settings, clock) as (gate, _):
        yield gate


@contextmanager
def opened_work(
    settings: GateSettings,
    clock: Clock,
    attendant: Attendant | None = None,
    kept: TokenProcesses | None = None,
) -> Iterator[tuple[Gate, Fence | None]]:
    """A gate whose agreement, log and state are open, and the fence of its state on a server.

    Its keys open after step 4, its index after step 7.

    Args:
        settings: from ``gate.toml``.
        clock: asked once a package.
        attendant: looks for holds while slow work is done; one with a thread where none is named.
        kept: the processes with the index key, of a gate that was open before; they are left as they are.

    Raises:
        ConfigurationError: an agreement, key, register or list cannot be used.
        LogInconsistentError: the log's end does not fit its checkpoint.
        OperationalError: another process holds the log or the state.
    """
    if settings.sandbox is not settings.log_origin.startswith(SANDBOX_ORIGIN):
        raise ConfigurationError(
            f"Only a sandbox's log, and every sandbox's log, has an origin that begins with {SANDBOX_ORIGIN}.",
            why="Whoever is shown an answer must see from its log whether it is a real one.",
            next_step="Correct 'sandbox' or 'log_origin' in gate.toml.",
        )
    with (
        opened_books(settings, patience=PATIENCE) as (log, state),
        workers_for(settings.workers) as workers,
        _lent(kept) if kept is not None else token_processes(settings) as tokens,
    ):
        governed = Governed(settings, log, state)
        require_forgotten(governed.verified(), settings)
        governed.require_complete(clock.now())
        governed.require_history(state.log_size())
        agreement = governed.agreement(clock.now())
        verifier = RootVerifier(
            settings.trust_root, settings.revocation, settings.card_policies, agreement.timestamp_authority
        )
        orders = ActOrders(governed.books)
        outbox = DirectoryOutbox(settings.answers, settings.staging, state.fence)
        _take_effect(governed.books, state, log, outbox)
        gate = Gate(
            clock=clock,
            agreement=agreement,
            agreement_in_force=lambda: governed.agreement(clock.now()),
            verifier=verifier,
            officers=governed.officers(clock.now()),
            facilities=governed.facilities(agreement, clock.now()),
            state=state,
            log=log,
            log_origin=settings.log_origin,
            vault=DirectoryVault(settings.vault, SystemEntropy(), state.fence),
            hold_orders=orders,
            outbox=outbox,
            workers=workers,
            open_keys=lambda: gate_keys(settings, tokens),
            open_index=lambda key_id: governed.in_force_index(
                open_index(governed.located(clock.now()), key_id, clock.now()), clock.now()
            ),
            attendant=attendant or ThreadAttendant(),
            time_zone=time_zone,
            cosigned=governed.cosigned,
            recalled=governed.recalled,
        )
        yield gate, state.fence


@contextmanager
def opened_release_desk(settings: GateSettings, clock: Clock) -> Iterator[ReleaseDesk]:
    """What releases need: log, state, outbox and what is in force; neither index nor any of the gate's secret keys.

    Raises: as ``opened_books``; ConfigurationError also for the staging directory.
    """
    with opened_books(settings) as (log, state):
        governed = Governed(settings, log, state)
        outbox = DirectoryOutbox(settings.answers, settings.staging, state.fence)
        _take_effect(governed.books, state, log, outbox)
        yield ReleaseDesk(
            clock=clock,
            state=state,
            log=log,
            outbox=outbox,
            hold_orders=ActOrders(governed.books),
            agreement_in_force=lambda: governed.agreement(clock.now()),
            time_zone=time_zone,
            cosigned=governed.cosigned,
            recalled=governed.recalled,
        )


@contextmanager
def opened_books(settings: GateSettings, patience: float = 0) -> Iterator[tuple[TileLog, SqlState]]:
    """The log and the state of a gate, which this process alone holds.

    Args:
        settings: from ``gate.toml``.
        patience: seconds for which it waits until another process lets go of them.

    Raises:
        InUseError: another process holds one of them.
        LogInconsistentError, OperationalError, ConfigurationError: one of them cannot be used.
    """
    with ExitStack() as books:
        while True:
            try:
                log, state = _enter_books(books, settings)
                break
            except InUseError:
                books.close()
                if patience <= 0:
                    raise
                sleep(_PAUSE)
                patience -= _PAUSE
        _report_recovery(log, settings)
        yield log, state


def _enter_books(books: ExitStack, settings: GateSettings) -> tuple[TileLog, SqlState]:
    signer, keeper = log_signer(settings), CheckpointFile(settings.checkpoints)
    url = state_url(settings)
    if database_file(url) is None:  # the lock on the server comes first: its fence guards the log
        state = books.enter_context(SqlState.open(url))
        return books.enter_context(TileLog.open(settings.log, signer, keeper, state.fence)), state
    log = books.enter_context(TileLog.open(settings.log, signer, keeper))
    return log, books.enter_context(SqlState.open(url))


@contextmanager
def opened_acts(settings: GateSettings, revocation: RevocationDirectory | None) -> Iterator[Books]:
    """The books over the log of the gate, which this process holds; a package that has begun has its leaf.

    What was applied has its effect on the state when they are closed.

    Args:
        settings: from ``gate.toml``.
        revocation: lists that the signers are looked up in; none for what brakes.

    Raises: as ``opened_books``.
    """
    with opened_books(settings) as (log, state):
        log_begun(state, log)
        outbox = DirectoryOutbox(settings.answers, settings.staging, state.fence)
        books = books_over(
            settings,
            log,
            state,
            revocation,
            lambda package_id: require_abandonable(package_id, state, outbox),
        )
        yield books
        _take_effect(books, state, log, outbox)


def _take_effect(books: Books, state: SqlState, log: TileLog, outbox: DirectoryOutbox) -> None:
    """What the acts in the log say has its effect on state and outbox: after every act, and whenever a gate opens."""
    take_effect(ActOrders(books), state)
    end_abandoned(books.in_force().abandoned, state, log, outbox)


def state_url(settings: GateSettings) -> str:
    """The URL of the state; one that carries a password is read from where the settings say.

    Raises: as ``read_state_url``.
    """
    return read_state_url(settings.state)


def read_state_url(state: str) -> str:
    """The URL that ``state`` is, or says where to read.

    Raises:
        ConfigurationError: the file or variable is missing or unreadable, others can read the file, or it is empty.
    """
    if not state.startswith(("env:", "file:")):
        return state
    url = load_secret_text(state, "database URL of the state")
    if not url:
        raise ConfigurationError(
            "The database URL of the state is empty.",
            next_step="Write an SQLAlchemy URL there, such as postgresql+psycopg://gate@localhost/narrowgate.",
            where=state,
        )
    return url


def _report_recovery(log: TileLog, settings: GateSettings) -> None:
    """Tell the operator what opening the log found beyond its checkpoint; an inspector finds it in the log."""
    if log.completed:
        note(f"An append that was cut off is completed: {log.completed:,} leaves.")
    if log.set_aside:
        warn(
            f"{log.set_aside} files beyond the log's checkpoint are set aside in {settings.log / SET_ASIDE}: an append "
            "was cut off, or an older log and second place were put back. Keep them.",
            "log-set-aside",
        )


def load_officers(settings: GateSettings, file: Path, at: datetime) -> OfficerRegister:
    """The register of a CSV, of which every certificate leads to the agreed root and holds at ``at``; not in force.

    Raises:
        ConfigurationError: the register has a fault: the message names each officer and file; or the revocation
            directory is missing or unreadable.
        UnavailableError: there is no fresh revocation evidence about an authority of the register.
    """
    evidence = None if settings.revocation is None else settings.revocation.read()
    accept = OfficerCertificates(load_root(settings.trust_root), at, evidence)
    return OfficerRegister.load(file, accept, settings.vault / REGISTERS)


@contextmanager
def token_processes(settings: GateSettings) -> Iterator[TokenProcesses]:
    """As many processes with the index key as the gate has workers; they start when they are first needed."""
    processes = TokenProcesses(settings.index_key, settings.workers)
    try:
        yield processes
    finally:
        processes.close()


@contextmanager
def _lent(kept: TokenProcesses) -> Iterator[TokenProcesses]:
    """Processes that somebody else ends."""
    yield kept


def gate_keys(settings: GateSettings, tokens: TokenProcesses) -> GateKeys:
    """The three keys of a gate, which are three; the index key is read by its own processes and by no other.

    Raises:
        ConfigurationError: a key cannot be read, or one is used for two purposes.
    """
    history, commitment = load_secret_key(settings.history_key), load_secret_key(settings.commitment_key)
    # Two keys are compared by what may be known of them.
    if len({tokens.key_id(), IndexKey(history).key_id, IndexKey(commitment).key_id}) < 3:
        raise ConfigurationError(
            "Two of the gate's keys are the same key.",
            why="Each has one purpose; whoever learns one of them must not have another one, too.",
            next_step="Name three different keys as index_key, history_key and commitment_key.",
        )
    return GateKeys(tokens, history, commitment)


def open_index(settings: GateSettings, key_id: str, now: datetime) -> ConfirmationIndex:
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
            store=settings.index_store,
        )
        warn_of_strangers(settings.master)
        return opened
    # A database engine: of all that opens a gate's books, only a package that is decided needs one.
    from narrowgate.adapters.engines.duckdb.duckdb_index import DuckDBIndex  # noqa: PLC0415

    return DuckDBIndex.open(
        settings.index,
        key_id,
        spill=settings.spill,
        verify=verify,
        memory_limit=settings.memory_limit,
        threads=settings.workers,
        store=settings.index_store,
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
    return custodian_only(
        settings.index_root, settings.index_signer, now, str(settings.index), settings.revocation
    )


def spark_index() -> Any:
    """The index class of the cluster engine.

    Raises:
        ConfigurationError: the extra is not installed.
    """
    try:
        from narrowgate.adapters.engines.spark.spark_index import SparkIndex  # noqa: PLC0415 - an optional extra
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
