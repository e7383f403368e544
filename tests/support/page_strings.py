"""The strings that the pages of an application have, as its templates and its code name them."""

from __future__ import annotations

import ast
from pathlib import Path

from narrowgate.entrypoints.web.kit.pages import environment

MARKED = {"Place": 1, "translatable": 0}
"""Calls whose argument at this place is a string of the catalogue."""


def strings_of(folder: Path) -> set[str]:
    """Every English string that a catalogue must have."""
    found: set[str] = set()
    templates = vars(environment(folder))
    for template in folder.rglob("templates/**/*.html"):
        for _, _, texts in templates["extract_translations"](template.read_text(encoding="utf-8")):
            found |= {text for text in ([texts] if isinstance(texts, str) else texts or ()) if text}
    for module in folder.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKED:
                at = MARKED[node.func.id]
                if len(node.args) > at and isinstance(argument := node.args[at], ast.Constant):
                    found.add(str(argument.value))
    return found
