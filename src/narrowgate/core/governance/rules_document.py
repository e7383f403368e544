"""The versions that decide, which the act ``rules-in-force`` puts in force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.base.closed_document import WORD, read_document

RULES_SCHEMA: Final = "narrowgate/rules/v1"


@dataclass(frozen=True, slots=True)
class Versions:
    """What decides, by version.

    Args:
        canonical_form: of addresses and persons.
        match_rule: of what is asked of the index.
        rule_set: of eligibility.
        software: of Narrowgate.
    """

    canonical_form: str
    match_rule: str
    rule_set: str
    software: str


def versions_bytes(versions: Versions) -> bytes:
    """The only byte string that denotes the versions."""
    return canonical_bytes(
        {
            "canonical_form": versions.canonical_form,
            "match_rule": versions.match_rule,
            "rule_set": versions.rule_set,
            "schema": RULES_SCHEMA,
            "software": versions.software,
        }
    )


def parse_versions(data: bytes, where: str) -> Versions:
    """The versions that :func:`versions_bytes` writes so.

    Raises:
        EnvelopeError: the bytes are no such document.
    """
    fields = read_document(data, where)
    fields.constant("schema", RULES_SCHEMA)
    versions = Versions(
        *(fields.text(name, WORD) for name in ("canonical_form", "match_rule", "rule_set", "software"))
    )
    fields.close()
    return versions
