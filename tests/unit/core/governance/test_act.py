"""An act is closed, canonical, and of a kind that is known."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.base.errors import EnvelopeError
from narrowgate.core.governance.act import act_bytes, parse_act
from narrowgate.core.governance.difference import effect_in_words
from narrowgate.core.governance.kinds import KINDS, Kind
from narrowgate.core.log.acts import LoggedAct, LoggedCharter, is_governance, parse_governance
from support.governance import FIRST, HOUR, NOON, SECOND, act, nothing_in_force
from support.requests import PROJECT


@pytest.mark.parametrize("kind", Kind)
def test_an_act_of_every_kind_reads_back_from_its_bytes_and_from_its_leaf(kind: Kind) -> None:
    drawn_up = act(nothing_in_force(), kind)
    assert parse_act(act_bytes(drawn_up), "act") == drawn_up
    logged = LoggedAct.of(drawn_up, (FIRST, SECOND), NOON)
    assert parse_governance(logged.leaf(), "leaf 1") == logged
    assert is_governance(logged.leaf())
    assert drawn_up.subject in effect_in_words(drawn_up)


def test_a_dated_act_keeps_both_times() -> None:
    drawn_up = act(nothing_in_force(), Kind.AGREEMENT_IN_FORCE, start=NOON, until=NOON + HOUR)
    assert parse_act(act_bytes(drawn_up), "act") == drawn_up
    logged = LoggedAct.of(drawn_up, (FIRST,), NOON)
    assert parse_governance(logged.leaf(), "leaf 1") == logged


def test_the_charter_reads_back_from_its_leaf() -> None:
    logged = LoggedCharter("gate-1", "a" * 64, (FIRST, SECOND), NOON)
    assert parse_governance(logged.leaf(), "leaf 0") == logged


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        (Kind.HOLD, {"subject": "office:the_mayor"}),
        (Kind.HOLD, {"sha256": "1" * 64}),
        (Kind.HOLD, {"until": NOON + HOUR}),
        (Kind.HOLD, {"start": NOON + HOUR}),
        (Kind.AGREEMENT_IN_FORCE, {"sha256": ""}),
        (Kind.AGREEMENT_IN_FORCE, {"start": NOON, "until": NOON}),
        (Kind.KEY_REVOKED, {"subject": "E" * 64}),
        (Kind.SUPPRESSION, {"subject": "many"}),
        (Kind.RECALL, {"subject": "0"}),
        (Kind.HOLD, {"number": 0}),
        (Kind.HOLD, {"number": 1_000_000}),
        (Kind.HOLD, {"reason": "two\nlines"}),
        (Kind.HOLD, {"reason": ""}),
        (Kind.HOLD, {"previous": ""}),
        (Kind.HOLD, {"gate": "a gate"}),
    ],
)
def test_an_act_of_another_form_is_refused(kind: Kind, changes: dict[str, object]) -> None:
    with pytest.raises(EnvelopeError):
        act_bytes(act(nothing_in_force(), kind, **changes))


def test_an_unknown_kind_an_unknown_key_and_other_bytes_are_refused() -> None:
    fields = orjson.loads(act_bytes(act(nothing_in_force(), Kind.HOLD)))
    for changed in ({**fields, "act": "hold-until-easter"}, {**fields, "note": "x"}):
        with pytest.raises(EnvelopeError):
            parse_act(canonical_bytes(changed), "act")
    with pytest.raises(EnvelopeError, match="canonical"):
        parse_act(orjson.dumps(fields, option=orjson.OPT_INDENT_2), "act")
    with pytest.raises(EnvelopeError, match="longer"):
        parse_act(b" " * 9_000, "act")


def test_every_change_of_an_act_changes_its_digest() -> None:
    first = act(nothing_in_force(), Kind.HOLD)
    assert replace(first, reason="as agreed.").digest != first.digest


def test_one_key_brakes_and_the_quorum_releases() -> None:
    assert {kind for kind, row in KINDS.items() if row.signatures(2) == 1} == {
        Kind.AGREEMENT_WITHDRAWN,
        Kind.INDEX_WITHDRAWN,
        Kind.HOLD,
        Kind.OFFICE_OFF,
        Kind.KEY_REVOKED,
        Kind.INCIDENT,
        Kind.INCIDENT_REPORTED,
    }


def test_the_protocol_page_has_a_row_for_every_kind() -> None:
    page = (PROJECT / "docs" / "reference" / "protocol" / "acts.md").read_text(encoding="utf-8")
    assert [kind for kind in Kind if f"| `{kind}` |" not in page] == []
