"""An agreement as the TOML that two lawyers read: the inverse of ``parse_agreement``."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from dataclasses import fields
from typing import Final

from narrowgate.core.agreement.model import Agreement, Clause, Hold, OfficeGrant
from narrowgate.core.agreement.parse import AT_ONCE, LIFTED, SCHEMA

_WIDTH: Final = 100
_REMARKS: Final = {
    "trust": "SHA-256 of the DER root certificates that a signer's chain must end in.",
    "safeguards": "The requester's safeguards approval, 26 USC 6103(p)(4). An open finding closes the gate.",
    "match": "Version 1 of the match rule is all the code has. Either relaxation may be switched off.",
    "addresses": "Classes of address that may be asked about.",
    "statutes": "Federal criminal statutes that an item may cite.",
    "tax_years": "The window, and how many years one item may name.",
    "limits": "Quotas and budgets. The code has a ceiling for each.",
    "release": "Times of day at which answers leave, at least so many hours after receipt; days for which they open.",
    "retention": "Days for which rows are kept after their answer. The accounting is permanent.",
    "hold": "No answer leaves while this section stands.",
}


def render_agreement(agreement: Agreement) -> str:
    """The TOML text from which ``parse_agreement`` reads an equal agreement, ``digest`` apart."""
    blocks = [
        f"# Each section narrows what the software allows; none can widen it.\nschema = {_text(SCHEMA)}",
        _head(agreement),
        _section("parties", custodian=_text(agreement.custodian), requester=_text(agreement.requester)),
        *map(_clause, agreement.clauses),
        *map(_office, agreement.offices),
        *_terms(agreement),
    ]
    if agreement.hold:
        blocks.append(_hold(agreement.hold))
    return "\n\n".join(blocks) + "\n"


def _head(agreement: Agreement) -> str:
    return _section(
        "agreement",
        id=_text(agreement.id),
        title=_text(agreement.title),
        version=str(agreement.version),
        effective=agreement.effective.isoformat(),
        expires=agreement.expires.isoformat(),
        sandbox=_flag(agreement.sandbox),
    )


def _terms(agreement: Agreement) -> list[str]:
    safeguards, match, years = agreement.safeguards, agreement.match, agreement.tax_years
    schedule = _texts(agreement.release.schedule) if agreement.release.schedule else _text(AT_ONCE)
    authority = agreement.timestamp_authority
    stamped = {} if authority is None else {"timestamp_authority": _text(authority)}
    return [
        _section("trust", roots=_texts(agreement.trust_roots), **stamped),
        _section(
            "safeguards",
            approved=safeguards.approved.isoformat(),
            expires=safeguards.expires.isoformat(),
            open_finding=_flag(safeguards.open_finding),
        ),
        _section(
            "match",
            canonical_form_version=_text(match.canonical_form_version),
            rule_version=str(match.rule_version),
            identity_keys=_texts(match.identity_keys),
            suffix_blank=_flag(match.suffix_blank),
            street_one_edit=_flag(match.street_one_edit),
        ),
        _addresses(agreement),
        _section("statutes", allowed=_texts(agreement.statutes)),
        _section("tax_years", first=str(years.first), last=str(years.last), per_item=str(years.per_item)),
        _section(
            "limits", **{field.name: _limit(agreement, field.name) for field in fields(agreement.limits)}
        ),
        _section(
            "release",
            schedule=schedule,
            time_zone=_text(agreement.release.time_zone),
            processing_hours=str(agreement.release.processing_hours),
            answers_expire_days=str(agreement.release.answers_expire_days),
        ),
        _section("retention", package_days=str(agreement.retention.package_days)),
    ]


def _limit(agreement: Agreement, name: str) -> str:
    limit = getattr(agreement.limits, name)
    return _text(LIFTED) if limit is None else str(limit)


def _addresses(agreement: Agreement) -> str:
    terms = agreement.addresses
    section = _section("addresses", classes=_texts(terms.classes))
    if terms.facility_list is None:
        return section
    listed = terms.facility_list
    return f"{section}\n\n" + _section(
        "addresses.facility_list", file=_text(listed.file), sha256=_text(listed.sha256)
    )


def _clause(clause: Clause) -> str:
    holder = {"rules": _texts(clause.rules)} if clause.rules else {"binds": _text("people")}
    return _section(
        "[clause]",
        id=_text(clause.id),
        text=_prose(clause.text),
        citation=_text(clause.citation),
        valid_from=clause.valid_from.isoformat(),
        valid_to=clause.valid_to.isoformat(),
        **holder,
    )


def _office(grant: OfficeGrant) -> str:
    keys = [
        _section(
            "[office.key]",
            sha256=_text(key.sha256),
            valid_from=key.valid_from.isoformat(),
            valid_to=key.valid_to.isoformat(),
        )
        for key in grant.keys
    ]
    office = _section("[office]", role=_text(grant.role), enabled=_flag(grant.enabled))
    return "\n\n".join([office, *keys])


def _hold(hold: Hold) -> str:
    offices = {"offices": _texts(hold.offices)} if hold.offices else {}
    return _section("hold", since=hold.since.isoformat(), reason=_text(hold.reason), **offices)


def _section(name: str, **values: str) -> str:
    remark = f"# {_REMARKS[name]}\n" if name in _REMARKS else ""
    return remark + "\n".join([f"[{name}]", *(f"{key} = {value}" for key, value in values.items())])


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _text(value: str) -> str:
    # A JSON string is a TOML basic string but for DEL, which TOML wants escaped (TOML 1.0, section String).
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _texts(values: Sequence[str]) -> str:
    one_line = f"[{', '.join(map(_text, values))}]"
    if len(one_line) <= _WIDTH:
        return one_line
    return "[\n" + "".join(f"  {_text(value)},\n" for value in values) + "]"


def _prose(value: str) -> str:
    """A long text over several lines that read back as one."""
    escaped = _text(value)[1:-1]
    lines = textwrap.wrap(escaped, _WIDTH - 4, break_long_words=False, break_on_hyphens=False)
    if len(lines) < 2 or " ".join(lines) != escaped:
        return _text(value)
    return '"""\\\n' + " \\\n".join(f"  {line}" for line in lines) + '"""'
