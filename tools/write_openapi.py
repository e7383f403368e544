"""Write docs/reference/openapi.json: the interface of the intake as it is served."""

from __future__ import annotations

from pathlib import Path

import orjson

from narrowgate.entrypoints.web.intake.openapi import OPENAPI

if __name__ == "__main__":
    page = Path(__file__).parents[1] / "docs" / "reference" / "openapi.json"
    page.write_bytes(orjson.dumps(OPENAPI, option=orjson.OPT_INDENT_2) + b"\n")
