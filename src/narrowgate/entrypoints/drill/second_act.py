"""Act two from its first page to its last; this file is its table of contents."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from narrowgate.entrypoints.cli.progress import Report
from narrowgate.entrypoints.drill.court import CourtReport, report_to_the_court
from narrowgate.entrypoints.drill.demo_gate import DemoGate
from narrowgate.entrypoints.drill.found import decide_again, put_incident_on_record, report_incident
from narrowgate.entrypoints.drill.recalled import (
    Recall,
    dispose,
    find_suspects,
    issue_recall,
    opened_again,
    tell_recipients,
)
from narrowgate.entrypoints.drill.second_file import SecondFile
from narrowgate.entrypoints.drill.timeline import COURT_TOLD, RECIPIENT_TOLD, Timeline, in_words
from narrowgate.entrypoints.drill.wrong_answer import WrongAnswer, release_a_wrong_answer
from narrowgate.verify.conformance.report import Verdict
from narrowgate.verify.recall_book import RecallStatus


@dataclass(frozen=True, slots=True)
class ActTwo:
    """A wrong answer that left, and what became of it.

    Args:
        wrong: the answer.
        recall: that calls it back, and every other answer of the same matcher.
        notices: how many recipients were told.
        shown: in the place of the wrong outcome, when its officer opens it again.
        status: of the receipts.
        court: what the court has in hand.
        timeline: when each thing happened.
    """

    wrong: WrongAnswer
    recall: Recall
    notices: int
    shown: str
    status: RecallStatus
    court: CourtReport
    timeline: Timeline

    def as_json(self) -> dict[str, Any]:
        """Ids and times, which differ from run to run."""
        return {
            "package": self.wrong.package_id,
            "row": self.wrong.row + 1,
            "answers_recalled": self.recall.listed.answers,
            "notices": self.notices,
            "opens_as": self.shown,
            "receipts_expected": self.status.expected,
            "receipts": self.status.received,
            "bundle": self.court.verdict,
            "requirements": {verdict.value: count for verdict, count in self.court.verdicts.items()},
            "contradicted": list(self.court.contradicted),
            "timeline": self.timeline.as_json(),
        }


def play_second_act(gate: DemoGate, file: SecondFile, home: Path, workers: int, report: Report) -> ActTwo:
    """One wrong answer, planted through a matcher broken on purpose; it is stopped, found, recalled and disposed of.

    Args:
        gate: of the drill; what is broken is put into it for one package only.
        file: the items.
        home: directory of the drill, for the pages.
        workers: processes.
        report: shows progress.
    """
    began = gate.clock.now()
    wrong = release_a_wrong_answer(gate, file, report)
    timeline = Timeline(wrong.released)
    timeline.add("answers leave, one of them wrong", "gate with a broken matcher", wrong.released)
    decide_again(gate, wrong)
    timeline.add("decided again, one outcome is another", "custodian", gate.clock.now())
    incident = put_incident_on_record(gate, began)
    timeline.add("a hold stops everything, 24 hours run", "one custody officer", gate.clock.now())
    report_incident(gate, incident)
    timeline.add("the incident is reported", "one custody officer", gate.clock.now())
    listed = find_suspects(gate, began)
    timeline.add("suspect answers are found in the log", "inspector", gate.clock.now())
    recall = issue_recall(gate, listed)
    timeline.add("they are recalled", "two custody officers", recall.time)
    notices = tell_recipients(gate, recall)
    timeline.add("every recipient is told to dispose of them", "custodian", gate.clock.now(), RECIPIENT_TOLD)
    shown = opened_again(gate, wrong)
    timeline.add(f"the answer opens as {shown}", "its officer", gate.clock.now())
    status = dispose(gate, notices)
    timeline.add("every receipt of disposal is in the log", "recipients", gate.clock.now())
    court = report_to_the_court(gate, wrong, home, workers)
    timeline.add("the court has the report", "inspector", gate.clock.now(), COURT_TOLD)
    return ActTwo(wrong, recall, len(notices), shown, status, court, timeline)


def second_act_text(two: ActTwo) -> str:
    """What the screen says when act two is over: both clocks, side by side."""
    moments = two.timeline.moments
    wide = max(len(moment.what) for moment in moments)
    who = max(len(moment.who) for moment in moments)
    return "\n".join(
        [
            "Act two: one wrong answer, planted through a matcher that is broken on purpose, leaves",
            "",
            f"  {'':<{wide}}  {'':<{who}}  {'here':>8}  {'in 2025':>9}",
            *(
                f"  {moment.what:<{wide}}  {moment.who:<{who}}  {in_words(moment.after):>8}  "
                f"{f'{moment.then.days} days' if moment.then else '':>9}".rstrip()
                for moment in moments
            ),
            "",
            f"  {two.recall.listed.answers:,} answers recalled, all that this matcher decided",
            f"  {two.notices:,} recipients told, {two.status.received:,} receipts of {two.status.expected:,}",
            f"  the bundle is {two.court.verdict}, and shows the court {_verdicts(two.court)}",
            "  These are the machine's times: people who look, decide and sign take longer.",
        ]
    )


def _verdicts(court: CourtReport) -> str:
    counts = court.verdicts
    told = f"{counts[Verdict.SHOWN]} of {sum(counts.values())} requirements, and contradicts"
    return f"{told} {', '.join(court.contradicted) or 'none'}"
