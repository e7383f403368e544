"""An inspector names a bundle, a world or a log; the same parts are found in each."""

from pathlib import Path

import pytest

from narrowgate.core.base.errors import ConfigurationError, LogInconsistentError, UsageError
from narrowgate.verify.source import SourceKind, find_source
from support.command_line import CommandLine
from support.log_world import make_log


def test_a_directory_with_a_checkpoint_is_a_log(tmp_path: Path) -> None:
    make_log(tmp_path / "log", [3])
    source = find_source(tmp_path / "log")
    assert (source.kind, source.log, source.governance) == (SourceKind.LOG, tmp_path / "log", None)
    assert source.checkpoint().size == 3


def test_a_directory_with_a_log_is_a_world_and_with_a_manifest_a_bundle(tmp_path: Path) -> None:
    make_log(tmp_path / "log", [3])
    (tmp_path / "governance").mkdir()
    (tmp_path / "checkpoints").write_text("")
    found = find_source(tmp_path)
    assert found.kind is SourceKind.WORLD
    (tmp_path / "manifest.json").write_text("{}")
    found = find_source(tmp_path)
    assert found.kind is SourceKind.BUNDLE
    assert (found.log, found.governance, found.checkpoints) == (
        tmp_path / "log",
        tmp_path / "governance",
        tmp_path / "checkpoints",
    )


@pytest.mark.parametrize("named", [".", "gate.toml"])
def test_the_settings_of_a_gate_say_where_its_parts_lie(tmp_path: Path, named: str) -> None:
    make_log(tmp_path / "elsewhere", [3])
    (tmp_path / "acts").mkdir()
    (tmp_path / "gate.toml").write_text('log = "elsewhere"\ngovernance = "acts"\ncheckpoints = "none"\n')
    found = find_source(tmp_path / named)
    assert (found.kind, found.log, found.governance, found.checkpoints) == (
        SourceKind.WORLD,
        tmp_path / "elsewhere",
        tmp_path / "acts",
        None,
    )
    assert found.checkpoint().size == 3


@pytest.mark.parametrize("settings", ["log = 3", "log", "\x00"])
def test_settings_that_cannot_be_read_are_refused(tmp_path: Path, settings: str) -> None:
    (tmp_path / "gate.toml").write_text(settings)
    with pytest.raises(ConfigurationError, match="settings"):
        find_source(tmp_path)


def test_a_directory_of_something_else_is_a_usage_error(narrowgate: CommandLine, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no bundle, no world and no log"):
        find_source(tmp_path)
    assert narrowgate("inspector", "holds", tmp_path).code == 2


def test_a_key_of_another_log_is_found(tmp_path: Path) -> None:
    make_log(tmp_path / "log", [3])
    key = "other+4b22d4b7+AQ=="
    with pytest.raises(ConfigurationError):
        find_source(tmp_path / "log", key).checkpoint()
    (tmp_path / "log" / "log.vkey").write_text("other")
    with pytest.raises(LogInconsistentError):
        find_source(tmp_path / "log").checkpoint()
