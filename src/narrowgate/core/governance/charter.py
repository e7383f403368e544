"""The charter founds a gate: who may put what in force there, and under which key its log is signed.

It is a TOML file, complete and closed, signed by two of the officers that it names; its digest is leaf 0 of the log.
The format is stated in ``docs/reference/protocol/acts.md``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from narrowgate.core.agreement.document import Problems, Table
from narrowgate.core.base.errors import ConfigurationError
from narrowgate.core.base.shown import toml_reason
from narrowgate.core.log.note import COSIGNATURE_V1, ED25519, VerifierKey

CHARTER_SCHEMA: Final = "narrowgate/charter/v1"
MAX_CHARTER_BYTES: Final = 262_144

LEAST_OFFICERS: Final = 3
"""One can be away, and two are left to release."""

LEAST_QUORUM: Final = 2
"""Two keys release."""

MOST_OFFICERS: Final = 50

MOST_LEAVES: Final = 2**53 - 1
"""The largest number that every reader of JSON and TOML keeps exactly."""

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class CustodyOfficer:
    """A person of the custodian who may sign acts; the charter names the function, never the person.

    Args:
        id: such as ``custody-1``.
        function: such as ``Disclosure officer``.
        keys: hex SHA-256 of the public key of each card the person has.
    """

    id: str
    function: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Predecessor:
    """The end of the log that came before: whoever has that log sees that nothing was added or left out.

    Args:
        log_key: its verifier key.
        size: how many leaves it ended with.
        root: hex SHA-256 root of the tree over them.
    """

    log_key: str
    size: int
    root: str


@dataclass(frozen=True, slots=True)
class Charter:
    """One charter.

    Args:
        gate: the gate's name.
        sandbox: whether the gate is a sandbox, where throw-away keys sign.
        log_key: verifier key of the log; its name is the log's origin.
        trust_root: hex SHA-256 of the DER of the one root that the officers' certificates come from.
        requester_signatory: hex SHA-256 of the public keys that sign agreements and registers for the requester.
        quorum: how many officers sign an act that releases.
        officers: the custody officers.
        witnesses: verifier keys of those who cosign checkpoints; may be none.
        witness_quorum: how many of them must; 0 where there are none.
        checkpoint_copy: where the second copy of the checkpoints is kept, in words.
        predecessor: the end of the log before this one; ``None`` for the gate's first log.
        digest: lower-case hex SHA-256 of the file's bytes.
    """

    gate: str
    sandbox: bool
    log_key: str
    trust_root: str
    requester_signatory: tuple[str, ...]
    quorum: int
    officers: tuple[CustodyOfficer, ...]
    witnesses: tuple[str, ...]
    witness_quorum: int
    checkpoint_copy: str
    predecessor: Predecessor | None = None
    digest: str = ""

    @property
    def log_origin(self) -> str:
        """The origin of the log that the charter is leaf 0 of."""
        return VerifierKey.parse(self.log_key).name

    def officers_of(self, keys: Iterable[str]) -> tuple[str, ...]:
        """The ids of the officers who hold some of ``keys``, each once, in the charter's order."""
        held = set(keys)
        return tuple(officer.id for officer in self.officers if held & set(officer.keys))

    def keys(self) -> frozenset[str]:
        """Every officer's keys."""
        return frozenset(key for officer in self.officers for key in officer.keys)


def parse_charter(text: bytes, where: str) -> Charter:
    """Returns the charter of a file: complete, closed, at least three officers and a quorum of two.

    Args:
        text: the file's bytes, UTF-8 TOML; their SHA-256 becomes ``digest``.
        where: the file for the message.

    Raises:
        ConfigurationError: the file is no TOML, a key is missing, unknown or of another form, one key serves two
            persons, or a number is beyond the ceilings; the message lists every problem with its line.
    """
    if len(text) > MAX_CHARTER_BYTES:
        raise _unusable((f"the file is longer than {MAX_CHARTER_BYTES} bytes",), where)
    try:
        document = text.decode("utf-8")
        values = tomllib.loads(document)
    except UnicodeDecodeError as error:
        raise _unusable(("the file is not UTF-8 text",), where) from error
    except (ValueError, RecursionError) as error:
        raise _unusable((f"the file is not TOML: {toml_reason(error)}",), where) from error
    problems = Problems(document)
    charter = _charter(Table(values, "", problems), sha256(text).hexdigest())
    if problems.listed():
        raise _unusable(problems.listed(), where)
    return charter


