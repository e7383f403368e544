"""What the gate tells the intake, as files that the gate alone writes: terms, and one notice for each package."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Final

from narrowgate.adapters.files.durable_files import failed, sync_directory
from narrowgate.adapters.files.fence import OwnPlace
from narrowgate.adapters.files.regular import read_regular
from narrowgate.core.base.errors import EnvelopeError
from narrowgate.core.intake.documents import (
    Ending,
    Notice,
    Terms,
    notice_bytes,
    parse_notice,
    parse_terms,
    terms_bytes,
)
from narrowgate.core.request.office import Office

_TERMS: Final = "terms.json"
_MODE: Final = 0o750


class NoticeDirectory:
    """Terms and notices below one directory, each durable when it is put.

    Args:
        directory: made by ``prepare`` where it does not exist.
        own: where a gate prepares what it tells; None for whoever only reads.
    """

    def __init__(self, directory: Path, own: OwnPlace | None = None) -> None:
        self._directory = directory
        self._own = own or OwnPlace(directory, None)
        self._known: dict[Path, tuple[int, Ending]] = {}

    def prepare(self) -> None:
        """The directory exists.

        Raises:
            OperationalError: the disk refused.
        """
        try:
            for office in Office:
                (self._directory / office).mkdir(mode=_MODE, parents=True, exist_ok=True)
        except OSError as error:
            raise failed("make the directory of notices", self._directory, error) from error

    def put_terms(self, terms: Terms) -> None:
        """The intake knows these terms; the same ones are not written again.

        Raises:
            OperationalError: the disk refused.
        """
        path, data = self._directory / _TERMS, terms_bytes(terms)
        if self._read(path) != data:
            self._write(path, data)

    def terms(self) -> Terms | None:
        """The terms that the gate told last; None before the first.

        Raises:
            EnvelopeError: the file holds no terms.
        """
        data = self._read(self._directory / _TERMS)
        return None if data is None else parse_terms(data, _TERMS)

    def put(self, notice: Notice) -> None:
        """The gate is done with the package.

        Raises:
            OperationalError: the disk refused.
        """
        self._write(self._path(notice.office, notice.package_id), notice_bytes(notice))

    def notice(self, office: Office, package_id: str) -> Notice | None:
        """What the gate told of a package; None before it was done with it.

        Raises:
            EnvelopeError: the file holds no notice of this package.
        """
        path = self._path(office, package_id)
        data = self._read(path)
        if data is None:
            return None
        notice = parse_notice(data, path.name)
        if (notice.office, notice.package_id) != (office, package_id):
            raise EnvelopeError("The notice is of another package than its name.", where=path.name)
        return notice

    def endings(self) -> Counter[Ending]:
        """How many packages the gate was done with in each way.

        Raises:
            EnvelopeError: a file holds no notice.
            OperationalError: the disk refused.
        """
        found: Counter[Ending] = Counter(dict.fromkeys(Ending, 0))
        for office in Office:
            for path in (self._directory / office).glob("*.json"):
                written = path.stat().st_mtime_ns
                known = self._known.get(path)
                if known is None or known[0] != written:
                    # Each is read once: a gate of some years has told of many thousands.
                    notice = self.notice(office, path.stem)
                    if notice is None:
                        continue
                    known = self._known[path] = (written, notice.ending)
                found[known[1]] += 1
        return found

    def _path(self, office: Office, package_id: str) -> Path:
        return self._directory / office / f"{package_id}.json"

    def _write(self, path: Path, data: bytes) -> None:
        self._own.place(path, data)
        sync_directory(path.parent)

    def _read(self, path: Path) -> bytes | None:
        try:
            return read_regular(path)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise failed("read the notice", path, error) from error
