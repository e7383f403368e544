"""A production gate from nothing: directories, keys, settings, charter, log and state."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from narrowgate.adapters.files.checkpoint_file import CheckpointFile
from narrowgate.adapters.files.durable_files import failed, sync_directory, write_durably
from narrowgate.adapters.files.governance_directory import GovernanceDirectory
from narrowgate.adapters.files.log_tiles import TileLog
from narrowgate.adapters.files.regular import read_regular
from narrowgate.adapters.keys import generate_key_file
from narrowgate.adapters.signing.certificates import (
    certificate_sha256,
    load_certificates,
    load_root,
    public_key_sha256,
)
from narrowgate.adapters.state.sql_state import SqlState
from narrowgate.core.base.errors import ConfigurationError, UsageError
from narrowgate.core.base.shown import key_shown
from narrowgate.core.governance.charter import (
    Charter,
    CustodyOfficer,
    Predecessor,
    parse_charter,
    render_charter,
)
from narrowgate.core.governance.in_force import InForce
from narrowgate.core.log.checkpoint import verify_checkpoint
from narrowgate.core.log.file_names import CHECKPOINT, KEY_FILE
from narrowgate.entrypoints.acts import books_over
from narrowgate.entrypoints.bootstrap import log_signer, opened_books
from narrowgate.entrypoints.documents import read_log_key, read_text_file
from narrowgate.entrypoints.settings import FILE_NAME, GateSettings, read_settings
from narrowgate.gate.ports import Entropy
from narrowgate.governance.found import found

KEYS: Final = ("index", "history", "commitment", "log")
"""One key for each purpose."""

PRIVATE: Final = ("keys", "vault", "staging", "spill")
"""Directories that only the gate's own user may open."""

SHARED: Final = ("governance", "answers")

_TEXT: Final = re.compile(r"[^\x00-\x1f\x7f\"\\]{1,500}")


@dataclass(frozen=True, slots=True)
class FoundingOfficer:
    """A custody officer to be: id, function, and the certificates of the person's cards."""

    id: str
    function: str
    certificates: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Founding:
    """What is asked of those who found a gate.

    Args:
        gate: name of the gate.
        log_origin: name of the log, such as ``gate.tax.example/log``.
        custodian_root: PEM of the root of the custody officers' certificates.
        trust_root: PEM of the root that both sides agreed on for officials and officers.
        requester_signatory: PEMs of those who sign agreements and registers for the requester.
        index_signer: PEM of the certificate that signs indexes; under the custodian's root.
        revocation: directory of revocation lists; none only in a sandbox.
        officers: at least three.
        quorum: at least two.
        checkpoints: the log's second place.
        checkpoint_copy: where that is, in words.
        keys: purpose to URI; a key without one is made as a file.
        sandbox: only with throw-away keys.
        revocation_days: how old a revocation list may be.
        workers: processes.
        index: directory of the index.
        witnesses: files with the verifier keys of those who cosign checkpoints; may be none.
        witness_quorum: how many of them must before answers leave; 0 where there are none.
        predecessor: directory of the log that this one follows, read only; none for a gate's first log.
    """

    gate: str
    log_origin: str
    custodian_root: Path
    trust_root: Path
    requester_signatory: tuple[Path, ...]
    index_signer: Path
    officers: tuple[FoundingOfficer, ...]
    quorum: int
    checkpoints: Path
    checkpoint_copy: str
    revocation: Path | None
    keys: Mapping[str, str] = field(default_factory=dict)
    sandbox: bool = False
    revocation_days: int = 7
    workers: int = 1
    index: str = "index"
    witnesses: tuple[Path, ...] = ()
    witness_quorum: int = 0
    predecessor: Path | None = None


_OPTIONAL: Final = frozenset(
    {"keys", "workers", "sandbox", "revocation", "witnesses", "witness_quorum", "predecessor"}
)


