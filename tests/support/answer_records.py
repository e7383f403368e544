"""Records of answers, drawn: any outcome, with findings exactly where it is a refusal."""

from __future__ import annotations

from hypothesis import strategies as st

from narrowgate.core.answers.answer_record import AnswerRecord, RecordFormat
from narrowgate.core.answers.outcome import Outcome

RULES = (*(f"R-{number}" for number in range(10, 29)), "R-62a", "R-62b", "R-65i", "R-71")
FORMAT = RecordFormat(RULES)
DIGESTS = st.binary(min_size=32, max_size=32)


@st.composite
def records(draw: st.DrawFn, ordinal: int | None = None) -> AnswerRecord:
    outcome = draw(st.sampled_from(Outcome))
    chosen = draw(st.sets(st.sampled_from(RULES), min_size=1)) if outcome is Outcome.REFUSED else set()
    return AnswerRecord(
        ordinal=draw(st.integers(0, 10**10 - 1)) if ordinal is None else ordinal,
        leaf_index=draw(st.integers(0, 10**16 - 1)),
        salt=draw(st.binary(min_size=16, max_size=16)),
        outcome=outcome,
        findings=tuple(rule for rule in RULES if rule in chosen),
        row_commitment=draw(DIGESTS),
        address_commitment=draw(DIGESTS),
    )
