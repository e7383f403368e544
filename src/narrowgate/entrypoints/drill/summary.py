"""What ``summary.json``, ``measures.json`` and the screen say of a drill; the same seed gives the same summary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from narrowgate import __version__
from narrowgate.core.address.model import CANONICAL_FORM_VERSION
from narrowgate.core.agreement.ceilings import LIMITS, MATCH_RULE_VERSION
from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.eligibility.ruleset import RULE_SET_VERSION, rule_of
from narrowgate.entrypoints.drill.august_file import AugustFile
from narrowgate.entrypoints.drill.exercise import Tally
from narrowgate.entrypoints.drill.refused_whole import RefusedWhole
from narrowgate.entrypoints.sandbox.measure import Measures
from narrowgate.entrypoints.sandbox.synthetic_cases import Truth

TRUTHS: Final = {
    Truth.MUST_CONFIRM: "the person's address",
    Truth.MUST_NOT_CONFIRM: "not the person's address",
    Truth.REFUSED: "no address, or no case",
}
"""What is true of an item, in words."""


@dataclass(frozen=True, slots=True)
class ActOne:
    """The whole file refused, and the same file item by item.

    Args:
        file: that was handed over.
        seed: it was drawn with.
        whole: what the gate made of the whole file.
        tally: what came out item by item.
    """

    file: AugustFile
    seed: int
    whole: RefusedWhole
    tally: Tally

    def as_json(self) -> dict[str, Any]:
        """All that is the same whenever and wherever the drill is played with this seed; no time, no key, no digest."""
        whole, tally = self.whole, self.tally
        return {
            "narrowgate": __version__,
            "canonical_form": CANONICAL_FORM_VERSION,
            "match_rule": MATCH_RULE_VERSION,
            "rule_set": RULE_SET_VERSION,
            "seed": self.seed,
            "items": self.file.items,
            "filers": self.file.filers,
            "refused_whole": {
                "items": whole.items,
                "items_per_package": whole.quota,
                "rules": list(whole.rules),
                "items_decided": 0,
                "rows_read": whole.rows_read,
                "index_opened": whole.index_opened,
            },
            "items_in": tally.items,
            "items_answered": tally.answered,
            "items_refused": tally.refused,
            "outcomes": {outcome.value: tally.outcomes[outcome] for outcome in Outcome},
            "findings": dict(sorted(tally.findings.items())),
            "by_truth": {
                truth.value: {outcome.value: counts[outcome] for outcome in Outcome}
                for truth, counts in tally.by_truth.items()
            },
            "wrong_confirmations": len(tally.wrong),
            "missed_confirmations": tally.missed,
            "test_of_2025": {
                "would_have_answered": tally.passed_in_2025.total(),
                "must_not_be_confirmed": tally.untrue_in_2025,
                "outcomes": {outcome.value: tally.passed_in_2025[outcome] for outcome in Outcome},
            },
        }


def refused_text(whole: RefusedWhole) -> str:
    """What the screen says when the whole file is refused."""
    lines = [
        f"Act one: the file of August 2025, {whole.items:,} items, is handed over as one package",
        "",
        f"  refused whole in {whole.seconds:.2f} s and {whole.peak_memory_mb:,.0f} MB, no item of it decided:",
        f"  {whole.rows_read:,} rows read, index opened {whole.index_opened} times",
        f"  {' '.join(whole.rules)}: {whole.what}",
        f"  The agreement allows {whole.quota:,} items in one package.",
    ]
    if whole.quota < LIMITS["items_per_package"]:
        lines.append(
            f"  A real one allows {LIMITS['items_per_package']:,} at most; "
            "this quota is smaller because the file is."
        )
    return "\n".join(lines)


def tally_text(tally: Tally) -> str:
    """What the screen says when every item is decided."""
    passed = tally.passed_in_2025
    header = "".join(f"{outcome.value:>15}" for outcome in Outcome)
    return "\n".join(
        [
            "The same file item by item, quotas lifted, as only a sandbox can",
            "",
            f"  {'':<26}{header}",
            *(
                f"  {TRUTHS[truth]:<26}" + "".join(f"{counts[outcome]:>15,}" for outcome in Outcome)
                for truth, counts in tally.by_truth.items()
            ),
            f"  {'all':<26}" + "".join(f"{tally.outcomes[outcome]:>15,}" for outcome in Outcome),
            "",
            f"  {tally.items:,} items in = {tally.answered:,} answered + {tally.refused:,} refused",
            f"  Wrong confirmations  {len(tally.wrong):,}   (must be 0)",
            f"  Missed confirmations {tally.missed:,}",
            "",
            "  Refused by rule (an item may count under several)",
            *(
                f"    {rule:<6} {count:>9,}  {rule_of(rule).title}"
                for rule, count in sorted(tally.findings.items(), key=lambda entry: (-entry[1], entry[0]))
            ),
            "",
            "  The test of 2025: name and number agree, and the address holds five digits",
            f"    {passed.total():>9,} items pass it and would have been answered",
            f"    {tally.untrue_in_2025:>9,} of them have an address that must not be confirmed",
            f"    {passed[Outcome.CONFIRMED]:>9,} of them are CONFIRMED here",
        ]
    )


def measures_json(measures: Measures) -> dict[str, Any]:
    """Seconds and peak memory of each step, which differ from run to run."""
    return {"seconds": measures.seconds, "peak_memory_mb": measures.peak_memory_mb}
