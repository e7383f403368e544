"""R-29: no more persons are asked about at one address than agreed."""

from __future__ import annotations

from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-29",
    title="No more persons are asked about at one address than agreed",
    scope=Scope.HISTORY,
    citation="26 USC 6103(b)(8); DHS OIG-23-47",
    text=(
        "An item is refused when as many other persons as the agreement allows have been asked about "
        "at the same address: a roster of a building is no investigation of a person, and shelters "
        "and offices are written down for many."
    ),
    hint="Check that the person lives there; a shelter or an office is not a residence.",
)

UNMET = "As many persons as the agreement allows were asked about at the address."


def check(count: int, limit: int | None) -> str:
    """Empty when the agreement allows that many persons at one address; otherwise that it does not.

    Args:
        count: with this item counted.
        limit: the agreement's figure; ``None`` when it is lifted.
    """
    return UNMET if limit is not None and count > limit else ""
