"""``narrowgate gate replay``: decide a package again from what is kept of it, and compare."""

from __future__ import annotations

from pathlib import Path

import click

from narrowgate.core.base.errors import ReplayDiffersError
from narrowgate.entrypoints.cli.frame import ExampleCommand, answer, note
from narrowgate.entrypoints.replay import ReplayResult, replay
from narrowgate.entrypoints.settings import read_settings

_SHOWN = 20


@click.command(
    "replay", cls=ExampleCommand, epilog="narrowgate gate replay p-20270201-0c54 --config gate.toml"
)
@click.argument("package")
@click.option(
    "--index",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The index that was asked, where the gate has another one by now.",
)
@click.option(
    "--config",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="gate.toml, or its directory.",
)
def replay_command(package: str, index: Path | None, config: Path) -> None:
    """Decide PACKAGE again from vault, agreement, register, rules and index, and compare every byte with the log.

    Same leaves, same sealed answers: exit code 0. Exit code 14: another result, which is an incident; the rows are
    told, and nothing of what they say. Exit code 17: it cannot be said, because the rules or the index of then are not
    at hand. Exit code 11: its data key was destroyed on its day. Nothing is written, and a gate may be at work. What
    the history refused is taken as logged, because the history of that day is not kept.
    """
    result = replay(read_settings(config), package, index)
    replayed = result.replayed
    answer(_fields(result), _text(package, result))
    if result.then is not None and result.then.software != result.now.software:
        note(f"Decided by version {result.then.software}, replayed by {result.now.software}.")
    if not replayed.is_equal:
        raise ReplayDiffersError(
            f"The package {package} has another result than the one given.",
            why=" ".join(_differences(result)),
            next_step="Put it on record at once: 'narrowgate custodian incident package:"
            + package
            + "'; keep vault, "
            "log and index as they are; recall the answers: 'narrowgate recall find'.",
            rule="R-44",
        )


def _differences(result: ReplayResult) -> list[str]:
    found = []
    for name, rows in (
        ("other findings", result.replayed.findings),
        ("another outcome", result.replayed.outcomes),
        ("another leaf", result.replayed.leaves),
    ):
        if rows:
            shown = ", ".join(str(row + 1) for row in rows[:_SHOWN]) + (", ..." if len(rows) > _SHOWN else "")
            found.append(
                f"{len(rows):,} items have {name}: rows {shown}, counted from 1 (PACKAGE:ROW counts from 0)."
            )
    if not result.replayed.answers_equal:
        found.append("The sealed answers are other ones than the log names.")
    return found


def _fields(result: ReplayResult) -> dict[str, object]:
    replayed = result.replayed
    return {
        "equal": replayed.is_equal,
        "items": replayed.items,
        "answers_equal": replayed.answers_equal,
        "rows_with_other_findings": [row + 1 for row in replayed.findings],
        "rows_with_another_outcome": [row + 1 for row in replayed.outcomes],
        "rows_with_another_leaf": [row + 1 for row in replayed.leaves],
        "refused_by_the_history": replayed.by_history,
        "answered_as_the_first_time": replayed.repeated,
        "software_then": result.then.software if result.then else None,
        "software_now": result.now.software,
    }


def _text(package: str, result: ReplayResult) -> str:
    replayed = result.replayed
    lines = [
        f"{package}: {replayed.items:,} items decided again, "
        + ("every leaf and every sealed answer the same" if replayed.is_equal else "ANOTHER RESULT"),
        f"  {replayed.by_history:,} refused by the history, as logged",
        f"  {replayed.repeated:,} answered as the first time",
    ]
    return "\n".join(lines)
