"""Files that a browser is to keep, not to show."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from starlette.responses import Response, StreamingResponse

WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV: Final = "text/csv; charset=utf-8"
BINARY: Final = "application/octet-stream"


def download(data: bytes, name: str, kind: str = BINARY) -> Response:
    """The bytes as a file.

    Args:
        data: of the file.
        name: of our own choice, never a stranger's.
        kind: media type.
    """
    return Response(data, media_type=kind, headers=_kept_as(name))


def streamed(pieces: Iterable[bytes], name: str, kind: str = BINARY) -> Response:
    """The pieces as one file, each sent before the next is made, so that no large file is held in memory.

    Args:
        pieces: of the file, in order.
        name: of our own choice, never a stranger's.
        kind: media type.
    """
    return StreamingResponse(pieces, media_type=kind, headers=_kept_as(name))


def _kept_as(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
