"""The desk as its people use it: an analyst, an official, an officer; by role and label, in a browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.browser import Browser, require_accessible
from support.command_line import CommandLine
from support.served_desk import ServedDesk
from support.softhsm import PIN, Drawer, drawer

AGREEMENT = ("--agreement", "world/agreement.toml")


def name_key(page: Any, holder: Path) -> None:
    page.get_by_label("Key").fill(f"{holder}.key.pem")
    page.get_by_label("Certificate").fill(f"{holder}.pem")


def test_an_analyst_corrects_a_case_file_until_nothing_of_it_would_be_refused(
    served: ServedDesk, home: Path, narrowgate: CommandLine, browser: Browser
) -> None:
    with browser.page() as page:
        page.goto(served.link.url)
        require_accessible(page)
        page.get_by_role("link", name="Write a case file").click()
        require_accessible(page)
        with page.expect_download() as downloading:
            page.get_by_role("link", name="Download the workbook").click()
        assert Path(downloading.value.path()).read_bytes().startswith(b"PK")

        page.get_by_role("navigation", name="Pages").get_by_role("link", name="Case files").click()
        require_accessible(page)
        page.get_by_role("button", name="Open").click()
        page.get_by_role("alert").get_by_role("link", name="Choose a file").wait_for()
        page.get_by_label("Case file").set_input_files(home / "cases.csv")
        page.get_by_role("button", name="Open").click()
        page.get_by_role("heading", name="1 of 4 items would be refused").wait_for()
        require_accessible(page)

        page.get_by_role("table", name="Items refused, by rule").get_by_role("link", name="R-64").click()
        findings = page.get_by_role("table", name="Findings")
        assert "placeholder" in findings.get_by_role("row").nth(1).inner_text()
        page.get_by_label("Item id begins with, or line").fill("nothing begins so")
        page.get_by_role("button", name="Filter").click()
        page.get_by_text("0 findings").wait_for()
        page.go_back()

        findings.get_by_role("link").first.click()
        require_accessible(page)
        assert page.get_by_label("address_line_1").get_attribute("aria-invalid") == "true"
        page.get_by_label("address_line_1").fill("500 Oak Street Apt 2")
        page.get_by_role("button", name="Save and judge again").click()
        page.get_by_text("Nothing of it would be refused now.").wait_for()
        page.get_by_role("link", name="Back to the findings").first.click()
        page.get_by_role("heading", name="None of 4 items would be refused").wait_for()
        with page.expect_download() as downloading:
            page.get_by_role("link", name="Download the file as corrected").click()
        corrected = home / "corrected.xlsx"
        shutil.copyfile(downloading.value.path(), corrected)
        linted = narrowgate("case", "lint", corrected, *AGREEMENT, "--strict")
        assert (linted.code, linted.out) == (0, "")

        page.get_by_role("link", name="Make a package").click()
        require_accessible(page)
        page.get_by_role("button", name="Make the package").click()
        page.get_by_role("heading", name="Check what the package asks").wait_for()
        assert "No item would be refused." in page.get_by_role("main").inner_text()


def test_an_official_checks_signs_and_hands_over_a_package(
    served: ServedDesk, home: Path, narrowgate: CommandLine, browser: Browser
) -> None:
    assert narrowgate("package", "build", "cases.csv", "packages/p-1", *AGREEMENT).code == 0
    with browser.page() as page:
        page.goto(served.link.url)
        page.get_by_role("link", name="Check, sign and hand over a package").click()
        require_accessible(page)
        page.get_by_role("link", name="p-1").click()
        require_accessible(page)
        for table in ("By statute", "By tax year", "By state", "By officer", "Quotas", "All rows"):
            page.get_by_role("table", name=table).wait_for()
        shown = page.get_by_role("region", name="Text that the signature names").inner_text()
        name_key(page, home / "world/keys/secretary_of_homeland_security")
        page.get_by_role("button", name="Sign for the office").click()
        page.get_by_role("alert").get_by_role("link", name="Say that you have read").click()
        page.get_by_label("I have read what the package asks").press("Space")
        page.get_by_role("button", name="Sign for the office").click()
        page.get_by_role("heading", name="The package is signed").wait_for()
        require_accessible(page)
        with page.expect_download() as downloading:
            page.get_by_role("link", name="rows.ndjson").click()
        assert downloading.value.suggested_filename == "rows.ndjson"
    verified = narrowgate(
        "package", "verify", "packages/p-1", *AGREEMENT, "--root", "world/governance/root.pem"
    )
    assert "shown.txt is what the signer was shown" in verified.out
    assert (home / "packages/p-1/shown.txt").read_text(encoding="utf-8").split() == shown.split()


def test_an_officer_reads_the_terms_before_the_outcomes(
    served: ServedDesk, home: Path, browser: Browser
) -> None:
    shutil.copytree(home / "world" / "package", served.settings.packages / "p-1")
    with browser.page() as page:
        page.goto(served.link.url)
        page.get_by_role("link", name="Open answers").click()
        require_accessible(page)
        page.get_by_role("listitem").get_by_role("link", name="p-2").click()
        require_accessible(page)
        name_key(page, home / "world/officers/1")
        page.get_by_role("button", name="Open my answers").click()
        assert "read the terms" in page.get_by_role("alert").inner_text()
        assert "Address as asked" not in page.get_by_role("main").inner_text()

        page.get_by_label("I have read the terms").press("Space")
        page.get_by_role("button", name="Open my answers").click()
        outcomes = page.get_by_role("region")
        assert "CONFIRMED" in outcomes.first.get_by_role("heading").inner_text()
        assert "Address as asked" in outcomes.first.inner_text()
        require_accessible(page)
        page.emulate_media(media="print")
        assert page.get_by_role("link", name="Done: leave this page").count() == 0
        page.emulate_media(media="screen")
        page.get_by_role("link", name="Done: leave this page").click()
        page.get_by_role("heading", name="Desk of the requester").wait_for()


@pytest.fixture
def cards(tmp_path: Path) -> Iterator[Drawer]:
    with drawer(tmp_path / "cards") as opened:
        yield opened


def test_an_official_signs_and_an_officer_opens_with_a_card_and_its_pin(
    cards: Drawer, served: ServedDesk, home: Path, narrowgate: CommandLine, browser: Browser
) -> None:
    assert narrowgate("package", "build", "cases.csv", "packages/p-1", *AGREEMENT).code == 0
    card = cards.card("card of a desk")
    card.take_in("SIGN", b"\x02", home / "world/keys/secretary_of_homeland_security")
    card.take_in("OPEN", b"\x03", home / "world/officers/1", opens=True)
    with browser.page() as page:
        page.goto(f"{served.link.url}")
        page.goto(f"{served.origin}/packages/p-1")
        page.get_by_label("Key").fill(card.uri(object="SIGN"))
        page.get_by_label("I have read what the package asks").press("Space")
        page.get_by_label("PIN of the card").fill("000000")
        page.get_by_role("button", name="Sign for the office").click()
        assert "PIN" in page.get_by_role("alert").inner_text()
        assert page.get_by_label("PIN of the card").input_value() == "", "a PIN is on no page"
        page.get_by_label("I have read what the package asks").press("Space")
        page.get_by_label("PIN of the card").fill(PIN)
        page.get_by_role("button", name="Sign for the office").click()
        page.get_by_role("heading", name="The package is signed").wait_for()
        page.get_by_role("navigation", name="Pages").get_by_role("link", name="Answers").click()
        page.get_by_role("listitem").get_by_role("link", name="p-2").click()
        page.get_by_label("Key").fill(card.uri(object="OPEN"))
        page.get_by_label("PIN of the card").fill(PIN)
        page.get_by_label("I have read the terms").press("Space")
        page.get_by_role("button", name="Open my answers").click()
        outcomes = page.get_by_role("main")
        outcomes.get_by_role("link", name="Done: leave this page").wait_for()
        assert "CONFIRMED" in outcomes.inner_text()

        outcomes.get_by_role("link", name="Done: leave this page").click()
        page.get_by_role("heading", name="Desk of the requester").wait_for()
        # Chromium would send the form again, and does not without being told to: nothing of the answer was kept.
        with pytest.raises(Exception, match="ERR_CACHE_MISS"):
            page.go_back()
    verified = narrowgate(
        "package", "verify", "packages/p-1", *AGREEMENT, "--root", "world/governance/root.pem"
    )
    assert verified.code == 0, verified.err
