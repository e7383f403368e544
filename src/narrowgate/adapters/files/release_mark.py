"""When answers that were due last left: one small file, by which a timer that no longer runs is noticed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

from narrowgate.adapters.files.durable_files import failed, place
from narrowgate.adapters.files.regular import read_regular
from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.base.closed_document import read_document
from narrowgate.core.base.times import TIME, format_time, parse_time

SCHEMA: Final = "narrowgate/release-mark/v1"


def write_release_mark(path: Path, now: datetime) -> None:
    """The file says that everything due was seen to at this time.

    Args:
        path: of the file.
        now: aware UTC time.

    Raises:
        OperationalError: the disk refused.
    """
    told = {"schema": SCHEMA, "time": format_time(now.replace(microsecond=0))}
    place(path, canonical_bytes(told) + b"\n")


def read_release_mark(path: Path) -> datetime | None:
    """When that was; None where it never was.

    Raises:
        EnvelopeError: the file tells something else.
        OperationalError: the disk refused.
    """
    try:
        data = read_regular(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise failed("read when answers last left", path, error) from error
    fields = read_document(data.rstrip(b"\n"), path.name)
    fields.constant("schema", SCHEMA)
    time = parse_time(fields.text("time", TIME))
    fields.close()
    return time
