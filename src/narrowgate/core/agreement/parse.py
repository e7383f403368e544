"""From the agreement's file to values, or to every problem at once."""

from __future__ import annotations

import hashlib
import re
import tomllib
from datetime import timedelta
from typing import Final

from narrowgate.core.address.model import CANONICAL_FORM_VERSION, AddressClass
from narrowgate.core.agreement import ceilings
from narrowgate.core.agreement.document import Problems, Table
from narrowgate.core.agreement.model import (
    AddressTerms,
    Agreement,
    Clause,
    FacilityList,
    Hold,
    Limits,
    MatchTerms,
    OfficeGrant,
    OfficeKey,
    Release,
    Retention,
    Safeguards,
    TaxYears,
)
from narrowgate.core.base.errors import ConfigurationError
from narrowgate.core.base.shown import toml_reason
from narrowgate.core.matching.tax_years import FIRST_YEAR, LAST_YEAR
from narrowgate.core.person.identity import IdentityKey
from narrowgate.core.request.office import Office

SCHEMA: Final = "narrowgate/agreement/v1"
LIFTED: Final = "lifted"
AT_ONCE: Final = "at once"
MAX_AGREEMENT_BYTES: Final = 1_048_576

_AUTHORITY: Final = "timestamp_authority"
_AGREEMENT_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_TIME_OF_DAY: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_TIME_ZONE: Final = re.compile(r"[A-Z][A-Za-z0-9+_-]{1,31}(?:/[A-Z][A-Za-z0-9+_-]{0,31}){0,2}")
_RULE_ID: Final = re.compile(r"R-[0-9]{1,2}[a-z]?")


def parse_agreement(text: bytes, where: str) -> Agreement:
    """The agreement of a file, complete and closed, and no wider than the code allows.

    Args:
        text: the file's bytes, UTF-8 TOML; their SHA-256 becomes ``digest``.
        where: the file for the message.

    Raises:
        ConfigurationError: the file is no TOML, a key is missing, unknown or of another form, or a value is
            wider than ``ceilings``; the message lists every problem with its line.
    """
    if len(text) > MAX_AGREEMENT_BYTES:
        raise _unusable((f"the file is longer than {MAX_AGREEMENT_BYTES} bytes",), where)
    try:
        document = text.decode("utf-8")
        values = tomllib.loads(document)
    except UnicodeDecodeError as error:
        raise _unusable(("the file is not UTF-8 text",), where) from error
    except (ValueError, RecursionError) as error:
        raise _unusable((f"the file is not TOML: {toml_reason(error)}",), where) from error
    problems = Problems(document)
    agreement = _agreement(Table(values, "", problems), hashlib.sha256(text).hexdigest())
    if problems.listed():
        raise _unusable(problems.listed(), where)
    return agreement


def require_real(agreement: Agreement, where: str) -> None:
    """Return only for an agreement that two agencies could sign.

    Raises:
        ConfigurationError: the agreement is a sandbox's, whose limits may be lifted.
    """
    if agreement.sandbox:
        raise ConfigurationError(
            "A sandbox agreement is refused outside the sandbox.",
            why="It may lift quotas and budgets, and throw-away keys hold its offices.",
            next_step="Name the agreement that both agencies signed.",
            where=where,
        )


def _unusable(problems: tuple[str, ...], where: str) -> ConfigurationError:
    return ConfigurationError(
        f"The agreement cannot be used: {len(problems)} problem(s).",
        why="\n".join(f"  {number}. {problem}." for number, problem in enumerate(problems, 1)),
        next_step="Correct the file; 'narrowgate agreement check FILE' lists what is left.",
        where=where,
    )


def _agreement(document: Table, digest: str) -> Agreement:
    document.one_of("schema", (SCHEMA,))
    head = document.table("agreement")
    sandbox = head.flag("sandbox")
    parties = document.table("parties")
    trust = document.table("trust")
    statutes = document.table("statutes")
    effective = head.day("effective")
    agreement = Agreement(
        id=_named(head, "id"),
        title=head.text("title"),
        version=head.whole("version", 1, 9_999),
        effective=effective,
        expires=head.day("expires", not_before=effective),
        sandbox=sandbox,
        custodian=parties.text("custodian"),
        requester=parties.text("requester"),
        clauses=_clauses(document),
        offices=_offices(document),
        trust_roots=trust.digests("roots"),
        safeguards=_safeguards(document.table("safeguards")),
        match=_match(document.table("match")),
        addresses=_addresses(document.table("addresses")),
        statutes=statutes.some_of("allowed", ceilings.STATUTES),
        tax_years=_tax_years(document.table("tax_years")),
        limits=_limits(document.table("limits"), sandbox),
        release=_release(document.table("release"), sandbox),
        retention=_retention(document.table("retention")),
        hold=_hold(document.table("hold")) if document.has("hold") else None,
        timestamp_authority=trust.digest(_AUTHORITY) if trust.has(_AUTHORITY) else None,
        digest=digest,
    )
    if agreement.expires - agreement.effective > timedelta(days=ceilings.AGREEMENT_DAYS):
        head.report("expires", f"is more than {ceilings.AGREEMENT_DAYS} days after 'effective'")
    for table in (head, parties, trust, statutes, document):
        table.close()
    return agreement


def _named(table: Table, key: str) -> str:
    value = table.text(key)
    if value and not _AGREEMENT_ID.fullmatch(value):
        table.report(key, "is not one word of at most 64 letters, digits and . _ -")
    return value


