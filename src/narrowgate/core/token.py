"""From identity and delivery point to tokens."""

from __future__ import annotations

from dataclasses import dataclass

Token = bytes
"""16 bytes: a truncated HMAC-SHA-256, or the XOR of several."""


@dataclass(frozen=True, slots=True)
class Guard:
    """One fact the index build keeps under a guard token: another token and a count class."""

    value: Token
    shared: bool
    """Seen for two filers or more."""
