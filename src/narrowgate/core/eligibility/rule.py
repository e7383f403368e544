"""What every rule says about itself, and what a rule found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """What a rule looks at."""

    FORM = "form"
    """The bytes and columns of a case file or a package, before anything is read out of them."""
    ITEM = "item"
    """One item, its agreement and the day."""
    PACKAGE = "package"
    """The manifest, its signature, the agreement and what came before today."""
    HISTORY = "history"
    """What was asked before: counts kept while the agreement runs."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One eligibility rule in words; its check is in the same file.

    Args:
        id: such as ``R-14``; never reused.
        title: what is required, in a few words.
        scope: what the rule looks at.
        citation: the law or the finding that it rests on.
        text: for the lawyers: what exactly is refused.
        hint: for the analyst: what to do about it.
        since: the rule set version that brought it.
    """

    id: str
    title: str
    scope: Scope
    citation: str
    text: str
    hint: str
    since: str = "1"


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that is not met, and in which way: a fixed sentence, never a value of the item."""

    rule_id: str
    detail: str
