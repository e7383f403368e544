"""One item, admitted or refused with all its findings; no tax record plays a part."""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import date
from typing import NamedTuple

from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.model import DeliveryPoint, RawAddress
from narrowgate.core.agreement.model import Agreement
from narrowgate.core.base.errors import REPORT_IT, OperationalError
from narrowgate.core.eligibility.facts import ItemFacts
from narrowgate.core.eligibility.reading import tax_years
from narrowgate.core.eligibility.ruleset import findings, findings_by_column
from narrowgate.core.person.examine import examine_person_fields
from narrowgate.core.person.model import Person
from narrowgate.core.request.item import ADDRESS_COLUMNS, Item


class Admitted(NamedTuple):
    """An item that meets every item rule, in canonical form; ``tax_years`` ascend."""

    item: Item
    person: Person
    delivery_point: DeliveryPoint
    tax_years: tuple[int, ...]


class Refused(NamedTuple):
    """An item that does not; ``findings`` are the ids of all rules it does not meet, at least one."""

    findings: tuple[str, ...]


def facts_of(
    item: Item, agreement: Agreement, today: date, officers: Container[str], facilities: Container[str]
) -> ItemFacts:
    """What the rules look at, computed from the item, the agreement and the day alone.

    Args:
        item: as the requester wrote it.
        agreement: in force.
        today: UTC date of the decision.
        officers: ids of the registered officers.
        facilities: keys of the agreement's list of facilities.
    """
    person = examine_person_fields(item.given_names, item.surnames, "", item.birth_date, item.tin)
    address = examine_address(RawAddress._make(item[ADDRESS_COLUMNS]), facilities)
    return ItemFacts(item, person, address, agreement, today, officers)


def examine_item(
    item: Item, agreement: Agreement, today: date, officers: Container[str], facilities: Container[str]
) -> Admitted | Refused:
    """The item admitted, or refused with every finding: the same for the same arguments, always.

    Args: as for ``facts_of``.
    """
    return judge_facts(facts_of(item, agreement, today, officers, facilities))


def examine_items(
    items: Sequence[Item],
    agreement: Agreement,
    today: date,
    officers: Container[str],
    facilities: Container[str],
) -> list[Admitted | Refused]:
    """``examine_item`` of each item, step by step over all of them.

    One step after the other, because its code and tables then stay in the processor's cache: half the time.

    Args: as for ``facts_of``.
    """
    persons = [
        examine_person_fields(item.given_names, item.surnames, "", item.birth_date, item.tin)
        for item in items
    ]
    addresses = [examine_address(RawAddress._make(item[ADDRESS_COLUMNS]), facilities) for item in items]
    facts = [
        ItemFacts(item, person, address, agreement, today, officers)
        for item, person, address in zip(items, persons, addresses, strict=True)
    ]
    return list(map(_judged, facts, findings_by_column(facts)))


def judge_facts(facts: ItemFacts) -> Admitted | Refused:
    """The item of these facts admitted, or refused with every finding."""
    return _judged(facts, findings(facts))


def _judged(facts: ItemFacts, found: tuple[str, ...]) -> Admitted | Refused:
    item = facts.item
    if found:
        return Refused(found)
    years = tax_years(item.tax_years)
    person, point = facts.person.person, facts.address.delivery_point
    if person is None or point is None or years is None:
        raise OperationalError(
            "The rule set admitted an item that has no person, no delivery point or no tax years.",
            why="A rule is mistaken; no item is decided on half of its facts.",
            next_step=REPORT_IT,
        )
    return Admitted(item, person, point, years)
