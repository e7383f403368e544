"""Pages in a browser: what is on them, for everybody; and their strings in every language."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from narrowgate.core.base.errors import UsageError
from narrowgate.entrypoints.web.kit.bars import Bar, widths
from narrowgate.entrypoints.web.kit.pages import KIT, has_uswds
from narrowgate.entrypoints.web.kit.spans import spans
from narrowgate.entrypoints.web.kit.strings import LANGUAGES, Strings, read_catalogue
from support.browser import Browser, require_accessible
from support.page_strings import strings_of
from support.sample_pages import HOSTILE, ServedSample

WEB = KIT.parent
APPLICATIONS = sorted(folder.parent for folder in WEB.glob("*/strings"))


def test_a_page_of_everything_is_accessible_and_its_text_is_text(
    served: ServedSample, browser: Browser
) -> None:
    with browser.page() as page:
        page.goto(served.sample.link.url)
        assert "token" not in page.url
        require_accessible(page)
        assert page.get_by_role("textbox", name="Reason").input_value() == HOSTILE
        assert page.get_by_role("row", name="R-10").get_by_role("cell").first.inner_text() == "1,200"
        page.get_by_role("link", name="Enter a number.").click()
        page.get_by_label("Number").fill("8")
        page.get_by_label("I have read this").press("Space")
        page.get_by_label("Case file").set_input_files(
            {"name": "a.csv", "mimeType": "text/csv", "buffer": b"1"}
        )
        page.get_by_role("button", name="Send").click()
        page.wait_for_url(served.origin + "/")
        assert served.sample.taken == [("8", b"1")]


def test_a_page_works_without_script_and_frames_nothing(served: ServedSample, browser: Browser) -> None:
    with browser.page(java_script_enabled=False) as page:
        page.goto(served.sample.link.url)
        page.get_by_label("Number").fill("9")
        page.get_by_role("button", name="Send").click()
        assert page.get_by_role("heading", level=1).inner_text() == "Sample"
        assert served.sample.taken == [("9", b"")]
        framed = page.context.new_page()
        framed.set_content(f'<iframe src="{served.origin}/" title="a"></iframe>')
        framed.wait_for_timeout(300)
        assert "Sample" not in (framed.frames[-1].content() if len(framed.frames) > 1 else "")


def test_a_refusal_is_a_page_too(served: ServedSample, browser: Browser) -> None:
    with browser.page() as page:
        page.goto(served.origin)
        assert "has not opened the link" in page.get_by_role("heading", level=1).inner_text()
        assert page.get_by_role("navigation").count() == 0
        require_accessible(page)


def test_the_pages_have_a_plain_style_where_the_design_system_is_missing(
    served: ServedSample, monkeypatch: pytest.MonkeyPatch, browser: Browser
) -> None:
    monkeypatch.setitem(served.sample.pages.environment.globals, "has_uswds", False)
    with browser.page() as page:
        page.goto(served.sample.link.url)
        assert "not in this installation" in page.get_by_role("contentinfo").inner_text()
        require_accessible(page)


def test_whether_the_design_system_is_there_is_said_by_the_file() -> None:
    assert has_uswds() is (WEB / "static" / "uswds" / "css" / "uswds.min.css").exists()


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
@pytest.mark.parametrize("folder", APPLICATIONS, ids=lambda folder: folder.name)
def test_every_string_has_an_entry_and_every_entry_a_string(folder: Path, language: str) -> None:
    entries = read_catalogue(folder / "strings" / f"{language}.toml")
    of_the_kit = {} if folder == KIT else read_catalogue(KIT / "strings" / f"{language}.toml")
    wanted = strings_of(folder)
    assert sorted(wanted - entries.keys() - of_the_kit.keys()) == []
    assert sorted(entries.keys() - wanted) == []
    assert [english for english, other in entries.items() if not other.strip()] == []


def test_a_string_without_an_entry_stays_english_and_numbers_choose_their_form() -> None:
    strings = Strings("es", [KIT / "strings"])
    assert strings.gettext("Nobody translated this") == "Nobody translated this"
    assert strings.gettext("Next page") == "Página siguiente"
    assert Strings("en", []).ngettext("one", "many", 1) == "one"
    assert Strings("en", []).ngettext("one", "many", 2) == "many"
    with pytest.raises(UsageError, match="language"):
        Strings("xx", [])


def test_a_bar_is_as_wide_as_its_number_and_any_is_seen() -> None:
    made = widths([Bar("a", 1000), Bar("b", 250), Bar("c", 1), Bar("d", 0)])
    assert [percent for _, percent in made] == [100, 25, 1, 0]
    assert widths([]) == ()


def test_a_span_lies_on_the_line_where_its_times_are() -> None:
    day = [datetime(2026, 11, number, tzinfo=UTC) for number in range(1, 12)]
    held = [("a", "", day[0], None), ("b", "", day[5], day[6]), ("c", "", day[10], None)]
    assert [(span.left, span.width) for span in spans(held, day[10])] == [(0, 100), (50, 10), (99, 1)]
    assert spans([], day[0]) == ()
