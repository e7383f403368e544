"""``narrowgate docs``: the pages and examples that came with this version, without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from narrowgate.core.base.errors import UsageError
from narrowgate.entrypoints.cli.frame import ExampleCommand, answer
from narrowgate.entrypoints.cli.library_files import documentation

_SHELVES: Final = ("reference", "how-to", "explanation", "examples")
"""Where pages lie: in a wheel below the package, in a checkout below its root."""


@click.command(cls=ExampleCommand, epilog="narrowgate docs errors")
@click.argument("page", required=False)
def docs(page: str | None) -> None:
    """Show a page of the documentation, or list the pages; the examples are among them.

    A page is named as in the list; its last part alone is enough where no other page has it.
    """
    pages = available()
    if page is None:
        titles = {name: _title(path) for name, path in pages.items()}
        listed = [{"page": name, "title": title} for name, title in titles.items()]
        answer({"pages": listed}, "\n".join(f"{name:<34} {title}" for name, title in titles.items()))
        return
    name, path = _found(page, pages)
    text = path.read_text(encoding="utf-8")
    answer({"page": name, "text": text}, text.removesuffix("\n"))


def available() -> dict[str, Path]:
    """Every page and example by name, such as ``reference/errors`` and ``examples/agreement.toml``."""
    root = documentation()
    # In a wheel the examples lie beside the other shelves, in a checkout beside the documentation.
    shelves = [root / name if (root / name).is_dir() else root.parent / name for name in _SHELVES]
    found = {}
    for shelf in shelves:
        for path in sorted(shelf.rglob("*")):
            if path.suffix in {".md", ".toml"}:
                relative = path.relative_to(shelf.parent)
                found[str(relative.with_suffix("") if path.suffix == ".md" else relative)] = path
    return found


def _found(page: str, pages: dict[str, Path]) -> tuple[str, Path]:
    wanted = page.removeprefix("docs/").removesuffix(".md")
    matching = [name for name in pages if name == wanted or name.endswith(f"/{wanted}")]
    if len(matching) == 1:
        return matching[0], pages[matching[0]]
    raise UsageError(
        f"Several pages have that name: {', '.join(matching)}."
        if matching
        else "There is no page of that name.",
        next_step="'narrowgate docs' lists the pages.",
    )


def _title(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.readline().strip().lstrip("# ") if path.suffix == ".md" else "example"
