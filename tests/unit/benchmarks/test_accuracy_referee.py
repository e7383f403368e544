"""The referee explains a disagreement only when one kind alone makes the two readings one door."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[3]))

from benchmarks.accuracy.data import Address, Label, Pair
from benchmarks.accuracy.referee import KINDS, Reading, Side, explanation, judge, referee_text

ABBREVIATIONS = {"STREET": "ST", "FORT": "FT", "COURT": "CT"}


def side(line: str, state: str = "OH", **reading: str) -> Side:
    return Side(Address(line, "Dayton", state, "45402"), Reading(**reading))


def kind_of(a: Side, b: Side) -> str | None:
    found = explanation(a, b, ABBREVIATIONS)
    return found and found.name


@pytest.mark.parametrize(
    ("a", "b", "kind"),
    [
        (side("PO BOX 7", box="7"), side("P O BOX #7", box="# 7"), "wording of a box"),
        (
            side("RR 3 BOX 93", group="3", box="93"),
            side("RR #3 BX 93", box="# 3 BX 93"),
            "wording of a box",
        ),
        (side("1 5th St", street_name="5TH"), side("1 Fifth St", street_name="FIFTH"), "ordinal"),
        (
            side("1 Matson", street_name="MATSON"),
            side("1 MATS0N", street_name="MATS0N"),
            "digit for a letter",
        ),
        (
            side("1 Ft Hill", street_name="FT HILL"),
            side("1 Fort Hill", street_name="FORT HILL"),
            "abbreviation of Publication 28 in the name",
        ),
        (side("1 A St Apt 02", unit="02"), side("1 A St Apt 2", unit="2"), "leading zero"),
        (
            side("1 CO-7", "CO", street_name="CO-7"),
            side("1 State Highway 7", "CO", street_name="STATE HIGHWAY 7"),
            "class of a numbered road",
        ),
        (
            side("1 Elm Ct Apt 8", street_name="ELM", unit="8"),
            side("1 Elm Court NO 8", street_name="ELM COURT NO 8"),
            "same words, other labels",
        ),
        (
            side("1 S. Elm", predirectional="S", street_name="ELM"),
            side("1 S.Elm", street_name="SELM"),
            "same words, other labels",
        ),
    ],
)
def test_every_kind_explains_its_own_disagreement(a: Side, b: Side, kind: str) -> None:
    assert kind_of(a, b) == kind == kind_of(b, a)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (side("PO BOX 7", box="7"), side("PO BOX 70", box="70")),
        (side("RR 3 BOX 9", group="3", box="9"), side("RR 9 BOX 3", group="9", box="3")),
        (side("1 5th St", street_name="5TH"), side("1 Sixth St", street_name="SIXTH")),
        (side("10 Elm St", number="10"), side("1O1 Elm St", number="1O1")),
        (side("1 A St Apt 20", unit="20"), side("1 A St Apt 2", unit="2")),
        (
            side("1 State Road 7", street_name="STATE ROAD 7"),
            side("1 County Road 7", street_name="COUNTY ROAD 7"),
        ),
        (
            side("1 KY-7", street_name="KY-7"),
            side("1 State Route 7", street_name="STATE ROUTE 7"),
        ),
        (side("1 Road A", street_name="ROAD A"), side("1 Road Apt A", street_name="ROAD", unit="A")),
        (
            side("1 S Elm St", predirectional="S", street_name="ELM"),
            side("1 N Elm St", predirectional="N", street_name="ELM"),
        ),
        (
            side("1 5th St Apt 1", street_name="5TH", unit="1"),
            side("1 Fifth St Apt 2", street_name="FIFTH", unit="2"),
        ),
    ],
)
def test_no_kind_explains_what_may_be_another_door(a: Side, b: Side) -> None:
    assert kind_of(a, b) is None


def test_every_pair_is_counted_once_and_the_unexplained_are_all_listed() -> None:
    readings = {
        "1 5th St": Reading(street_name="5TH"),
        "1 Fifth St": Reading(street_name="FIFTH"),
        "1 Elm St": Reading(street_name="ELM"),
        "1 Oak St": Reading(street_name="OAK"),
        "untaggable": None,
    }
    pairs = [
        Pair("s", "c", Label.SAME, Address(a), Address(b))
        for a, b in (
            ("1 5th St", "1 Fifth St"),
            ("1 Elm St", "1 Elm St"),
            *[("1 Elm St", "1 Oak St")] * 30,
            ("1 Elm St", "untaggable"),
        )
    ]
    found = judge(pairs, readings, ABBREVIATIONS)
    assert (found.pairs, found.disagreements, len(found.unread), len(found.unexplained)) == (33, 31, 1, 30)
    assert {name: len(cases) for name, cases in found.explained.items() if cases} == {"ordinal": 1}
    text = referee_text(found)
    assert text.count("street name: ELM / OAK") == 30
    assert text.count("1 Elm St = untaggable") == 1
    assert all(kind.name in text for kind in KINDS)
