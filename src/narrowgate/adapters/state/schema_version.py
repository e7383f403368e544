"""The version of the state's schema, for those who tell it without opening a state: no library of it is loaded."""

from __future__ import annotations

SCHEMA_VERSION = 6
