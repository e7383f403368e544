"""Whatever is sent, the intake answers as its document says: Schemathesis makes requests from it, good and bad."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import checks

from narrowgate.entrypoints.web.intake.openapi import OPENAPI
from support.running_intake import RunningIntake

schemathesis.serializer.alias("application/pkcs7-signature", "application/octet-stream")
SCHEMA = schemathesis.openapi.from_dict(OPENAPI)
CHECKS = [
    checks.not_a_server_error,
    *checks.CHECKS.get_by_names(
        [
            "status_code_conformance",
            "content_type_conformance",
            "response_headers_conformance",
            "response_schema_conformance",
        ]
    ),
]


@SCHEMA.parametrize()
@settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
)
def test_every_answer_is_one_that_the_document_names(case: Any, intake: RunningIntake) -> None:
    home = intake.home
    response = case.call(
        base_url=intake.url,
        cert=(str(home / "ours.pem"), str(home / "ours.key.pem")),
        verify=str(home / "root.pem"),
        timeout=20,
    )
    case.validate_response(response, checks=CHECKS)
    assert response.headers["cache-control"] == ["no-store"]


@pytest.mark.parametrize("path", sorted(OPENAPI["paths"]))
def test_every_operation_names_what_may_be_refused(path: str) -> None:
    for method, operation in OPENAPI["paths"][path].items():
        if method != "parameters":
            assert {"403", "429", "500", "503"} <= operation["responses"].keys()
