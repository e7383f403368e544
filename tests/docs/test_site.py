"""The site's sources hold every page, and every link between them leads to a page that the site has."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from support.requests import PROJECT

sys.path.insert(0, str(PROJECT / "tools"))
import build_site


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    gathered = tmp_path_factory.mktemp("site") / "docs"
    build_site.gather(gathered)
    return gathered


def test_every_link_between_pages_leads_to_a_page_of_the_site(source: Path) -> None:
    dead = [
        f"{page.relative_to(source)}: {target}"
        for page in source.rglob("*.md")
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).is_file()
    ]
    assert dead == []


def test_every_page_is_in_the_navigation(source: Path) -> None:
    navigation = (PROJECT / "tools" / "site.toml").read_text(encoding="utf-8") + build_site.folders(source)
    pages = {page.relative_to(source).as_posix() for page in source.rglob("*.md")}
    assert {page for page in pages if f'"{page}"' not in navigation} == set()


def test_a_reference_to_a_file_that_the_site_lacks_is_found(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(
        '<a href="there.html#x"></a><a href="gone.html"></a>', encoding="utf-8"
    )
    (tmp_path / "there.html").write_text("", encoding="utf-8")
    assert build_site.dead_links(tmp_path) == ["index.html: gone.html"]
