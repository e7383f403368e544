"""The directory of charter, acts and documents: every file named by what it is, every signature beside it."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path
from typing import Final

from narrowgate.adapters.files.durable_files import failed, sync_directory, write_durably
from narrowgate.adapters.files.regular import read_regular
from narrowgate.core.agreement.parse import MAX_AGREEMENT_BYTES
from narrowgate.core.base.errors import OperationalError
from narrowgate.core.governance.act import MAX_ACT_BYTES
from narrowgate.core.governance.charter import MAX_CHARTER_BYTES
from narrowgate.governance.ports import Signed

CHARTER: Final = "charter.toml"
ROOT: Final = "root.pem"
ACTS, PROPOSALS, WAITING, DOCUMENTS, OVERTAKEN = "acts", "proposals", "waiting", "documents", "overtaken"
MODE: Final = 0o750

_NAME: Final = re.compile(r"([0-9]{6})\.json")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_DIGEST_NAME: Final = re.compile(r"([0-9a-f]{64})\.json")
_MOST_SIGNATURES: Final = 50
_MAX_SIGNATURE_BYTES: Final = 65_536
_MAX_DOCUMENT_BYTES: Final = 64 * MAX_AGREEMENT_BYTES


class GovernanceDirectory:
    """``ActFiles`` in a directory; see the port for each method's promise.

    Args:
        directory: of the charter; its folders are made when the first file comes into each.
    """

    def __init__(self, directory: Path) -> None:
        self.path = directory

    @property
    def root(self) -> Path:
        """PEM of the root that the officers' certificates come from."""
        return self.path / ROOT

    def charter(self) -> Signed:
        """See ``ActFiles.charter``."""
        return _read_signed(self.path / CHARTER, MAX_CHARTER_BYTES)

    def keep_charter(self, data: bytes) -> None:
        """The charter's bytes, still without signatures."""
        _write(self.path / CHARTER, data)

    def sign_charter(self, signature: bytes) -> None:
        """One more signature of the charter."""
        _add_signature(self.path / CHARTER, signature)

    def acts(self) -> tuple[int, ...]:
        """Numbers of the acts whose files are kept, ascending."""
        return self._numbers(ACTS)

    def act(self, number: int) -> Signed:
        """See ``ActFiles.act``."""
        return _read_signed(self._act(ACTS, number), MAX_ACT_BYTES)

    def keep_act(self, number: int, act: Signed) -> None:
        """See ``ActFiles.keep_act``."""
        _write_signed(self._act(ACTS, number), act)

    def proposals(self) -> tuple[int, ...]:
        """See ``ActFiles.proposals``."""
        return self._numbers(PROPOSALS)

    def proposal(self, number: int) -> Signed:
        """See ``ActFiles.proposal``."""
        return _read_signed(self._act(PROPOSALS, number), MAX_ACT_BYTES)

    def propose(self, number: int, data: bytes) -> None:
        """See ``ActFiles.propose``."""
        self._overtake(number, data)
        _remove(self._act(WAITING, number))
        _write_signed(self._act(PROPOSALS, number), Signed(data, ()))

    def add_signature(self, number: int, signature: bytes) -> None:
        """See ``ActFiles.add_signature``."""
        _add_signature(self._act(PROPOSALS, number), signature)

    def waiting(self) -> tuple[int, ...]:
        """See ``ActFiles.waiting``."""
        return self._numbers(WAITING)

    def waiting_act(self, number: int) -> Signed:
        """See ``ActFiles.waiting_act``."""
        return _read_signed(self._act(WAITING, number), MAX_ACT_BYTES)

    def let_wait(self, number: int) -> None:
        """See ``ActFiles.let_wait``."""
        _write_signed(self._act(WAITING, number), self.proposal(number))

    def set_aside(self, number: int) -> None:
        """See ``ActFiles.set_aside``."""
        path = self._act(WAITING, number)
        try:
            path.replace(path.with_name(f"{path.name}.refused"))
        except OSError as error:
            raise failed("set the act aside", path, error) from error
        sync_directory(path.parent)

    def settle(self, number: int) -> None:
        """See ``ActFiles.settle``."""
        self._overtake(number, _read(self._act(ACTS, number), MAX_ACT_BYTES))
        _remove(self._act(WAITING, number))

    def overtake(self, number: int) -> str:
        """See ``ActFiles.overtake``."""
        digest = sha256(self.proposal(number).data).hexdigest()
        self._overtake(number, b"")
        return digest

    def overtaken(self) -> tuple[str, ...]:
        """See ``ActFiles.overtaken``."""
        names = _names(self.path / OVERTAKEN)
        return tuple(sorted(match[1] for name in names if (match := _DIGEST_NAME.fullmatch(name))))

    def overtaken_act(self, sha256_hex: str) -> Signed:
        """See ``ActFiles.overtaken_act``."""
        return _read_signed(self.path / OVERTAKEN / f"{sha256_hex}.json", MAX_ACT_BYTES)

    def forget_overtaken(self, sha256_hex: str) -> None:
        """See ``ActFiles.forget_overtaken``."""
        _remove(self.path / OVERTAKEN / f"{sha256_hex}.json")

    def _overtake(self, number: int, data: bytes) -> None:
        """No proposal of the number is left; one of other bytes than these is kept among those overtaken."""
        path = self._act(PROPOSALS, number)
        if path.exists():
            proposal = _read_signed(path, MAX_ACT_BYTES)
            if proposal.data != data:
                name = f"{sha256(proposal.data).hexdigest()}.json"
                _write_signed(self.path / OVERTAKEN / name, proposal)
        _remove(path)

    def document(self, sha256_hex: str) -> bytes:
        """See ``ActFiles.document``."""
        path = self.path / DOCUMENTS / sha256_hex
        data = _read(path, _MAX_DOCUMENT_BYTES) if _DIGEST.fullmatch(sha256_hex) else b""
        if sha256(data).hexdigest() != sha256_hex:
            raise OperationalError(
                "A document that an act names was changed.",
                why="Its name is the SHA-256 of its bytes.",
                next_step="Restore the file from its copy.",
                where=str(path),
            )
        return data

    def document_path(self, sha256_hex: str) -> Path:
        """Where the document of this digest lies, after it was compared with it."""
        self.document(sha256_hex)
        return self.path / DOCUMENTS / sha256_hex

    def keep_document(self, data: bytes) -> str:
        """See ``ActFiles.keep_document``."""
        digest = sha256(data).hexdigest()
        _write(self.path / DOCUMENTS / digest, data)
        return digest

    def document_signature(self, sha256_hex: str, party: str) -> bytes:
        """The signature of a document by a party, ``custodian`` or ``requester``."""
        return _read(self.path / DOCUMENTS / f"{sha256_hex}.{party}.p7s", _MAX_SIGNATURE_BYTES)

    def keep_document_signature(self, sha256_hex: str, party: str, signature: bytes) -> None:
        """The signature of a document by a party is beside it; under an applied act it stays the one of then.

        An inspector verifies it against the charter of that time, so another one in its place would make what was done
        look as if it had been signed by nobody.
        """
        path = self.path / DOCUMENTS / f"{sha256_hex}.{party}.p7s"
        if not (path.exists() and self.is_named_by_an_act(sha256_hex)):
            _write(path, signature)

    def is_named_by_an_act(self, sha256_hex: str) -> bool:
        """Whether an applied act names the document."""
        name = sha256_hex.encode("ascii")
        return any(name in self.act(number).data for number in self._numbers(ACTS))

    def _act(self, folder: str, number: int) -> Path:
        return self.path / folder / f"{number:06d}.json"

    def _numbers(self, folder: str) -> tuple[int, ...]:
        names = _names(self.path / folder)
        return tuple(sorted(int(match[1]) for name in names if (match := _NAME.fullmatch(name))))


