"""Each journey is walked from the page that tells it: the page's commands, in a fresh directory, with its output."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.journey import steps_of, walk
from support.requests import PROJECT
from support.softhsm import require_softhsm

TUTORIALS = PROJECT / "docs" / "tutorials"
PAGES = sorted(TUTORIALS.glob("*.md"))

TRAVELLERS = {
    "bad-days",
    "disclosure-officer",
    "drill",
    "first-gate",
    "inspector",
    "named-officer",
    "newcomer",
    "operator",
    "requesters-analyst",
    "shell",
}


def test_every_kind_of_person_has_a_journey() -> None:
    assert {page.stem for page in PAGES} == TRAVELLERS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_page_is_what_happens(page: Path, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    if "softhsm2-util" in text:
        require_softhsm()
    steps = steps_of(text)
    assert len(steps) >= 4, "a journey of fewer steps tells nothing"
    walk(steps, tmp_path / "here")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("```console\n$ echo one\ntwo\n```\n", "echo one"),
        ("```console\n$ echo one; echo two\none\n```\n", "echo one"),
        ("```console\n$ false\n```\n", "ended with 1"),
        ("```console\n$ echo said\n```\n", "echo said"),
    ],
)
def test_a_page_that_tells_something_else_is_found(text: str, fault: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=fault):
        walk(steps_of(text), tmp_path / "here")


def test_a_page_may_leave_out_what_differs_from_day_to_day(tmp_path: Path) -> None:
    text = "```console\n$ A=1\n$ echo one $A; echo two; echo three\none ...\n...\nthree\n$ false\n$ echo $?\n1\n```\n"
    walk(steps_of(text), tmp_path / "here")
