"""What a form sent, once it is certain that one of our pages sent it."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from narrowgate.core.base.errors import UsageError

FORM_FIELD: Final = "form_token"
"""The field that every form has; the kit's ``form`` macro writes it."""

_MOST_FIELDS: Final = 100
_MOST_FIELD_BYTES: Final = 64 * 1024


@asynccontextmanager
async def posted(request: Request) -> AsyncIterator[FormData]:
    """The fields of a form of this very session, and at most one file.

    Raises:
        UsageError: the form does not hold the session's token, so that another site may have sent it, or is written in
            other letters than UTF-8, which no browser does with our pages.
    """
    _, declared = parse_options_header(request.headers.get("content-type"))
    if declared.get(b"charset", b"utf-8").lower() != b"utf-8":
        raise UsageError(
            "The form is not in UTF-8.",
            why="What is written in other letters is read in more than one way.",
            next_step="Send it from the page, in a browser.",
        )
    async with request.form(max_files=1, max_fields=_MOST_FIELDS, max_part_size=_MOST_FIELD_BYTES) as form:
        expected = getattr(request.state, "form_token", "")
        if not expected or not hmac.compare_digest(text(form, FORM_FIELD).encode(), expected.encode()):
            raise UsageError(
                "The form was not sent from a page of this session.",
                why="Every form carries a token that only this session's pages know.",
                next_step="Open the page again and send the form from there.",
            )
        yield form


def text(form: FormData, name: str) -> str:
    """The text of a field, without white space around it; empty where it is missing or a file."""
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def file(form: FormData, name: str) -> UploadFile | None:
    """The file of a field; nothing where none was chosen."""
    value = form.get(name)
    return value if isinstance(value, UploadFile) and value.filename else None
