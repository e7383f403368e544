"""The reference page of the rules says what the rule files say, in the same fields for every rule."""

from __future__ import annotations

import re
import subprocess
import sys

from narrowgate.core.eligibility.ruleset import RULES
from support.requests import PROJECT

PAGE = (PROJECT / "docs" / "reference" / "rules.md").read_text(encoding="utf-8")
FIELDS = [
    "| judges | ",
    "| rests on | ",
    "| since | ",
    "| cases | ",
    "*What to do:* ",
    "*Refused, for example:* ",
    "*Let through, for example:* ",
]


def test_the_page_is_what_its_generator_writes() -> None:
    tool = PROJECT / "tools" / "rules_reference.py"
    run = subprocess.run([sys.executable, tool, "--check"], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")


def test_every_rule_has_a_section_with_the_same_fields() -> None:
    sections = dict(re.findall(r"\n## (R-\w+)\n(.*?)(?=\n## )", PAGE, re.DOTALL))
    assert list(sections) == [rule.id for rule in RULES]
    for text in sections.values():
        places = [text.find(field) for field in FIELDS]
        assert places == sorted(places)
        assert all(re.search(re.escape(field) + r"\S", text) for field in FIELDS)
