"""What a bundle holds, read from a gate: its log as it lies, its acts without certificates, and how to verify them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

from narrowgate.core.base.errors import LogInconsistentError, ProofError
from narrowgate.core.governance.kinds import KINDS, Digest, Kind
from narrowgate.core.log.acts import LoggedAct, LoggedCharter, is_governance, parse_governance
from narrowgate.core.log.checkpoint import Checkpoint, verify_checkpoint
from narrowgate.core.log.file_names import CHECKPOINT, COSIGNED, KEY_FILE, SET_ASIDE, UNFINISHED_SUFFIX
from narrowgate.core.log.kept_checkpoints import kept_checkpoints
from narrowgate.core.log.note import VerifierKey
from narrowgate.core.log.tiles import parse_tile_path
from narrowgate.core.signatures.cms import parse_signature
from narrowgate.entrypoints import verifier_wheel
from narrowgate.verify.act_files import (
    ACTS,
    CHARTER_FILE,
    CUSTODIAN,
    DOCUMENTS,
    REQUESTER,
    signature_files,
)
from narrowgate.verify.bundle import LOG_KEY, SIGNERS, VERIFIER
from narrowgate.verify.files import read_bytes, read_text, regular_files
from narrowgate.verify.log_directory import log_key
from narrowgate.verify.runs import available_processes, over_runs
from narrowgate.verify.source import GOVERNANCE, KEPT_CHECKPOINTS, LOG, Source

README = "README.md"

_TRIES = 50
_PAUSE = 0.1
_REGISTERS = frozenset({Kind.REGISTER_IN_FORCE})

Content = Callable[[], bytes] | Path
"""The bytes of a file, made when they are wanted, or the file that has them."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One state of a log, and what belongs to it, read while the gate may be at work.

    Args:
        source: of the gate.
        key: of the log.
        checkpoint: that ends it.
        text: of the checkpoint.
        kept: the second place; empty where there is none.
        cosigned: the newest checkpoint that witnesses cosigned; empty where there is none.
    """

    source: Source
    key: VerifierKey
    checkpoint: Checkpoint
    text: str
    kept: str
    cosigned: str

    @classmethod
    def take(cls, source: Source) -> Snapshot:
        """Returns the state of the log now.

        The second place knows a checkpoint before the log has it, so it is read first, and again until the log has
        caught up; a second place that stays ahead shows that the log was put back, which an inspector is to see.

        Raises:
            LogInconsistentError: key or checkpoint are missing or do not fit.
        """
        key = log_key(source.log, source.vkey)
        for _ in range(_TRIES):
            kept = read_text(source.checkpoints) if source.checkpoints is not None else ""
            cosigned = read_text(source.log / COSIGNED) if (source.log / COSIGNED).exists() else ""
            text = read_text(source.log / CHECKPOINT)
            try:
                checkpoint = verify_checkpoint(text, key, str(source.log / CHECKPOINT))
                newest = max((each.size for _, each in kept_checkpoints(kept, key)), default=0)
            except ProofError as error:
                raise LogInconsistentError(error.what, why=error.why, where=error.where) from error
            if newest <= checkpoint.size:
                break
            time.sleep(_PAUSE)
        return cls(source, key, checkpoint, text, kept, cosigned)

    def files(self) -> Iterator[tuple[str, Content]]:
        """Yields every file of a bundle but its manifest, with its content.

        Raises:
            LogInconsistentError: a leaf of the log, or a file of the acts, is not as it should be.
            OperationalError: the machine cannot read a file.
        """
        yield README, lambda: readme(self.checkpoint).encode()
        yield LOG_KEY, f"{self.key}\n".encode
        yield f"{VERIFIER}/{verifier_wheel.NAME}", verifier_wheel.verifier_wheel
        if self.kept:
            yield KEPT_CHECKPOINTS, self.kept.encode
        yield from self._log()
        if self.source.governance is not None:
            yield from _governance(self.source.governance, self._logged())

    def _log(self) -> Iterator[tuple[str, Content]]:
        yield f"{LOG}/{CHECKPOINT}", self.text.encode
        yield f"{LOG}/{KEY_FILE}", self.source.log / KEY_FILE
        if self.cosigned:
            yield f"{LOG}/{COSIGNED}", self.cosigned.encode
        for name in regular_files(self.source.log):
            whole = not name.endswith(UNFINISHED_SUFFIX) and name not in {CHECKPOINT, KEY_FILE, COSIGNED}
            aside = name.startswith(f"{SET_ASIDE}/")
            # What lies beyond the checkpoint is of an append that is under way.
            if whole and (aside or parse_tile_path(name).is_within(self.checkpoint.size)):
                yield f"{LOG}/{name}", self.source.log / name

    def _logged(self) -> list[LoggedCharter | LoggedAct]:
        found = over_runs(self.source.log, self.checkpoint, _governance_leaves, available_processes())
        return [parse_governance(leaf, "the log") for leaves in found for leaf in leaves]


def _governance_leaves(_start: int, leaves: Sequence[bytes]) -> list[bytes]:
    return [leaf for leaf in leaves if is_governance(leaf)]


def _governance(
    directory: Path, logged: Sequence[LoggedCharter | LoggedAct]
) -> Iterator[tuple[str, Content]]:
    """Charter, acts and documents of the log, their signatures without certificates, and the keys that made them."""
    keys: dict[str, bytes] = {}
    for entry in logged:
        if isinstance(entry, LoggedCharter):
            yield from _signed(directory, CHARTER_FILE, keys)
            document, parties = entry.charter_sha256, False
        else:
            yield from _signed(directory, f"{ACTS}/{entry.number:06d}.json", keys)
            # A register names officers: its digest in the act is all that a bundle has of it.
            if KINDS[entry.kind].digest is not Digest.DOCUMENT or entry.kind in _REGISTERS:
                continue
            document, parties = entry.sha256, True
        path = directory / DOCUMENTS / document
        if path.exists():
            yield f"{GOVERNANCE}/{DOCUMENTS}/{document}", path
        for party in (CUSTODIAN, REQUESTER) if parties else ():
            signature = path.with_name(f"{document}.{party}.p7s")
            if signature.exists():
                yield from _bare(signature, f"{GOVERNANCE}/{DOCUMENTS}/{signature.name}", keys)
    for digest, key in sorted(keys.items()):
        yield f"{SIGNERS}/{digest}.der", partial(bytes, key)


def _signed(directory: Path, name: str, keys: dict[str, bytes]) -> Iterator[tuple[str, Content]]:
    path = directory / name
    yield f"{GOVERNANCE}/{name}", path
    for signature in signature_files(path):
        yield from _bare(signature, f"{GOVERNANCE}/{Path(name).parent / signature.name}", keys)


def _bare(path: Path, name: str, keys: dict[str, bytes]) -> Iterator[tuple[str, Content]]:
    """The signature without the certificates that name persons; its keys are noted."""
    signature = parse_signature(read_bytes(path))
    for key in signature.certified_keys():
        keys[sha256(key).hexdigest()] = key
    yield name, signature.without_certificates


def readme(checkpoint: Checkpoint) -> str:
    """What a reader of the bundle is told first."""
    wheel = f"{VERIFIER}/{verifier_wheel.NAME}"
    return f"""# Bundle of the log {checkpoint.origin}

