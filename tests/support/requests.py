"""The example agreement, an eligible item, and a day on which the one admits the other."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from narrowgate.core.agreement.model import Agreement, Limits
from narrowgate.core.agreement.parse import parse_agreement
from narrowgate.core.request.item import Item

PROJECT = Path(__file__).parents[2]
CASES = PROJECT / "tests" / "rules"
EXAMPLE = PROJECT / "examples" / "agreement.toml"
NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
TODAY = NOW.date()
OFFICERS = frozenset(f"officer-{number}" for number in range(1, 10))


@cache
def example_agreement() -> Agreement:
    """The agreement of ``examples/agreement.toml``."""
    return parse_agreement(EXAMPLE.read_bytes(), EXAMPLE.name)


def lifted_agreement() -> Agreement:
    """The example without quotas and budgets, as a sandbox has it."""
    return replace(example_agreement(), sandbox=True, limits=Limits(*[None] * 8))


def eligible_item(**changes: str) -> Item:
    """The eligible item of ``tests/rules/eligible.toml`` with some columns changed."""
    return Item(**{**tomllib.loads((CASES / "eligible.toml").read_text(encoding="utf-8")), **changes})
