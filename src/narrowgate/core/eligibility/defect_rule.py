"""The checks that many rules share: one defect of an address, or one class of address, and one sentence."""

from __future__ import annotations

from collections.abc import Callable, Collection

from narrowgate.core.address.model import AddressClass, Defect
from narrowgate.core.eligibility.facts import ItemFacts

ItemCheck = Callable[[ItemFacts], str]
"""A check of one item: empty when the rule is met, otherwise the sentence that says in which way it is not."""


def defect_rule(defect: Defect, unmet: str) -> ItemCheck:
    """Returns a check that finds ``unmet`` in every item whose address has the defect, and nothing in any other.

    Args:
        defect: what ``core.address.examine`` found.
        unmet: a sentence without any value of the item.
    """

    def check(facts: ItemFacts) -> str:
        return unmet if defect in facts.address.defects else ""

    return check


def address_class_rule(classes: Collection[AddressClass], unmet: str) -> ItemCheck:
    """Returns a check that finds ``unmet`` in an address of these classes that the agreement does not accept.

    Args:
        classes: the classes that the rule is about.
        unmet: a sentence without any value of the item.
    """

    def check(facts: ItemFacts) -> str:
        point = facts.address.delivery_point
        if point is None or point.address_class not in classes:
            return ""
        return "" if point.address_class in facts.agreement.addresses.classes else unmet

    return check
