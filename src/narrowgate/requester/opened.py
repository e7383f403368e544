"""Opened answers beside what was asked, for the officer who reads them: in words, and as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from narrowgate.core.answers.answer import TERMS, AnswerPart
from narrowgate.core.answers.answer_record import AnswerRecord
from narrowgate.core.answers.answers_manifest import AnswersManifest
from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.answers.recall_notice import KnownRecalls, RecallOfPackage
from narrowgate.core.base.errors import RefusedError
from narrowgate.core.base.times import format_time
from narrowgate.core.eligibility.ruleset import RULE_IDS, rule_of
from narrowgate.core.log.witness_quorum import Witnessed
from narrowgate.core.request.item import Item
from narrowgate.requester.asked import asked_item

_MEANINGS: Final[Mapping[Outcome, str]] = {
    Outcome.NOT_CONFIRMED: (
        "This says nothing about the person: no record, another address and an answer withheld by law look the same."
    ),
    Outcome.REFUSED: "The item does not meet the agreement; tax records played no part in it.",
}


def meaning_of(outcome: Outcome, tax_years: str) -> str:
    """What an outcome says of one item, and what it does not say.

    Args:
        outcome: of the item.
        tax_years: as the item names them, separated by spaces; empty where the item is not at hand.
    """
    if outcome is not Outcome.CONFIRMED:
        return _MEANINGS[outcome]
    *earlier, last = tax_years.split() or ["a tax year that the item names"]
    years = f"{', '.join(earlier)} or {last}" if earlier else last
    return (
        f"The address as asked appears in this person's tax file for {years}. This says nothing about whether the "
        "person lives, lived or can be found there. Verify it independently before any action."
    )


RECALLED: Final = "RECALLED"
"""Shown instead of an outcome (R-43)."""


def recalled_meaning(recall: RecallOfPackage) -> str:
    """What is said instead of the meaning of an outcome that was recalled."""
    return (
        f"The custodian recalled this answer on {recall.time} by act {recall.act_number} (leaf {recall.leaf} of the "
        "log). It must not be acted on, shown or handed on; destroy every copy and send the receipt: "
        "'narrowgate recall receipt' (R-43)."
    )


def recalled_refusal(what: str) -> RefusedError:
    """The error of what cannot be done with an answer that was recalled."""
    return RefusedError(
        what,
        why="Two officers of the custodian recalled the answer, and the log says so.",
        next_step="Do not act on it; destroy every copy and send the receipt: 'narrowgate recall receipt'.",
        rule="R-43",
    )


@dataclass(frozen=True, slots=True)
class OpenedAnswers:
    """The answers of one officer, each proved to be the decision in the log, beside what was asked.

    Args:
        part: opened and verified.
        manifest: of the answers.
        asked: the items by row, from 0; ``None`` where no package is at hand.
        left_out: rows of the package that name the officer and have no answer here, from 0.
        recalls: that are known; ``None`` where nobody looked for any.
        witnessed: what is known of the witnesses of the log; ``None`` where a program does not say.
    """

    part: AnswerPart
    manifest: AnswersManifest
    asked: Mapping[int, Item] | None = None
    left_out: tuple[int, ...] = ()
    recalls: KnownRecalls | None = None
    witnessed: Witnessed | None = None

    def recall(self, record: AnswerRecord) -> RecallOfPackage | None:
        """The recall of this answer, as far as one is known; a refusal is no answer, and stays what it is."""
        if self.recalls is None or record.outcome is Outcome.REFUSED:
            return None
        return self.recalls.of(self.manifest.package_id, record.ordinal)

    def outcome(self, record: AnswerRecord) -> str:
        """What is shown as the outcome: ``RECALLED`` in the place of one that must not be acted on."""
        return record.outcome.value if self.recall(record) is None else RECALLED

    def item(self, record: AnswerRecord) -> Item | None:
        """What the record answers; nothing where no package is at hand."""
        return None if self.asked is None else self.asked.get(record.ordinal)

    def meaning(self, record: AnswerRecord) -> str:
        """What the record says and does not say."""
        if (recall := self.recall(record)) is not None:
            return recalled_meaning(recall)
        item = self.item(record)
        return meaning_of(record.outcome, item.tax_years if item else "")


def opened_text(opened: OpenedAnswers) -> str:
    """The answers as lines of text."""
    return "\n".join(_text_lines(opened))


def _text_lines(opened: OpenedAnswers) -> Iterator[str]:
    header, manifest = opened.part.header, opened.manifest
    yield f"Answers to the package {header.package_id} for {header.officer}"
    yield f"  {header.records:,} answers, each the decision that the log {manifest.log_origin} holds"
    yield f"  issued {format_time(header.issued)}, to be read and used until {format_time(header.expires)} (R-41)"
    yield (
        f"  data as of {manifest.data_as_of}; an item that repeats a question has the answer of the first time (R-74)"
    )
    for record in opened.part.records:
        yield ""
        yield from _answer_lines(opened, record)
    if opened.asked is None:
        yield ""
        yield (
            "Item, person, address and years as asked are in the package, not in the answers: "
            "name it with --package DIR."
        )


def _answer_lines(opened: OpenedAnswers, record: AnswerRecord) -> Iterator[str]:
    item = opened.item(record)
    name = f"Row {record.ordinal + 1:,}" + (f", item {item.item}" if item else "")
    yield f"{name}: {opened.outcome(record)}"
    if item:
        asked = asked_item(record.ordinal + 1, item)
        yield f"  Person as asked   {asked.person}, born {item.birth_date or '(blank)'}"
        yield f"  Address as asked  {asked.address}"
        yield f"  Tax years asked   {asked.tax_years}"
        yield f"  Investigation     {item.investigation_number}, {item.statute}"
    yield f"  {opened.meaning(record)}"
    for finding in record.findings:
        yield from rule_lines(finding)


def rule_lines(finding: str) -> Iterator[str]:
    """The text of a rule that refuses an item, and what to do, as lines."""
    if finding not in RULE_IDS:
        yield f"  {finding} is a rule of another version of Narrowgate."
        return
    rule = rule_of(finding)
    yield f"  {rule.id}  {rule.title} ({rule.citation})"
    yield f"    {rule.text}"
    yield f"    What to do: {rule.hint}"


def opened_fields(opened: OpenedAnswers) -> dict[str, Any]:
    """The same as data for JSON."""
    header, manifest = opened.part.header, opened.manifest
    return {
        "package_id": header.package_id,
        "officer": header.officer,
        "issued": format_time(header.issued),
        "expires": format_time(header.expires),
        "data_as_of": manifest.data_as_of,
        "log_origin": manifest.log_origin,
        "terms": TERMS,
        "answers": [_answer_fields(opened, record) for record in opened.part.records],
        "rows_without_an_answer": [row + 1 for row in opened.left_out],
        "recalls": _recalls_fields(opened.recalls),
        "witnesses": None if opened.witnessed is None else witness_fields(opened.witnessed),
    }


def witness_fields(witnessed: Witnessed) -> dict[str, Any]:
    """The witnesses demanded and those who cosigned, as data; nothing is demanded where no key was given."""
    demanded = witnessed.demanded
    return {
        "demanded": None if demanded is None else [str(each) for each in demanded.witnesses],
        "quorum": None if demanded is None else demanded.quorum,
        "cosigned": [
            {"witness": each.name, "time": format_time(datetime.fromtimestamp(each.time, UTC))}
            for each in witnessed.cosigners
        ],
        "lines_not_compared": witnessed.unread,
    }


def _recalls_fields(known: KnownRecalls | None) -> dict[str, Any] | None:
    """Where recalls were looked for; nothing where nobody looked."""
    if known is None:
        return None
    return {"log_size": known.log_size or None, "newest_leaf": known.last_time or None}


def _answer_fields(opened: OpenedAnswers, record: AnswerRecord) -> dict[str, Any]:
    item = opened.item(record)
    return {
        "row": record.ordinal + 1,
        "leaf": record.leaf_index,
        "asked": item._asdict() if item else None,
        "outcome": opened.outcome(record),
        "meaning": opened.meaning(record),
        "findings": [rule_fields(finding) for finding in record.findings],
    }


def rule_fields(finding: str) -> dict[str, str]:
    """The same as data; of a rule of another version its id alone."""
    if finding not in RULE_IDS:
        return {"rule": finding}
    rule = rule_of(finding)
    return {
        "rule": rule.id,
        "title": rule.title,
        "text": rule.text,
        "citation": rule.citation,
        "hint": rule.hint,
    }
