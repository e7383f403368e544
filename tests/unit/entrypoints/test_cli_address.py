"""``narrowgate address``: JSON lines in, JSON lines out, in order; a broken line is an error with its number."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from support.command_line import CommandLine
from support.requests import PROJECT


def standardize(narrowgate: CommandLine, *lines: object) -> list[dict[str, object]]:
    data = "\n".join(json.dumps(line) for line in lines).encode()
    result = narrowgate("address", "standardize", stdin=data)
    assert (result.code, result.err) == (0, "")
    return [json.loads(line) for line in result.out.splitlines()]


def test_spellings_of_one_delivery_point_share_a_key(narrowgate: CommandLine) -> None:
    one, other = standardize(
        narrowgate,
        "123 North Main Street Apartment 4, Springfield, Illinois 62704-1111",
        {
            "address_line_1": "123 N. MAIN ST.",
            "address_line_2": "#4",
            "city": "springfield",
            "state": "IL",
            "zip": "62704",
        },
    )
    assert one["class"] == "street"
    assert one["keys"] == other["keys"]
    assert one["components"]["street_name"] == "MAIN"


def test_a_text_that_names_no_place_is_refused_by_its_rule(narrowgate: CommandLine) -> None:
    assert standardize(narrowgate, "Don't Care 12345", {"address_line_1": "UNKNOWN", "zip": "60614"}) == [
        {"refused": ["R-64"]},
        {"refused": ["R-64"]},
    ]


def test_a_sign_between_two_words_hides_neither_jail_nor_placeholder(narrowgate: CommandLine) -> None:
    place = {"city": "Atlanta", "state": "GA", "zip": "30301"}
    lines = ["1 COUNTY.JAIL", "1 COUNTY\u2026JAIL", '1 JA"IL', "1 NA.NA", "1 IN\u00adCUSTODY"]
    told = standardize(narrowgate, *({"address_line_1": line, **place} for line in lines))
    assert told == [{"refused": [rule]} for rule in ("R-65a", "R-65a", "R-65a", "R-64", "R-64")]


HIDDEN = {
    "R-65a": (
        "1 JA IL", "1 J A I L", "1 COUNTY JA IL", "1 HOS PITAL", "1 DETEN TION CENTER", "1 C O U N T Y J A I L",
        "1 H0TEL", "1 JA1L", "1 M0TEL 6", "1 MOTEL6", "1 SUPER8", "1 COUNTYJAIL", "1 POLICESTATION",
        "1 I.C.E.", "1 FBI", "1 ERO FIELD OFC", "1 DET CTR", "1 WORK CAMP", "1 IMMIGRATION COURT", "1 NURSING HOME",
        "1 RESCUE\tMISSION",
        "1 SALVATION\tARMY", "1 COURT\nHOUSE", "1 HALFWAY, HOUSE", "100 MAIN ST J A I L",
    ),
    "R-64": ("1 AS DF", "1 A S D F RD", "1 QWE RTY ST", "1 ASD FGH", "1 ASD ASD", "1 N0NE", "1 UNNAMED RD"),
    "R-65c": ("1 LAW  OFFICES", "1 LAW\u00a0OFFICES RD", "1 LAW-OFFICES", "1 TAX\tSERVICES"),
}  # fmt: skip
"""What the parser reads as a street, and its words as written named no institution, no placeholder and nobody else."""


@pytest.mark.parametrize(("rule", "line"), [(rule, line) for rule, lines in HIDDEN.items() for line in lines])
def test_a_word_is_judged_however_it_is_parted_joined_or_spelled(
    narrowgate: CommandLine, rule: str, line: str
) -> None:
    place = {"city": "Houston", "state": "TX", "zip": "77002"}
    assert standardize(narrowgate, {"address_line_1": line, **place}) == [{"refused": [rule]}]


def test_an_address_is_judged_the_same_in_every_process() -> None:
    """Python orders a set anew in each: of two words that letters spelled, one was judged, and a replay differed."""
    place = {"city": "Houston", "state": "TX", "zip": "77002"}
    spelled = [
        "1 C H U R C H J A I L",
        "1 C H A P E L J A I L",
        "1 J A I L C H U R C H",
        "1 H O T E L J A I L S",
    ]
    lines = [*spelled, *(line for lines in HIDDEN.values() for line in lines)]
    asked = "\n".join(json.dumps({"address_line_1": line, **place}) for line in lines)
    told = [
        subprocess.run(
            [sys.executable, "-m", "narrowgate", "address", "standardize"],
            input=asked,
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("0", "1", "6")
    ]
    assert told[0].splitlines()[: len(spelled)] == ['{"refused":["R-65a"]}'] * len(spelled)
    assert told[1:] == told[:1] * 2


def test_a_jail_is_no_city_and_letters_are_no_doors(narrowgate: CommandLine) -> None:
    street = {"address_line_1": "100 MAIN ST", "state": "TX", "zip": "77002"}
    told = standardize(
        narrowgate,
        {**street, "city": "Harris County Jail"},
        {**street, "city": "Houston", "address_line_2": "# C # O # U"},
        "120-55 Queens Boulevard, 2nd Floor, Kew Gardens, N.Y. 11424, Houston, TX 77002",
        {**street, "city": "Amelia Court House", "state": "VA", "zip": "23002"},
    )
    assert told[0] == {"refused": ["R-65a"]}
    assert all("refused" in one for one in told[1:3])
    assert told[3]["class"] == "street"


NO_CITIES = {
    "N/A": "R-64", "none": "R-64", "as df": "R-64", "H0TEL": "R-65a", "JA IL": "R-65a",
    "ICE Processing Center": "R-65a",
    "General Delivery": "R-65e", "PMB 12": "R-65f", "PO Box 12": "R-62d", "Apt 5": "R-62d", "45 Oak St": "R-62d",
}  # fmt: skip


@pytest.mark.parametrize(("city", "rule"), NO_CITIES.items())
def test_what_is_written_for_a_city_is_judged_where_it_is_none(
    narrowgate: CommandLine, city: str, rule: str
) -> None:
    told = standardize(
        narrowgate, {"address_line_1": "100 MAIN ST", "city": city, "state": "TX", "zip": "77002"}
    )
    assert rule in told[0]["refused"]


@pytest.mark.parametrize(
    ("city", "state", "zip_code"),
    [
        ("29 Palms", "CA", "92277"),
        ("Houston, TX 77002", "", ""),
        ("Nada", "TX", "77460"),
        ("Nowheretown", "TX", "77002"),
    ],
)
def test_a_city_in_no_table_is_a_place_still(
    narrowgate: CommandLine, city: str, state: str, zip_code: str
) -> None:
    told = standardize(
        narrowgate, {"address_line_1": "100 MAIN ST", "city": city, "state": state, "zip": zip_code}
    )
    assert told[0]["class"] == "street"


def test_an_apostrophe_joins_no_two_numbers_and_an_apartment_is_no_number_of_a_building(
    narrowgate: CommandLine,
) -> None:
    place = {"city": "Houston", "state": "TX", "zip": "77002"}
    lines = ["1'23 MAIN ST", "1\u201923 MAIN ST", "12 MAIN ST APT 1'2", "12 MAIN ST BLDG APT 3 12"]
    told = standardize(narrowgate, *({"address_line_1": line, **place} for line in lines))
    assert ["refused" in one for one in told] == [True] * len(lines)


def test_what_is_read_is_judged_again_as_it_is_written_then(narrowgate: CommandLine) -> None:
    place = {"city": "Houston", "state": "TX", "zip": "77002"}
    lines = ["12 TRLR", "12-3 TRLR", "LT42 99 SOME RD", "12 NONE 0"]
    told = standardize(narrowgate, *({"address_line_1": line, **place} for line in lines))
    assert told == [{"refused": ["R-64"]}] * len(lines)


def test_an_empty_object_is_refused_and_a_null_counts_as_blank(narrowgate: CommandLine) -> None:
    empty, null = standardize(narrowgate, {}, {"address_line_1": None})
    assert "refused" in empty
    assert empty == null


@pytest.mark.parametrize(
    "line",
    [b"{", b"17", b"null", b'{"street": "1 MAIN ST"}', b'{"zip": 2139}', b'{"zip": ["02139"]}', b"\xff"],
)
def test_a_broken_line_is_named_by_number_and_never_repeated(line: bytes, narrowgate: CommandLine) -> None:
    result = narrowgate("address", "standardize", stdin=b'"1 MAIN ST, BOSTON MA 02139"\n' + line + b"\n")
    assert result.code == 11
    assert "line 2" in result.err
    assert "2139" not in result.err
    assert len(result.out.splitlines()) == 1


def test_an_overlong_line_is_refused_without_being_read_whole(narrowgate: CommandLine) -> None:
    assert narrowgate("address", "standardize", stdin=b'"' + b"A" * 70_000 + b'"').code == 11


def test_explain_shows_stages_and_the_key(narrowgate: CommandLine) -> None:
    result = narrowgate("address", "explain", "123 north main street #4, Springfield IL 62704")
    assert result.code == 0
    assert result.out.splitlines()[-2].startswith("key")


def test_explain_ends_with_what_the_gate_would_do(narrowgate: CommandLine) -> None:
    def last(*words: str) -> str:
        return narrowgate("address", "explain", *words).out.splitlines()[-1]

    assert last("123 north main street #4, Springfield IL 62704") == (
        "Would be accepted as a street address, where the agreement accepts this class: "
        "123 N MAIN ST APT 4, SPRINGFIELD, IL 62704."
    )
    assert last("UNKNOWN").startswith(
        "Would be refused because it does not meet R-64 (the address is no placeholder)."
    )
    agreed = ("--agreement", str(PROJECT / "examples" / "agreement.toml"))
    assert last("RR 2 BOX 15, Pekin IL 61554", *agreed).startswith(
        "Would be accepted as a rural route address: RR 2"
    )
    assert "R-65d" in last("PO Box 12, Springfield IL 62704", *agreed)


def test_explain_gives_programs_the_same(narrowgate: CommandLine) -> None:
    told = json.loads(narrowgate("address", "explain", "PO Box 12, Springfield IL 62704", "--json").out)
    assert told["class"] == "po_box"
    assert told["conclusion"].startswith("Would be accepted as a post office box")
    assert [stage["name"] for stage in told["stages"]]
