"""The rule set: every rule, in the fixed order in which its findings are listed."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from typing import Final

from narrowgate.core.address.model import AddressClass, Defect
from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.eligibility.facts import ItemFacts, PackageFacts
from narrowgate.core.eligibility.item_check import ItemCheck, SharedCheck
from narrowgate.core.eligibility.rule import Finding, Rule
from narrowgate.core.eligibility.rules import (
    r10_single_person,
    r11_name_and_address,
    r12_statute,
    r13_tax_years,
    r14_removal_order,
    r15_reason,
    r16_investigation,
    r17_attestations,
    r18_closed_schema,
    r19_address_verified,
    r20_offices,
    r21_office_key,
    r22_office_enabled,
    r23_card_authority,
    r24_officers,
    r25_boilerplate,
    r26_quotas,
    r27_declared_count,
    r28_distinct_addresses,
    r29_distinct_subjects,
    r51_agreement_in_force,
    r52_hold,
    r61_tin_structure,
    r62a_number_missing,
    r62b_street_missing,
    r62c_locality_missing,
    r62d_not_an_address,
    r62e_not_understood,
    r62f_zip_state,
    r62g_box_missing,
    r63_unit_missing,
    r64_placeholder,
    r65a_institution_word,
    r65b_institution_listed,
    r65c_care_of,
    r65d_po_box,
    r65e_general_delivery,
    r65f_private_mailbox,
    r65g_military,
    r65h_foreign,
    r65i_address_class,
    r69_identifier,
    r71_full_name,
    r72_alien_number,
    r73_contradiction,
    r74_asked_before,
)
from narrowgate.core.person.model import PersonDefect

RULE_SET_VERSION: Final = "2"
"""Version of the rules and of their order; part of every log entry and answer."""

PackageCheck = Callable[[PackageFacts], str]

ITEM_CHECKS: Final[tuple[tuple[Rule, ItemCheck], ...]] = (
    (r10_single_person.RULE, r10_single_person.check),
    (r11_name_and_address.RULE, r11_name_and_address.check),
    (r12_statute.RULE, r12_statute.check),
    (r13_tax_years.RULE, r13_tax_years.check),
    (r14_removal_order.RULE, r14_removal_order.check),
    (r15_reason.RULE, r15_reason.check),
    (r16_investigation.RULE, r16_investigation.check),
    (r19_address_verified.RULE, r19_address_verified.check),
    (r24_officers.RULE, r24_officers.check),
    (r61_tin_structure.RULE, r61_tin_structure.check),
    (r62a_number_missing.RULE, r62a_number_missing.check),
    (r62b_street_missing.RULE, r62b_street_missing.check),
    (r62c_locality_missing.RULE, r62c_locality_missing.check),
    (r62d_not_an_address.RULE, r62d_not_an_address.check),
    (r62e_not_understood.RULE, r62e_not_understood.check),
    (r62f_zip_state.RULE, r62f_zip_state.check),
    (r62g_box_missing.RULE, r62g_box_missing.check),
    (r63_unit_missing.RULE, r63_unit_missing.check),
    (r64_placeholder.RULE, r64_placeholder.check),
    (r65a_institution_word.RULE, r65a_institution_word.check),
    (r65b_institution_listed.RULE, r65b_institution_listed.check),
    (r65c_care_of.RULE, r65c_care_of.check),
    (r65d_po_box.RULE, r65d_po_box.check),
    (r65e_general_delivery.RULE, r65e_general_delivery.check),
    (r65f_private_mailbox.RULE, r65f_private_mailbox.check),
    (r65g_military.RULE, r65g_military.check),
    (r65h_foreign.RULE, r65h_foreign.check),
    (r65i_address_class.RULE, r65i_address_class.check),
    (r69_identifier.RULE, r69_identifier.check),
    (r71_full_name.RULE, r71_full_name.check),
    (r72_alien_number.RULE, r72_alien_number.check),
)
"""Evaluated for every item, all of them, in this order (step 6)."""

PACKAGE_CHECKS: Final[tuple[tuple[Rule, PackageCheck], ...]] = (
    (r17_attestations.RULE, r17_attestations.check),
    (r20_offices.RULE, r20_offices.check),
    (r21_office_key.RULE, r21_office_key.check),
    (r22_office_enabled.RULE, r22_office_enabled.check),
    (r23_card_authority.RULE, r23_card_authority.check),
    (r26_quotas.RULE, r26_quotas.check),
    (r51_agreement_in_force.RULE, r51_agreement_in_force.check),
    (r52_hold.RULE, r52_hold.check),
)
"""Evaluated for a package before any item (steps 2 and 4)."""

_OTHER_RULES: Final = (
    r18_closed_schema.RULE,
    r27_declared_count.RULE,
    r25_boilerplate.RULE,
    r28_distinct_addresses.RULE,
    r29_distinct_subjects.RULE,
    r73_contradiction.RULE,
    r74_asked_before.RULE,
)

RULES: Final[tuple[Rule, ...]] = tuple(
    sorted(
        (
            *(rule for rule, _ in ITEM_CHECKS),
            *(rule for rule, _ in PACKAGE_CHECKS),
            *_OTHER_RULES,
        ),
        key=lambda rule: rule.id,
    )
)
"""Every rule of the set, by id."""

RULE_IDS: Final = tuple(rule.id for rule in RULES)
"""The ids of all rules, ascending: the order of findings everywhere, and of the bits of an answer record."""

_RULES_BY_ID: Final[Mapping[str, Rule]] = {rule.id: rule for rule in RULES}

_ADDRESS_RULES: Final[Mapping[Defect, str]] = {
    module.DEFECT: module.RULE.id
    for module in (
        r62a_number_missing,
        r62b_street_missing,
        r62c_locality_missing,
        r62d_not_an_address,
        r62e_not_understood,
        r62f_zip_state,
        r62g_box_missing,
        r63_unit_missing,
        r64_placeholder,
        r65a_institution_word,
        r65b_institution_listed,
        r65c_care_of,
        r65e_general_delivery,
        r65f_private_mailbox,
        r65h_foreign,
    )
}

_PERSON_RULES: Final[Mapping[PersonDefect, str]] = {
    defect: module.RULE.id
    for module in (r11_name_and_address, r61_tin_structure, r69_identifier, r71_full_name)
    for defect in module.DEFECTS
}

_CLASS_RULES: Final[Mapping[AddressClass, str]] = {
    address_class: module.RULE.id
    for module in (r65d_po_box, r65g_military, r65i_address_class)
    for address_class in module.CLASSES
}


def rule_set_digest() -> str:
    """Returns the hex SHA-256 of every rule's words and of the order in which rules are evaluated and listed.

    Two rule sets with one version have one digest; a test holds that (``tests/vectors/rule_sets.toml``).
    """
    words = [{**asdict(rule), "scope": rule.scope.value} for rule in RULES]
    order = [rule.id for rule, _ in (*ITEM_CHECKS, *PACKAGE_CHECKS)]
    return sha256(canonical_bytes({"rules": words, "evaluated": order})).hexdigest()


def rule_of(rule_id: str) -> Rule:
    """The rule with that id.

    Raises:
        KeyError: the rule set has none.
    """
    return _RULES_BY_ID[rule_id]


def address_rule(defect: Defect) -> str:
    """The id of the one rule that refuses an address with ``defect``."""
    return _ADDRESS_RULES[defect]


def class_rule(address_class: AddressClass) -> str:
    """The id of the one rule that refuses an address of a class that the agreement does not accept."""
    return _CLASS_RULES[address_class]


def person_rule(defect: PersonDefect) -> str:
    """The id of the one rule that refuses a person with ``defect``."""
    return _PERSON_RULES[defect]


def findings(facts: ItemFacts) -> tuple[str, ...]:
    """The ids of all rules that the item does not meet, in the fixed order; empty when it is eligible."""
    return tuple([rule.id for rule, check in ITEM_CHECKS if check(facts)])


def findings_by_column(items: Sequence[ItemFacts]) -> list[tuple[str, ...]]:
    """``findings`` of each item, rule by rule over all of them: what many items share is checked once.

    Args:
        items: with the same agreement, day and officers.
    """
    unmet: dict[int, list[str]] = {}
    grouped: dict[Callable[[ItemFacts], Hashable], tuple[list[Hashable], dict[Hashable, ItemFacts]]] = {}
    for rule, check in ITEM_CHECKS:
        if isinstance(check, SharedCheck):
            if check.reads not in grouped:
                parts = list(map(check.reads, items))
                grouped[check.reads] = parts, dict(zip(parts, items, strict=True))
            parts, one_of_each = grouped[check.reads]
            refused = {part for part, facts in one_of_each.items() if check.check(facts)}
            places = [at for at, part in enumerate(parts) if part in refused] if refused else []
        else:
            places = [at for at, detail in enumerate(map(check, items)) if detail]
        for at in places:
            unmet.setdefault(at, []).append(rule.id)
    return [tuple(unmet.get(at, ())) for at in range(len(items))]


def item_findings(facts: ItemFacts) -> tuple[Finding, ...]:
    """The same findings with the sentence that says in which way each rule is not met."""
    return tuple(Finding(rule.id, detail) for rule, check in ITEM_CHECKS if (detail := check(facts)))


def package_findings(facts: PackageFacts) -> tuple[Finding, ...]:
    """All package rules that are not met, in the fixed order; empty when the package may be decided."""
    return tuple(Finding(rule.id, detail) for rule, check in PACKAGE_CHECKS if (detail := check(facts)))
