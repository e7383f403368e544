"""Every rule refuses each of its ``fail`` cases and none of its ``pass`` cases (tests/rules/<rule>.toml)."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any

import pytest

from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.keys import keys
from narrowgate.core.address.model import AddressClass, RawAddress
from narrowgate.core.agreement.model import Agreement, Hold, Limits
from narrowgate.core.eligibility.examine import Admitted, examine_item, facts_of
from narrowgate.core.eligibility.facts import ItemFacts, PackageFacts, RecentCounts, Signer
from narrowgate.core.eligibility.rule import Scope
from narrowgate.core.eligibility.rules import (
    r18_closed_schema,
    r24_officers,
    r25_boilerplate,
    r27_declared_count,
    r28_distinct_addresses,
    r29_distinct_subjects,
    r73_contradiction,
    r74_asked_before,
)
from narrowgate.core.eligibility.ruleset import RULES, findings, item_findings, package_findings
from narrowgate.core.person.identity import IdentityKey
from narrowgate.core.request.item import Item
from narrowgate.core.request.manifest import ATTESTATIONS, Manifest, Rows
from narrowgate.core.request.office import Office
from support.requests import CASES, NOW, OFFICERS, TODAY, eligible_item, example_agreement

COUNTED = {
    "R-24": r24_officers.check_caseload,
    "R-25": r25_boilerplate.check,
    "R-28": r28_distinct_addresses.check,
    "R-29": r29_distinct_subjects.check,
}
FLAGGED = {"R-73": r73_contradiction.check, "R-74": r74_asked_before.check}


def cases_of(kind: str) -> list[Any]:
    return [
        pytest.param(path.stem, case, id=f"{path.stem}-{name}")
        for path in sorted(CASES.glob("R-*.toml"))
        for name, case in tomllib.loads(path.read_text(encoding="utf-8"))[kind].items()
    ]


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def agreement_of(case: dict[str, Any]) -> Agreement:
    """The example agreement with what an item case changes."""
    agreement = example_agreement()
    changes = case.get("agreement", {})
    if classes := changes.get("addresses.classes"):
        terms = replace(agreement.addresses, classes=tuple(map(AddressClass, classes)))
        agreement = replace(agreement, addresses=terms)
    if accepted := changes.get("match.identity_keys"):
        terms_of_match = replace(agreement.match, identity_keys=tuple(map(IdentityKey, accepted)))
        agreement = replace(agreement, match=terms_of_match)
    return agreement


def item_facts(case: dict[str, Any]) -> ItemFacts:
    facilities: set[str] = set()
    for line in case.get("facilities", []):
        point = examine_address(RawAddress(line), frozenset()).delivery_point
        assert point is not None
        facilities.update(keys(point))
    item = eligible_item(**case["item"])
    return facts_of(item, agreement_of(case), TODAY, OFFICERS, frozenset(facilities))


def package_agreement(changes: dict[str, Any]) -> Agreement:
    agreement = example_agreement()
    offices = [replace(grant, enabled=changes.get("enabled", True)) for grant in agreement.offices]
    if listed := changes.get("offices"):
        offices = [grant for grant in offices if grant.role in listed]
    for bound in ("valid_from", "valid_to"):
        if day := changes.get(f"key_{bound}"):
            dates = {bound: date.fromisoformat(day)}
            offices = [
                replace(grant, keys=tuple(replace(key, **dates) for key in grant.keys)) for grant in offices
            ]
    safeguards = replace(agreement.safeguards, open_finding=changes.get("open_finding", False))
    if day := changes.get("safeguards_expire"):
        safeguards = replace(safeguards, expires=date.fromisoformat(day))
    return replace(
        agreement,
        offices=tuple(offices),
        safeguards=safeguards,
        effective=date.fromisoformat(changes.get("effective", "2026-10-01")),
        expires=date.fromisoformat(changes.get("expires", "2027-09-30")),
        limits=Limits(*[None] * 8) if changes.get("lifted") else agreement.limits,
        hold=hold_of(changes["hold"]) if "hold" in changes else None,
    )


def hold_of(offices: list[str]) -> Hold:
    return Hold(date(2026, 11, 20), "order of a court", tuple(map(Office, offices)))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def package_facts(changes: dict[str, Any]) -> PackageFacts:
    agreement = package_agreement(changes.get("agreement", {}))
    office = Office(changes.get("office", Office.SECRETARY_OF_HOMELAND_SECURITY))
    manifest = Manifest(
        package_id="package-0001",
        nonce="0" * 32,
        agreement_sha256=changes.get("agreement_sha256", agreement.digest),
        office=office,
        created=moment(changes.get("created", "2026-11-22T09:00:00Z")),
        expires=moment(changes.get("expires", "2026-11-23T09:00:00Z")),
        attestations=tuple(changes.get("attestations", ATTESTATIONS)),
        rows=Rows(changes.get("items", 10), 7_000, "0" * 64, "0" * 64),
    )
    signer = Signer(digest(changes.get("signer", office)), digest(changes.get("root", "example root")))
    holds = (hold_of(changes["hold"]),) if "hold" in changes else ()
    return PackageFacts(manifest, agreement, signer, NOW, RecentCounts(*changes.get("recent", (0, 0))), holds)


def unmet(rule: str, case: dict[str, Any]) -> bool:
    """Whether the rule finds something in the case, by the check that the case is for."""
    if "item" in case:
        return rule in findings(item_facts(case))
    if "package" in case:
        return rule in [finding.rule_id for finding in package_findings(package_facts(case["package"]))]
    if "columns" in case:
        return bool(r18_closed_schema.check(case["columns"]))
    if "declared" in case:
        return bool(r27_declared_count.check(case["declared"], case["actual"]))
    if rule in FLAGGED:
        return bool(FLAGGED[rule](**{name: value for name, value in case.items() if name != "because"}))
    return bool(COUNTED[rule](case["count"], case.get("limit")))


@pytest.mark.parametrize(("rule", "case"), cases_of("fail"))
def test_a_rule_refuses_its_fail_case(rule: str, case: dict[str, Any]) -> None:
    assert unmet(rule, case)


@pytest.mark.parametrize(("rule", "case"), cases_of("pass"))
def test_a_rule_lets_its_pass_case_through(rule: str, case: dict[str, Any]) -> None:
    assert not unmet(rule, case)


@pytest.mark.parametrize(("rule", "case"), cases_of("pass"))
def test_a_pass_case_meets_every_other_rule_too(rule: str, case: dict[str, Any]) -> None:
    if "item" in case:
        assert findings(item_facts(case)) == ()
    if "package" in case:
        assert package_findings(package_facts(case["package"])) == ()


def test_every_rule_has_cases_of_both_kinds_and_no_case_lacks_its_rule() -> None:
    for kind in ("pass", "fail"):
        assert {rule for rule, _ in (case.values for case in cases_of(kind))} == {rule.id for rule in RULES}


def test_the_eligible_item_is_admitted_in_canonical_form() -> None:
    item = eligible_item()
    admitted = examine_item(item, example_agreement(), TODAY, OFFICERS, frozenset())
    assert isinstance(admitted, Admitted)
    assert admitted.tax_years == (2022, 2023)
    assert admitted.delivery_point.units == ("4B",)
    assert admitted.item is item


def test_a_refused_item_lists_all_its_findings_in_the_fixed_order() -> None:
    case = {"item": {"statute": "", "officers": "", "stayed": "yes", "address_line_1": "UNKNOWN"}}
    found = findings(item_facts(case))
    assert {"R-12", "R-14", "R-24", "R-64"} <= set(found)
    assert found == tuple(rule.id for rule in RULES if rule.id in found)


def test_no_detail_of_a_finding_repeats_a_value_of_the_item() -> None:
    marked = {column: f"Zyxwv{number}q" for number, column in enumerate(Item._fields)}
    facts = item_facts({"item": marked})
    details = " ".join(finding.detail for finding in item_findings(facts))
    assert details
    assert "zyxwv" not in details.lower()


def test_history_rules_are_counted_and_never_evaluated_on_an_item_alone() -> None:
    assert {rule.id for rule in RULES if rule.scope is Scope.HISTORY} == {
        "R-25",
        "R-28",
        "R-29",
        "R-73",
        "R-74",
    }
