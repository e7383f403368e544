"""One person's own account holds what was disclosed about them, and never tells whether something is delayed."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from narrowgate.core.governance.kinds import Kind
from narrowgate.core.log.opening import Opened, Opening, opening_line
from narrowgate.core.request.item import item_row
from support.command_line import CommandLine, Result
from support.inspected_log import InspectedLog, outcome_in, salts_of
from support.requests import eligible_item

FIRST_ONE, SECOND_ONE = "p-20260101-aaaaaa", "p-20260101-bbbbbb"
TIN, OTHER = "283214764", "283214765"


def row_text(row: int) -> bytes:
    """Rows 1, 3 and 5 are about the person, the others about somebody else."""
    return item_row(eligible_item(item=f"C{row}", tin=TIN if row % 2 else OTHER))


def opened(package: str, row: int, *what: Opened, value: bytes = b"") -> bytes:
    values = {Opened.ROW: row_text(row), Opened.OUTCOME: outcome_in(row)}
    salts = salts_of(package)
    return b"".join(
        opening_line(
            Opening(package, row, each, salts.salt(each.value, row), value or values[each], "ab" * 32)
        )
        for each in what or (Opened.ROW, Opened.OUTCOME)
    )


@dataclass
class Office:
    """Somebody who makes accounts from a log, openings and a list of delays."""

    narrowgate: CommandLine
    home: Path
    log: InspectedLog

    def account(self, openings: bytes, *options: Any) -> Result:
        directory = self.home / f"log-{len(self.log.leaves)}"
        if not directory.exists():
            self.log.save(directory)
        (self.home / "opened.ndjson").write_bytes(openings)
        (self.home / "number.txt").write_text(f"{TIN[:3]}-{TIN[3:5]}-{TIN[5:]}\n", encoding="utf-8")
        return self.narrowgate(
            "inspector",
            "subject",
            directory,
            "--tin",
            self.home / "number.txt",
            "--openings",
            self.home / "opened.ndjson",
            *options,
        )

    def delay(self, *items: str, until: str = "2026-02-01") -> Path:
        """A list that is put in force."""
        out = self.home / f"delays-{len(self.log.leaves)}.json"
        named = [argument for item in items for argument in ("--item", item)]
        made = self.narrowgate("custodian", "delays", *named, "--until", until, "--out", out, "--json")
        assert made.code == 0, made.err
        self.log.act(Kind.ACCOUNTS_DELAYED, "2026-01", sha256=json.loads(made.out)["commitment"])
        return out


@pytest.fixture
def office(narrowgate: CommandLine, tmp_path: Path) -> Office:
    log = InspectedLog.in_force()
    for package in (FIRST_ONE, SECOND_ONE):
        log.receive(package, 6)
        log.items(package, range(6), texts=row_text)
        log.decide(package, 6)
    log.release(FIRST_ONE)
    return Office(narrowgate, tmp_path, log)


def test_an_account_tells_who_asked_when_and_what_was_disclosed(office: Office) -> None:
    lines = [opened(FIRST_ONE, row) for row in (5, 3, 1)] + [opened(SECOND_ONE, 1)]
    found = office.account(b"".join(lines), "--html", office.home / "a.html", "--json")
    assert found.code == 0, found.err
    told = json.loads(found.out)["disclosures"]
    assert [(each["package"], each["row"]) for each in told] == [
        (FIRST_ONE, 1),
        (FIRST_ONE, 3),
        (FIRST_ONE, 5),
        (SECOND_ONE, 1),
    ]
    assert "not confirmed" in told[0]["what"]
    assert told[1]["what"].startswith("Nothing of the tax file was disclosed: the question was refused")
    assert told[3]["what"] == "Nothing was disclosed: no answer of the package has left."
    assert [bool(each["disclosed"]) for each in told] == [True, False, True, False]
    assert {each["statute"] for each in told} == {eligible_item().statute}
    for secret in (TIN, OTHER, eligible_item().surnames, eligible_item().address_line_1):
        assert secret not in found.out + (office.home / "a.html").read_text(encoding="utf-8")


def test_a_recalled_answer_is_told_as_called_back_and_a_refusal_among_those_rows_is_not(
    office: Office,
) -> None:
    office.log.recall(FIRST_ONE, (1, 3))
    lines = b"".join(opened(FIRST_ONE, row) for row in (1, 3, 5))
    told = json.loads(office.account(lines, "--json").out)["disclosures"]
    assert [bool(each["recalled"]) for each in told] == [True, False, False]


def test_an_account_is_the_same_byte_for_byte_whether_something_is_delayed_or_never_was(
    office: Office,
) -> None:
    delays = office.delay(f"{FIRST_ONE}:1", f"{FIRST_ONE}:5", f"{SECOND_ONE}:3")
    made = []
    for name, lines in {
        "with": opened(FIRST_ONE, 1) + opened(FIRST_ONE, 3) + opened(FIRST_ONE, 5),
        "without": opened(FIRST_ONE, 3),
    }.items():
        html = office.home / f"{name}.html"
        text = office.account(lines, "--delays", delays)
        data = office.account(lines, "--delays", delays, "--json", "--html", html)
        assert (text.code, data.code) == (0, 0), text.err
        made.append((text.out, text.err, data.out, data.err, html.read_bytes()))
    assert made[0] == made[1]
    nothing = office.account(b"", "--delays", delays)
    assert nothing.out == office.account(opened(FIRST_ONE, 1), "--delays", delays).out
    assert "does not tell whether any is" in nothing.out.replace("\n", " ")


def test_a_delay_ends_on_its_day_and_an_empty_list_ends_all(office: Office) -> None:
    delays = office.delay(f"{FIRST_ONE}:1", until="2026-01-03")
    lines = opened(FIRST_ONE, 1)
    assert office.account(lines, "--delays", delays).out.endswith("0 lines.\n")
    office.log.now = office.log.now.replace(day=4)
    office.log.refuse("p-20260101-cccccc")
    assert office.account(lines, "--delays", delays).out.endswith("1 lines.\n")


def test_without_the_list_in_force_or_with_another_there_is_no_account(office: Office) -> None:
    lines = opened(FIRST_ONE, 1)
    early = office.delay(f"{FIRST_ONE}:1")
    late = office.delay(f"{SECOND_ONE}:1")
    for options in ((), ("--delays", early), ("--delays", office.home / "number.txt")):
        found = office.account(lines, *options)
        assert (found.code, found.out) == (13, "")
    assert office.account(lines, "--delays", late).code == 0


def test_a_list_where_none_is_in_force_is_refused(office: Office) -> None:
    out = office.home / "delays.json"
    office.narrowgate("custodian", "delays", "--out", out)
    assert office.account(opened(FIRST_ONE, 1), "--delays", out).code == 13


@pytest.mark.parametrize(
    "lines",
    [
        opened(FIRST_ONE, 0),
        opened(FIRST_ONE, 1) + opened(FIRST_ONE, 2),
        opened(FIRST_ONE, 1, Opened.OUTCOME),
        opened(FIRST_ONE, 1, Opened.ROW),
        opened(FIRST_ONE, 1) + opened(FIRST_ONE, 1),
        opened(FIRST_ONE, 1, Opened.ROW) + opened(FIRST_ONE, 1, Opened.OUTCOME, value=b"CONFIRMED"),
        opened(FIRST_ONE, 0, Opened.OUTCOME) + opened(FIRST_ONE, 0, Opened.ROW, value=row_text(1)),
        b"nothing\n",
    ],
    ids=["neighbour", "with a neighbour", "no row", "no outcome", "twice", "forged", "renamed", "no opening"],
)
def test_openings_of_somebody_else_or_forged_ones_give_no_account(office: Office, lines: bytes) -> None:
    found = office.account(lines)
    assert (found.code, found.out) == (13, "")
    assert not any(secret in found.err for secret in (TIN, OTHER, "CONFIRMED", eligible_item().surnames))


def test_a_file_that_holds_no_number_is_not_repeated(office: Office) -> None:
    office.account(b"")
    (office.home / "number.txt").write_text("666-12-0000\n", encoding="utf-8")
    found = office.narrowgate(
        "inspector",
        "subject",
        office.home / f"log-{len(office.log.leaves)}",
        "--tin",
        office.home / "number.txt",
        "--openings",
        office.home / "opened.ndjson",
    )
    assert found.code == 4
    assert "666" not in found.err


def test_the_custodian_opens_what_is_about_the_person_and_the_account_follows(
    narrowgate: CommandLine, tmp_path: Path
) -> None:
    home = tmp_path / "demo"
    assert narrowgate("demo", "--dir", home, "--people", 200, "--items", 40, "--seed", 5).code == 0
    with (home / "cases.csv").open(encoding="utf-8", newline="") as file:
        tin = next(row["tin"] for row in csv.DictReader(file) if row["tin"])
    (tmp_path / "number.txt").write_text(tin, encoding="utf-8")
    (tmp_path / "order.txt").write_text("The person asks.\n", encoding="utf-8")
    numbers = {"present": tin, "absent": "283214764"}
    for name, number in numbers.items():
        (tmp_path / "number.txt").write_text(number, encoding="utf-8")
        out = tmp_path / f"{name}.ndjson"
        made = narrowgate(
            "custodian", "open", "--config", home, "--tin", tmp_path / "number.txt",
            "--what", "row", "--what", "outcome", "--order", tmp_path / "order.txt", "--out", out,
        )  # fmt: skip
        assert made.code == 0, made.err
        found = narrowgate(
            "inspector", "subject", home, "--tin", tmp_path / "number.txt", "--openings", out, "--json"
        )
        assert found.code == 0, found.err
        assert bool(json.loads(found.out)["disclosures"]) == (name == "present")
