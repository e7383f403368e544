"""Where labelled development data is: no part of the project, and tests that need it skip where it is absent."""

from __future__ import annotations

import os
from pathlib import Path

from support.requests import PROJECT

LABELLED = Path(os.environ.get("NARROWGATE_DATA") or PROJECT.parent / "shared" / "data")
"""The directory that ``NARROWGATE_DATA`` names, or the one beside the project."""
