"""``report.html``: the drill on one page, with both clocks; for reading and for paper."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.base.times import format_time
from narrowgate.entrypoints.drill.picture import Bar, draw
from narrowgate.entrypoints.drill.second_act import ActTwo
from narrowgate.entrypoints.drill.summary import TRUTHS, ActOne
from narrowgate.entrypoints.drill.timeline import SENT, in_words
from narrowgate.verify.report_page import (
    Cell,
    Column,
    Html,
    facts,
    figure,
    heading,
    page,
    paragraph,
    table,
)


def report_page(one: ActOne, two: ActTwo) -> bytes:
    """The page, in UTF-8; it loads nothing and runs nothing."""
    return page("August 2025, played again", [*_prologue(), *_act_one(one), *_act_two(two)])


def _prologue() -> Iterator[Html]:
    yield paragraph(
        "This is a drill. The people, the tax file and the case file are synthetic and the keys are thrown away; every "
        "other part is the one that an agency runs. 'narrowgate docs why' tells what 2025 was, with its "
        "sources."
    )


def _act_one(one: ActOne) -> Iterator[Html]:
    whole, tally = one.whole, one.tally
    yield heading(2, "Act one: the file")
    yield facts(
        [
            ("Handed over", f"{whole.items:,} items as one signed package"),
            ("Became of it", f"refused whole in {whole.seconds:.2f} s"),
            ("By", f"{', '.join(whole.rules)}. {whole.what}"),
            ("Quota", f"{whole.quota:,} items in one package"),
            ("Rows read", f"{whole.rows_read:,}"),
            ("Index opened", f"{whole.index_opened} times"),
        ]
    )
    yield paragraph("The same file, item by item, in a sandbox in which the quotas are lifted:")
    yield table(
        "outcomes",
        "What is true of an item, and its outcome",
        [Column("What is true"), *(Column(outcome.value, is_count=True) for outcome in Outcome)],
        _outcomes(one),
    )
    test = (
        f"{tally.passed_in_2025.total():,} items pass it (name and number agree, the address holds five digits); "
        f"{tally.untrue_in_2025:,} of them have an address that must not be confirmed"
    )
    yield facts(
        [
            ("Wrong confirmations", f"{len(tally.wrong):,}"),
            ("Missed confirmations", f"{tally.missed:,}"),
            ("The test of 2025", test),
        ]
    )


def _outcomes(one: ActOne) -> Iterator[list[Cell]]:
    for truth, counts in one.tally.by_truth.items():
        yield [TRUTHS[truth], *(counts[outcome] for outcome in Outcome)]
    yield ["all", *(one.tally.outcomes[outcome] for outcome in Outcome)]


def _act_two(two: ActTwo) -> Iterator[Html]:
    yield heading(2, "Act two: the wrong answer")
    yield paragraph(
        "A matcher that is broken on purpose takes the address on file and never compares the one it is given: for "
        f"row {two.wrong.row + 1} of {two.wrong.items} in the package {two.wrong.package_id}. The drill puts it into "
        "the gate in the place of the real one; no setting, agreement or act can do that. The answer CONFIRMED leaves."
    )
    moments = two.timeline.moments
    bars = [Bar(moment.what, moment.after, is_2025=False) for moment in moments[1:]]
    bars += [
        Bar(f"2025: {moment.then.what}", timedelta(days=moment.then.days), is_2025=True)
        for moment in moments
        if moment.then
    ]
    yield figure(draw(bars), "Time since the wrong answer left; each mark is many times the one before it")
    yield table(
        "clocks",
        f"Both clocks; that of 2025 begins on {SENT.isoformat()}, when the addresses were sent",
        [
            Column(name)
            for name in ("What", "Who, in the drill", "When", "After", "In 2025", "Source of 2025")
        ],
        [
            [
                moment.what,
                moment.who,
                format_time(moment.time),
                in_words(moment.after),
                f"{moment.then.days} days, on {moment.then.on.isoformat()}" if moment.then else "",
                moment.then.source if moment.then else "",
            ]
            for moment in moments
        ],
    )
    yield paragraph(
        "The drill's times are those of the machine: its officers sign at once. What people need to look, to decide "
        "and to sign comes on top; finding, telling and counting does not."
    )
    yield facts(
        [
            ("Answers recalled", f"{two.recall.listed.answers:,}, all that the broken matcher decided"),
            ("Recipients told", f"{two.notices:,}"),
            ("Receipts of disposal", f"{two.status.received:,} of {two.status.expected:,}"),
        ]
    )
    yield heading(2, "What the court has in hand")
    yield paragraph(
        f"A bundle of the gate: log, acts, keys and a verifier. It is {two.court.verdict}. From it alone an inspector "
        "makes two pages: conformance.html says of each requirement what the log shows of it, and trace.html has "
        "the way of the wrong answer with a proof of every step. The same log gives the same pages."
    )
    yield table(
        "verdicts",
        "Requirements by what the log shows of them",
        [Column("Verdict"), Column("Requirements", is_count=True)],
        [[verdict.value, count] for verdict, count in two.court.verdicts.items()],
    )
    if two.court.contradicted:
        yield paragraph(f"Contradicted: {', '.join(two.court.contradicted)}", is_mark=True)