def render_charter(charter: Charter) -> str:
    """The charter as a file that :func:`parse_charter` reads; ``digest`` is left out."""
    lines = [
        f'schema = "{CHARTER_SCHEMA}"',
        "",
        "[gate]",
        f'name = "{charter.gate}"',
        f"sandbox = {str(charter.sandbox).lower()}",
        f'log_key = "{charter.log_key}"',
        f"checkpoint_copy = {_quoted(charter.checkpoint_copy)}",
        "",
        "[trust]",
        f'root = "{charter.trust_root}"',
        f"requester_signatory = {_array(charter.requester_signatory)}",
        "",
        "[custody]",
        f"quorum = {charter.quorum}",
    ]
    for officer in charter.officers:
        lines += [
            "",
            "[[custody.officer]]",
            f'id = "{officer.id}"',
            f"function = {_quoted(officer.function)}",
            f"keys = {_array(officer.keys)}",
        ]
    if charter.witnesses:
        lines += [
            "",
            "[witnesses]",
            f"quorum = {charter.witness_quorum}",
            f"keys = {_array(charter.witnesses)}",
        ]
    if charter.predecessor is not None:
        lines += [
            "",
            "[predecessor]",
            f'log_key = "{charter.predecessor.log_key}"',
            f"size = {charter.predecessor.size}",
            f'root = "{charter.predecessor.root}"',
        ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A TOML basic string; the texts of a charter hold no control characters."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _array(texts: Iterable[str]) -> str:
    return "[" + ", ".join(_quoted(text) for text in texts) + "]"


def _charter(document: Table, digest: str) -> Charter:
    document.one_of("schema", (CHARTER_SCHEMA,))
    gate = document.table("gate")
    trust = document.table("trust")
    custody = document.table("custody")
    officers = tuple(_officer(table) for table in custody.tables("officer"))
    _require_persons(custody, officers)
    witnesses: tuple[str, ...] = ()
    witness_quorum = 0
    if document.has("witnesses"):
        table = document.table("witnesses")
        witnesses = tuple(_verifier(table, "keys", text, COSIGNATURE_V1) for text in table.texts("keys"))
        witness_quorum = table.whole("quorum", 1, max(1, len(witnesses)))
        if len({text.rpartition("+")[2] for text in witnesses}) < len(witnesses):
            table.report("keys", "gives one key to two witnesses, who would count as two")
        table.close("a charter")
    predecessor = _predecessor(document) if document.has("predecessor") else None
    charter = Charter(
        gate=_named(gate, "name"),
        sandbox=gate.flag("sandbox"),
        log_key=_verifier(gate, "log_key", gate.text("log_key"), ED25519),
        trust_root=trust.digest("root"),
        requester_signatory=trust.digests("requester_signatory"),
        quorum=custody.whole("quorum", LEAST_QUORUM, max(LEAST_QUORUM, len(officers) - 1)),
        officers=officers,
        witnesses=witnesses,
        witness_quorum=witness_quorum,
        checkpoint_copy=_printable(gate, "checkpoint_copy"),
        predecessor=predecessor,
        digest=digest,
    )
    if predecessor is not None and predecessor.log_key == charter.log_key:
        document.report("predecessor", "is the same log: a log does not follow itself")
    logs = {charter.log_key, *([predecessor.log_key] if predecessor else ())}
    if set(map(_public_key, logs)) & set(map(_public_key, witnesses)) - {b""}:
        document.report("witnesses", "gives a witness the key of the log: the custodian would watch itself")
    for table in (gate, trust, custody, document):
        table.close("a charter")
    return charter


def _predecessor(document: Table) -> Predecessor:
    table = document.table("predecessor")
    ended = Predecessor(
        _verifier(table, "log_key", table.text("log_key"), ED25519),
        table.whole("size", 1, MOST_LEAVES),
        table.digest("root"),
    )
    table.close("a charter")
    return ended


def _officer(table: Table) -> CustodyOfficer:
    officer = CustodyOfficer(_named(table, "id"), _printable(table, "function"), table.digests("keys"))
    table.close("a charter")
    return officer


def _require_persons(custody: Table, officers: tuple[CustodyOfficer, ...]) -> None:
    """Report what would let one person count as two."""
    if not LEAST_OFFICERS <= len(officers) <= MOST_OFFICERS:
        custody.report(
            "officer", f"names {len(officers)} officers; from {LEAST_OFFICERS} to {MOST_OFFICERS} are needed"
        )
    if len({officer.id for officer in officers}) < len(officers):
        custody.report("officer", "names an officer twice")
    keys = [key for officer in officers for key in officer.keys]
    if len(set(keys)) < len(keys):
        custody.report("officer", "gives one key to two officers, who would count as two persons")


def _named(table: Table, key: str) -> str:
    value = table.text(key)
    if value and not _NAME.fullmatch(value):
        table.report(key, "is not a name of letters, digits, '.', '_' and '-'")
    return value


def _printable(table: Table, key: str) -> str:
    value = table.text(key)
    if not value.isprintable():
        table.report(key, "holds a control character")
    return value


def _verifier(table: Table, key: str, text: str, kind: int) -> str:
    if text:
        try:
            if VerifierKey.parse(text).kind != kind:
                table.report(key, "is a verifier key of another kind")
        except ConfigurationError as error:
            table.report(key, f"cannot be used: {error.what.lower().rstrip('.')}")
    return text


def _public_key(text: str) -> bytes:
    """The key itself, whatever it may sign; empty where the text is none, which is reported already."""
    try:
        return VerifierKey.parse(text).public_key
    except ConfigurationError:
        return b""


def _unusable(problems: tuple[str, ...], where: str) -> ConfigurationError:
    return ConfigurationError(
        f"The charter cannot be used: {len(problems)} problem(s).",
        why="\n".join(f"  {number}. {problem}." for number, problem in enumerate(problems, 1)),
        next_step="Correct the file; 'narrowgate docs acts' lists its keys.",
        where=where,
    )
