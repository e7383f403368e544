"""R-26: the package is inside the quotas."""

from __future__ import annotations

from narrowgate.core.eligibility.facts import PackageFacts
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-26",
    title="The package is inside the quotas",
    scope=Scope.PACKAGE,
    citation="26 USC 6103(i)(2)(B); 26 USC 6103(p)(4)(C)",
    text=(
        "A package over a quota of the agreement is refused whole, and the index is not opened: items "
        "in one package, packages of the office in one day, items of the office in one day (UTC)."
    ),
    hint="Send fewer items; ask about those the investigations need now.",
)


def check(facts: PackageFacts) -> str:
    """Empty when every quota holds with this package counted; otherwise which does not."""
    limits = facts.agreement.limits
    items = facts.manifest.rows.count
    if _is_over(items, limits.items_per_package):
        return "The package has more items than the agreement allows in one."
    if _is_over(facts.recent.packages + 1, limits.packages_per_day):
        return "The office has sent as many packages today as the agreement allows."
    if _is_over(facts.recent.items + items, limits.items_per_day_per_office):
        return "The office would ask about more items today than the agreement allows."
    return ""


def _is_over(count: int, limit: int | None) -> bool:
    return limit is not None and count > limit