def _names(folder: Path) -> list[str]:
    try:
        return [path.name for path in folder.iterdir()]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise failed("look for acts", folder, error) from error


def _signature(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}.p7s")


def _signatures(path: Path) -> list[Path]:
    """The signatures beside a file, which are numbered from 1 without gaps."""
    found = []
    for number in range(1, _MOST_SIGNATURES + 1):
        if not _signature(path, number).exists():
            break
        found.append(_signature(path, number))
    return found


def _read_signed(path: Path, most: int) -> Signed:
    data = _read(path, most)
    return Signed(data, tuple(_read(each, _MAX_SIGNATURE_BYTES) for each in _signatures(path)))


def _write_signed(path: Path, signed: Signed) -> None:
    """The signatures come first: a file that is there has all of them."""
    for number, signature in enumerate(signed.signatures, 1):
        _write(_signature(path, number), signature)
    beyond = _signature(path, len(signed.signatures) + 1)
    if beyond.exists():
        for old in _signatures(path)[len(signed.signatures) :]:
            _remove_one(old)
    _write(path, signed.data)


def _add_signature(path: Path, signature: bytes) -> None:
    number = len(_signatures(path)) + 1
    if number > _MOST_SIGNATURES:
        raise OperationalError(
            "There are too many signatures.", next_step="Begin the act anew.", where=str(path)
        )
    _write(_signature(path, number), signature)


def _remove(path: Path) -> None:
    """The file first: signatures without a file are nothing."""
    signatures = _signatures(path)
    if not path.exists() and not signatures:
        return
    _remove_one(path)
    for signature in signatures:
        _remove_one(signature)
    sync_directory(path.parent)


def _remove_one(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise failed("remove the file", path, error) from error


def _read(path: Path, most: int) -> bytes:
    try:
        return read_regular(path, most, follow=False)
    except FileNotFoundError as error:
        raise OperationalError(
            "A file of the charter or of the acts is missing.",
            next_step="Restore the directory of acts from its copy.",
            where=str(path),
        ) from error
    except OSError as error:
        raise failed("read the file", path, error) from error


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(mode=MODE, parents=True, exist_ok=True)
    except OSError as error:
        raise failed("make the directory", path.parent, error) from error
    sync_directory(path.parent.parent)  # the folder's own name
    write_durably(path, data)
