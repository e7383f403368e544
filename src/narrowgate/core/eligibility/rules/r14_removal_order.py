"""R-14: a final removal order on a deportability ground is more than 90 days old."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import lru_cache

from narrowgate.core.eligibility.facts import ItemFacts
from narrowgate.core.eligibility.reading import is_reference, iso_date, normalize_citation
from narrowgate.core.eligibility.rule import Rule, Scope

RULE = Rule(
    id="R-14",
    title="A final removal order on a ground of deportability is more than 90 days old and not stayed",
    scope=Scope.ITEM,
    citation="8 USC 1253(a)(1); 8 USC 1227(a); 8 USC 1231(a)(1)(A)",
    text=(
        "An item is refused unless it gives the number and the date of a final removal order, the "
        "date lies more than 90 days before the day of the decision, at least one ground is a "
        "paragraph of 8 USC 1227(a) (grounds of inadmissibility, 8 USC 1182, are not enough alone), "
        "and the order is attested not to be stayed."
    ),
    hint=(
        "Give the number and date of the final order and its ground, such as 8 USC 1227(a)(1)(B); "
        "several grounds are separated by semicolons; write stayed as no."
    ),
)

DEPARTURE_PERIOD = timedelta(days=90)
"""8 USC 1253(a)(1)(A): failure to depart within 90 days of the final order."""

_DEPORTABILITY = re.compile(r"8 USC 1227\(a\)(?:\([A-Za-z0-9]+\))+")
_INADMISSIBILITY = re.compile(r"8 USC 1182(?:\([A-Za-z0-9]+\))*")


def check(facts: ItemFacts) -> str:
    """Empty when the order is final, old enough, on such a ground and not stayed; otherwise what is wrong."""
    item = facts.item
    if not is_reference(item.removal_order_number):
        return "The number of the removal order is missing."
    ordered_on = iso_date(item.removal_order_date)
    if ordered_on is None:
        return "The date of the removal order is missing or not an ISO 8601 date."
    if not facts.today - ordered_on > DEPARTURE_PERIOD:
        return "The removal order is not more than 90 days old."
    if item.stayed != "no":
        return "The removal order is stayed, or the column does not say no."
    return _ground_problem(item.removal_ground)


@lru_cache(maxsize=1024)
def _ground_problem(text: str) -> str:
    grounds = [normalize_citation(part) for part in text.split(";")]
    deportable = [ground for ground in grounds if _DEPORTABILITY.fullmatch(ground)]
    if not all(ground in deportable or _INADMISSIBILITY.fullmatch(ground) for ground in grounds):
        return "The ground of the removal order is missing or not a paragraph of 8 USC 1227(a)."
    return "" if deportable else "The removal order rests on inadmissibility only."
