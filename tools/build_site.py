"""Build the documentation's site from docs/ and the project's own pages; fail on a link that leads nowhere.

``python tools/build_site.py ZENSICAL OUT``: ZENSICAL is the command, OUT the directory of the site. What is built
asks no other host for anything: no font, no script, no picture.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urldefrag

ROOT = Path(__file__).resolve().parent.parent
PROJECT_PAGES = ("README.md", "ARCHITECTURE.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md")
ELSEWHERE = ("benchmarks", "examples", "src", "tests", "tools", "LICENSE", "requirements")
"""Of the project and not of the site: a link to it becomes its path in words."""
FOLDERS = {
    "Tutorials": "tutorials",
    "How-to": "how-to",
    "Reference": "reference",
    "Formats": "reference/protocol",
    "Explanation": "explanation",
    "Decisions": "adr",
    "Project": "project",
}
_LINK = re.compile(r"(?P<text>\[[^\]]*\])\((?P<target>[^)\s]+)\)")
_WANTED = re.compile(r"(?:href|src)=[\"']?([^\"'\s>]+)")


def gather(source: Path) -> None:
    """Copy docs/ and, below project/, the pages at the root, with links that are right where they then lie."""
    shutil.copytree(ROOT / "docs", source)
    for name in PROJECT_PAGES:
        target = source / "project" / name
        target.parent.mkdir(exist_ok=True)
        target.write_text((ROOT / name).read_text(encoding="utf-8"), encoding="utf-8")
    for page in source.rglob("*.md"):
        at_home = page.relative_to(source)
        home = ROOT if at_home.parts[0] == "project" else (ROOT / "docs" / at_home).parent
        text = page.read_text(encoding="utf-8")
        page.write_text(
            _LINK.sub(partial(_moved, home=home, page=page, source=source), text), encoding="utf-8"
        )


def _moved(link: re.Match[str], home: Path, page: Path, source: Path) -> str:
    target, fragment = urldefrag(link["target"])
    if not target or "://" in target or target.startswith("mailto:"):
        return link[0]
    path = (home / target).resolve()
    if not path.exists():  # a page that the site alone has
        return link[0]
    place = path.relative_to(ROOT)
    if place.parts and place.parts[0] in ELSEWHERE:
        return f"{link['text']} (`{place}` in the project)"
    found = source / ("project" if place.name in PROJECT_PAGES and len(place.parts) == 1 else "") / place.name
    if place.parts and place.parts[0] == "docs":
        found = source / Path(*place.parts[1:])
    if found.is_dir():
        return f"{link['text']} (`{place}`)"
    away = Path(*[".."] * len(page.parent.relative_to(source).parts)) / found.relative_to(source)
    return f"{link['text']}({away.as_posix()}{'#' + fragment if fragment else ''})"


def folders(source: Path) -> str:
    """The part of the navigation that the folders make: one heading each, its pages in the order of their names."""
    lines = []
    for heading, folder in FOLDERS.items():
        pages = sorted((source / folder).glob("*.md")) if folder != "project" else []
        pages = [source / folder / name for name in PROJECT_PAGES] if folder == "project" else pages
        entries = ", ".join(f'"{page.relative_to(source).as_posix()}"' for page in pages)
        lines.append(f'  {{ "{heading}" = [{entries}] }},')
    return "\n".join(lines)


def dead_links(site: Path) -> list[str]:
    """Every reference of a built page to a file that the site does not have, or to another host's."""
    dead = []
    for page in sorted(site.rglob("*.html")):
        for wanted in _WANTED.findall(page.read_text(encoding="utf-8")):
            target = unquote(urldefrag(wanted)[0]).split("?")[0]
            if not target or re.match(r"[a-z]+:", target):
                continue
            path = (site / target.lstrip("/")) if target.startswith("/") else page.parent / target
            if not path.exists():
                dead.append(f"{page.relative_to(site)}: {wanted}")
    return dead


def main() -> int:
    """Build, and say how many pages there are."""
    zensical, out = sys.argv[1], Path(sys.argv[2]).resolve()
    work = out.parent / f"{out.name}-source"
    shutil.rmtree(work, ignore_errors=True)
    shutil.rmtree(out, ignore_errors=True)
    work.mkdir(parents=True)
    gather(work / "docs")
    settings = (ROOT / "tools" / "site.toml").read_text(encoding="utf-8")
    (work / "zensical.toml").write_text(
        settings.replace("@@FOLDERS@@", folders(work / "docs")), encoding="utf-8"
    )
    done = subprocess.run(  # noqa: S603
        [str(Path(zensical).absolute()), "build", "--clean"],
        cwd=work,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or not (work / "site" / "index.html").is_file():
        sys.stderr.write(done.stdout + done.stderr)
        return 1
    shutil.move(work / "site", out)
    dead = dead_links(out)
    for line in dead:
        print(line, file=sys.stderr)
    print(f"{len(list(out.rglob('*.html')))} pages in {out.name}/, {len(dead)} dead links")
    return 1 if dead else 0


if __name__ == "__main__":
    raise SystemExit(main())
