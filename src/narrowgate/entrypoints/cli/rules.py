"""``narrowgate rules``: what every rule refuses, on which law it rests, and what to do about it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from narrowgate.core.base.errors import UsageError
from narrowgate.core.eligibility.construction import HELD_BY_CONSTRUCTION
from narrowgate.core.eligibility.rule import Rule, Scope
from narrowgate.core.eligibility.ruleset import RULE_SET_VERSION, RULES, rule_set_digest
from narrowgate.entrypoints.cli.frame import ExampleCommand, LateGroup, answer

JUDGED = {
    Scope.FORM: "the form of a case file or package, before anything is read out of it",
    Scope.ITEM: "each item (step 6)",
    Scope.PACKAGE: "the package as a whole (steps 2 and 4)",
    Scope.HISTORY: "each item, against what was asked before (step 7)",
}
"""What each scope of rule looks at, and in which step of the gate."""


@click.group(cls=LateGroup, epilog="narrowgate rules show R-51")
def rules() -> None:
    """Look up the rules; nothing else is needed, and no network."""


@rules.command("list", cls=ExampleCommand, epilog="narrowgate rules list --scope item")
@click.option(
    "--scope", type=click.Choice([scope.value for scope in Scope]), help="Only the rules that judge this."
)
def list_rules(scope: str | None) -> None:
    """List every rule with its id and what it requires, in the order in which findings are listed."""
    chosen = [rule for rule in RULES if scope in {None, rule.scope.value}]
    described = [_described(rule) for rule in chosen]
    answer(
        {"rule_set": RULE_SET_VERSION, "sha256": rule_set_digest(), "rules": described},
        "\n".join(f"{rule.id:<7} {rule.title}" for rule in chosen),
    )


@rules.command(cls=ExampleCommand, epilog="narrowgate rules show R-14 R-62a")
@click.argument("ids", nargs=-1, required=True, metavar="RULE...")
def show(ids: tuple[str, ...]) -> None:
    """Say of each rule what it refuses, on which law it rests, and what to do about a finding.

    A requirement that the software holds by its construction, without a rule, is told too.
    """
    found = [_entry(name) for name in ids]
    answer({"rule_set": RULE_SET_VERSION, "rules": found}, "\n\n".join(map(_text, found)))


def _entry(name: str) -> dict[str, Any]:
    """The rule or requirement of that id, however its letters are written."""
    wanted = name.strip().upper().replace("R-", "").replace("R", "")
    for rule in RULES:
        if rule.id.upper() == f"R-{wanted}":
            return _described(rule)
    if how := HELD_BY_CONSTRUCTION.get(f"R-{wanted}"):
        return {"id": f"R-{wanted}", "held_by_construction": how}
    raise UsageError(
        "There is no rule with that id.",
        why="An id is R- and a number, some with a letter, such as R-62a.",
        next_step="'narrowgate rules list' lists every rule.",
    )


def _described(rule: Rule) -> dict[str, Any]:
    return {**asdict(rule), "scope": rule.scope.value, "judges": JUDGED[rule.scope]}


def _text(entry: dict[str, Any]) -> str:
    if "held_by_construction" in entry:
        return f"{entry['id']}  held by construction, without a rule\n  {entry['held_by_construction']}"
    return "\n".join(
        (
            f"{entry['id']}  {entry['title']}",
            f"  judges       {entry['judges']}",
            f"  rests on     {entry['citation']}",
            f"  refuses      {entry['text']}",
            f"  what to do   {entry['hint']}",
            f"  since        rule set {entry['since']}",
        )
    )
