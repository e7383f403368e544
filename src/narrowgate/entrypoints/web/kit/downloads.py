"""Files that a browser is to keep, not to show."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

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
    return Response(data, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
