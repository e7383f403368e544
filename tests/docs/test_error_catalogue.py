"""Every error says what to do next, to a reader who can do it, and is in the reference."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from narrowgate.core.base import errors
from narrowgate.core.base.errors import NarrowgateError
from narrowgate.entrypoints.cli import failures
from narrowgate.entrypoints.cli.docs import available
from narrowgate.entrypoints.cli.frame import LateGroup
from narrowgate.entrypoints.cli.main import cli
from support.command_line_cases import cases
from support.requests import PROJECT

SOURCE = PROJECT / "src" / "narrowgate"
PAGE = (PROJECT / "docs" / "reference" / "errors.md").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Site:
    """One place where an error is made."""

    place: str
    kind: str
    next_step: ast.expr | None
    is_open: bool

    @property
    def text(self) -> str:
        """The constant words of the next step."""
        if self.next_step is None:
            return ""
        return "".join(
            node.value
            for node in ast.walk(self.next_step)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        )


def kinds() -> dict[str, bool]:
    """Every class of the hierarchy by name, and whether it has a next step of its own."""
    found = {
        name: inspect.signature(kind).parameters["next_step"].default is not inspect.Parameter.empty
        for name, kind in vars(errors).items()
        if inspect.isclass(kind) and issubclass(kind, NarrowgateError)
    }
    classes = [
        node
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.ClassDef)
    ]
    for _ in classes:  # a subclass may come before its base
        for node in classes:
            bases = [base.id for base in node.bases if isinstance(base, ast.Name) and base.id in found]
            if bases and not any(
                isinstance(part, ast.FunctionDef) and part.name == "__init__" for part in node.body
            ):
                found.setdefault(node.name, found[bases[0]])
        if all(node.name in found for node in classes if node.name.endswith("Error")):
            break
    return found


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def sites() -> Iterator[Site]:
    """Every call in the source that makes an error of the hierarchy."""
    known = kinds()
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in known:
                given = {keyword.arg: keyword.value for keyword in node.keywords}
                place = f"{path.relative_to(SOURCE)}:{node.lineno}"
                yield Site(place, node.func.id, given.get("next_step"), None in given)


SITES = list(sites())


def test_the_walk_finds_the_places_where_errors_are_made() -> None:
    assert len(SITES) > 300
    assert {"EnvelopeError", "UsageError", "ConfigurationError", "UnavailableError"} <= {
        site.kind for site in SITES
    }


def test_every_error_has_a_next_step() -> None:
    known = kinds()
    without = [
        site.place
        for site in SITES
        if not site.is_open
        and ((site.next_step is None and not known[site.kind]) or _is_empty(site.next_step))
    ]
    assert without == []


def _is_empty(step: ast.expr | None) -> bool:
    return isinstance(step, ast.Constant) and not str(step.value).strip()


def test_nobody_is_sent_to_himself() -> None:
    """The requester's own commands read packages, too: 'ask the requester' is no advice there."""
    wrong = re.compile(r"ask the requester|ask the operator", re.IGNORECASE)
    assert [site.place for site in SITES if wrong.search(site.text)] == []
    defaults = [
        kind(what="x").next_step
        for kind in (errors.EnvelopeError, errors.ProofError, errors.LogInconsistentError)
    ]
    assert not any(wrong.search(step) for step in defaults)


def strings() -> Iterator[tuple[str, str]]:
    """The text of every string in the source that is no docstring, with its place."""
    for path in sorted(SOURCE.rglob("*.py")):
        tree = _tree(path)
        documentation = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and id(node) not in documentation
            ):
                yield f"{path.relative_to(SOURCE)}:{node.lineno}", node.value


def test_every_command_that_a_message_names_exists() -> None:
    named = [
        (place, words.split())
        for place, text in strings()
        for words in re.findall(r"'narrowgate ([a-z][a-z -]*)", text)
    ]
    assert len(named) > 15
    assert [(place, words) for place, words in named if not _exists(words)] == []


def test_every_page_that_a_message_names_comes_with_the_program() -> None:
    named = {
        (place, page) for place, text in strings() for page in re.findall(r"'narrowgate docs ([^']+)'", text)
    }
    pages = {name.rpartition("/")[2] for name in available()}
    assert len(named) > 3
    assert [(place, page) for place, page in sorted(named) if page not in pages] == []
    assert [place for place, text in strings() if re.search(r"docs/[a-z/-]+\.md", text)] == []


def _exists(words: list[str]) -> bool:
    command: click.Command | None = cli
    for word in words:
        if not isinstance(command, LateGroup):
            return True  # the rest is arguments
        command = command.get_command(click.Context(command), word)
        if command is None:
            return False
    return True


def exits() -> dict[str, int]:
    """The exit code of every problem id."""
    kinds_of_error = [
        kind for kind in vars(errors).values() if inspect.isclass(kind) and issubclass(kind, NarrowgateError)
    ]
    own = {kind.problem: kind.exit_code for kind in kinds_of_error if kind is not NarrowgateError}
    others = (failures.INTERRUPTION, failures.OUT_OF_MEMORY, failures.unknown(ValueError()))
    return own | {failure.id: failure.exit_code for failure in others}


@pytest.mark.parametrize(("problem", "code"), sorted(exits().items()))
def test_every_problem_is_in_the_reference_with_its_exit_code(problem: str, code: int) -> None:
    assert f"| `{problem}` | {code} |" in PAGE


def test_the_reference_names_no_other_problem() -> None:
    assert set(re.findall(r"^\| `([a-z-]+)` \| \d+ \|", PAGE, re.MULTILINE)) == set(exits())


@pytest.mark.parametrize("code", [1, 2, 3, 4, 11, 12, 13, 14])
def test_every_exit_code_is_reached_through_the_command_line(code: int) -> None:
    """The cases of the command line run each; 15 is in ``test_lost_answers.py``, 130 in ``test_cli_signals.py``."""
    assert any(case.code == code for case in cases())
