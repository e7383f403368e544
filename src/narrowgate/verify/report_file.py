"""Writing a report where its reader wants it: whole or not at all, and never over what it was made from."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from tempfile import NamedTemporaryFile

from narrowgate.core.base.errors import OperationalError, UsageError
from narrowgate.core.base.system_errors import system_reason


def write_report(path: Path, data: bytes, inputs: Iterable[Path] = ()) -> None:
    """Returning has put the report in place by one rename; an older report of that name is replaced.

    Args:
        path: of the file, in a directory that exists.
        data: its bytes.
        inputs: files and directories that the report was made from, and the command's other reports.

    Raises:
        UsageError: the file is one of the inputs, lies in one, or is no regular file.
        OperationalError: the machine cannot write it.
    """
    place = path.absolute().parent.resolve() / path.name
    for source in inputs:
        whole = source.resolve()
        if place == whole or whole in place.parents or (path.exists() and path.samefile(source)):
            raise UsageError(
                "A report is not written over or into what it is made from, nor over another report of this command.",
                next_step="Name another file.",
                where=str(path),
            )
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise UsageError("What is there is no regular file.", next_step="Name another file.", where=str(path))
    temporary = ""
    try:
        with NamedTemporaryFile(dir=place.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = file.name
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(place)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise OperationalError(
            "Could not write the report.", where=str(path), next_step=system_reason(error)[1]
        ) from error
