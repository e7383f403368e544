"""Forget the first answers to questions whose answers were recalled.

A question is answered once (R-74): without this a wrong answer that was recalled would be given again to the same
question in the next package of the term, and that one would not be recalled. The budgets stay charged: where R-28 is in
force, the question is refused by R-74 until the term ends; elsewhere it is read from the index.

Answers are kept by their questions and name no package. Where it cannot be told any more what a package asked, every
first answer is forgotten, so that no recalled one stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from narrowgate.core.base.errors import DestroyedError
from narrowgate.core.log.recalls import Rows
from narrowgate.gate.ports import StateStore
from narrowgate.gate.replay import KeptDesk, Recorded, examined_again, logged_again, questions_of


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was forgotten.

    Args:
        questions: how many of recalled answers.
        destroyed: packages whose data key was destroyed on its day, so that it cannot be told what they asked.
        is_all: whether every first answer was forgotten.
    """

    questions: int
    destroyed: tuple[str, ...]
    is_all: bool


def forget_recalled(
    desk: KeptDesk,
    state: StateStore,
    history_key: bytes,
    recalled: Iterable[Recorded],
    rows: Mapping[str, Iterable[Rows]],
    *,
    is_all: bool = False,
) -> Forgotten:
    """The state remembers no answer to the questions of these rows; done again it changes nothing.

    Args:
        desk: what the packages are examined again from.
        state: of the gate.
        history_key: of the gate.
        recalled: packages with a recalled answer.
        rows: of each, by its id.
        is_all: forget the answers to all other questions, too.

    Raises:
        OperationalError: a copy is missing or was changed, or the state refused; do it again.
    """
    count = 0
    destroyed = []
    for package in recalled:
        package_id = package.received["package"]
        try:
            logged = logged_again(desk, package)
        except DestroyedError:
            destroyed.append(package_id)
            continue
        wanted = frozenset(row for first, last in rows[package_id] for row in range(first, last + 1))
        questions = questions_of(examined_again(desk, logged, history_key), wanted)
        state.forget_answers(questions)
        count += len(questions)
    if is_all or destroyed:
        state.forget_answers(None)
    return Forgotten(count, tuple(destroyed), is_all or bool(destroyed))
