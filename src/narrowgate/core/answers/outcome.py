"""The closed alphabet of answers."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """What an item can come back as; only the first two depend on tax records."""

    CONFIRMED = "CONFIRMED"
    NOT_CONFIRMED = "NOT_CONFIRMED"
    REFUSED = "REFUSED"