{checkpoint.size:,} entries, root {checkpoint.root.hex()}.

Everything here can be recomputed with Python 3.11 or newer and nothing else, without network:

    python3 -I {wheel} verify . --key YOUR-COPY-OF-log.vkey

Take the key from where the custodian published it: the one in `{LOG_KEY}` vouches for itself. Keep
`{LOG}/{CHECKPOINT}` of every visit and give it next time with `--earlier`: then nothing that you saw can be taken back
unseen.

`python3 -I {wheel} --help` lists the other reports. The verifier installs without network, too:
`pip install --no-index {wheel}`.

| what | where |
| --- | --- |
| the log (C2SP tlog-tiles) with its signed checkpoint, and what witnesses cosigned | `{LOG}/` |
| the checkpoints that the gate kept in a second place | `{KEPT_CHECKPOINTS}` |
| charter, acts, documents, and the officers' signatures | `{GOVERNANCE}/` |
| the log's public key, and those of who signed charter, acts and documents, each named by its SHA-256 | `keys/` |
| the verifier | `{VERIFIER}/` |
| size and SHA-256 of every file, and what this bundle continues | `manifest.json` |

No person is named here. Certificates stay with the custodian; a signature is verified with the key whose SHA-256 the
charter gives to an officer. Of the register of officers there is the digest alone.

Files that `manifest.json` lists as `earlier` came with the bundle before this one: copy this bundle over that one.
"""
