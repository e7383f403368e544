from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence

import pytest

from narrowgate.adapters.workers import SerialWorkers
from narrowgate.core.base.errors import UnavailableError
from narrowgate.core.matching.match_rule import Question, guard_tokens
from narrowgate.gate.packing import pack_questions
from narrowgate.gate.ports import ConfirmationIndex
from narrowgate.gate.step_08_tokens import AskedBatch
from narrowgate.gate.step_09_probe import gather, look_up
from support.index_worlds import KEY, LIMIT, Row, ask, is_held
from support.simulated_index import GatheredInMemory, SimulatedIndex

MARIA = Row("212345671", "MARIA", "GARCIA LOPEZ", "1980-01-02", "538 HOWELL AVE")
SLIP = MARIA._replace(address_line_1="538 HOWLL AVE")
NO_SUFFIX = MARIA._replace(address_line_1="538 HOWELL")
ELSEWHERE = MARIA._replace(address_line_1="540 HOWELL AVE")
ASKED = (MARIA, SLIP, NO_SUFFIX, ELSEWHERE)


def batch(first: int, questions: Mapping[int, Question]) -> AskedBatch:
    guards = dict.fromkeys(token for one in questions.values() for token in guard_tokens(one))
    return AskedBatch(
        first, array("Q", questions), b"".join(guards), (pack_questions(list(questions.values())),)
    )


def in_two_batches() -> list[AskedBatch]:
    halves = ({0: ASKED[0], 2: ASKED[1]}, {11: ASKED[2], 12: ASKED[3]})
    return [
        batch(first, {at: ask(row) for at, row in rows.items()})
        for first, rows in zip((0, 10), halves, strict=True)
    ]


def probe(index: ConfirmationIndex, *groups: list[AskedBatch]) -> dict[int, bool]:
    ordinals = [ordinal for group in groups for batch in group for ordinal in batch.ordinals]
    with index.gather() as rows:
        for group in groups:
            gather(group, index, rows, SerialWorkers())
        return look_up(ordinals, rows)


def test_every_item_is_answered_as_if_it_were_asked_alone_in_one_pass_of_guards_and_one_of_rows() -> None:
    index = SimulatedIndex([MARIA], KEY, LIMIT, streets=[("45220", "HOWELL AVE", "")])
    bits = probe(index, in_two_batches())
    assert index.reads == 2
    assert bits == dict(zip((0, 2, 11, 12), (is_held(index, ask(row)) for row in ASKED), strict=True))
    assert bits == {0: True, 2: True, 11: True, 12: False}


def test_the_rows_of_all_groups_are_looked_up_in_one_read() -> None:
    index = SimulatedIndex([MARIA], KEY, LIMIT, streets=[("45220", "HOWELL AVE", "")])
    one, other = in_two_batches()
    assert probe(index, [one], [other]) == {0: True, 2: True, 11: True, 12: False}
    assert index.reads == 3  # the guards of each group, and then the rows


def test_answers_to_another_number_of_questions_are_no_answer() -> None:
    class Short(GatheredInMemory):
        def answers(self) -> Sequence[bool]:
            return super().answers()[:-1]

    class ShortIndex(SimulatedIndex):
        def gather(self) -> Short:
            return Short(self.members)

    with pytest.raises(UnavailableError, match="another number of questions"):
        probe(ShortIndex([MARIA], KEY, LIMIT), in_two_batches())


def test_nothing_asked_reads_nothing() -> None:
    index = SimulatedIndex([MARIA], KEY, LIMIT)
    assert probe(index, []) == {}
    assert index.reads == 0
