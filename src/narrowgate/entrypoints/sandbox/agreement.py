"""The agreement of a sandbox: the standard one with limits lifted, or the user's with throw-away keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from narrowgate.core.address.model import CANONICAL_FORM_VERSION
from narrowgate.core.agreement.ceilings import (
    ADDRESS_CLASSES_DEFAULT,
    LIMITS,
    MATCH_RULE_VERSION,
    STATUTES,
    TAX_YEARS_PER_ITEM,
)
from narrowgate.core.agreement.clauses import standard_clauses
from narrowgate.core.agreement.model import (
    AddressTerms,
    Agreement,
    Limits,
    MatchTerms,
    OfficeGrant,
    OfficeKey,
    Release,
    Retention,
    Safeguards,
    TaxYears,
)
from narrowgate.core.person.identity import IdentityKey
from narrowgate.core.request.office import Office
from narrowgate.entrypoints.sandbox.credentials import Credentials

FIRST_TAX_YEAR = 2015
"""The sandbox allows the tax years from here to last year."""

NOTICE = (
    "Sandbox agreement: quotas, caseload, budgets and boilerplate thresholds are lifted; "
    f"tax years {FIRST_TAX_YEAR} to last year are allowed. It is refused outside the sandbox."
)

LIFTED: Final = Limits(
    items_per_package=None,
    packages_per_day=None,
    items_per_day_per_office=None,
    caseload_per_officer=None,
    distinct_addresses_per_subject=None,
    subjects_per_address=None,
    identical_reasons=None,
    filers_per_address=LIMITS["filers_per_address"],
)
"""No limit on the requester; what an index leaves out is left out all the same."""


def default_agreement(credentials: Credentials, today: date) -> Agreement:
    """An agreement that lifts every limit on the requester and keeps every rule about items and addresses."""
    expires = today + timedelta(days=365)
    return Agreement(
        id="sandbox",
        title="Sandbox agreement: throw-away keys, limits lifted, refused outside the sandbox",
        version=1,
        effective=today,
        expires=expires,
        sandbox=True,
        custodian="Sandbox custodian",
        requester="Sandbox requester",
        clauses=standard_clauses(today, expires),
        offices=_offices(credentials, today),
        trust_roots=(credentials.root_sha256,),
        safeguards=Safeguards(approved=today, expires=expires, open_finding=False),
        match=MatchTerms(
            canonical_form_version=CANONICAL_FORM_VERSION,
            rule_version=MATCH_RULE_VERSION,
            identity_keys=tuple(IdentityKey),
            suffix_blank=True,
            street_one_edit=True,
        ),
        addresses=AddressTerms(classes=ADDRESS_CLASSES_DEFAULT, facility_list=None),
        statutes=STATUTES,
        tax_years=TaxYears(first=FIRST_TAX_YEAR, last=today.year - 1, per_item=TAX_YEARS_PER_ITEM),
        limits=LIFTED,
        release=Release(schedule=(), answers_expire_days=30),
        retention=Retention(package_days=90),
    )


def with_throw_away_keys(agreement: Agreement, credentials: Credentials, today: date) -> Agreement:
    """The user's agreement, every limit and clause as written, held by the sandbox's keys instead of the offices'."""
    enabled = {grant.role: grant.enabled for grant in agreement.offices}
    return replace(
        agreement,
        sandbox=True,
        offices=tuple(
            replace(grant, enabled=enabled[grant.role])
            for grant in _offices(credentials, today)
            if grant.role in enabled
        ),
        trust_roots=(credentials.root_sha256,),
        release=replace(agreement.release, schedule=()),
    )


def _offices(credentials: Credentials, today: date) -> tuple[OfficeGrant, ...]:
    return tuple(
        OfficeGrant(
            role=office,
            enabled=True,
            keys=(OfficeKey(credentials.office_keys[office], today, today + timedelta(days=365)),),
        )
        for office in Office
    )
