"""The interface ``/v1`` in OpenAPI 3.1; ``docs/reference/openapi.json`` is this document, which a test holds."""

from __future__ import annotations

from typing import Any, Final

from narrowgate.core.intake.status import Stage

ROWS_TYPE: Final = "application/octet-stream"
ANSWER_TYPES: Final = {".json": "application/json", ".p7m": "application/pkcs7-mime"}

_TEXT: Final = {"type": "string"}
_TIME: Final = {"type": "string", "format": "date-time"}
_COUNT: Final = {"type": "integer", "minimum": 0}

_PACKAGE: Final = {
    "name": "package_id",
    "in": "path",
    "required": True,
    "description": "Of the manifest.",
    "schema": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{7,63}$"},
}


def _problem(description: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": description, "content": content}


_REFUSALS: Final = {
    "400": _problem("`usage`: a header or the state of the upload does not allow it."),
    "403": _problem("`client-refused`, `certificate-revoked`: the client certificate opens nothing here."),
    "404": _problem("`unknown-package`: the office handed over none of this id; `usage`: no such resource."),
    "408": _problem("`usage`: the body did not come in time."),
    "409": _problem("`conflict`: the id was used for other bytes; `in-use`: another request is at it."),
    "413": _problem("`too-large`: more bytes than are taken."),
    "415": _problem("`usage`: another media type."),
    "422": _problem("`envelope`: malformed, or the rows are not those that the manifest commits to."),
    "429": _problem("`busy`: too many requests of this client; `Retry-After` says how long to wait."),
    "500": _problem("`internal`"),
    "503": _problem(
        "`unavailable`, `operational`, `revocation-missing` and alike: nothing was decided by it."
    ),
}


def _operation(
    summary: str,
    operation_id: str,
    responses: dict[str, Any],
    codes: str,
    *,
    body: str = "",
    parameters: tuple[dict[str, Any], ...] = (),
) -> dict[str, Any]:
    told: dict[str, Any] = {"summary": summary, "operationId": operation_id}
    if parameters:
        told["parameters"] = list(parameters)
    if body:
        binary = {"type": "string", "format": "binary"}
        told["requestBody"] = {"required": True, "content": {body: {"schema": binary}}}
    told["responses"] = responses | {
        code: _REFUSALS[code] for code in (*codes.split(), "403", "429", "500", "503")
    }
    return told


def _status(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "headers": {
            "Retry-After": {"description": "Seconds to the slot, while one is ahead.", "schema": _COUNT}
        },
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Status"}}},
    }


_KEPT: Final = {
    "201": {"description": "New, and kept."},
    "204": {"description": "The same bytes are there already."},
}
_OFFSETS: Final = {
    "Upload-Offset": {"description": "Bytes of the rows that are there.", "schema": _COUNT},
}
_FILE: Final = {"description": "Its bytes.", "content": {"application/octet-stream": {}}}

OPENAPI: Final[dict[str, Any]] = {
    "openapi": "3.1.0",
    "info": {
        "title": "Narrowgate intake",
        "version": "1",
        "description": "Packages come in, and sealed answers go out at the slot that was known when they came. "
        "Every call is made over mutual TLS; the client certificate says for which office. What is answered before the "
        "slot depends on the arrival and the clock alone, and never on a tax record.",
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    },
    "security": [{"mutualTLS": []}],
    "paths": {
        "/v1/openapi.json": {
            "get": _operation(
                "This document",
                "describe",
                {"200": {"description": "OpenAPI 3.1.", "content": {"application/json": {}}}},
                "",
            )
        },
        "/v1/packages/{package_id}": {
            "parameters": [_PACKAGE],
            "get": _operation("Where the package is", "status", {"200": _status("Its status.")}, "404"),
            "delete": _operation(
                "Remove an upload that has not arrived",
                "discard",
                {"204": {"description": "Nothing of it is left."}},
                "404 409",
            ),
        },
        "/v1/packages/{package_id}/manifest": {
            "parameters": [_PACKAGE],
            "put": _operation(
                "Begin an upload with manifest.json",
                "putManifest",
                _KEPT,
                "404 408 409 413 415 422",
                body="application/json",
            ),
        },
        "/v1/packages/{package_id}/signature": {
            "parameters": [_PACKAGE],
            "put": _operation(
                "Send manifest.json.p7s",
                "putSignature",
                _KEPT,
                "404 408 409 413 415",
                body="application/pkcs7-signature",
            ),
        },
        "/v1/packages/{package_id}/rows": {
            "parameters": [_PACKAGE],
            "head": _operation(
                "How much of rows.ndjson is there",
                "offset",
                {
                    "200": {
                        "description": "The headers say it.",
                        "headers": _OFFSETS
                        | {
                            "Upload-Length": {
                                "description": "Bytes that the manifest declares.",
                                "schema": _COUNT,
                            }
                        },
                    }
                },
                "404",
            ),
            "patch": _operation(
                "Append a part of rows.ndjson, of at most 256 MiB",
                "append",
                {"204": {"description": "The part is kept.", "headers": _OFFSETS}},
                "400 404 408 409 413 415 422",
                body=ROWS_TYPE,
                parameters=(
                    {
                        "name": "Upload-Offset",
                        "in": "header",
                        "required": True,
                        "description": "Bytes that are there already.",
                        "schema": {"type": "integer", "minimum": 0, "maximum": 9_999_999_999_999_999},
                    },
                    {
                        "name": "Content-Digest",
                        "in": "header",
                        "required": False,
                        "description": "SHA-256 of the part (RFC 9530); a part with another one is not kept.",
                        "schema": {"type": "string", "pattern": "^sha-256=:[A-Za-z0-9+/]{43}=:$"},
                    },
                ),
            ),
        },
        "/v1/packages/{package_id}/arrival": {
            "parameters": [_PACKAGE],
            "post": _operation(
                "Hand the package over; done again it changes nothing",
                "handOver",
                {"202": _status("It has arrived.")},
                "400 404 408 409 413 422",
            ),
        },
        "/v1/packages/{package_id}/receipt": {
            "parameters": [_PACKAGE],
            "get": _operation(
                "The receipt, once the answers are released",
                "receipt",
                {"200": {"description": "receipt.json.", "content": {"application/json": {}}}},
                "404",
            ),
        },
        "/v1/packages/{package_id}/answers": {
            "parameters": [_PACKAGE],
            "get": _operation(
                "Names and sizes of the released files",
                "answers",
                {
                    "200": {
                        "description": "By name.",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Answers"}}},
                    }
                },
                "404",
            ),
        },
        "/v1/packages/{package_id}/answers/{name}": {
            "parameters": [
                _PACKAGE,
                {
                    "name": "name",
                    "in": "path",
                    "required": True,
                    "description": "As listed.",
                    "schema": {"type": "string", "pattern": "^[a-z0-9][a-z0-9.-]{0,99}$"},
                },
            ],
            "get": _operation(
                "One released file, or a range of it",
                "answer",
                {
                    "200": _FILE,
                    "206": {**_FILE, "description": "The range of its bytes."},
                    "416": {"description": "There is no such range."},
                },
                "400 404",
            ),
        },
    },
    "components": {
        "securitySchemes": {
            "mutualTLS": {
                "type": "mutualTLS",
                "description": "A TLS client's certificate, of the requester's root, its key bound to an office.",
            }
        },
        "schemas": {
            "Status": {
                "type": "object",
                "required": ["package", "state"],
                "additionalProperties": False,
                "properties": {
                    "package": _TEXT,
                    "state": {"enum": [stage.value for stage in Stage]},
                    "arrived": _TIME,
                    "slot": _TIME,
                    "released": _TIME,
                    "problem": {
                        "type": "object",
                        "required": ["id", "what", "why", "next_step", "rules"],
                        "additionalProperties": False,
                        "properties": {
                            "id": _TEXT,
                            "what": _TEXT,
                            "why": _TEXT,
                            "next_step": _TEXT,
                            "rules": {"type": "array", "items": _TEXT},
                        },
                    },
                },
            },
            "Answers": {
                "type": "object",
                "required": ["package", "files"],
                "additionalProperties": False,
                "properties": {
                    "package": _TEXT,
                    "files": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["name", "bytes"],
                            "additionalProperties": False,
                            "properties": {"name": _TEXT, "bytes": _COUNT},
                        },
                    },
                },
            },
            "Problem": {
                "type": "object",
                "required": ["type", "title", "status", "detail", "id", "what", "why", "next_step"],
                "additionalProperties": False,
                "properties": {
                    "type": {"type": "string", "pattern": "^urn:narrowgate:problem:[a-z-]+$"},
                    "title": _TEXT,
                    "status": {"type": "integer"},
                    "detail": _TEXT,
                    "id": _TEXT,
                    "what": _TEXT,
                    "why": _TEXT,
                    "next_step": _TEXT,
                    "rule": _TEXT,
                    "where": _TEXT,
                },
            },
        },
    },
}
