"""A part of a package's rows on its way to disk."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path

from narrowgate.adapters.files.durable_files import failed, sync_file
from narrowgate.adapters.files.package_files import ROWS_FILE
from narrowgate.core.base.errors import EnvelopeError, TooLargeError


class RowsPart:
    """Some consecutive bytes of the rows, durable when ``finish`` returns; cut off, what came in is kept.

    Args:
        path: of the rows.
        start: where the part begins.
        total: bytes that the manifest declares.
    """

    def __init__(self, path: Path, start: int, total: int) -> None:
        self._path = path
        self._start = start
        self._total = total
        self._end = start
        self._digest = hashlib.sha256()
        try:
            self._file = path.open("ab")
        except OSError as error:
            raise failed("write the rows", path, error) from error

    def write(self, data: bytes) -> None:
        """Take further bytes.

        Raises:
            TooLargeError: they are more than the manifest declares; none of them is taken.
            OperationalError: the disk refused.
        """
        if self._end + len(data) > self._total:
            raise TooLargeError(
                f"The rows are longer than the {self._total:,} bytes that the manifest declares.",
                next_step="Send the rows that the manifest was made of.",
                where=ROWS_FILE,
            )
        try:
            self._file.write(data)
        except OSError as error:
            raise failed("write the rows", self._path, error) from error
        self._end += len(data)
        self._digest.update(data)

    def finish(self, expected: str = "") -> int:
        """How many bytes are there now; the part is durable.

        Args:
            expected: base64 of the part's SHA-256 (RFC 9530); empty where the sender states none.

        Raises:
            EnvelopeError: the part has another digest; nothing of it is kept.
            OperationalError: the disk refused.
        """
        self.close()
        if expected and base64.b64encode(self._digest.digest()).decode() != expected:
            os.truncate(self._path, self._start)
            raise EnvelopeError(
                "The part is not the one whose digest its header states.",
                why="It was changed on the way; nothing of it is kept.",
                next_step="Send it again.",
                where=ROWS_FILE,
            )
        sync_file(self._path)
        return self._end

    def close(self) -> None:
        """What came in is in the file."""
        try:
            self._file.close()
        except OSError as error:
            raise failed("write the rows", self._path, error) from error
