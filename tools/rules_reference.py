"""Write docs/reference/rules.md from the rule files and their cases; with --check, only compare.

A version of the rule set that has no digest in tests/vectors/rule_sets.toml yet gets one; an old line is never changed.

python tools/rules_reference.py [--check]
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

from narrowgate.core.eligibility.construction import HELD_BY_CONSTRUCTION
from narrowgate.core.eligibility.rule import Rule
from narrowgate.core.eligibility.ruleset import RULE_SET_VERSION, RULES, rule_set_digest
from narrowgate.entrypoints.cli.rules import JUDGED

PROJECT = Path(__file__).resolve().parents[1]
PAGE = PROJECT / "docs" / "reference" / "rules.md"
CASES = PROJECT / "tests" / "rules"
VERSIONS = PROJECT / "tests" / "vectors" / "rule_sets.toml"
SHOWN_CASES = 4

HEAD = f"""# Eligibility rules

Rule set version {RULE_SET_VERSION}. This page is written by `python tools/rules_reference.py` from the rule files in
`src/narrowgate/core/eligibility/rules/`; a test compares the two.

An item is refused with the ids of **all** rules it does not meet, in ascending order; a package that
does not meet a package rule is refused whole. No rule looks at a tax record: what a refusal says, the
requester's own text says. `narrowgate case lint` shows every finding with its line before anything is signed.

| rule | requires |
| --- | --- |
"""

TAIL = """
## Held without a rule

Some requirements need no check, because the software has no way not to hold them. A clause of an agreement may
name them like rules.

| requirement | how it is held |
| --- | --- |
"""


def page() -> str:
    """The whole page."""
    index = "".join(f"| [{rule.id}](#{rule.id.lower()}) | {rule.title} |\n" for rule in RULES)
    held = "".join(f"| {requirement} | {how} |\n" for requirement, how in HELD_BY_CONSTRUCTION.items())
    return HEAD + index + "".join(map(section, RULES)) + TAIL + held


def section(rule: Rule) -> str:
    """One rule, with the same fields in the same order as every other."""
    return f"""
## {rule.id}

**{rule.title}.**

| | |
| --- | --- |
| judges | {JUDGED[rule.scope]} |
| rests on | {rule.citation} |
| since | rule set {rule.since} |
| cases | `tests/rules/{rule.id}.toml` |

{rule.text}

*What to do:* {rule.hint}

*Refused, for example:* {examples(rule, "fail")}

*Let through, for example:* {examples(rule, "pass")}
"""


def examples(rule: Rule, kind: str) -> str:
    """What the first cases of one kind are about."""
    cases = tomllib.loads((CASES / f"{rule.id}.toml").read_text(encoding="utf-8"))[kind]
    reasons = dict.fromkeys(case["because"] for case in cases.values())
    return " ".join(list(reasons)[:SHOWN_CASES])


def main() -> None:
    """Write the page, or compare it."""
    text = page()
    if sys.argv[1:] != ["--check"]:
        PAGE.write_text(text, encoding="utf-8")
        known = VERSIONS.read_text(encoding="utf-8")
        if RULE_SET_VERSION not in tomllib.loads(known)["digests"]:
            VERSIONS.write_text(f'{known}{RULE_SET_VERSION} = "{rule_set_digest()}"\n', encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != text:
        sys.exit("docs/reference/rules.md is not what the rules say: run 'python tools/rules_reference.py'.")


if __name__ == "__main__":
    main()
