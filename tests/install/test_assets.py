"""The design system comes from one pinned archive, and from no other."""

from __future__ import annotations

import importlib.util
import io
import json
import re
import tarfile
from pathlib import Path
from types import ModuleType

import pytest

from support.locks import PROJECT

FOLDER = PROJECT / "src" / "narrowgate" / "entrypoints" / "web" / "static" / "uswds"


@pytest.fixture(scope="module")
def fetch_assets() -> ModuleType:
    specification = importlib.util.spec_from_file_location(
        "fetch_assets", PROJECT / "tools" / "fetch_assets.py"
    )
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def archive(style: str) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        for name, data in [
            ("package/dist/css/uswds.min.css", style.encode()),
            ("package/LICENSE.md", b"licence"),
            ("package/dist/img/a/b.svg", b"<svg/>"),
            ("package/dist/img/unused.svg", b"<svg/>"),
        ]:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return made.getvalue()


def test_another_archive_of_the_same_version_is_not_taken(fetch_assets: ModuleType) -> None:
    with pytest.raises(SystemExit, match="not the pinned archive"):
        fetch_assets.require_pinned(archive("a{}"))


def test_the_style_the_pictures_it_names_and_the_licence_are_kept(
    fetch_assets: ModuleType, tmp_path: Path
) -> None:
    tarball = tmp_path / "a.tgz"
    tarball.write_bytes(
        archive(
            "@font-face{src:url(../fonts/a.woff2)}b{background:url(../img/a/b.svg)}/*# sourceMappingURL=x */"
        )
    )
    fetch_assets.unpack(tarball, tmp_path / "uswds")
    kept = {path.relative_to(tmp_path / "uswds").as_posix() for path in (tmp_path / "uswds").rglob("*.*")}
    assert kept == {"css/uswds.min.css", "LICENSE.md", "img/a/b.svg"}
    assert (tmp_path / "uswds/css/uswds.min.css").read_text() == "b{background:url(../img/a/b.svg)}"


@pytest.mark.skipif(
    not FOLDER.exists(), reason="NOT CHECKED: the design system was not fetched ('make assets')"
)
def test_what_was_fetched_is_the_pinned_version_and_names_nothing_outside(fetch_assets: ModuleType) -> None:
    marker = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))
    assert (marker["version"], marker["integrity"]) == (fetch_assets.VERSION, fetch_assets.INTEGRITY)
    assert (FOLDER / "LICENSE.md").stat().st_size > 1_000
    style = (FOLDER / "css" / "uswds.min.css").read_text(encoding="utf-8")
    assert not re.search(r"url\(\W?(?:https?:)?//|@import|@font-face", style)


def test_no_file_names_a_registry_and_git_holds_nothing_of_the_design_system() -> None:
    assert "http" not in (PROJECT / "tools" / "fetch_assets.py").read_text(encoding="utf-8")
    assert "/src/narrowgate/entrypoints/web/static/uswds/" in (PROJECT / ".gitignore").read_text(
        encoding="utf-8"
    )
