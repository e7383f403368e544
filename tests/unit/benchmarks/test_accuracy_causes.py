"""Every lost pair of the accuracy report counts once, by what keeps its sides apart."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[3]))

from benchmarks.accuracy import by_state, causes
from benchmarks.accuracy.data import Address, Label, Pair

from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.model import RawAddress

LIST = [("60617", "OAKLEAF", "ST"), ("60617", "ELMDALE", "ST"), ("60617", "ELMDALE", "AVE")]


def lost(a: str, b: str, zip_of_b: str = "60617") -> dict[tuple[str, str], int]:
    sides = Address(a, "Chicago", "IL", "60617"), Address(b, "Chicago", "IL", zip_of_b)
    pair = Pair("s", "P-human-cluster", Label.SAME, *sides)
    return dict(causes.lost([pair, pair], [False, True], LIST))


@pytest.mark.parametrize(
    ("a", "b", "cause"),
    [
        ("12 Oakleaf St", "12 Aakleaf St", causes.FIRST_LETTER),
        ("12 Oakleaf St", "12 Oakleafs St", causes.NEAR),
        ("12 Oakleaf St", "12 Maple St", causes.OTHER_NAME),
        ("12 Elmdale", "12 Elmdale Ave", causes.SEVERAL),
        ("12 Mapleleaf", "12 Mapleleaf Ave", causes.UNLISTED),
        ("12 Oakleaf Ave", "12 Oakleaf St", causes.TWO),
        ("12 N Broadway", "12 N Broadway Ave", causes.WHOLE),
        ("12 E 75th", "12 E 75th St", causes.WHOLE),
        ("12 Oakleaf St Apt 2", "12 Oakleaf St", causes.UNIT),
        ("Unknown", "12 Oakleaf St", causes.REFUSED),
        ("12 N Oakleaf St", "12 S Oakleaf St", causes.REST),
    ],
)
def test_a_lost_pair_counts_by_its_cause(a: str, b: str, cause: str) -> None:
    assert lost(a, b) == {("P-human-cluster", cause): 1}


def test_two_zip_codes_are_a_cause_of_their_own() -> None:
    assert lost("12 Oakleaf St", "12 Oakleaf St", "60618") == {("P-human-cluster", causes.ZIPS): 1}


@pytest.mark.parametrize(
    ("line", "second", "zip_code", "reason"),
    [
        ("12 Oakleaf St", "APT 5", "60617", ""),
        ("820 East 700 South", "", "60617", ""),
        ("12 47 Street", "", "60617", ""),
        ("12 Oakleaf St", "APT", "60617", "unit"),
        ("12 <Null> Oakleaf St", "", "60617", "hole"),
        ("0 Oakleaf St", "", "60617", "number"),
        ("35 124 Rover Boulevard", "", "60617", "numbers"),
        ("513 71 East 4th Street", "", "60617", "numbers"),
        ("25 400 North", "", "60617", ""),
        ("12 Oakleaf St", "", "90210", "zip"),
        ("84828 Street", "", "60617", "street"),
        ("12 Oakleaf St", "1/2", "60617", "half"),
        ("6211 Interstate 90 Eastbound", "", "60617", "no home"),
    ],
)
def test_an_address_is_left_out_by_what_its_text_shows(
    line: str, second: str, zip_code: str, reason: str
) -> None:
    address = line, second, "Chicago", "IL", zip_code
    assert by_state.incomplete(address, examine_address(RawAddress(*address)).defects) == reason
