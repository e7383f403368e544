"""No path in the code decides without an act in force: a walk over every module's imports and calls."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from support.requests import PROJECT

SOURCE = PROJECT / "src" / "narrowgate"
BOOTSTRAP = SOURCE / "entrypoints" / "bootstrap.py"


def modules() -> Iterator[tuple[Path, ast.Module]]:
    """Every module of the package with its syntax tree."""
    for path in sorted(SOURCE.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Every call below a node, by the last name of what is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            yield (called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")), node


def users(name: str) -> set[str]:
    """The modules that call a name, by their path below the package."""
    return {
        path.relative_to(SOURCE).as_posix()
        for path, tree in modules()
        if any(called == name for called, _ in calls(tree))
    }


def function(path: Path, name: str) -> ast.FunctionDef:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    (found,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name)
    return found


def test_a_gate_is_made_in_one_place_only() -> None:
    assert users("Gate") == {"entrypoints/bootstrap.py"}
    assert users("ReleaseDesk") == {"entrypoints/bootstrap.py", "gate/run.py"}


def test_that_place_verifies_the_acts_and_demands_all_of_them_before_it_makes_a_gate() -> None:
    order = [
        (node.lineno, name)
        for name, node in calls(function(BOOTSTRAP, "opened_work"))
        if name in {"verified", "require_complete", "Gate"}
    ]
    assert [name for _, name in sorted(order)] == ["verified", "require_complete", "Gate"]


def test_what_a_gate_decides_under_comes_from_the_acts_and_from_nowhere_else() -> None:
    (gate,) = (node for name, node in calls(function(BOOTSTRAP, "opened_work")) if name == "Gate")
    given = {keyword.arg: ast.unparse(keyword.value) for keyword in gate.keywords}
    assert given["officers"].startswith("governed.officers(")
    assert given["facilities"].startswith("governed.facilities(")
    assert "governed.agreement(" in given["agreement_in_force"]
    assert "governed.in_force_index(" in given["open_index"]
    assert given["hold_orders"] == "orders"
    assigned = [
        ast.unparse(node.value)
        for node in ast.walk(function(BOOTSTRAP, "opened_work"))
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in {"agreement", "orders"}
    ]
    assert assigned == ["governed.agreement(clock.now())", "ActOrders(governed.books)"]


def test_only_a_gate_runs_packages_and_only_those_commands_run_it() -> None:
    runs = {
        "entrypoints/assure/failed_calls.py",
        "entrypoints/assure/full_disks.py",
        "entrypoints/assure/killing.py",
        "entrypoints/assure/stage.py",
        "entrypoints/cli/gate.py",
        "entrypoints/drill/exercise.py",
        "entrypoints/drill/refused_whole.py",
        "entrypoints/drill/wrong_answer.py",
        "entrypoints/sandbox/world.py",
    }
    assert users("run_package") == runs | {"gate/work.py"}  # which is handed a gate by 'gate work'
    for path in runs:
        tree = ast.parse((SOURCE / path).read_text(encoding="utf-8"))
        assert {name for name, _ in calls(tree)} & {"opened_gate", "opened_work"}, path


def test_no_module_of_the_gate_reads_settings_or_files() -> None:
    forbidden = ("narrowgate.entrypoints", "narrowgate.adapters", "pathlib", "os", "tomllib")
    for path, tree in modules():
        if path.relative_to(SOURCE).parts[0] not in {"gate", "governance"}:
            continue
        for node in ast.walk(tree):
            names = (
                [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else []
            )
            assert not [name for name in names if name in forbidden or name.startswith(forbidden[:2])], path


def test_an_act_becomes_a_leaf_in_one_place_only() -> None:
    assert users("LoggedAct") | users("of") >= {"governance/acts.py"}
    writers = {
        path.relative_to(SOURCE).as_posix()
        for path, tree in modules()
        for name, node in calls(tree)
        if name == "append" and path.name == "acts.py" and ast.unparse(node) == "books.log.append(leaves)"
    }
    makers = {
        path.relative_to(SOURCE).as_posix()
        for path, tree in modules()
        for name, node in calls(tree)
        if name == "leaf" and ast.unparse(node) == "logged.leaf()"
    }
    assert writers == makers == {"governance/acts.py"}