def _clauses(document: Table) -> tuple[Clause, ...]:
    clauses = []
    seen: set[str] = set()
    for table in document.tables("clause"):
        clause = _clause(table)
        if clause.id in seen:
            table.report("id", "stands in an earlier clause")
        seen.add(clause.id)
        clauses.append(clause)
    return tuple(clauses)


def _clause(table: Table) -> Clause:
    rules: tuple[str, ...] = ()
    if table.has("binds"):
        table.one_of("binds", ("people",))
        if table.has("rules"):
            table.texts("rules")
            table.report("rules", "does not stand beside 'binds'")
    else:
        rules = table.texts("rules")
        if not all(_RULE_ID.fullmatch(rule) for rule in rules):
            table.report("rules", "may only hold rule ids such as R-12")
    valid_from = table.day("valid_from")
    clause = Clause(
        id=_named(table, "id"),
        text=table.text("text"),
        citation=table.text("citation"),
        valid_from=valid_from,
        valid_to=table.day("valid_to", not_before=valid_from),
        rules=rules,
    )
    table.close()
    return clause


def _offices(document: Table) -> tuple[OfficeGrant, ...]:
    grants: list[OfficeGrant] = []
    for table in document.tables("office"):
        role = table.one_of("role", tuple(Office))
        if any(grant.role is role for grant in grants):
            table.report("role", "stands in an earlier office")
        grants.append(
            OfficeGrant(
                role=role,
                enabled=table.flag("enabled"),
                keys=tuple(_office_key(key) for key in table.tables("key")),
            )
        )
        table.close()
    return tuple(grants)


def _office_key(table: Table) -> OfficeKey:
    valid_from = table.day("valid_from")
    key = OfficeKey(table.digest("sha256"), valid_from, table.day("valid_to", not_before=valid_from))
    table.close()
    return key


def _safeguards(table: Table) -> Safeguards:
    approved = table.day("approved")
    safeguards = Safeguards(approved, table.day("expires", approved), table.flag("open_finding"))
    table.close()
    return safeguards


def _match(table: Table) -> MatchTerms:
    match = MatchTerms(
        canonical_form_version=table.one_of("canonical_form_version", (CANONICAL_FORM_VERSION,)),
        rule_version=table.whole("rule_version", ceilings.MATCH_RULE_VERSION, ceilings.MATCH_RULE_VERSION),
        identity_keys=table.some_of("identity_keys", tuple(IdentityKey)),
        suffix_blank=table.flag("suffix_blank"),
        street_one_edit=table.flag("street_one_edit"),
    )
    table.close()
    return match


def _addresses(table: Table) -> AddressTerms:
    classes: tuple[AddressClass, ...] = ceilings.ADDRESS_CLASSES_DEFAULT
    if table.has("classes"):
        classes = table.some_of("classes", ceilings.ADDRESS_CLASSES)
    facility_list = None
    if table.has("facility_list"):
        listed = table.table("facility_list")
        facility_list = FacilityList(listed.text("file"), listed.digest("sha256"))
        listed.close()
    table.close()
    return AddressTerms(classes, facility_list)


def _tax_years(table: Table) -> TaxYears:
    first = table.whole("first", FIRST_YEAR, LAST_YEAR)
    years = TaxYears(
        first=first,
        last=table.whole("last", first, LAST_YEAR),
        per_item=table.whole("per_item", 1, ceilings.TAX_YEARS_PER_ITEM),
    )
    table.close()
    return years


def _limits(table: Table, sandbox: bool) -> Limits:
    limits = Limits(**{key: _limit(table, key, most, sandbox) for key, most in ceilings.LIMITS.items()})
    table.close()
    return limits


def _limit(table: Table, key: str, most: int, sandbox: bool) -> int | None:
    if not table.holds(key, LIFTED):
        return table.whole(key, 1, most)
    table.text(key)
    if not sandbox:
        table.report(key, "is lifted, which only a sandbox agreement may say")
    return None


def _release(table: Table, sandbox: bool) -> Release:
    schedule: tuple[str, ...] = ()
    if table.holds("schedule", AT_ONCE):
        table.text("schedule")
        if not sandbox:
            table.report("schedule", "is 'at once', which only a sandbox agreement may say")
    else:
        schedule = table.texts("schedule")
        if not all(_TIME_OF_DAY.fullmatch(time) for time in schedule) or list(schedule) != sorted(schedule):
            table.report("schedule", "is not an ascending array of times of day such as 18:00")
        if len(schedule) > ceilings.RELEASES_PER_DAY:
            table.report("schedule", f"has more than {ceilings.RELEASES_PER_DAY} times")
    time_zone = table.text("time_zone") if table.has("time_zone") else "UTC"
    if time_zone and not _TIME_ZONE.fullmatch(time_zone):
        table.report("time_zone", "is not a name of the IANA time zone database such as America/New_York")
    hours = 1
    if table.has("processing_hours"):
        hours = table.whole("processing_hours", 1, ceilings.PROCESSING_HOURS)
    expire = table.whole("answers_expire_days", 1, ceilings.ANSWERS_EXPIRE_DAYS)
    release = Release(schedule, expire, time_zone, hours)
    table.close()
    return release


def _retention(table: Table) -> Retention:
    retention = Retention(table.whole("package_days", 1, ceilings.PACKAGE_DAYS))
    table.close()
    return retention


def _hold(table: Table) -> Hold:
    hold = Hold(
        since=table.day("since"),
        reason=table.text("reason"),
        offices=table.some_of("offices", tuple(Office)) if table.has("offices") else (),
    )
    table.close()
    return hold
