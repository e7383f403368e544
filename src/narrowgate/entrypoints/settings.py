"""``gate.toml``: where a gate's acts, index, log, state and keys lie; it puts nothing in force."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

from narrowgate.adapters.files.regular import read_regular
from narrowgate.adapters.object_store.location import ObjectLocation, is_location, parse_location
from narrowgate.adapters.signing.revocation_directory import MAX_AGE, RevocationDirectory
from narrowgate.core.base.errors import ConfigurationError
from narrowgate.core.base.shown import key_shown

FILE_NAME = "gate.toml"
_OID = re.compile(r"[012](\.(0|[1-9][0-9]*))+")
ENGINES = ("embedded", "spark")


@dataclass(frozen=True, slots=True)
class GateSettings:
    """The places of one gate; paths are relative to the file, keys are URIs and never the keys themselves.

    Args:
        sandbox: whether sandbox agreements are let in; throw-away keys only.
        trust_root: PEM of the one root that signers come from.
        revocation: directory of revocation lists and stored OCSP answers, and how old they may be; None only in a
            sandbox without one.
        card_policies: dotted OIDs of the certificate policies of which a package's signer needs one, and then the
            signature must say what its signer was shown; empty where a key in a file will do.
        index: directory of the confirmation index; of one in an object store, where its files are brought to.
        index_store: where the index is in an object store; None for one in a directory.
        indexes: directory of indexes, of which the one in force is found by the digest that its act names; ``None``
            where ``index`` alone is looked at.
        index_root: PEM of the root that the index signer comes from, or None in a sandbox without one.
        index_signer: PEM of the custodian's certificate that index manifests are signed with, or None likewise.
        index_key: URI.
        history_key: URI.
        commitment_key: URI.
        governance: directory of charter, acts and the documents they name.
        log: directory of the log.
        checkpoints: the log's second place: a file on another disk or share that checkpoints are appended to.
        log_key: URI of the Ed25519 seed.
        log_origin: name of the log (C2SP tlog-checkpoint).
        state: SQLAlchemy URL, or ``env:NAME`` or ``file:PATH`` of one; the path of an SQLite file is made a URL.
        vault: directory of the gate's own copies of packages.
        answers: directory where answers are released.
        staging: directory of the gate's own where answers lie before they are released, on the same file system.
        spill: directory for what the index engine cannot hold in memory (tokens only).
        intake: directory where packages arrive, which the gate reads.
        notices: directory of the gate's own where it says what became of them, which the intake reads.
        progress: file in which ``gate work`` says how far it is.
        workers: processes, at least 1.
        memory_limit: of the index engine, such as ``1GB``.
        engine: ``embedded`` or ``spark``.
        master: of Spark.
        timestamps: directory of stamped checkpoints; ``None`` where none is stamped by a timer.
        timestamp_authority: PEM of the time stamp authority's own certificate; needed with ``timestamps``.
        timestamp_url: where the authority answers; empty where a person carries query and reply.
    """

    sandbox: bool
    trust_root: Path
    revocation: RevocationDirectory | None
    card_policies: frozenset[str]
    index: Path
    index_store: ObjectLocation | None
    indexes: Path | None
    index_root: Path | None
    index_signer: Path | None
    index_key: str
    history_key: str
    commitment_key: str
    governance: Path
    log: Path
    checkpoints: Path
    log_key: str
    log_origin: str
    state: str
    vault: Path
    answers: Path
    staging: Path
    spill: Path
    intake: Path
    notices: Path
    progress: Path
    workers: int
    memory_limit: str
    engine: str
    master: str
    timestamps: Path | None
    timestamp_authority: Path | None
    timestamp_url: str

    @property
    def release_mark(self) -> Path:
        """The file that says when 'release run' last did all that was due, beside ``progress``."""
        return self.progress.with_name("release-mark.json")


_PATHS = ("trust_root", "index", "log", "checkpoints", "vault", "answers")
_OPTIONAL_PATHS = ("indexes", "index_root", "index_signer", "timestamps", "timestamp_authority")
_MAX_AGE = "revocation_max_age_days"
_OPTIONAL = {
    "sandbox",
    "revocation",
    _MAX_AGE,
    "card_policies",
    *_OPTIONAL_PATHS,
    "governance",
    "staging",
    "spill",
    "intake",
    "notices",
    "progress",
    "timestamp_url",
    "workers",
    "memory_limit",
    "engine",
    "master",
}
_BY_ACTS = frozenset({"agreement", "facility_list", "officers"})
_TEXTS = ("index_key", "history_key", "commitment_key", "log_key", "log_origin", "state")


def read_settings(path: Path) -> GateSettings:
    """The settings of a gate, complete and closed.

    Args:
        path: ``gate.toml``, or the directory that holds it.

    Raises:
        ConfigurationError: the file is missing, is not TOML, or a key is missing, unknown or of another type.
    """
    path = path / FILE_NAME if path.is_dir() else path
    try:
        table = tomllib.loads(read_regular(path).decode("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigurationError(
            "The settings of the gate cannot be read.",
            why=f"{type(error).__name__}; it must be a TOML file.",
            next_step="Name a gate.toml, or the directory of a world.",
            where=str(path),
        ) from error
    known = {field.name for field in fields(GateSettings)} - {"index_store"}
    problems = [
        f"{key_shown(key)} is unknown" for key in sorted(table.keys() - known - _BY_ACTS - {_MAX_AGE})
    ]
    problems += [
        f"'{key}' is put in force by acts, not by settings" for key in sorted(table.keys() & _BY_ACTS)
    ]
    required = known - _OPTIONAL - ({"index"} if "indexes" in table else set())
    problems += [f"'{key}' is missing" for key in sorted(required - table.keys())]
    problems += [
        f"'{key}' is not text"
        for key in (*_PATHS, *_OPTIONAL_PATHS, *_TEXTS, "revocation", "timestamp_url")
        if not isinstance(table.get(key, ""), str)
    ]
    if "indexes" in table and is_location(str(table.get("index", ""))):
        problems.append("'indexes' is a directory, and 'index' lies in an object store")
    if ("timestamps" in table) is not ("timestamp_authority" in table):
        problems.append("'timestamps' and 'timestamp_authority' need one another")
    if problems:
        raise ConfigurationError(
            "The settings cannot be used: " + "; ".join(problems) + ".",
            where=str(path),
            next_step="Correct gate.toml; 'narrowgate docs settings' lists its keys.",
        )
    return _settings(table, path)


def _settings(table: dict[str, Any], path: Path) -> GateSettings:
    home = path.parent
    workers = table.get("workers", 1)
    if type(workers) is not int or not 1 <= workers <= 256:
        raise ConfigurationError(
            "'workers' is not a number from 1 to 256.", where=str(path), next_step="Correct gate.toml."
        )
    engine = table.get("engine", "embedded")
    if engine not in ENGINES:
        raise ConfigurationError(
            f"'engine' is none of {', '.join(ENGINES)}.", where=str(path), next_step="Correct gate.toml."
        )
    paths: dict[str, Any] = {name: home / table[name] for name in _PATHS if name in table}
    paths.setdefault("index", home / table.get("indexes", "index"))
    paths |= {name: home / table[name] if name in table else None for name in _OPTIONAL_PATHS}
    spill = home / table.get("spill", "spill")
    in_store = is_location(table.get("index", ""))
    if in_store:
        paths["index"] = spill / "index"
    keys: dict[str, Any] = {name: _key_uri(table[name], home) for name in _TEXTS if name.endswith("_key")}
    return GateSettings(
        sandbox=table.get("sandbox", False) is True,
        revocation=_revocation(table, path),
        card_policies=_card_policies(table, path),
        log_origin=table["log_origin"],
        state=state_of(table["state"], home),
        workers=workers,
        memory_limit=str(table.get("memory_limit", "1GB")),
        engine=engine,
        master=str(table.get("master", "local[2]")),
        timestamp_url=str(table.get("timestamp_url", "")),
        governance=home / table.get("governance", "governance"),
        staging=home / table.get("staging", "staging"),
        spill=spill,
        index_store=parse_location(table["index"]) if in_store else None,
        intake=home / table.get("intake", "intake"),
        notices=home / table.get("notices", "notices"),
        progress=home / table.get("progress", "progress.json"),
        **paths,
        **keys,
    )


def _revocation(table: dict[str, Any], path: Path) -> RevocationDirectory | None:
    days = table.get(_MAX_AGE, MAX_AGE.days)
    if type(days) is not int or not 1 <= days <= 366:
        raise ConfigurationError(
            f"'{_MAX_AGE}' is not a number of days from 1 to 366.",
            next_step="Correct gate.toml.",
            where=str(path),
        )
    if "revocation" in table:
        return RevocationDirectory(path.parent / table["revocation"], timedelta(days=days))
    if table.get("sandbox", False) is True:
        return None
    raise ConfigurationError(
        "The gate does not say where its revocation lists lie.",
        why="Without them a card that was reported stolen goes on signing.",
        next_step="Name a directory as 'revocation' in gate.toml, and fill it: 'narrowgate docs revocation'.",
        where=str(path),
    )


def _card_policies(table: dict[str, Any], path: Path) -> frozenset[str]:
    named = table.get("card_policies", [])
    # An empty list would look like a demand and be none.
    listed = isinstance(named, list) and all(isinstance(each, str) and _OID.fullmatch(each) for each in named)
    if not listed or (not named and "card_policies" in table):
        raise ConfigurationError(
            "'card_policies' is not a list of object identifiers.",
            why="It names the certificate policies of which a signer's card needs one.",
            next_step='Write for example card_policies = ["2.16.840.1.101.3.2.1.3.7"], or leave it out.',
            where=str(path),
        )
    return frozenset(named)


def _key_uri(uri: str, home: Path) -> str:
    """The URI with a relative file resolved against the settings file."""
    scheme, _, rest = uri.partition(":")
    return f"file:{home / rest}" if scheme == "file" else uri


def state_of(text: str, home: Path) -> str:
    """The URL of a state, or where one is read from; any other text names an SQLite file below ``home``."""
    scheme, _, _ = text.partition(":")
    if scheme in {"env", "file"}:
        return _key_uri(text, home)
    return text if "://" in text else f"sqlite:///{home / text}"
