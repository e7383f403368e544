"""The checks that many rules share: one defect of an address, or one class of address, and one sentence."""

from __future__ import annotations

from collections.abc import Collection
from operator import attrgetter

from narrowgate.core.address.model import AddressClass, Defect
from narrowgate.core.eligibility.facts import ItemFacts
from narrowgate.core.eligibility.item_check import SharedCheck

_DEFECTS = attrgetter("address.defects")


def _address_class(facts: ItemFacts) -> AddressClass | None:
    point = facts.address.delivery_point
    return point.address_class if point else None


def defect_rule(defect: Defect, unmet: str) -> SharedCheck:
    """Returns a check that finds ``unmet`` in every item whose address has the defect, and nothing in any other.

    Args:
        defect: what ``core.address.examine`` found.
        unmet: a sentence without any value of the item.
    """

    def check(facts: ItemFacts) -> str:
        return unmet if defect in facts.address.defects else ""

    return SharedCheck(check, _DEFECTS)


def address_class_rule(classes: Collection[AddressClass], unmet: str) -> SharedCheck:
    """Returns a check that finds ``unmet`` in an address of these classes that the agreement does not accept.

    Args:
        classes: the classes that the rule is about.
        unmet: a sentence without any value of the item.
    """

    def check(facts: ItemFacts) -> str:
        found = _address_class(facts)
        if found is None or found not in classes:
            return ""
        return "" if found in facts.agreement.addresses.classes else unmet

    return SharedCheck(check, _address_class)