def read_founding(path: Path) -> Founding:
    """The founding of a TOML file; its paths are relative to it.

    Raises:
        ConfigurationError: the file cannot be read, or a key is missing, unknown or of another type.
    """
    try:
        table = tomllib.loads(read_regular(path).decode("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigurationError(
            "The founding cannot be read.",
            why=f"{type(error).__name__}; it must be a TOML file.",
            next_step="Name a founding.toml; 'narrowgate custodian found --help' lists its keys.",
            where=str(path),
        ) from error
    required = {
        "gate", "log_origin", "custodian_root", "trust_root", "requester_signatory", "index_signer", "officer",
        "quorum", "checkpoints", "checkpoint_copy",
    }  # fmt: skip
    problems = [f"'{key}' is missing" for key in sorted(required - table.keys())]
    problems += [f"{key_shown(key)} is unknown" for key in sorted(table.keys() - required - _OPTIONAL)]
    if problems:
        raise _unusable(problems, path)
    home = path.parent
    try:
        return Founding(
            gate=str(table["gate"]),
            log_origin=str(table["log_origin"]),
            custodian_root=home / table["custodian_root"],
            trust_root=home / table["trust_root"],
            requester_signatory=tuple(home / name for name in table["requester_signatory"]),
            index_signer=home / table["index_signer"],
            officers=tuple(_officer(entry, home) for entry in table["officer"]),
            quorum=int(table["quorum"]),
            checkpoints=home / table["checkpoints"],
            checkpoint_copy=str(table["checkpoint_copy"]),
            revocation=home / table["revocation"] if "revocation" in table else None,
            keys=dict(table.get("keys", {})),
            sandbox=table.get("sandbox", False) is True,
            workers=int(table.get("workers", 1)),
            witnesses=tuple(home / file for file in table.get("witnesses", ())),
            witness_quorum=int(table.get("witness_quorum", 0)),
            predecessor=home / table["predecessor"] if "predecessor" in table else None,
        )
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise _unusable(["a key is missing in 'officer', or a value is of another type"], path) from error


def _officer(entry: Mapping[str, Any], home: Path) -> FoundingOfficer:
    certificates = tuple(home / name for name in entry["certificates"])
    return FoundingOfficer(str(entry["id"]), str(entry["function"]), certificates)


def _unusable(problems: Sequence[str], path: Path) -> ConfigurationError:
    return ConfigurationError(
        "The founding cannot be used: " + "; ".join(problems) + ".",
        next_step="'narrowgate custodian found --help' lists its keys.",
        where=str(path),
    )


def prepare(home: Path, founding: Founding, entropy: Entropy) -> GateSettings:
    """A gate that waits for its charter to be signed: directories, keys, settings, charter, an empty log, a state.

    Done again with the same founding it goes on where it was cut off; no key is ever replaced.

    Args:
        home: directory of the gate.
        founding: what is asked.
        entropy: of the keys that are made.

    Raises:
        ConfigurationError: a certificate or a charter that cannot be used.
        UsageError: the directory holds another gate.
        OperationalError: the disk refused.
    """
    texts = (founding.gate, founding.log_origin, founding.checkpoint_copy, str(founding.checkpoints))
    if not all(map(_TEXT.fullmatch, texts)):
        raise ConfigurationError(
            "A text of the founding is empty, or holds a quotation mark or a control character.",
            next_step="Correct gate, log_origin, checkpoints or checkpoint_copy.",
        )
    _make_directories(home)
    keys = {name: founding.keys.get(name, f"file:keys/{name}.key") for name in KEYS}
    for name, uri in keys.items():
        file = home / uri.removeprefix("file:")
        if name not in founding.keys and not file.exists():
            generate_key_file(file, entropy)
    for name, source in (("trust-root", founding.trust_root), ("index-signer", founding.index_signer)):
        _copy(source, home / "governance" / f"{name}.pem")
    files = GovernanceDirectory(home / "governance")
    _copy(founding.custodian_root, files.root)
    write_durably(home / FILE_NAME, _gate_toml(founding, keys, home).encode())
    settings = read_settings(home)
    signer = log_signer(settings)
    charter = render_charter(_charter(founding, str(signer.key))).encode()
    parse_charter(charter, "charter.toml")
    if (home / "governance" / "charter.toml").exists():
        if files.charter().data != charter:
            raise UsageError(
                "The directory holds another gate.",
                why="A charter is never written over another one.",
                next_step="Name a new directory.",
                where=str(home),
            )
    else:
        files.keep_charter(charter)
    if not (settings.log / CHECKPOINT).exists():  # a creation that was cut off is made anew; it has no leaf
        TileLog.create(settings.log, signer, CheckpointFile(settings.checkpoints)).close()
    SqlState.open(settings.state).close()
    return settings


def found_gate(settings: GateSettings, now: datetime) -> InForce:
    """The charter, signed by enough of its officers, is leaf 0 of the log.

    Raises: as ``governance.found.found``.
    """
    with opened_books(settings) as (log, state):
        return found(
            books_over(settings, log, state, settings.revocation), str(log_signer(settings).key), now
        )


def charter_of(settings: GateSettings) -> Charter:
    """The charter that lies in the directory of the gate, signed or not."""
    return parse_charter(GovernanceDirectory(settings.governance).charter().data, "charter.toml")


def _make_directories(home: Path) -> None:
    try:
        home.mkdir(mode=0o750, parents=True, exist_ok=True)
        for names, mode in ((PRIVATE, 0o700), (SHARED, 0o750)):
            for name in names:
                (home / name).mkdir(mode=mode, exist_ok=True)
                (home / name).chmod(mode)
        sync_directory(home.parent)
    except OSError as error:
        raise failed("make the directories", home, error) from error


def _copy(source: Path, target: Path) -> None:
    if source.resolve() == target.resolve():
        return
    try:
        data = read_regular(source)
    except OSError as error:
        raise ConfigurationError(
            "A certificate cannot be read.",
            why=f"The system says: {error.strerror}.",
            next_step="Name the PEM file of the certificate.",
            where=str(source),
        ) from error
    write_durably(target, data)


def _charter(founding: Founding, log_key: str) -> Charter:
    return Charter(
        gate=founding.gate,
        sandbox=founding.sandbox,
        log_key=log_key,
        trust_root=certificate_sha256(load_root(founding.custodian_root)),
        requester_signatory=tuple(map(_key_of, founding.requester_signatory)),
        quorum=founding.quorum,
        officers=tuple(
            CustodyOfficer(each.id, each.function, tuple(map(_key_of, each.certificates)))
            for each in founding.officers
        ),
        witnesses=tuple(str(read_log_key(file)) for file in founding.witnesses),
        witness_quorum=founding.witness_quorum,
        checkpoint_copy=founding.checkpoint_copy,
        predecessor=_end_of(founding.predecessor) if founding.predecessor else None,
    )


def _end_of(log: Path) -> Predecessor:
    """What the checkpoint of the log before says, under the key beside it; the officers who sign compare both."""
    key = read_log_key(log / KEY_FILE)
    checkpoint = verify_checkpoint(read_text_file(log / CHECKPOINT), key, str(log / CHECKPOINT))
    return Predecessor(str(key), checkpoint.size, checkpoint.root.hex())


def _key_of(certificate: Path) -> str:
    return public_key_sha256(load_certificates(certificate)[0])


def _relative(path: Path, home: Path) -> Path:
    """A path below the gate's directory as that directory moves with it; any other as it is, from the root on."""
    return path.relative_to(home) if path.is_relative_to(home) else path.absolute()


def _gate_toml(founding: Founding, keys: Mapping[str, str], home: Path) -> str:
    lines = [
        "# One gate: where its parts lie. Keys are named here, never held here; acts put in force, this file does not.",
        *(["sandbox = true"] if founding.sandbox else []),
        'governance = "governance"',
        'trust_root = "governance/trust-root.pem"',
        *(
            [
                f'revocation = "{_relative(founding.revocation, home)}"',
                f"revocation_max_age_days = {founding.revocation_days}",
            ]
            if founding.revocation
            else []
        ),
        f'index = "{founding.index}"',
        'index_root = "governance/root.pem"',
        'index_signer = "governance/index-signer.pem"',
        *(f'{name}_key = "{uri}"' for name, uri in keys.items()),
        'log = "log"',
        f'checkpoints = "{_relative(founding.checkpoints, home)}"',
        f'log_origin = "{founding.log_origin}"',
        'state = "state.sqlite"',
        'vault = "vault"',
        'answers = "answers"',
        'staging = "staging"',
        'spill = "spill"',
        f"workers = {founding.workers}",
    ]
    return "\n".join(lines) + "\n"
