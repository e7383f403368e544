"""Workers give the results of the batches in their order."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from narrowgate.adapters.workers import SerialWorkers, loaded_context, workers_for
from narrowgate.core.base.errors import ConfigurationError, OperationalError


def double(number: int) -> int:
    return 2 * number


def refuse(number: int) -> int:
    raise ConfigurationError("Refused.", next_step="Stop.", where=str(number))


def die(number: int) -> int:
    os._exit(number)


@pytest.mark.parametrize("processes", [1, 2])
def test_results_come_in_the_order_of_the_batches(processes: int) -> None:
    with workers_for(processes) as workers:
        assert list(workers.map(double, range(20))) == [2 * number for number in range(20)]


def own_number(_: int) -> int:
    return os.getpid()


def test_a_few_batches_need_no_process() -> None:
    with workers_for(2) as workers:
        assert list(workers.map(own_number, [1, 2, 3])) == [os.getpid()] * 3


def test_no_worker_is_left_behind() -> None:
    with workers_for(2) as workers:
        numbers = set(workers.map(own_number, range(20)))
        assert os.getpid() not in numbers
        assert all(Path(f"/proc/{number}").exists() for number in numbers)
    assert not [number for number in numbers if Path(f"/proc/{number}").exists()]


def test_batches_in_turn_go_to_the_process_whose_turn_it_is() -> None:
    with workers_for(2, in_turn=True) as workers:
        numbers = [*workers.map(own_number, range(10)), *workers.map(own_number, range(10))]
    assert numbers == numbers[:2] * 10
    assert len(set(numbers)) == 2
    assert not [number for number in numbers if Path(f"/proc/{number}").exists()]


def test_leaving_early_drops_what_was_not_begun(tmp_path: Path) -> None:
    begun = [tmp_path / str(number) for number in range(24)]
    with workers_for(2) as workers:
        next(workers.map(slow_mark, begun))
    assert 0 < sum(map(Path.exists, begun)) < len(begun)


def slow_mark(path: Path) -> None:
    path.touch()
    time.sleep(0.3)


def test_serial_workers_hold_one_batch_at_a_time() -> None:
    drawn: list[int] = []

    def batches() -> Iterator[int]:
        for number in range(3):
            drawn.append(number)
            yield number

    results = SerialWorkers().map(double, batches())
    assert (next(results), drawn) == (0, [0])


def test_an_error_of_a_worker_arrives_whole() -> None:
    with workers_for(2) as workers, pytest.raises(ConfigurationError) as caught:
        list(workers.map(refuse, range(1, 9)))
    assert caught.value.where == "1"


def test_a_worker_that_dies_is_an_error_of_the_machine() -> None:
    with workers_for(2) as workers, pytest.raises(OperationalError, match="ended before"):
        list(workers.map(die, range(1, 9)))


_PARENT = """
import os, sys
from narrowgate.adapters.workers import workers_for

def own_number(_):
    return os.getpid()

if __name__ == "__main__":
    with workers_for(2) as workers:
        print(*set(workers.map(own_number, range(8))), flush=True)
        os.kill(os.getpid(), 9)
"""


def test_no_worker_outlives_a_parent_that_was_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(_PARENT)
    ended = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    workers = [Path(f"/proc/{number}") for number in ended.stdout.split()]
    assert ended.returncode == -9
    assert workers
    deadline = time.monotonic() + 10
    while any(map(Path.exists, workers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [worker for worker in workers if worker.exists() and not _is_defunct(worker)]


def _is_defunct(process: Path) -> bool:
    return (process / "stat").read_text().rpartition(")")[2].split()[0] == "Z"


_WITHOUT_A_SOCKET = """
import os, sys, tempfile
from narrowgate.adapters.workers import workers_for

if __name__ == "__main__":
    with workers_for(2) as workers:
        print(sum(workers.map(abs, range(8))), flush=True)
    if sys.argv[1] == "copy" and (copy := os.fork()):
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1]))
    with workers_for(2) as workers:
        print(sum(workers.map(abs, range(8))), flush=True)
"""


@pytest.mark.parametrize(
    ("directory", "how"), [("d" * 100, "once"), ("gone", "once"), ("", "copy")], ids=["long", "none", "copy"]
)
def test_workers_start_where_no_socket_can_be_and_in_a_copy_of_a_process(
    tmp_path: Path, directory: str, how: str
) -> None:
    script = tmp_path / "parent.py"
    script.write_text(_WITHOUT_A_SOCKET)
    temporary = tmp_path / directory
    temporary.mkdir(exist_ok=True)
    environment = {**os.environ, "TMPDIR": str(temporary)}
    command = [sys.executable, str(script), how]
    if directory == "gone":
        command = [sys.executable, "-c", _nowhere(script), how]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout.split(), ended.stderr) == (0, ["28", "28"], "")


@pytest.mark.parametrize(
    ("version", "how"), [((3, 11, 0), "spawn"), ((3, 11, 1), "forkserver"), ((3, 14, 0), "forkserver")]
)
def test_no_worker_is_forked_by_a_server_that_other_users_can_reach(
    monkeypatch: pytest.MonkeyPatch, version: tuple[int, ...], how: str
) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    assert loaded_context(os.getpid).get_start_method() == how


def _nowhere(script: Path) -> str:
    """The script, where no directory for temporary files can be written."""
    nowhere = "lambda: []"
    return (
        f"import tempfile; tempfile._candidate_tempdir_list = {nowhere};"
        f"__file__ = {str(script)!r}; exec(compile(open(__file__).read(), __file__, 'exec'))"
    )
